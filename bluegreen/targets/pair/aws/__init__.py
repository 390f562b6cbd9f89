"""AWS's side of a pair: actions become calls, answers become a fleet.

``adapter`` is the one entrance; ``requests`` and ``queries`` make calls, ``readings`` read answers, ``sender`` sends.
"""
