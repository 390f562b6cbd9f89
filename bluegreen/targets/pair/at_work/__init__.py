"""A pair at work: what takes looks, waits between them, writes tags, and makes of it what a target is asked.

Everything it decides is decided by the pure rooms beside it; nothing here builds a call to AWS. ``pair`` is what
service sees, put together from the others; they share :class:`~bluegreen.targets.pair.at_work.looks.Looks`.
"""
