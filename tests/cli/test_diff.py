"""``bluegreen diff``: what it prints, on 80 columns and as JSON, how it ends, and that it changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bluegreen.errors import Refused
from bluegreen.report.diff import HEADINGS, diff_text
from bluegreen.targets.pair.fitness.diff import Comparison
from bluegreen.targets.pair.fitness.side_by_side import NATURAL, NOTED, Difference
from bluegreen.targets.seam.finding import REFUSED
from tests.cli.fakes import FakeWiring, run
from tests.support.hands import asked
from tests.support.virtual import BLUE, GREEN, virtual

Capture = pytest.CaptureFixture[str]
SIZE = Difference("sizes", "desired", 3, 0, NATURAL)
GRACE = Difference("health check", "grace period", 300, 0, NOTED, "when an instance is replaced changes with the side")
TARGET = Difference("scaling policies", "cpu TargetValue", 50.0, 60.0, REFUSED, "scaling must not change with the side")
ARN = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/web/629f6fbed82c07cd"
BEHIND = Difference("balancers", ARN, "attached", "not attached", REFUSED, "both groups must be behind the same ones")


def comparison(*differences: Difference, **changes: Any) -> Comparison:
    """Return a comparison of web-blue, which serves, with web-green."""
    plain = {"blue": BLUE, "green": GREEN, "live": BLUE, "differences": differences}
    return Comparison(**{**plain, **changes})


def test_side_by_side(capsys: Capture) -> None:
    """What is refused comes first, then what is worth knowing, then what differs by nature, then what is the same."""
    assert 4 == run(FakeWiring({"diff": comparison(TARGET, BEHIND, GRACE, SIZE)}), "diff", "web")
    written = capsys.readouterr()
    assert "checking web\n" == written.err
    assert [
        "web: blue is web-blue (live), green is web-green (idle)",
        "",
        "refused: no deployment begins while they differ like this",
        "                                     blue  green",
        "  scaling policies: cpu TargetValue  50.0  60.0",
        "      scaling must not change with the side",
        f"  balancers: {ARN}",
        "    blue   attached",
        "    green  not attached",
        "      both groups must be behind the same ones",
        "",
        "noted: nothing is refused for these, but they change with the side that serves",
        "                              blue  green",
        "  health check: grace period  300   0",
        "      when an instance is replaced changes with the side",
        "",
        "by nature: a live and an idle group differ in these",
        "                  blue  green",
        "  sizes: desired  3     0",
        "",
        "the same: suspended processes, state, warm pool, scheduled actions, alarms,",
        "          lifecycle hooks, notifications, image tag, other tags, launch",
        "          template, launch configuration, mixed instances, zones, subnets,",
        "          termination policies, default cooldown, default warm-up, scale-in",
        "          protection",
    ] == written.out.splitlines()


@pytest.mark.parametrize(
    ("differences", "status"), [((), 0), ((SIZE,), 0), ((GRACE, SIZE), 0), ((TARGET,), 4), ((BEHIND, SIZE), 4)]
)
@pytest.mark.parametrize("output", ["text", "json"])
def test_how_it_ends(differences: tuple[Difference, ...], status: int, output: str) -> None:
    """It ends with 4 when a deployment would be refused for a difference, with 0 otherwise, however it is written."""
    wiring = FakeWiring({"diff": comparison(*differences)})
    assert (status, [("web", "diff")]) == (run(wiring, "diff", "web", "--output", output), wiring.asked)


def test_json(capsys: Capture) -> None:
    """With --output json stdout is one object, its values as AWS has them."""
    run(FakeWiring({"diff": comparison(TARGET, SIZE)}), "diff", "web", "--output", "json")
    (line,) = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    assert ("bluegreen.diff/1", "web", BLUE, GREEN, BLUE, "", True) == tuple(
        said[key] for key in ("schema", "service", "blue", "green", "live", "release", "matters")
    )
    assert {
        "topic": "scaling policies",
        "detail": "cpu TargetValue",
        "blue": 50.0,
        "green": 60.0,
        "level": "refused",
        "matters": True,
        "why": "scaling must not change with the side",
    } == said["differences"][0]
    assert (True, False) == ("balancers" in said["same"], "sizes" in said["same"])


def test_it_is_not_clear_which_one_serves() -> None:
    """The first line says so when neither group alone is behind the balancer, the second what release is open."""
    text = diff_text("web", comparison(live=None, release="the deploy of v2"))
    assert [
        "web: blue is web-blue, green is web-green; it is not clear which one serves",
        "  the deploy of v2 is open",
    ] == text.splitlines()[:2]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "none"),
        (True, "yes"),
        ([], "none"),
        (["a", "b"], "a, b"),
        ([{"a": 1}], '[{"a": 1}]'),
        ({"b": 1, "a": 2}, '{"a": 2, "b": 1}'),
        ("", '""'),
    ],
)
def test_values(value: object, said: str) -> None:
    """Words are written as they are, lists of them with commas, everything else as JSON."""
    text = diff_text("web", comparison(Difference("zones", "", value, 7, NOTED)))
    assert f"  zones  {said:4}  7" in text.splitlines()


def test_nothing_foreign_is_printed_raw(capsys: Capture) -> None:
    """What stands in tags, names and policies is not obeyed by a terminal, wherever it comes from."""
    evil = "\x1b[2J\r\n\u202eevil"
    foreign = Difference(evil, evil, evil, [evil, {evil: evil}], REFUSED, evil)
    for output in ("text", "json"):
        odd = comparison(foreign, blue=evil, green=evil, live=evil, release=evil)
        run(FakeWiring({"diff": odd}), "diff", "web", "--output", output)
        written = capsys.readouterr()
        assert set() == {"\x1b", "\r", "\u202e"} & set(written.out + written.err)


def test_every_level_has_a_heading() -> None:
    """There is no level without a heading that fits on a line, and none is made up."""
    assert {REFUSED, NOTED, NATURAL} == {level for level, heading in HEADINGS.items() if len(heading) <= 80}


def test_what_cannot_be_served(capsys: Capture) -> None:
    """A group that this tool does not understand is refused in its own words, with 4."""
    wiring = FakeWiring({"diff": Refused("The group web-blue gives its instances weights", "remove the weights")})
    assert 4 == run(wiring, "diff", "web")
    assert "web: The group web-blue gives its instances weights\n  remove the weights\n" in capsys.readouterr().err


def test_a_pair_through_a_deployment() -> None:
    """On the simulator: a fit pair differs by nature only, before, in the middle and after, and nothing is changed."""
    pair = virtual()
    service, before = pair.service(), pair.picture()
    first = service.diff()
    assert (BLUE, False, before) == (first.live, first.matters, pair.picture())
    assert {NATURAL} == {difference.level for difference in first.differences}
    service.deploy("v2")
    parked = service.diff()
    assert (GREEN, False, "the deploy of v2") == (parked.live, parked.matters, parked.release)
    service.finish()
    assert (GREEN, False, "") == ((last := service.diff()).live, last.matters, last.release)


def test_what_aws_says_is_compared() -> None:
    """On the simulator: settings that AWS returns with the group are read and told, without another call."""
    pair = virtual()
    asked(pair, "UpdateAutoScalingGroup", GREEN, DefaultInstanceWarmup=30, TerminationPolicies=["OldestInstance"])
    found = {d.topic: (d.blue, d.green) for d in pair.service().diff().differences if d.level == NOTED}
    assert {"default warm-up": (None, 30), "termination policies": (["Default"], ["OldestInstance"])} == found


def test_diff_and_check_end_alike() -> None:
    """On the simulator: a policy on one side only is refused by both."""
    pair = virtual()
    tracking = {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
        "TargetValue": 50.0,
    }
    kind = {"PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": tracking}
    asked(pair, "PutScalingPolicy", GREEN, PolicyName="cpu", **kind)
    refused = [finding for finding in pair.service().check() if finding.level == REFUSED]
    assert (1, True) == (len(refused), pair.service().diff().matters)
