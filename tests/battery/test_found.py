"""What the battery has found, each as small as it goes."""

from __future__ import annotations

from typing import Any

from attrs import define

from bluegreen.errors import Status
from bluegreen.record.document import Document
from tests.battery.rows import rows
from tests.battery.stage import Crash, Stage, opened
from tests.support.virtual import BLUE
from tests.support.watching import colours_serving


@define
class KilledAtTheEnd:
    """Kills a finish when all is done and the record says so, before the release is closed."""

    def __call__(self, stage: Stage, side: str, what: Any) -> None:
        """Kill the process."""
        ends = isinstance(what, Document) and what.release is not None and what.release.passed("finished")
        if side == "after" and ends:
            stage.dead = True
            raise Crash


def _finished_but_not_closed() -> Stage:
    stage = opened(size=2)
    stage.lingers = False
    stage.run("deploy", "v2")
    stage.strikes.append(KilledAtTheEnd())
    stage.run("finish")
    stage.calm()
    return stage


def test_a_finished_release_that_is_taken_back_was_restored() -> None:
    """The history tells what became of it: a later rollback must not take v2 for what serves."""
    stage = _finished_but_not_closed()
    told = stage.run("rollback")
    document, _ = stage.ledger.read("web")
    assert document is not None
    assert (Status.OK, "restored", [BLUE]) == (told.status, document.history[-1].outcome, colours_serving(stage.pair))
    assert [] == stage.verdict("v1")


def test_a_finished_release_that_is_being_taken_back_is_open() -> None:
    """A signal in the middle of such a rollback leaves it on record, to be carried on."""
    stage = _finished_but_not_closed()
    looks = iter(range(100))
    told = stage.run("rollback", stop=lambda: 15 if next(looks) > 4 else None)
    assert (Status.TERMINATED, False) == (told.status, stage.release is None)
    assert (Status.OK, []) == (stage.run("resume").status, stage.verdict("v1"))


def test_what_is_sick_again_and_again_is_made_up_for_once() -> None:
    """All of both sides fall sick and are well every six seconds: old has two, and two that make up for them."""
    assert [] == rows()[10].run("deploy-2half-14-each-all-flap")


def test_what_a_version_alone_served_with_goes_with_it() -> None:
    """All of new falls sick where old was never well: no more is to be kept than old had there."""
    assert [] == rows()[10].run("deploy-2half-19-green-all-sick")
