"""One call on the model: what is asked, in AWS's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from .services import SERVICES

Request = Mapping[str, Any]
Result = dict[str, Any]


@frozen
class Call:
    """One call on the model: its number counts from 1; a dry run ``reads``, since it changes nothing."""

    number: int
    service: str
    operation: str
    parameters: Request
    reads: bool

    @property
    def action(self) -> str:
        """The call as an IAM policy names it, such as ``autoscaling:EnterStandby``."""
        return SERVICES[self.service].action(self.operation)

    @property
    def dry(self) -> bool:
        """Whether the call only asks if it would be permitted."""
        return bool(self.parameters.get("DryRun", False))
