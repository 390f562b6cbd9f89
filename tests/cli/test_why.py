"""What ``why`` prints, and how it ends."""

from __future__ import annotations

import json

import attrs
import pytest

from bluegreen.errors import Usage
from bluegreen.service import Why
from bluegreen.targets.seam.why import Cause, Fact, Link, Unwell
from tests.cli.fakes import FakeWiring, run

Capture = pytest.CaptureFixture[str]
CAUSE = Cause(link=Link.BALANCER, sentence="the application answers health checks with 503")
ILL = Unwell(id="i-0b71", state="unhealthy", cause=CAUSE, facts=(Fact(label="EC2", text="running\x07"),))
FOUND = Why(service="web", cause=CAUSE, heads=("web-green v2: 0 of 1 healthy",), count=1, instances=(ILL,))


def told(link: Link = Link.BALANCER, terminal: bool = False) -> Why:
    """Return an answer of this cause."""
    return Why(service="web", cause=Cause(link=link, sentence="so", terminal=terminal))


def test_the_answer_alone_is_on_stdout(capsys: Capture) -> None:
    """What is looked at is said on stderr; nothing from outside is obeyed."""
    assert 0 == run(FakeWiring({"why": FOUND}), "why", "web")
    written = capsys.readouterr()
    assert (
        ["checking web"],
        [
            "web-green v2: 0 of 1 healthy",
            "cause: the application answers health checks with 503 (1 instance)",
            "",
            "i-0b71  unhealthy",
            "  EC2            running\\x07",
        ],
    ) == (written.err.splitlines(), written.out.splitlines())


def test_the_answer_as_json(capsys: Capture) -> None:
    """One line of its own schema."""
    assert 0 == run(FakeWiring({"why": FOUND}), "why", "web", "--output", "json")
    line = json.loads(capsys.readouterr().out)
    assert ("bluegreen.why/1", "balancer", ["i-0b71"], False) == (
        line["schema"],
        line["cause"]["link"],
        [one["id"] for one in line["instances"]],
        line["over"],
    )


@pytest.mark.parametrize(("found", "status"), [(told(), 0), (told(Link.LAUNCH, True), 4), (told(Link.NOTHING), 0)])
def test_how_it_ends(found: Why, status: int) -> None:
    """With 4 where waiting does not help."""
    assert status == run(FakeWiring({"why": found}), "why", "web")


def test_a_command_is_told_as_it_is_to_be_typed(capsys: Capture) -> None:
    """In another terminal, of another region."""
    by_hand = "`aws autoscaling complete-lifecycle-action --instance-id i-0b71`"
    held = attrs.evolve(ILL, facts=(Fact(label="look at", text=by_hand),))
    assert 0 == run(FakeWiring({"why": attrs.evolve(FOUND, instances=(held,))}), "why", "web", "--region", "eu-west-1")
    assert f"look at        {by_hand[:-1]} --region eu-west-1`" in capsys.readouterr().out


def test_an_instance_is_asked_for_by_what_was_typed(capsys: Capture) -> None:
    """One that there is not is a slip, and the answer says which there are."""
    wiring = FakeWiring({"why": Usage("web: there is no instance 'i-9'", "the instances there are: i-0b71")})
    assert (2, [("web", "why", "i-9")]) == (run(wiring, "why", "web", "i-9"), wiring.asked)
    assert ["web: there is no instance 'i-9'", "  the instances there are: i-0b71"] == (
        capsys.readouterr().err.splitlines()[1:]
    )
