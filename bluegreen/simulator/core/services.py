"""The AWS services that the model answers for, and how each says no to a caller: its shelf registers it."""

from __future__ import annotations

from attrs import frozen

from .errors import AwsError
from .registry import Registry

USER = "arn:aws:iam::123456789012:user/simulator"


@frozen
class Refusal:
    """An error that any call on a service may meet; ``{user}`` and ``{action}`` stand in its sentence."""

    code: str
    sentence: str
    http_status: int = 400

    def of(self, action: str) -> AwsError:
        """Return the error as a call of ``action`` meets it."""
        return AwsError(self.code, self.sentence.format(user=USER, action=action), self.http_status)


@frozen
class Service:
    """One AWS service by botocore's name; ``prefix`` is how IAM policies name it."""

    name: str
    prefix: str
    denied: Refusal
    throttled: Refusal

    def action(self, operation: str) -> str:
        """Return an operation as an IAM policy names it, such as ``autoscaling:EnterStandby``."""
        return f"{self.prefix}:{operation}"


DENIED = Refusal("AccessDenied", "User: {user} is not authorized to perform: {action}", 403)
THROTTLED = Refusal("Throttling", "Rate exceeded")

SERVICES: Registry[str, Service] = Registry("service")


def service(name: str, prefix: str = "", denied: Refusal = DENIED, throttled: Refusal = THROTTLED) -> Service:
    """Register a service; without a prefix IAM policies name it as botocore does."""
    return SERVICES.add(name, Service(name, prefix or name, denied, throttled))
