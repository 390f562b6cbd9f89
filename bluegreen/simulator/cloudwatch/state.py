"""What CloudWatch knows: alarms of both kinds, and their tags."""

from __future__ import annotations

from typing import Any

from attrs import Factory, define

from ..core.state import part


@define
class Alarms:
    """CloudWatch's part."""

    alarms: dict[str, dict[str, Any]] = Factory(dict)
    composites: dict[str, dict[str, Any]] = Factory(dict)
    alarm_tags: dict[str, dict[str, str]] = Factory(dict)


CLOUDWATCH = part("cloudwatch", Alarms)
