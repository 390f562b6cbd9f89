"""The record of each service and its lease: one document per service, changed by compare-and-set only.

``store`` is the contract; ``file``, ``memory`` and ``s3`` keep it. ``book`` is what a run writes through. ``history``
keeps each release's events, for people: nothing is decided from it. No target is imported here: which kinds of release
there are is handed in (:mod:`bluegreen.flow.kinds`).
"""
