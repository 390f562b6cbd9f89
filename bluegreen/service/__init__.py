"""The verbs that people and cron use: what is asked of a target, in which order, under which lease.

``service`` has all of them, ``refusals`` what they refuse by the record alone; ``running`` sets the engine to work,
``image_check`` asks the registry, ``by_hand`` sees to the record, ``hearing`` keeps listeners from holding up a run.
What a service runs on, none of them knows.
"""

from bluegreen.flow.snapshot import Snapshot
from bluegreen.service.service import Service
from bluegreen.targets.seam.answered import Parked
from bluegreen.targets.seam.ended import Ended
from bluegreen.targets.seam.session import Session
from bluegreen.targets.seam.why import Why

__all__ = ["Ended", "Parked", "Service", "Session", "Snapshot", "Why"]
