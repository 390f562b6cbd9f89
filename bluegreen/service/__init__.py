"""One service: the verbs that people and cron use, over the record, the lease and the engine."""

from bluegreen.service.standing import Report
from bluegreen.service.verbs import Ended, Service

__all__ = ["Ended", "Report", "Service"]
