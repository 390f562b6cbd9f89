"""One service: the verbs that people and cron use, over the record, the lease and the engine."""

from bluegreen.service.answered import Parked
from bluegreen.service.ending import Ended
from bluegreen.service.status import Report
from bluegreen.service.verbs import Service

__all__ = ["Ended", "Parked", "Report", "Service"]
