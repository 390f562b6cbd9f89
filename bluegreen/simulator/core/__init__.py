"""What every shelf stands on: the entrance, time and its events, and the registries; of no AWS service a word.

A shelf is a folder that holds one AWS service. It registers what it has by name when it is imported: operations
(:mod:`.operations`), signals (:mod:`.signals`), options (:mod:`.options`), kinds of faults (:mod:`.faults`) and what it
knows (:mod:`.state`). Nothing here names any of them, so that a new service moves in without a change here.
"""
