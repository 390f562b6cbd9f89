"""Which one thing is due: ``deploy``, ``rollback`` and ``finish`` as tuples of steps, and the steps they share.

A step is a pure function from a :class:`~bluegreen.targets.pair.model.look.Look` to an answer. ``plan`` hands all of
it to the engine, ``guards`` make its answers more careful, ``rescue`` brings back what an unfit record must not.
"""
