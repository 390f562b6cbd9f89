"""What a pair is: groups, instances, scaling, one look at them, the release on record, and the actions, as data.

Pure, and below everything else of the pair: no step lives here, and nothing here says what is due.
"""
