"""What the names of images say, and what Envoy is told of the balancers that check them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bluegreen.sandbox.body import in_file
from bluegreen.sandbox.envoy import Balancer, cluster, virtual_host
from bluegreen.sandbox.headers import BALANCER
from bluegreen.sandbox.http import Request, Response
from bluegreen.sandbox.machine import Site
from bluegreen.sandbox.targets import Target
from bluegreen.sandbox.versions import LATER, answers
from bluegreen.simulator.core.body import HealthCheck

CHECK = HealthCheck(interval=0.1, fresh=1)


@pytest.mark.parametrize(
    ("version", "since", "expected"),
    [
        ("v1", 0.0, [True, True, True]),
        ("crash-1", 0.0, [True, True, True]),
        ("bad-1", 99.0, [False, False, False]),
        ("port-1", 99.0, [False, False, False]),
        ("half-1", 99.0, [True, False, False]),
        ("late-1", 0.0, [True, False, False]),
        ("late-1", LATER, [True, True, True]),
    ],
)
def test_a_version_answers_the_balancers_that_its_name_says(version: str, since: float, expected: list[bool]) -> None:
    """All, none, the first one only, or the others a while after the first check that passed."""
    assert expected == [answers(version, number, since) for number in range(3)]


def asked(site: Site, path: str, balancer: int | None = None) -> int:
    """Return the status with which a site answers a balancer, or somebody who comes directly."""
    headers = {} if balancer is None else {BALANCER: str(balancer)}
    answer = site(Request("GET", path, headers))
    assert isinstance(answer, Response)
    return answer.status


def test_an_instance_answers_requests_as_it_answers_checks() -> None:
    """A half version refuses both to the second balancer, and neither to the first nor to who comes directly."""
    site = Site("i-1", "half-1")
    expected = [200, 503, 200]
    assert expected == [asked(site, "/health", number) for number in (0, 1, None)]
    assert expected == [asked(site, "/", number) for number in (0, 1, None)]


def test_a_version_that_crashes_counts_from_its_first_passed_check() -> None:
    """A check that fails does not begin the time, and only the first that passes does."""
    passed: list[int] = []
    site = Site("i-1", "half-1", lambda: passed.append(1))
    asked(site, "/health", 1)
    asked(site, "/", 0)
    before = len(passed)
    asked(site, "/health", 0)
    asked(site, "/health", 0)
    expected = (0, 1)
    assert expected == (before, len(passed))


@pytest.mark.parametrize(("fails_open", "expected"), [(True, 1), (False, 0)])
def test_to_fail_open_is_envoys_panic(fails_open: bool, expected: int, tmp_path: Path) -> None:
    """With less than one healthy target in a hundred Envoy sends to all, or never does."""
    config = cluster(tmp_path, Balancer(0, CHECK, fails_open))
    assert {"value": expected} == config["common_lb_config"]["healthy_panic_threshold"]


def test_each_balancer_says_which_it_is() -> None:
    """In its checks and with its requests alike."""
    second = Balancer(1, CHECK)
    told = {"key": BALANCER, "value": "1"}
    (check,) = cluster(Path("/"), second)["health_checks"]
    expected = [told, told]
    found = [*check["http_health_check"]["request_headers_to_add"], *virtual_host(second)["request_headers_to_add"]]
    assert expected == [each["header"] for each in found]


def target(passes: bool | None, draining: bool = False) -> Target:
    """Return a target of which Envoy said whether its check passes."""
    made = Target(CHECK, 0.0, draining)
    made.see(passes, 1.0)
    return made


def test_what_drains_is_no_target_of_failing_open() -> None:
    """It stays in Envoy's file beside a healthy target, and goes where none is: Envoy would send it new requests."""
    draining, sick, well = target(True, draining=True), target(False), target(True)
    expected = (["draining", "well"], ["sick"], [])
    beside = in_file({"draining": draining, "well": well})
    assert expected == (
        list(beside),
        list(in_file({"draining": draining, "sick": sick})),
        list(in_file({"draining": draining})),
    )
