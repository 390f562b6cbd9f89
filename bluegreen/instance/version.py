"""Find the image version this instance is to run, and be sure that it is one.

Two calls to Auto Scaling: which group does this instance belong to, and what does that group's tag say.
A young instance may not be listed yet (the answer is empty, not an error), so the first one is repeated with
jitter: at a fleet's start every instance asks at once, and all share the account's rate limit.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

from attrs import field, frozen

from bluegreen.clock import Clock
from bluegreen.errors import BluegreenError, Denied, Misconfigured, Refused, Unreachable
from bluegreen.instance.metadata import Metadata

TAG_KEY = "image"
WAIT = 120.0
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "ExpiredToken", "InvalidClientTokenId"}
_LATER = {"Throttling", "ThrottlingException", "RequestLimitExceeded", "InternalFailure", "ServiceUnavailable"}


def valid(value: str) -> bool:
    """Say whether ``value`` is an image tag or a sha256 digest, and nothing else."""
    return bool(_TAG.fullmatch(value) or _DIGEST.fullmatch(value))


def client(region: str) -> Any:
    """Return boto3's Auto Scaling client with explicit time-outs and attempts."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    config = Config(
        connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}, region_name=region
    )
    try:
        return boto3.client("autoscaling", config=config)
    except (BotoCoreError, ValueError) as error:
        raise Misconfigured(f"no client for Auto Scaling in {region}: {error}") from error


@frozen
class Lookup:
    """Asks Auto Scaling for the group of an instance, and for the group's tag; waits at most ``wait`` seconds."""

    autoscaling: Any
    clock: Clock
    wait: float = WAIT
    jitter: Callable[[float, float], float] = field(default=random.uniform)

    def group(self, instance: str) -> str:
        """Return the name of the instance's group; raises Refused when it has none after the wait."""
        end = self.clock.monotonic() + self.wait
        pause = 0.5
        while True:
            name, problem = self._listed(instance)
            if name:
                return name
            if self.clock.monotonic() + pause > end:
                raise problem
            self.clock.sleep(self.jitter(pause / 2, pause))
            pause = min(pause * 2, 10.0)

    def tag(self, group: str, key: str) -> str:
        """Return the value of the group's tag; raises Misconfigured when it is absent or no image version."""
        filters = [{"Name": "auto-scaling-group", "Values": [group]}, {"Name": "key", "Values": [key]}]
        tags = self._call("describe_tags", Filters=filters)["Tags"]
        values = [tag.get("Value", "") for tag in tags if tag["ResourceId"] == group and tag["Key"] == key]
        if not values:
            hint = f"deploy to the service, or set the tag on the group {group}"
            raise Misconfigured(f"the group {group} has no tag {key!r}", hint)
        if not valid(values[0]):
            hint = "a version is an image tag of up to 128 letters, digits, '_', '.', '-', or a sha256 digest"
            raise Misconfigured(f"the tag {key!r} of the group {group} is no image version: {values[0]!r}", hint)
        return str(values[0])

    def _listed(self, instance: str) -> tuple[str, BluegreenError]:
        """Return the group's name, or "" and what to say when nothing better comes within the wait."""
        try:
            answer = self._call("describe_auto_scaling_instances", InstanceIds=[instance])
        except Unreachable as error:
            return "", error
        names = [str(row["AutoScalingGroupName"]) for row in answer["AutoScalingInstances"]]
        missing = f"instance {instance} is in no Auto Scaling group (asked for {self.wait:g} s)"
        hint = "launch it from the group, or ask again later with a longer --wait"
        return (names or [""])[0], Refused(missing, hint)

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer: dict[str, Any] = getattr(self.autoscaling, operation)(**parameters)
        except (BotoCoreError, ClientError) as error:
            raise _readable(error, operation) from error
        return answer


def _readable(error: Exception, operation: str) -> BluegreenError:
    from botocore.exceptions import NoCredentialsError

    code = str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))
    call = "autoscaling:" + operation.title().replace("_", "")
    if code in _DENIED or isinstance(error, NoCredentialsError):
        return Denied(f"{call} is not allowed: {error}", f"give the instance profile the permission {call}")
    if code in _LATER or not code:
        return Unreachable(f"Auto Scaling did not answer {call}: {error}", "try again, or allow a longer --wait")
    return Refused(f"Auto Scaling refused {call}: {error}")


def image_version(metadata: Metadata, clock: Clock, key: str = TAG_KEY, wait: float = WAIT) -> str:
    """Return the image version that the instance behind ``metadata`` is to run."""
    instance = metadata.get("instance-id")
    region = metadata.get("placement/region")
    lookup = Lookup(client(region), clock, wait)
    return lookup.tag(lookup.group(instance), key)
