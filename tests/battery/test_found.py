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


def test_a_release_that_was_finished_but_for_its_record_is_taken_back_by_a_deployment() -> None:
    """The history tells what became of it: a later rollback must not take v2 for what serves."""
    stage = _finished_but_not_closed()
    told = stage.run("rollback")
    document, _ = stage.ledger.read("web")
    assert document is not None
    assert (Status.OK, "finished", [BLUE]) == (told.status, document.history[-1].outcome, colours_serving(stage.pair))
    assert (Status.OK, []) == (stage.run("finish").status, stage.verdict("v1"))


def test_such_a_rollback_is_carried_on() -> None:
    """A signal in the middle of it leaves it on record."""
    stage = _finished_but_not_closed()
    launched = lambda: stage.release and stage.release.instead_of and stage.release.launched_at  # noqa: E731
    told = stage.run("rollback", stop=lambda: 15 if launched() else None)
    assert (Status.TERMINATED, "v1") == (told.status, stage.release and stage.release.image)
    assert (Status.OK, Status.OK, []) == (stage.run("resume").status, stage.run("finish").status, stage.verdict("v1"))


def test_what_is_sick_again_and_again_is_made_up_for_once() -> None:
    """All of both sides fall sick and are well every six seconds: old has two, and two that make up for them."""
    assert [] == rows()[10].run("deploy-2half-14-each-all-flap")


def test_what_a_version_alone_served_with_goes_with_it() -> None:
    """All of new falls sick where old was never well: no more is to be kept than old had there."""
    assert [] == rows()[10].run("deploy-2half-19-green-all-sick")
