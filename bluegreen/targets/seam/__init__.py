"""The seam between service and what it runs on: what may be asked of any target, and what comes back.

``target`` is the whole of it; ``session`` is what a target has at hand, the others are the values that go over. Nothing
here knows a kind of target, and service knows nothing else of one.
"""
