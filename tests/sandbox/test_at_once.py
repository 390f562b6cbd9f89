"""Several processes begin at the same moment: one works, the others leave and say who holds the service."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from conftest import client

from bluegreen.errors import Status
from tests.battery.ground import Ground, opened
from tests.battery.processes import Run, end_all

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("sandbox")]

SOON = 10.0
"""Seconds: two on a machine that has nothing else to do; others have."""


@pytest.fixture(scope="module", params=["file", "s3"])
def shared(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """A sandbox whose record is in a folder, and one whose record is in its S3."""
    bucket = f"records-{secrets.token_hex(4)}"
    with opened(f"s3://{bucket}/bluegreen" if request.param == "s3" else "") as ground:
        place = {"LocationConstraint": ground.box.region}
        client(ground.box, "s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
        yield ground


@pytest.fixture
def ground(shared: Ground) -> Iterator[Ground]:
    """The sandbox with nothing under way; what a test leaves parked is retired."""
    yield shared
    assert 0 == shared.done("finish", "web", "--yes").status


def begun(ground: Ground, who: str, *argv: str) -> Run:
    """Start ``bluegreen`` as the user ``who``."""
    return ground.run(*argv, LOGNAME=who)


def names(run: Run, who: str, holder: Run, why: str) -> bool:
    """Whether ``run`` said who holds the service, with which process, and for what."""
    return f"web: {who}@" in run.said and f"(process {holder.process.pid}) has been {why} for " in run.said


def test_two_deployments_and_a_cleanup_at_once(ground: Ground) -> None:
    """One works; the other deployment leaves with 75 and names it, the cleanup says nothing."""
    images = {who: ground.next_image() for who in ("ana", "ben")}
    runs = {who: begun(ground, who, "deploy", "web", image) for who, image in images.items()}
    cron = begun(ground, "cron", "cleanup", "--all")
    end_all(*runs.values(), cron)
    first, last = sorted(runs, key=lambda who: runs[who].status)
    print(f"left after {runs[last].took:.2f} s")
    quiet = (cron.status, cron.said)
    expected = ((Status.OK, ""), Status.OK, Status.HELD)
    assert expected == (quiet, runs[first].status, runs[last].status), (runs[first].said, runs[last].said)
    named = names(runs[last], first, runs[first], f"deploying {images[first]}")
    assert (True, True) == (named, runs[last].took < SOON), (runs[last].said, runs[last].took)


def test_several_carry_on_at_once_what_was_cut_off(ground: Ground) -> None:
    """Of two who resume, and cron, one carries it on; whoever leaves says who does, and cron nothing."""
    cut = ground.run("deploy", "web", ground.next_image(), "--output", "json")
    assert cut.until(lambda: cut.announced() >= 3), cut.said
    cut.strike("kill")
    cut.end()
    runs = {who: begun(ground, who, "resume", "web") for who in ("ana", "ben")}
    cron = begun(ground, "cron", "cleanup", "--all")
    every = {**runs, "cron": cron}
    end_all(*every.values())
    said = {who: run.said for who, run in every.items()}
    worker = next(who for who, run in every.items() if "is parked on" in run.said)
    others = [run for who, run in runs.items() if who != worker]
    assert ({0}, {Status.HELD}) == ({every[worker].status, cron.status}, {run.status for run in others}), said
    why = "cleaning up" if worker == "cron" else "resuming"
    assert all(names(run, worker, every[worker], why) for run in others), said


def test_whoever_waits_gets_its_turn(ground: Ground) -> None:
    """With ``--wait-lock`` the second deployment of the same image waits, and then finds nothing to do."""
    image = ground.next_image()
    first = begun(ground, "ana", "deploy", "web", image)
    assert first.until(lambda: f"{image} by ana@" in first.said.partition("\n")[2]), first.said
    second = begun(ground, "ben", "deploy", "web", image, "--wait-lock", "60s")
    statuses = end_all(first, second)
    told = names(second, "ana", first, f"deploying {image}") and "nothing to do" in second.said
    assert ((0, 0), True) == (statuses, told), second.said
