"""Every finding of ``check``: one thing wrong with a pair that is fit, and just that is reported."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from bluegreen.errors import Refused
from bluegreen.flow.limits import Pace
from bluegreen.targets.pair.fitness.check import findings, live_group, set_aside
from bluegreen.targets.pair.fitness.check_scaling import way
from bluegreen.targets.pair.fitness.deadlines import (
    Waves,
    drain,
    physical,
    progress_deadline,
    proof,
    total_deadline,
    waves,
)
from bluegreen.targets.pair.model.fleet import (
    ALARMS,
    AUTOSCALER,
    CLASSIC,
    SCHEDULES,
    Balancer,
    BalancerFacts,
    Scaling,
    Survey,
)
from bluegreen.targets.pair.model.release import MOVE, TWINS
from bluegreen.targets.pair.model.terms import Asked
from bluegreen.targets.pair.model.twins import are_twins
from bluegreen.targets.seam.finding import REFUSED, WARNED, Finding
from tests.support.values import BALANCER, NOW, fleet, group, moment, survey

LIVE = group("web-blue", "InService", "InService", min=1, max=4)
IDLE = group("web-green", max=0)
FACTS = BalancerFacts(BALANCER, 5.0, 2, 10.0)
FREE = Asked()
OTHER = Balancer(CLASSIC, "shop")
LAUNCH_HOOK = {"LifecycleHookName": "warm", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}
LAUNCHING = {**LAUNCH_HOOK, "HeartbeatTimeout": 600}
TERMINATING = {**LAUNCH_HOOK, "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING", "HeartbeatTimeout": 900}


def policy(of: str, **changes: Any) -> dict[str, Any]:
    """Return a target tracking policy of a group as AWS describes it."""
    own = {"AutoScalingGroupName": of, "PolicyARN": f"arn:{len(of)}", "Alarms": [{"AlarmName": f"High-{len(of)}"}]}
    return {**own, "PolicyName": f"{of}-cpu", "TargetTrackingConfiguration": {"TargetValue": 50.0}, **changes}


def schedule(of: str, **changes: Any) -> dict[str, Any]:
    """Return a scheduled action of a group as AWS describes it."""
    own = {"AutoScalingGroupName": of, "ScheduledActionARN": f"arn:{len(of)}", "StartTime": len(of)}
    return {**own, "ScheduledActionName": "night", "Recurrence": "0 22 * * *", "MinSize": 1, **changes}


def twins(live: Any = (), idle: Any = (), key: str = "policies", **more: Any) -> dict[str, Any]:
    """Return what a survey is told of both groups' scaling settings."""
    return {"scaling": {"web-blue": Scaling(**{key: live}), "web-green": Scaling(**{key: idle})}, **more}


def found(
    live: Any = LIVE, idle: Any = IDLE, limits: Asked = FREE, health: Any = None, **surveyed: Any
) -> tuple[Finding, ...]:
    """Return the findings about a pair."""
    return findings(survey(fleet(live, idle, health), **surveyed), live, idle, limits)


def seen_as(*states: str) -> dict[str, Any]:
    """Return the pair with so many of the live instances in these states."""
    return {"health": {f"i-web-blue-{n}": state for n, state in enumerate(states)}}


def with_live(**changes: Any) -> dict[str, Any]:
    """Return the pair with another live group."""
    return {"live": attrs.evolve(LIVE, **changes)}


def with_idle(*states: str, **changes: Any) -> dict[str, Any]:
    """Return the pair with another idle group."""
    return {"idle": group("web-green", *states, **{"max": 0, **changes})}


STEPPING = {
    "PolicyName": "up",
    "PolicyType": "StepScaling",
    "PolicyARN": "arn::scalingPolicy:web-blue/up",
    "Alarms": [{"AlarmName": "busy"}],
}
"""A policy that acts by an alarm of its owner's."""


def alarmed(actions: Any = ("arn::scalingPolicy:web-blue/up",), name: str = "busy", **more: Any) -> dict[str, Any]:
    """Return what a survey is told of a live group with an alarm, ``name``, that does ``actions``."""
    alarm = {"AlarmName": name, "AlarmArn": f"arn:aws:alarm:{name}", "AlarmActions": list(actions)}
    ours = Scaling(policies=({**STEPPING, "Alarms": [{"AlarmName": name}]},), alarms=(alarm,))
    return {"scaling": {"web-blue": ours}, **more}


PREDICTIVE = {"PolicyName": "forecast", "PredictiveScalingConfiguration": {"Mode": "ForecastAndScale"}}
FORECAST = {"PolicyName": "forecast", "PredictiveScalingConfiguration": {"Mode": "ForecastOnly"}}
BOTH_SCALE = twins((PREDICTIVE,), (PREDICTIVE,))
REFUSALS = [
    (with_live(deleting=True), "web-blue is being deleted"),
    (with_idle(deleting=True), "web-green is being deleted"),
    (with_live(warm_pool=True), "web-blue has a warm pool"),
    (with_idle(warm_pool=True), "web-green has a warm pool"),
    (with_live(suspended=frozenset({"Launch"})), "Launch of web-blue is suspended"),
    (with_live(suspended=frozenset({"AddToLoadBalancer"})), "AddToLoadBalancer of web-blue is suspended"),
    (with_idle(suspended=frozenset({"Terminate"})), "Terminate of web-green is suspended"),
    (with_idle(suspended=frozenset({"Launch", "Terminate"})), "Launch, Terminate of web-green are suspended"),
    ({"scaling": {"web-blue": Scaling(refreshing=True)}}, "an instance refresh of web-blue is under way"),
    ({"scaling": {"web-green": Scaling(refreshing=True)}}, "an instance refresh of web-green is under way"),
    ({"live": group("web-blue", "InService", "Standby")}, "1 instance of web-blue is in Standby"),
    (with_idle("Standby", "EnteringStandby"), "2 instances of web-green are in Standby"),
    (with_idle("EnteringStandby"), "1 instance of web-green is in Standby"),
    (with_idle("InService"), "web-green is idle, and has 1 instance"),
    (with_idle("Terminating:Retained"), "i-web-green-0 of web-green is Terminating:Retained, which does not end"),
    (with_idle("Quarantined", "Warmed:Stopped"), "i-web-green-0, i-web-green-1 of web-green are Quarantined and Warm"),
    (with_idle("Pending:Wait", "Pending"), "web-green is idle, and has 2 instances"),
    (with_idle(balancers=frozenset({BALANCER, OTHER})), "not attached to the same balancers: shop"),
    (with_idle(balancers=frozenset()), "not attached to the same balancers: web"),
    (with_live(balancers=frozenset()) | with_idle(balancers=frozenset()), "web-blue is attached to no load balancer"),
    ({"balancers": (attrs.evolve(FACTS, in_use=False),)}, "web gets no requests"),
    (BOTH_SCALE, "the predictive policy forecast of web-blue scales"),
    (BOTH_SCALE, "the predictive policy forecast of web-green scales"),
    (twins((), (policy("web-green"),)), "differ in scaling policies and scheduled actions: web-green-cpu"),
    (
        twins((schedule("web-blue"),), (schedule("web-green", MinSize=2),), key="schedules"),
        "differ in scaling policies and scheduled actions: the same names",
    ),
    (
        twins((policy("web-blue", PolicyName="cpu"),), (policy("web-green", PolicyName="cpu", Cooldown=9),)),
        "the same names, other values",
    ),
    (
        twins((schedule("web-blue"),), (schedule("web-green"),), key="schedules"),
        "the scheduled actions of web-green are not suspended",
    ),
    (
        alarmed(("arn::scalingPolicy:web-blue/up", "arn::scalingPolicy:shop/up")),
        "the alarm busy acts through a policy of another group, too, and cannot be moved: arn::scalingPolicy:shop/up",
    ),
    (alarmed(taken=frozenset({"busy-bluegreen"})), "there is an alarm busy-bluegreen already: so the copy of busy"),
    (alarmed(name="b" * 246), "the copy of an alarm would be called " + "b" * 246 + "-bluegreen: too long"),
    (alarmed(composites={"all": 'ALARM("busy") OR ALARM(x)'}), "the rule of all names it"),
    (alarmed(composites={"b": "NOT OK(busy)", "a": "ALARM(busy)", "c": "ALARM(busybody)"}), "the rules of a, b name"),
    (alarmed(composites={"all": "ALARM(arn:aws:alarm:busy)"}), "the alarm busy would move to busy-bluegreen"),
    ({"limits": Asked(progress_deadline=34.9)}, "the progress deadline of 35 s is shorter than the 35 s"),
    ({"limits": Asked(deadline=54.4)}, "the deadline of 54 s is shorter than the 55 s"),
    ({"limits": Asked(deadline=34.4, healthy_for=0.0)}, "the deadline of 34 s is shorter than the 35 s"),
    (
        {"limits": Asked(deadline=89.4, pace=Pace(50, 100))},
        "the deadline of 89 s is shorter than the 90 s that 2 launches, one after the other, take",
    ),
    ({"limits": Asked(pace=Pace(100, 100))}, "at least 2 serving and at most 2 running"),
    ({"limits": Asked(pace=Pace(75, 125))}, "nothing can ever move"),
]

LABEL = "app/web/50dc6c495c0c9188/targetgroup/web/73e2d6bc24d8a067"
BY_REQUESTS = {"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": LABEL}
REQUESTS = {"PredefinedMetricSpecification": BY_REQUESTS, "TargetValue": 50.0}
METERED = {"PolicyName": "cpu", "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": REQUESTS}
HURRIED = {"health_check": "ELB", "grace": 9}
WARNINGS = [
    (with_live(instances=tuple(attrs.evolve(i, protected=True) for i in LIVE.instances)), "protected from scale-in"),
    (with_live(suspended=frozenset({SCHEDULES})), "ScheduledActions of web-blue is suspended"),
    (with_live(suspended=AUTOSCALER), "AlarmNotification, ScheduledActions of web-blue are suspended"),
    ({"balancers": (attrs.evolve(FACTS, drain=61.0),)}, "web drains for 61 s"),
    (with_live(**HURRIED), "the health check grace period of web-blue is 9 s, shorter than the 10 s"),
    (with_idle(**HURRIED), "the health check grace period of web-green is 9 s, shorter than the 10 s"),
    (twins((TERMINATING,), (TERMINATING,), "hooks"), "web-blue has terminating lifecycle hooks"),
    (with_live(max=2), "web-blue is at its maximum of 2"),
    (with_live(desired=3), "desired of web-blue is 3, and 2 are healthy in web: a release needs 2 new ones there"),
    (seen_as("unhealthy"), "desired of web-blue is 2, and 1 is healthy in web"),
    (
        seen_as("unhealthy", "unhealthy"),
        "no instance of web-blue is healthy in web: it does not count unless new is healthy there",
    ),
    (seen_as("unknown"), "web does not tell whether 1 instance of web-blue is healthy"),
    (seen_as("unknown", "unhealthy"), "web does not tell whether 1 instance of web-blue is healthy"),
    (twins((policy("web-blue"),), (policy("web-green"),)), "what web-blue-cpu of web-blue would want cannot be told"),
]
RESTING = with_idle(suspended=AUTOSCALER)
FINE = [
    {},
    with_idle("Terminating:Wait", "Detaching"),
    with_live(health_check="ELB", grace=10),
    with_live(health_check="EC2", grace=0),
    {"balancers": (attrs.evolve(FACTS, drain=60.0),)},
    twins((FORECAST,), (FORECAST,)),
    twins((METERED,), (METERED,)),
    twins((policy("web-blue", Enabled=False),), (policy("web-green", Enabled=False),)),
    twins((schedule("web-blue"),), (schedule("web-green"),), "schedules") | RESTING,
    twins((LAUNCHING,), (LAUNCHING,), "hooks"),
    {"limits": Asked(progress_deadline=35.0, deadline=55.0)},
    {"limits": Asked(progress_deadline=35.0, deadline=35.0, healthy_for=0.0)},
    {"limits": Asked(progress_deadline=5.0, deadline=25.0), "boot": None},
    {"limits": Asked(progress_deadline=35.0, deadline=90.0, pace=Pace(50, 100))},
    {"limits": Asked(pace=Pace(50, 100))},
    {"limits": Asked(pace=Pace(100, 150))},
    RESTING,
]


@pytest.mark.parametrize(("wrong", "sentence"), REFUSALS)
def test_refused(wrong, sentence) -> None:
    """What would end badly is refused, and nothing else is."""
    refused = [f.sentence for f in found(**wrong) if f.level == REFUSED]
    assert [sentence] == [sentence for refusal in refused if sentence in refusal]
    assert len(refused) == (2 if wrong is BOTH_SCALE else 1)


@pytest.mark.parametrize(("wrong", "sentence"), WARNINGS)
def test_warned(wrong, sentence) -> None:
    """What is only worth knowing is a warning, and nothing else is said."""
    assert [(WARNED, True)] == [(f.level, sentence in f.sentence) for f in found(**wrong)]


@pytest.mark.parametrize("pair", FINE)
def test_nothing_found(pair) -> None:
    """A pair that is fit is told nothing, up to the very limit."""
    assert () == found(**pair)


def test_refusals_come_first() -> None:
    """What stops a deployment is read before what does not, wherever it was found."""
    stuck = {"balancers": (attrs.evolve(FACTS, in_use=False),)}
    levels = [f.level for f in found(**with_live(suspended=AUTOSCALER), **stuck)]
    assert [REFUSED, WARNED] == levels


@pytest.mark.parametrize(("guards", "warned"), [(("busy",), 1), (("calm", "busy"), 1), (("calm",), 0)])
def test_an_alarm_that_guards_and_moves_is_warned_of(guards, warned) -> None:
    """It is called otherwise when the release is finished, and the next one would not find it."""
    pair = alarmed(limits=Asked(alarms=guards))
    sentences = [f.sentence for f in found(**pair) if f.level == WARNED]
    assert warned == sum("guards releases, and will be called busy-bluegreen" in sentence for sentence in sentences)


def test_twins_that_follow_both_groups_by_a_dimension_of_their_own_are_told_nothing_of_it() -> None:
    """The sum of both groups' metrics serves either one."""
    rows = ([{"Name": "asg", "Value": name}] for name in ("web-blue", "web-green"))
    metrics = [{"MetricStat": {"Metric": {"Namespace": "My", "MetricName": "Load", "Dimensions": row}}} for row in rows]
    tracked = {"CustomizedMetricSpecification": {"Metrics": metrics}, "TargetValue": 50.0}
    both = (policy(name, TargetTrackingConfiguration=tracked) for name in ("web-blue", "web-green"))
    assert [] == [one.sentence for one in found(**twins(*((each,) for each in both))) if "asg=" in one.sentence]


def test_an_empty_live_group_is_neither_stuck_nor_maxed_out() -> None:
    """A first deployment has no size yet."""
    assert () == found(live=group("web-blue", max=0), limits=Asked(pace=Pace(100, 100)))


@pytest.mark.parametrize(
    ("blue", "green", "live"),
    [(1, 0, "web-blue"), (0, 1, "web-green"), (1, 1, None), (0, 0, None)],
)
@pytest.mark.parametrize("state", ["healthy", "unhealthy", "initial"])
def test_live_is_who_is_registered(blue, green, live, state) -> None:
    """Healthy or not, one group alone in the balancers is live; both, or neither, is nobody."""
    groups = group("web-blue", *["InService"] * blue), group("web-green", *["InService"] * green)
    health = {i.id: state for one in groups for i in one.instances}
    seen = live_group(fleet(*groups, health), ("web-blue", "web-green"))
    assert live == (seen and seen.name)


def test_what_only_drains_is_not_live() -> None:
    """An instance on its way out of the balancer serves nobody new."""
    groups = group("web-blue", "EnteringStandby"), group("web-green", "InService")
    seen = live_group(fleet(*groups, {"i-web-blue-0": "draining"}), ("web-blue", "web-green"))
    assert "web-green" == (seen and seen.name)


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        (policy("web-blue"), policy("web-green"), True),
        (policy("web-blue"), policy("web-green", Cooldown=5), False),
        (policy("web-blue"), policy("web-green", PolicyName="web-other-cpu"), False),
    ],
)
def test_twins_are_equal_but_for_what_belongs_to_a_group(ours, theirs, same) -> None:
    """Names, ARNs and alarms that carry the group's own name do not make a difference; any value does."""
    assert same == are_twins(Scaling(policies=(ours,)), Scaling(policies=(theirs,)), ("web-blue", "web-green"))


def test_a_shared_value_that_holds_one_groups_name_makes_no_difference() -> None:
    """A target group may be called as one of the groups is."""
    label = {"ResourceLabel": "app/shop/1/targetgroup/shop/2"}
    ours, theirs = (Scaling(policies=(policy(name, Specification=label),)) for name in ("shop", "shop-b"))
    assert are_twins(ours, theirs, ("shop", "shop-b")) is True


def surveyed(**more: Any) -> Survey:
    """Return the survey of a pair that is fit."""
    return survey(fleet(LIVE, IDLE), **more)


@pytest.mark.parametrize(
    ("more", "seconds"),
    [
        ({}, 35.0),
        ({"boot": None}, 125.0),
        ({"balancers": (attrs.evolve(FACTS, balancer=OTHER),)}, 40.0),
        ({"balancers": (FACTS, attrs.evolve(FACTS, interval=30.0))}, 60.0),
        (twins((LAUNCHING,), (), "hooks"), 635.0),
        (twins((), (LAUNCHING, TERMINATING), "hooks"), 635.0),
    ],
)
def test_what_a_launch_takes_at_most(more, seconds) -> None:
    """Launch hooks, the boot on record and the slowest balancer's checks add up; terminating hooks do not count."""
    assert seconds == physical(surveyed(**more))


def test_deadlines_are_derived_unless_asked_for() -> None:
    """Progress gets twice what a launch may take and a minute; all three times and a drain, or twenty minutes.

    A launch may take two minutes, or as long as the health check grace period lets the application boot.
    """
    slow, patient = surveyed(boot=995.0), attrs.evolve(LIVE, health_check="ELB", grace=500)
    assert 2 * 510.0 + 60.0 == progress_deadline(survey(fleet(patient, IDLE)), None)
    assert (320.0, 2070.0, 7.0) == (
        progress_deadline(surveyed(), None),
        progress_deadline(slow, None),
        progress_deadline(slow, 7.0),
    )
    assert (1200.0, 4110.0, 4090.0, 7.0) == (
        total_deadline(surveyed(), FREE, 2),
        total_deadline(slow, FREE, 2),
        total_deadline(slow, Asked(healthy_for=0.0), 2),
        total_deadline(slow, Asked(deadline=7.0), 2),
    )
    rolling = Asked(pace=Pace(75, 100))
    assert 4 * (2350.0 + 25.0 + 75.0) + 2 * 1145.0 == total_deadline(attrs.evolve(slow, balancers=(ALB,)), rolling, 4)


@pytest.mark.parametrize(
    ("least", "most", "size", "launches", "proofs"),
    [
        (100, 200, 40, 1, 1),
        (100, 200, 0, 1, 1),
        (100, 105, 40, 20, 20),
        (100, 150, 3, 3, 3),
        (75, 125, 8, 3, 2),
        (50, 100, 8, 2, 1),
        (75, 100, 4, 4, 3),
        (0, 100, 8, 1, 0),
        (75, 125, 2, 1, 0),
    ],
)
def test_the_waves_of_a_pace(least, most, size, launches, proofs) -> None:
    """Whole instances count: a twentieth of forty is two; what moves first on old's account proves nothing."""
    assert Waves(launches, proofs) == waves(Pace(least, most).limits, size)


ALB = BalancerFacts(BALANCER, 30.0, 5, 25.0, unhealthy_threshold=2, timeout=5.0)
NLB = BalancerFacts(BALANCER, 30.0, 5, 25.0, unhealthy_threshold=2, timeout=10.0, network=True)
CLASSICAL = BalancerFacts(OTHER, 30.0, 10, 25.0, unhealthy_threshold=2, timeout=5.0)


@pytest.mark.parametrize(
    ("balancers", "asked", "seconds"),
    [
        ((ALB,), None, 75.0),
        ((NLB,), None, 80.0),
        ((CLASSICAL,), None, 75.0),
        ((ALB, attrs.evolve(ALB, interval=10.0, unhealthy_threshold=10)), None, 115.0),
        ((), None, 10.0),
        ((ALB,), 0.0, 0.0),
        ((ALB,), 7.0, 7.0),
    ],
)
def test_how_long_new_must_stay_healthy(balancers, asked, seconds) -> None:
    """What the slowest balancer needs to call a dead instance unhealthy, and ten seconds for AWS to show it."""
    assert seconds == proof(surveyed(balancers=balancers), asked)


def test_balancers_are_set_aside_by_the_names_that_people_use() -> None:
    """An ARN or the name in it, or a classic balancer's name; anything else is refused, with what there is."""
    arn = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/api/73e2d6bc24d8a067"
    groups = (attrs.evolve(LIVE, balancers=frozenset({OTHER, Balancer(CLASSIC, arn)})), IDLE)
    assert ((arn, "shop"), (arn,), ()) == tuple(set_aside(groups, one) for one in (("shop", "api"), (arn, "api"), ()))
    with pytest.raises(Refused) as refusal:
        set_aside(groups, ("shop", "strange"))
    assert ("strange" in refusal.value.message, "--without takes one of: api, shop, web") == (True, refusal.value.hint)


def test_the_longest_drain_counts() -> None:
    """A pair behind two balancers drains as long as the slower one."""
    two = (FACTS, attrs.evolve(FACTS, drain=50.0))
    assert (50.0, 0.0) == (drain(surveyed(balancers=two)), drain(surveyed(balancers=())))


@pytest.mark.parametrize(
    ("due", "suspended", "warned"),
    [(0.0, (), 1), (185.0, (), 1), (185.5, (), 0), (-1.0, (), 0), (60.0, (SCHEDULES,), 0), (60.0, (ALARMS,), 1)],
)
def test_a_scheduled_action_that_is_due_while_the_load_is_shared(due, suspended, warned) -> None:
    """It is worth knowing just when it can fall into the release: launch, proof, drain, two minutes; not at rest."""
    start = moment(NOW + due)
    seen = survey(
        fleet(LIVE, IDLE, at=NOW), scaling={"web-blue": Scaling(schedules=(schedule("web-blue", StartTime=start),))}
    )
    live = attrs.evolve(LIVE, suspended=frozenset(suspended))
    sentences = [finding.sentence for finding in findings(seen, live, IDLE, FREE)]
    assert warned == sum("is due in" in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("live", "idle", "expected"),
    [((METERED,), (METERED,), TWINS), ((METERED,), (), MOVE), ((), (), MOVE), ((), (METERED,), None)],
)
def test_how_settings_get_to_the_new_side(live, idle, expected) -> None:
    """Both have the same, or the idle one has none; what the idle one alone has is neither."""
    seen = surveyed(**twins(live, idle))
    assert expected == way(seen, LIVE, IDLE)


def test_the_alarms_alone_do_not_launch() -> None:
    """An idle side whose schedules rest is fit, whatever its alarms do: it has no instance that feeds them."""
    only = with_idle(suspended=frozenset({SCHEDULES}))
    pair = twins((schedule("web-blue"),), (schedule("web-green"),), key="schedules")
    assert ((), False) == (found(**pair, **only), ALARMS in only["idle"].suspended)


def test_a_network_balancer_is_granted_time_to_register() -> None:
    """Minutes, by the guide and by reports (aws-load-balancer-controller 1834); its checks alone are no measure."""
    pair = fleet(LIVE, IDLE)
    plain = attrs.evolve(NLB, network=False, healthy_threshold=1)
    told = [progress_deadline(survey(pair, balancers=(facts,)), None) for facts in (plain, NLB)]
    assert 2 * (4 * 30.0 + 180.0) == told[1] - told[0]
