"""A whole deployment with a registry beside it: the tool as users run it, the simulated pair, a real registry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import define, field

from bluegreen.cli.main import main
from bluegreen.cli.wiring import Wiring
from bluegreen.errors import BluegreenError, Denied, Refused, Status, Unreachable, Usage
from bluegreen.flow.events import EventKind
from bluegreen.service import Service
from bluegreen.service.image_check import Images, registries
from bluegreen.settings.configuration import Configuration
from bluegreen.targets.pair.settings import ServiceSettings
from bluegreen.targets.seam.finding import REFUSED, WARNED
from tests.registry.land import Shelf
from tests.support.virtual import BLUE, GREEN, Pair, virtual

AWAY = Unreachable("registry.lan does not answer: no connection", "look at the network")
CLOSED = Denied("the registry registry.lan does not let us look at web", "log in")
WHERE = "registry.lan/web"


@define
class Kept:
    """A registry that holds what is listed, or fails; ``asked`` keeps what it was asked."""

    versions: tuple[str, ...] = ()
    error: BluegreenError | None = None
    asked: list[tuple[str, str]] = field(factory=list)

    def holds(self, repository: str, version: str, heed: Callable[[], None], tokens: str = "") -> bool:
        """Say whether a version is listed."""
        self.asked.append((repository, version))
        if self.error:
            raise self.error
        return version in self.versions


@define
class PairWiring(Wiring):
    """The real wiring, with a simulated pair instead of AWS."""

    pair: Pair
    repository: str

    def configuration(self, path: str | None) -> Configuration:
        """Return one service."""
        return Configuration("file:x", {"web": ServiceSettings(name="web", blue=BLUE, green=GREEN)})

    def service(
        self, settings: ServiceSettings, state: str, listeners: Any, stop: Any, patience: float = 0.0
    ) -> Service:
        """Return the service over the simulated pair, as the command line settled it."""
        service = self.pair.service(repository=settings.repository, require_image=settings.require_image)
        service.session.listeners, service.session.stop = (*service.session.listeners, *listeners), stop
        return service


def writes(pair: Pair) -> list[str]:
    """Return a list that gets the name of each writing call from now on."""
    found: list[str] = []
    pair.sim.faults.before.append(lambda call: None if call.reads else found.append(call.operation))
    return found


def service(pair: Pair, images: Images, **settings: Any) -> Service:
    """Return the service with a registry of the test's."""
    made = pair.service(**{"repository": WHERE, **settings})
    made.images = images
    return made


def warnings(pair: Pair) -> list[str]:
    """Return what was warned of about the registry."""
    return [event.reason for event in pair.events if event.kind == EventKind.WARNED and "registry" in event.reason]


def retired(images: Images) -> Pair:
    """Return a pair whose green side serves v2, v1 having been released before it, nothing parked."""
    pair = virtual(instances=2)
    for image in ("v1", "v2"):
        assert Status.OK == service(pair, images).deploy(image).status
        assert Status.OK == service(pair, images).finish().status
        pair.run_for(120)
    return pair


# ---- with a real registry ----


def test_a_missing_image_is_refused_before_the_first_write(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    """The registry is a real one and does not hold v2: exit 4, a sentence with both names, and nothing is written."""
    shelf.push("shop", "v1")
    pair, place = virtual(instances=2), f"{shelf.host}/shop"
    done, before = writes(pair), pair.picture()
    status = main(("deploy", "web", "v2", "--repository", place), wiring=PairWiring(pair, place))
    said = capsys.readouterr().err
    assert (4, [], before, None) == (status, done, pair.picture(), pair.release)
    assert f"web: there is no image v2 in {place}\n  push it, or look at" in said


def test_an_image_that_is_there_is_deployed(shelf: Shelf) -> None:
    """The same registry holds it: the deployment goes its way, by tag and by digest."""
    for version in (shelf.push("app", "v2"), "v2"):
        pair = virtual(instances=2)
        status = main(("deploy", "web", version, "--repository", f"{shelf.host}/app"), wiring=PairWiring(pair, ""))
        assert (0, {version}) == (status, pair.images(GREEN))


# ---- what follows from what a registry says ----


@pytest.mark.parametrize("error", [AWAY, CLOSED])
def test_what_is_not_known_is_said(error: BluegreenError) -> None:
    """A registry that is away, or closed, is a warning, and the deployment goes on."""
    pair = virtual(instances=2)
    assert Status.OK == service(pair, Kept(error=error)).deploy("v2").status
    assert [f"whether {WHERE} holds v2 is not known: {error.message}"] == warnings(pair)


@pytest.mark.parametrize(("error", "status"), [(AWAY, Status.UNREACHABLE), (CLOSED, Status.DENIED)])
def test_what_is_required_must_be_known(error: BluegreenError, status: Status) -> None:
    """With require_image the same ends the deployment, with the status of its cause, before anything is written."""
    pair = virtual(instances=2)
    done = writes(pair)
    with pytest.raises(BluegreenError, match="is not known") as caught:
        service(pair, Kept(error=error), require_image=True).deploy("v2")
    assert (status, [], True) == (caught.value.status, done, "nothing was changed" in caught.value.hint)


def test_only_versions_are_asked_for() -> None:
    """What is no version never becomes part of an address, whoever hands it in."""
    pair, images = virtual(instances=2), Kept()
    done = writes(pair)
    with pytest.raises(Usage, match="is not an image version"):
        service(pair, images).deploy("../../secrets")
    assert ([], []) == (images.asked, done)


def test_nobody_is_asked_without_a_repository() -> None:
    """Who configures none has no registry asked."""
    images = Kept()
    assert Status.OK == service(virtual(instances=2), images, repository=None).deploy("v2").status
    assert [] == images.asked


def test_what_is_parked_is_kept_when_the_next_image_is_missing() -> None:
    """`--finish-first` terminates nothing for an image that is not there, and asks once for one that is."""
    images = Kept(("v2", "v3"))
    pair = virtual(instances=2)
    service(pair, images).deploy("v2")
    pair.run_for(120)
    done = writes(pair)
    with pytest.raises(Refused, match=f"there is no image v9 in {WHERE}"):
        service(pair, images).deploy("v9", finish_first=True)
    assert [] == done
    images.asked.clear()
    assert Status.OK == service(pair, images).deploy("v3", finish_first=True).status
    assert [(WHERE, "v3")] == images.asked


def test_the_lease_is_kept_alive_meanwhile() -> None:
    """However slowly a registry answers, nobody else takes the service over."""
    pair, left = virtual(instances=2), []

    class Slow:
        """Takes longer than a lease lasts."""

        def holds(self, repository: str, version: str, heed: Callable[[], None], tokens: str = "") -> bool:
            """Say yes after a minute."""
            for _ in range(30):
                pair.clock.sleep(2)
                heed()
                document, _version = pair.store.read("web")
                assert document
                assert document.lease
                left.append(document.lease.fresh(pair.clock.now()))
            return True

    assert Status.OK == service(pair, Slow()).deploy("v2").status
    assert [True] * 30 == left


def test_what_serves_already_is_not_looked_for() -> None:
    """Where there is nothing to do, an image that was cleaned up is no trouble."""
    pair = retired(Kept(("v1", "v2")))
    assert "nothing to do" in service(pair, Kept()).deploy("v2").sentence


def test_a_rollback_to_what_is_parked_asks_nobody() -> None:
    """Parked instances run already: no registry can be in the way."""
    pair, images = virtual(instances=2), Kept(error=AWAY)
    service(pair, Kept(("v2",))).deploy("v2")
    assert Status.OK == service(pair, images, require_image=True).rollback().status
    assert [] == images.asked


@pytest.mark.parametrize("error", [AWAY, CLOSED])
def test_a_rollback_is_not_kept_back_by_a_registry_that_is_away(error: BluegreenError) -> None:
    """The previous image is deployed with a warning, even where the image is required."""
    pair = retired(Kept(("v1", "v2")))
    assert Status.OK == service(pair, Kept(error=error), require_image=True).rollback().status
    assert [f"whether {WHERE} holds v1 is not known: {error.message}"] == warnings(pair)


def test_a_rollback_to_an_image_that_is_gone_is_refused() -> None:
    """No instance could start it, so nothing is changed, and the sentence says what to do instead."""
    pair = retired(Kept(("v1", "v2")))
    done = writes(pair)
    with pytest.raises(Refused, match=f"the previous image v1 is not in {WHERE} any more") as caught:
        service(pair, Kept(("v2",))).rollback()
    assert ([], True) == (done, "deploy web IMAGE" in caught.value.hint)


@pytest.mark.parametrize(
    ("images", "required", "found"),
    [
        (Kept(("v1",)), True, []),
        (Kept(), True, [(WARNED, f"{WHERE} does not hold v1, which serves: an instance that is launched fails")]),
        (Kept(error=AWAY), False, [(WARNED, f"whether {WHERE} holds v1 is not known: {AWAY.message}")]),
        (Kept(error=AWAY), True, [(REFUSED, f"whether {WHERE} holds v1 is not known: {AWAY.message}")]),
    ],
)
def test_check_looks_for_what_serves(images: Kept, required: bool, found: list[tuple[str, str]]) -> None:
    """`check` names no image: it asks for the one that serves, which a new instance would need."""
    said = service(virtual(instances=2), images, require_image=required).check()
    assert found == [(finding.level, finding.sentence) for finding in said if WHERE in finding.sentence]


def test_the_real_registries_share_what_the_rest_uses() -> None:
    """Without a test's hand in it, ECR's client is boto3's with the tool's settings and the keyring is asked."""
    from bluegreen import credentials

    made: Any = registries()
    assert made.secrets is credentials.registry
    assert 1 == made.connect("eu-west-1").meta.config.retries["total_max_attempts"]
