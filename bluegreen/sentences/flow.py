"""What a run of any target tells of itself: how it begins, what AWS did not take, what it waits for."""

from __future__ import annotations

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import because, duration

GREEN = "web-green"
TO_STANDBY = "web-blue: 2 instances to Standby: i-0b7130fd5c2c12e64, i-0c19aa2f31c5577aa"


# ---- a command ----


@example("web")
def checking(service: str) -> str:
    """What comes first, before it is known whether the command may do anything."""
    return f"checking {service}"


@example()
def stopping() -> str:
    """Somebody pressed Ctrl-C, or a signal came."""
    return "stopping after this call; press Ctrl-C again to leave at once"


# ---- what AWS did not take, or does not say ----


@example(TO_STANDBY, "ScalingActivityInProgress", 2, 5)
def refused(act: str, code: str, tried: int, most: int) -> str:
    """AWS did not take an action; it is looked again, and tried again where it is still due."""
    return f"{because(act, f'AWS: {code}')}, try {tried} of {most}"


@example("web-green: put alarm cpu-high", "an alarm of that name is somebody else's")
def not_sent(act: str, said: str) -> str:
    """An action was not sent, for what was seen at that moment; the next look may explain it."""
    return f"not sent: {because(act, said)}"


@example("web-green: minimum 0 → 2", "AWS refuses autoscaling:UpdateAutoScalingGroup: AccessDenied")
def refused_for_good(act: str, said: str) -> str:
    """AWS has refused an action several times."""
    return f"refused again and again: {because(act, said)}"


@example("terminate 1 instance: i-0b7130fd5c2c12e64", "EC2 protects it from termination")
def not_done(act: str, said: str) -> str:
    """An action was not sent, several times in a row."""
    return f"not done: {because(act, said)}"


@example("AWS did not answer autoscaling:DescribeAutoScalingGroups", 290.0)
def lost(said: str, left: float) -> str:
    """AWS, or the record, does not answer; ``left`` is for how many seconds it is tried again."""
    return f"{said}; trying for {duration(left)} more"
