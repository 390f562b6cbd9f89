"""A pair as a target: what service asks of it, answered by the rooms behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs
from attrs import define, field

from bluegreen import arguments
from bluegreen.flow.snapshot import Snapshot
from bluegreen.targets.pair.at_work.adopting import AdoptablePair, Adopting
from bluegreen.targets.pair.at_work.beginning import Beginning
from bluegreen.targets.pair.at_work.believing import Belief
from bluegreen.targets.pair.at_work.carrying import Carrying
from bluegreen.targets.pair.at_work.closing import Closing
from bluegreen.targets.pair.at_work.cloud import Cloud
from bluegreen.targets.pair.at_work.explaining import console, explained
from bluegreen.targets.pair.at_work.home_ground import refuse_foreign
from bluegreen.targets.pair.at_work.looks import Looks
from bluegreen.targets.pair.at_work.proving import Proof
from bluegreen.targets.pair.at_work.stale import left_by
from bluegreen.targets.pair.at_work.unasked import Unasked
from bluegreen.targets.pair.at_work.way_back import WayBack
from bluegreen.targets.pair.fitness.begin import without_parked, without_room
from bluegreen.targets.pair.fitness.diff import Comparison, compare
from bluegreen.targets.pair.model.asleep import wants_none
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.fleet import Fleet, Survey
from bluegreen.targets.pair.model.release import FINISH, Release
from bluegreen.targets.pair.model.sound import PAIR
from bluegreen.targets.pair.plans.answers import Outcome, Plan
from bluegreen.targets.pair.plans.plan import build_plan
from bluegreen.targets.pair.plans.readiness import awaited_of_new
from bluegreen.targets.pair.records import Document, ServiceBook
from bluegreen.targets.pair.telling.ending import ended, ways_on
from bluegreen.targets.pair.telling.leftovers import not_configured, remains
from bluegreen.targets.pair.telling.snapshot import describe
from bluegreen.targets.pair.telling.status import told_otherwise
from bluegreen.targets.seam.answered import Parked
from bluegreen.targets.seam.ended import Ended
from bluegreen.targets.seam.finding import WARNED, Finding
from bluegreen.targets.seam.session import Session
from bluegreen.targets.seam.target import Begun, Checked, Course, How, Kind, Place, Target
from bluegreen.targets.seam.why import Console, Why
from bluegreen.targets.seam.wish import Wish


@define(kw_only=True)
class Pair(Target[Release, Fleet, Survey]):
    """Two Auto Scaling groups behind one load balancer, during one command; ``without`` as in :class:`Looks`."""

    session: Session
    aws: Cloud
    plan: Plan = field(factory=build_plan)
    without: tuple[str, ...] = ()
    _looks: Looks = field(init=False)
    _belief: Belief = field(init=False)
    _proof: Proof = field(init=False)
    _way_back: WayBack = field(init=False)
    _adopting: Adopting = field(init=False)
    _beginning: Beginning = field(init=False)
    _carrying: Carrying = field(init=False)
    _unasked: Unasked = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Raise ``Usage`` for a part that cannot do its work."""
        arguments.kind("session", self.session, Session)
        self._looks = looks = Looks(self.session, self.aws, self.without)
        self._belief, self._proof = Belief(looks), Proof(looks)
        self._way_back, self._adopting = WayBack(looks), Adopting(looks)
        self._beginning = Beginning(looks, self._proof, self._adopting)
        self._carrying = Carrying(looks, self._belief, self._way_back, self.plan)
        self._unasked = Unasked(looks, self._belief, self._proof, self._beginning)

    # ---- whose it is, and whether its record is believed ----

    @property
    def place(self) -> Place:
        """The account and the region in which its groups were seen by now."""
        return self._looks.ground.seen

    def recognise(self, document: Document) -> None:
        """Raise ``Refused`` unless a record is of these two groups; looks are held against it from now on."""
        refuse_foreign(document, self._looks.settings)
        self._looks.ground.known = (document.account, document.region)

    def believed(self, book: ServiceBook, *, back: bool = False, urgent: bool = False) -> Release | Ended | None:
        """Return the open release, or ``None``; how it ended where the record does not fit its seal."""
        return self._belief.believed(book, back=back, urgent=urgent)

    def is_unbegun(self, release: Release) -> bool:
        """Whether no tag tells of a release that has changed nothing."""
        return self._belief.is_unbegun(release)

    def is_past_return(self, release: Release) -> bool:
        """Whether nothing but its end is missing of a finish: none of old is left, and no tag tells of it any more."""
        return self._belief.is_over

    # ---- with no release open ----

    def survey(self, document: Document, *, back: bool = False) -> Survey:
        """Return a deeper look from which no earlier release's end is missing."""
        return self._beginning.survey(document, back=back)

    def survey_without(self, resting: Release) -> Survey:
        """Return a deeper look as it would be with the parked instances gone."""
        return without_parked(self._looks.survey(), resting.old)

    def serves(self, survey: Survey, document: Document, image: str) -> Ended | None:
        """Return, as seen, that ``image`` is what serves already; ``None`` where it is not."""
        return self._beginning.serves(survey, document, image)

    def outage(self) -> str:
        """Return for how long nothing would serve in a deployment that begins now."""
        return self._beginning.outage()

    def begin(self, survey: Survey, wish: Wish) -> Begun[Release]:
        """Return the release of a wish; raise ``Refused`` with every reason against it."""
        return self._beginning.begin(survey, wish)

    def nothing(self, document: Document, done: Ended | None) -> Ended | None:
        """Return ``done`` where nothing is parked, else what is."""
        return self._beginning.nothing(document, done)

    # ---- with a release open ----

    def course(self, book: ServiceBook, release: Release, how: How, *, urgent: bool = False) -> Course[Release, Fleet]:
        """Return how a release is carried on; raise ``Refused`` where a person has to say something again first."""
        return self._carrying.course(book, release, how, urgent=urgent)

    def stages(self, release: Release) -> tuple[str, ...]:
        """Return the names of the plan's stages."""
        return self.plan.stages(release)

    def then(self, book: ServiceBook, outcome: Outcome) -> Course[Release, Fleet] | None:
        """Return how a first release is finished, which leaves nothing parked."""
        return self._carrying.then(book, outcome)

    def back(self, release: Release, *, urgent: bool = False) -> Release:
        """Return the release as it goes back to what is parked; raise ``Refused`` where nothing ever was."""
        return attrs.evolve(super().back(self._way_back.with_what_is_parked(release)), urgent=urgent)

    def finishing(self, release: Release, *, keep: bool | None = None, unserved: bool = False) -> Release:
        """Return the release as it retires what is parked; with ``keep`` that is detached and runs on."""
        return release.toward(
            FINISH,
            self.session.clock.now(),
            keep=release.keep if keep is None else keep,
            unserved=unserved or release.unserved,
        )

    def told(self, asked: str, outcome: Outcome, *, over: bool = False) -> Ended:
        """Return how a run ended for the one who asked for a goal; what was ``over`` before is said as it is seen."""
        end = ended(self.session.name, asked, outcome)
        return self._proof.closed(outcome.release, end) if over and not outcome.release.open else end

    def ways_on(self, release: Release, carries: str = "carries on") -> str:
        """Return what can be done with a release that is not over."""
        return ways_on(self.session.name, release, carries)

    def left(self, outcome: Outcome) -> Mapping[str, str]:
        """Return how the pair was left, by group."""
        return {} if outcome.fleet is None else left_by(outcome.fleet)

    # ---- what is kept for a rollback ----

    def rests(self, release: Release, done: Ended) -> Ended:
        """Return ``done`` where a release that rests serves alone, else what is wrong."""
        return self._proof.resting(release, done)

    def kept(self, release: Release) -> Parked:
        """Return what an open release keeps parked: what a person is asked about before it goes."""
        if not release.rests and release.goal != FINISH:
            return Parked(release.id, release.image)
        fleet = self._looks.patchy()
        unserved = wants_none(self._looks.at(fleet, release)) and not release.unserved
        asked = release.rests or unserved
        return Parked(release.id, release.image, coming(fleet.groups[release.old]) if asked else 0, unserved)

    def needs_yet(self, release: Release, *, unserved: bool = False) -> Ended | None:
        """Return why what a resting release keeps parked may not go yet; ``None`` once a look says that it can."""
        return None if unserved or release.unserved else self._proof.needed_yet(release)

    # ---- cron ----

    def is_due(self, document: Document) -> bool:
        """Whether a clean-up has anything to do, found out without the lease."""
        return self._unasked.is_due(document)

    def unasked(self, book: ServiceBook, release: Release) -> Release | Ended | None:
        """Return an open release as cron carries it on; why it does not; ``None`` where nothing is due."""
        return self._unasked.unasked(book, release)

    def tidy(self, book: ServiceBook) -> Ended | None:
        """Remove what past releases have left; ``None`` where there was nothing."""
        return self._unasked.tidy(book)

    def rotten(self, document: Document) -> Ended | None:
        """Say what has become of what is kept for a rollback, once several looks agree; ``None`` while all is well."""
        return self._way_back.rotten(document)

    # ---- what can be seen ----

    def look(self, document: Document) -> Fleet:
        """Take the look that a snapshot is made from."""
        return self._looks.for_people(document.release)

    def snapshot(self, document: Document, look: Fleet) -> Snapshot:
        """Return what serves, what is parked, what is missing and how fast a rollback would be."""
        key = self._looks.settings.image_tag_key
        return describe(document, look, self._looks.names, key, self.session.clock.now())

    def why(self, document: Document, instance: str = "", since: Mapping[str, float] | None = None) -> Why:
        """Return why instances are not healthy, or one ``instance``, from a look of its own."""
        return explained(self._looks, document.release, instance, since or {})

    def console(self, instance: str) -> Console:
        """Return the end of an instance's serial console, as far as EC2 tells it."""
        return console(self._looks, instance)

    def check(self, document: Document) -> Checked:
        """Return everything that is refused or warned of now."""
        return self._beginning.check(document) if document.release is None else self._open(document.release)

    def _open(self, release: Release) -> Checked:
        fleet = self._looks.kept_alive(release)
        awaited = awaited_of_new(self._looks.at(fleet, release))
        lacks = (*self._way_back.beside(release), *awaited, *self._way_back.ready(release, fleet).troubles)
        lacks = (*lacks, *told_otherwise(release, fleet))
        told = (Finding(WARNED, lack.sentence, lack.hint) for lack in lacks)
        return Checked((*told, *without_room(fleet.machines.values())))

    def compare(self, document: Document) -> Comparison:
        """Return both groups side by side; raise ``Refused`` for what this tool cannot serve."""
        release, key = document.release, self._looks.settings.image_tag_key
        opened = "" if release is None else f"the {release.goal} of {release.image}"
        return compare(self._looks.survey(), self._looks.names, key, opened)

    # ---- by hand ----

    def set_aside(self, names: Iterable[str]) -> Mapping[str, int]:
        """Do without the balancers called ``names``; return how many instances are healthy in each, by its name."""
        return self._looks.set_aside(names)

    def adoptable(self, document: Document) -> AdoptablePair:
        """Return the release that the groups' tags tell of; raise ``Refused`` where it has ended, or there is none."""
        return self._adopting.found(document)

    def adopt(self, book: ServiceBook, found: AdoptablePair) -> tuple[str, ...]:  # type: ignore[override]
        """Write the tags of the release; return what a person is to know of it."""
        return self._adopting.adopt(book, found)

    def closed(self, book: ServiceBook, release: Release) -> tuple[str, ...]:
        """Let no record from before fit the groups' tags any more; return what a person is to know of that."""
        return Closing(self._looks).seal(book, release)

    def remains(self, release: Release) -> tuple[str, ...]:
        """Return what a release that was closed on record alone may have left, with the command for each."""
        look = f"look at {release.old} and {release.new} before any of these, in their order:"
        known = {release.old, release.new} == set(self._looks.names)
        whose = () if known else (not_configured(release, self._looks.names),)
        return (f"nothing else in AWS was changed; {look}", *whose, *remains(release))


def kind_of(aws: Cloud, plan: Plan | None = None) -> Kind:
    """Return the kind of target that a pair is, over ``aws``; a test may hand in a plan of its own."""
    return Kind(record=PAIR, build=lambda session: Pair(session=session, aws=aws, plan=plan or build_plan()))
