"""What a run of any target tells of its acts, its waits and its turns."""

from __future__ import annotations

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import because

TO_STANDBY = "web-blue: 2 instances to Standby: i-0b7130fd5c2c12e64, i-0c19aa2f31c5577aa"


@example(TO_STANDBY, "AWS refuses autoscaling:EnterStandby: ScalingActivityInProgress")
def refused(act: str, said: str) -> str:
    """AWS did not take an action; it is looked again, and tried again where it is still due."""
    return because(act, said)


@example("web-green: minimum 0 → 2", "AWS refuses autoscaling:UpdateAutoScalingGroup: AccessDenied")
def refused_for_good(act: str, said: str) -> str:
    """AWS has refused an action several times."""
    return f"refused again and again: {because(act, said)}"


@example("terminate 1 instance: i-0b7130fd5c2c12e64", "EC2 protects it from termination")
def not_done(act: str, said: str) -> str:
    """An action was never sent, for what was seen at that moment."""
    return f"not done: {because(act, said)}"
