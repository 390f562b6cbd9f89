"""A folder as a target: files are its instances, ready at the second that stands in them; a link is its balancer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import ClassVar

import attrs
from attrs import define, field, frozen

from bluegreen.declared import Value, setting
from bluegreen.errors import Status
from bluegreen.flow import guards
from bluegreen.flow import release as flow
from bluegreen.flow.answers import DONE, Answer, Blocked, Done, Due, Failed, Unseen, Waiting
from bluegreen.flow.engine import Outcome
from bluegreen.flow.kinds import RecordKind, only
from bluegreen.flow.plans import Milestone, first_missing
from bluegreen.flow.ports import Plan
from bluegreen.flow.release import DEPLOY, FINISH, ROLLBACK, Past
from bluegreen.flow.snapshot import OpenRelease, Side, Snapshot, State
from bluegreen.flow.terms import Asked
from bluegreen.flow.view import View
from bluegreen.record.book import ServiceBook
from bluegreen.record.document import Document
from bluegreen.settings.service import ServiceSettings
from bluegreen.targets.seam.ended import Ended
from bluegreen.targets.seam.foreign import refused
from bluegreen.targets.seam.session import Session
from bluegreen.targets.seam.target import Begun, Course, How, Kind, Target, nothing_more
from bluegreen.targets.seam.wish import Wish

BOOT, BAD, LINK = 5.0, "bad", "current"
"""Seconds until a new file is ready; what an image that never is has in its name; the link's own name."""


@frozen(kw_only=True)
class FolderSettings(Asked, ServiceSettings):
    """What is settled about a service in a folder."""

    folder: str = setting(Value(metavar="DIR", read=str, what="a folder"), help="It.", meaning="it", example='"web"')


@frozen(kw_only=True)
class PastRelease(Past):
    """A release of a folder that is over."""

    kind: ClassVar[str] = "folder"


@frozen(kw_only=True)
class Release(flow.Release):
    """A release of a folder: ``old`` is the file that served when it began, or nothing."""

    kind: ClassVar[str] = "folder"
    past: ClassVar[type[Past]] = PastRelease

    folder: str
    old: str = ""
    before: str | None = None

    @property
    def new(self) -> str:
        """The file that it brings up."""
        return self.id.replace(":", "-")

    @property
    def rests(self) -> bool:
        """Whether it was deployed, and old is kept."""
        return self.goal == DEPLOY and self.passed("deployed")

    @property
    def kept(self) -> str:
        """What it keeps."""
        return f"the file {self.old}"

    @property
    def previous_image(self) -> str | None:
        """What old had in it."""
        return self.before


def faults(release: Release) -> Iterable[str]:
    """Yield what no release of a folder can have."""
    if any("/" in name or name.startswith(".") for name in (release.old, release.new)):
        yield f"{release.old} or {release.new} is outside of its folder"


RECORD = RecordKind(
    release=Release, past=PastRelease, release_faults=only(Release, faults), past_faults=only(PastRelease, lambda _: ())
)


@frozen
class Files:
    """The files of a folder, where the link points, and what stands in those that were asked for (``known``)."""

    names: frozenset[str]
    link: str
    known: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class Look(View):
    """A folder at one moment."""


@frozen
class Do:
    """Create a file with a text, let the link point to one, or remove it."""

    verb: str
    name: str
    text: str = ""
    relative: ClassVar[bool] = False

    def __str__(self) -> str:
        return f"{self.verb} {self.name}"


@frozen
class Folder:
    """The world: a folder of the file system; ``sure`` raises right before each write where the lease is lost."""

    settings: FolderSettings
    sure: Callable[[], None] = nothing_more

    @property
    def path(self) -> Path:
        """Where it is."""
        return Path(self.settings.folder)

    def observe(self, release: Release | None) -> Files:
        """Return which files there are."""
        names = frozenset(os.listdir(self.path)) - {LINK}
        link = self.path / LINK
        return Files(names, os.readlink(link) if link.is_symlink() else "")

    def more(self, fleet: Files, question: str) -> Files:
        """Return the files with the content of the one that is asked for."""
        path = self.path / question
        return attrs.evolve(fleet, known={**fleet.known, question: path.read_text() if path.exists() else ""})

    def act(self, action: Do) -> None:
        """Do one action."""
        self.sure()
        spare = self.path.parent / f"{self.path.name}.spare"
        spare.unlink(missing_ok=True)
        match action:
            case Do("create", name, text):
                spare.write_text(text)
                spare.replace(self.path / name)
            case Do("point to", name):
                spare.symlink_to(name)
                spare.replace(self.path / LINK)
            case Do("remove", name):
                (self.path / name).unlink(missing_ok=True)


def create_new(look: Look) -> Answer:
    """New is there."""
    new, image, ready = look.release.new, look.release.image, look.now + BOOT
    text = f"{image} {float('inf') if BAD in image else ready}"
    return DONE if new in look.fleet.names else Due(Do("create", new, text), f"{new} is not there", look.release)


def await_new(look: Look) -> Answer:
    """New is ready."""
    new = look.release.new
    if new not in look.fleet.known:
        return Unseen(new, f"what stands in {new}")
    _, _, ready = look.fleet.known[new].rpartition(" ")
    return DONE if ready and look.now >= float(ready) else Waiting(f"{new} is not ready")


def point_at(look: Look, name: str) -> Answer:
    """The link points to a file, if there is one to point to."""
    due = Due(Do("point to", name), f"{name} does not serve", look.release)
    return DONE if look.fleet.link == name or not name else due


def remove(look: Look, name: str) -> Answer:
    """A file is gone."""
    return Due(Do("remove", name), f"{name} is still there", look.release) if name in look.fleet.names else DONE


def bake(look: Look) -> Answer:
    """New has served for the bake."""
    end = look.release.milestones["moved"] + look.release.terms.bake
    return DONE if look.now >= end else Waiting(f"{look.release.image} bakes", end)


def new_serves(look: Look) -> Answer:
    """The link points to new."""
    return point_at(look, look.release.new)


PLANS = {
    DEPLOY: (
        create_new, await_new, Milestone("ready", "new is ready"), new_serves, Milestone("moved", "new serves"),
        new_serves, bake, Milestone("deployed", "new has baked"),
    ),
    ROLLBACK: (
        lambda look: point_at(look, look.release.old), Milestone("back", "old serves"),
        lambda look: remove(look, look.release.new), Milestone("restored", "new is gone"),
    ),
    FINISH: (new_serves, lambda look: remove(look, look.release.old), Milestone("finished", "old is gone")),
}  # fmt: skip


def serving_stays(answer: Answer, look: Look) -> Answer:
    """What serves is never removed."""
    if isinstance(answer, Due) and answer.action == Do("remove", look.fleet.link):
        return Blocked(f"{look.fleet.link} serves", f"`bluegreen rollback {look.release.service}`")
    return answer


def turn(look: Look, failed: Failed) -> Release | None:
    """Return the way back of a deployment that failed."""
    goes = look.release.goal == DEPLOY and look.release.old
    return look.release.toward(ROLLBACK, look.now, reason=failed.reason) if goes else None


PLAN = Plan(
    look=Look,
    seen=lambda look: look.fleet,
    missing=lambda look: first_missing(PLANS[look.release.goal], look),
    guards=(guards.several_looks, serving_stays, guards.fresh, guards.stalled),
    turn=turn,
)


@define(kw_only=True)
class FolderTarget(Target[Release, Files, Files]):
    """A folder, for one command."""

    session: Session

    def recognise(self, document: Document[Release]) -> None:
        """Raise ``Refused`` for the record of another folder."""
        if document.release is not None and document.release.folder != self.session.settings.folder:
            raise refused(self.session.name, f"is of {document.release.folder}", f"says {self.session.settings.folder}")

    def is_past_return(self, release: Release) -> bool:
        """Whether old is gone already."""
        return release.goal == FINISH and release.old not in Folder(self.session.settings).observe(release).names

    def survey(self, document: Document[Release], *, back: bool = False) -> Files:
        """Return what there is, and what stands in the file that serves."""
        world = Folder(self.session.settings)
        return world.more(files, files.link) if (files := world.observe(None)).link else files

    def serves(self, survey: Files, document: Document[Release], image: str) -> Ended | None:
        """Return that the image serves already."""
        if self._image(survey) != image:
            return None
        return Ended(Status.OK, f"{self.session.name}: {image} serves already, nothing to do")

    def begin(self, survey: Files, wish: Wish) -> Begun[Release]:
        """Return the release of a wish."""
        session, now = self.session, self.session.clock.now()
        return Begun(release=Release(
            id=session.new_id(), service=session.name, image=wish.image, old=survey.link,
            before=self._image(survey), begun_at=now, progressed_at=now, by=session.who, instead_of=wish.instead_of,
            folder=session.settings.folder,
            terms=session.settings.settled(deadline=600.0, progress_deadline=4 * BOOT),
        ))  # fmt: skip

    def course(self, book: ServiceBook[Release], release: Release, how: How, *, urgent: bool = False) -> Course:
        """Return how a release is carried on."""
        engine = self.session.engine(Folder(self.session.settings, book.assure), book, PLAN)
        return Course(release=release, engine=engine, book=book)

    def told(self, asked: str, outcome: Outcome, *, over: bool = False) -> Ended:
        """Return how a run ended."""
        release, answer = outcome.release, outcome.answer
        well = Status.ROLLED_BACK if release.goal == ROLLBACK != asked else Status.OK
        status = well if isinstance(answer, Done) else Status.BLOCKED
        return Ended(status, f"{self.session.name}: {release.goal} of {release.image}: {answer.reason}", "", release)

    def look(self, document: Document[Release]) -> Files:
        """Take a look."""
        return self.survey(document)

    def snapshot(self, document: Document[Release], look: Files) -> Snapshot:
        """Return what serves."""
        release, image = document.release, self._image(look)
        opened = release and OpenRelease(
            id=release.id, goal=release.goal, before=release.before, to=release.image, by=release.by,
            begun_at=release.begun_at, phase="deployed" if release.rests else "open",
        )  # fmt: skip
        one = Side(name=look.link, min=1, max=1, desired=1, image=image, scales=False, healthy=1, live=True)
        return Snapshot(
            service=self.session.name, at=self.session.clock.now(), state=State.IDLE, sides=(one,) * bool(look.link),
            sentence=f"{image} is live", release=opened,
        )  # fmt: skip

    def _image(self, files: Files) -> str | None:
        return files.known[files.link].rpartition(" ")[0] if files.link else None


FOLDER = Kind(record=RECORD, build=lambda session: FolderTarget(session=session))
