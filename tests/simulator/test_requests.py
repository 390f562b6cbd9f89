"""Who is sent requests, and who answers them: balancers that disagree, fail open, and health that is not known."""

from __future__ import annotations

import pytest

from bluegreen.simulator.elb.faults import UNKNOWN

from .wire import BLUE, wire

TWO = ("target-group", "target-group")


def told(aws, index=0):
    """Return what a balancer says of its instances, in order."""
    return list((aws.rows(index) if aws.balancer(index).startswith("arn:") else aws.words(index)).values())


def counts(aws, index=0):
    """Return how many instances receive and how many answer."""
    return len(aws.sim.receiving(aws.balancer(index))), len(aws.sim.answering(aws.balancer(index)))


def test_an_image_may_fail_in_one_balancer_only():
    """By its beginning, and by the balancer's name; the others have it."""
    aws = wire(balancers=TWO, instances=2, image="split-1", fails_in={"split-": ("web-1",)}, fail_open=False)
    assert ((2, 2), (0, 0), []) == (counts(aws), counts(aws, 1), aws.sim.healthy(BLUE))


def test_an_instance_may_be_sick_in_one_balancer_only():
    """It receives until the checks know, answers nothing from the first moment, and is cured there again."""
    aws = wire(balancers=TWO, instances=2, interval=10)
    aws.sim.sicken(aws.ids()[0], "web-1")
    assert ((2, 2), (2, 1)) == (counts(aws), counts(aws, 1))
    aws.wait(25)
    assert ((2, 2), (1, 1), 1) == (counts(aws), counts(aws, 1), len(aws.sim.healthy(BLUE)))
    aws.sim.cure(aws.ids()[0], aws.balancer(1))
    aws.wait(25)
    assert (2, 2) == counts(aws, 1)


def test_a_cure_without_a_balancer_cures_everywhere():
    """Whatever it was sick of."""
    aws = wire(balancers=TWO, instances=1)
    (only,) = aws.ids()
    aws.sim.sicken(only, "web-0")
    aws.sim.sicken(only)
    aws.sim.cure(only)
    assert ((1, 1), (1, 1)) == (counts(aws), counts(aws, 1))


def test_a_dead_machine_answers_nobody():
    """Wherever it was registered, and at once."""
    aws = wire(balancers=TWO, instances=2)
    aws.sim.kill(aws.ids()[0])
    assert ((2, 1), (2, 1)) == (counts(aws), counts(aws, 1))


def test_health_is_by_port():
    """Of two ports one may fail: requests still go to the other, and not all that come are answered."""
    aws = wire(instances=1)
    (only,) = aws.ids()
    aws.call("elbv2", "RegisterTargets", TargetGroupArn=aws.balancer(), Targets=[{"Id": only, "Port": 9090}])
    aws.wait(5)
    aws.sim.sicken(only, "web-0", port=9090)
    assert ((1, 0), [only]) == (counts(aws), aws.sim.healthy(BLUE))
    aws.wait(5)
    found = aws.call("elbv2", "DescribeTargetHealth", TargetGroupArn=aws.balancer())["TargetHealthDescriptions"]
    assert {8080: "healthy", 9090: "unhealthy"} == {
        row["Target"]["Port"]: row["TargetHealth"]["State"] for row in found
    }
    assert ((1, 1), []) == (counts(aws), aws.sim.healthy(BLUE))


def test_a_version_that_died_receives_and_does_not_answer():
    """Until its balancer's checks know."""
    aws = wire(instances=1, image="crash-1", interval=10, fail_open=False)
    assert (1, 1) == counts(aws)
    aws.wait(6)
    assert (1, 0) == counts(aws)
    aws.wait(25)
    assert (0, 0) == counts(aws)


@pytest.mark.parametrize(
    ("kind", "opened", "least"), [("target-group", True, 2), ("nlb", True, 2), ("nlb", False, 0), ("classic", True, 0)]
)
def test_fail_open(kind, opened, least):
    """A target group without a healthy target sends to all that do not drain; a classic balancer never does."""
    aws = wire(balancers=[kind], instances=3, minimum=0, fail_open=opened)
    for instance in aws.ids():
        aws.sim.sicken(instance)
    aws.wait(5)
    aws.enter(aws.ids()[0])
    aws.wait(1)
    assert (least, 0) == counts(aws)


def test_who_listens():
    """A classic balancer with a listener, a target group that a listener sends to."""
    aws = wire(balancers=["classic", "target-group"], instances=1)
    both = aws.sim.listening()
    aws.sim.listeners.clear()
    assert (["web-0", aws.balancer(1)], ["web-0"]) == (both, aws.sim.listening())


ANSWERS = {
    ("target-group", "unavailable"): "unavailable Elb.InternalError",
    ("target-group", "Unknown"): "unavailable Elb.InternalError",
    ("target-group", "Elb.InternalError"): "unhealthy Elb.InternalError",
    ("classic", "unavailable"): ("Unknown", "A transient error occurred. Please try again later."),
    ("classic", "Unknown"): ("Unknown", "A transient error occurred. Please try again later."),
}


@pytest.mark.parametrize(("kind", "how"), ANSWERS)
def test_health_that_is_not_known(kind, how):
    """The answer alone changes, of those that it is about, for the time that it lasts."""
    aws = wire(balancers=[kind], instances=2)
    well = told(aws)[0]
    aws.sim.blur("web-0", until=aws.sim.clock.now() + 5, how=how, instances=aws.ids()[:1])
    assert ([ANSWERS[kind, how], well], (2, 2)) == (told(aws), counts(aws))
    aws.wait(5)
    assert [well, well] == told(aws)


@pytest.mark.parametrize(("kind", "code"), [("target-group", "HealthUnavailable"), ("classic", "InternalFailure")])
def test_no_answer(kind, code):
    """The health call itself fails, by the balancer's key or name; others answer."""
    aws = wire(balancers=[kind, kind], instances=1)
    aws.sim.blur(aws.balancer(), until=aws.sim.clock.now() + 5, how="no answer")
    service, operation, name = {
        "target-group": ("elbv2", "DescribeTargetHealth", "TargetGroupArn"),
        "classic": ("elb", "DescribeInstanceHealth", "LoadBalancerName"),
    }[kind]
    assert code == aws.refusal(service, operation, **{name: aws.balancer()})[0]
    assert 1 == len(told(aws, 1))


def test_what_drains_is_known():
    """A target's registration is no matter of its checks."""
    aws = wire(instances=2, minimum=0)
    aws.sim.blur("web-0", until=aws.sim.clock.now() + 60)
    aws.enter(aws.ids()[0])
    assert ["draining Target.DeregistrationInProgress", "unavailable Elb.InternalError"] == told(aws)


def test_another_way_not_to_know_is_refused():
    """The ways are those that AWS has."""
    with pytest.raises(ValueError, match=UNKNOWN[0]):
        wire().sim.blur("web-0", until=0.0, how="perhaps")
