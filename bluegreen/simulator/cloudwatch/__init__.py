"""CloudWatch: metrics that others report, alarms on them, and the minutes of both. Knows no other shelf."""

from ..core.services import service
from . import (  # noqa: F401  importing a module registers what it has
    alarms,
    checks,
    composites,
    evaluation,
    figures,
    metric_data,
    metrics,
    minutes,
    records,
    state,
    tags,
)

service("cloudwatch")
