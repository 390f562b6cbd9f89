"""Two Auto Scaling groups behind one load balancer: what they are, and what may be done to them.

Pure: every function here takes values and returns values. The plans in ``deploy``, ``rollback`` and ``finish`` are
tuples of steps over a :class:`~bluegreen.pair.look.Look`.
"""
