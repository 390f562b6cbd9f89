"""A pair with no release open: what serves, whether a new release can begin, and what is in its way."""

from __future__ import annotations

from attrs import frozen

from bluegreen.errors import Refused, Status
from bluegreen.flow.events import EventKind
from bluegreen.flow.limits import PaceLimits
from bluegreen.sentences.forms import of
from bluegreen.sentences.verbs import live_already
from bluegreen.targets.pair.at_work.adopting import Adopting
from bluegreen.targets.pair.at_work.looks import Looks
from bluegreen.targets.pair.at_work.proving import Proof
from bluegreen.targets.pair.at_work.stale import settled_survey
from bluegreen.targets.pair.fitness.begin import Request, begin, examine, launching_the_newest
from bluegreen.targets.pair.fitness.check import live_group
from bluegreen.targets.pair.fitness.deadlines import physical
from bluegreen.targets.pair.model.demand import coming
from bluegreen.targets.pair.model.fleet import Fleet, Survey
from bluegreen.targets.pair.model.release import Release
from bluegreen.targets.pair.records import Document
from bluegreen.targets.pair.release_tags.told import shown
from bluegreen.targets.pair.sentences.told import not_over
from bluegreen.targets.pair.sentences.waits import nothing_serves
from bluegreen.targets.pair.telling.strangers import refuse_stranger, strangers
from bluegreen.targets.pair.telling.ways_back import two_before
from bluegreen.targets.seam.ended import Ended
from bluegreen.targets.seam.finding import WARNED, Finding
from bluegreen.targets.seam.target import Begun, Checked
from bluegreen.targets.seam.wish import Wish


@frozen
class Beginning:
    """Says whether a release can begin, and begins it."""

    looks: Looks
    proof: Proof
    adopting: Adopting

    def survey(self, document: Document, *, back: bool = False) -> Survey:
        """Return a deeper look from which no earlier release's end is missing; raise ``Refused`` for a stranger's."""
        survey = settled_survey(self.looks, document)
        self._refuse_stranger(document, survey.fleet)
        if back:
            self._refuse_untold(document, survey.fleet)
        return survey

    def begin(self, survey: Survey, wish: Wish) -> Begun[Release]:
        """Return the release of a wish; raise ``Refused`` with every reason against it, or ``Denied``."""
        request = self._request(wish, self.looks.session.new_id())
        return Begun(release=begin(survey, request), findings=examine(survey, request))

    def _request(self, wish: Wish, release: str = "") -> Request:
        """Return what is asked for, as the release with this id, with everything that is configured for it."""
        session, settings = self.looks.session, self.looks.settings
        return Request(
            id=release,
            service=session.name,
            wish=wish,
            blue=settings.blue,
            green=settings.green,
            now=session.clock.now(),
            by=session.who,
            terms=settings,
            without=self.looks.without,
        )

    def outage(self) -> str:
        """Return for how long nothing would serve in a deployment that begins now; nothing where something does.

        A pace says itself that nothing need serve; strategies and shares are asked about.
        """
        limits = self.looks.settings.limits
        if isinstance(limits, PaceLimits) or limits.least(1):
            return ""
        survey = self.looks.survey()
        live = live_group(survey.fleet, self.looks.names)
        if live is None or limits.least(live.desired):
            return ""
        return nothing_serves(live.name, live.desired, physical(survey))

    def serves(self, survey: Survey, document: Document, image: str) -> Ended | None:
        """Return, as seen, that ``image`` is what serves already, as the record and its tag say; else ``None``."""
        fleet, names, session = survey.fleet, self.looks.names, self.looks.session
        live, served = live_group(fleet, names), document.finished
        if live is None or not served or image != live.tag(self.looks.settings.image_tag_key):
            return None
        if served[-1].image != image:
            return None
        done = Ended(Status.OK, of(session.name, live_already(image)))
        other = next(name for name in names if name != live.name)
        return self.proof.serving((live.name, other), image, done, document.history[-1].ended_at)

    def nothing(self, document: Document, done: Ended | None) -> Ended | None:
        """Return ``done`` where nothing is parked, else what is; raise ``Refused`` for another record's release.

        Without ``done`` return what is in the way of a new release.
        """
        self.of_ours(document)
        return self.over_with_parked() if done is None else self.proof.nothing(document, done)

    def of_ours(self, document: Document) -> Fleet:
        """Return the pair as it is; raise ``Refused`` when its tags tell of a release that no record here knows."""
        fleet = self.looks.groups()
        self._refuse_stranger(document, fleet)
        return fleet

    def over_with_parked(self) -> Ended | None:
        """Return that what the tags tell of is over, says the record, and is not, as is seen; else ``None``."""
        name = self.looks.session.name
        if (fleet := self.adopting.seen_under_way()) is None or (told := shown(fleet, name)) is None:
            return None
        parked = [one for one, group in fleet.groups.items() if coming(group)]
        return Ended(
            Status.BLOCKED,
            of(name, not_over(told.image, told.id, parked)),
            f"`bluegreen adopt {name}` takes that release into the record again; {self.proof.unparked()}",
        )

    def check(self, document: Document) -> Checked:
        """Return everything that is refused or warned of before a deployment."""
        survey, key = self.looks.survey(), self.looks.settings.image_tag_key
        refuse_stranger(document, survey.fleet)
        live = live_group(survey.fleet, self.looks.names)
        found = examine(survey, self._request(Wish(image="check", capacity=None if live else 1)))
        strange = (Finding(WARNED, one) for one in strangers(survey.fleet, self.looks.session.name))
        newest = () if live is None else launching_the_newest(live)
        return Checked((*found, *strange, *newest), live.tag(key) if live else None)

    def _refuse_stranger(self, document: Document, fleet: Fleet) -> None:
        """Raise ``Refused`` for another record's release; warn of tags that no release of this service can have."""
        for warning in strangers(fleet, self.looks.session.name):
            self.looks.session.tell(EventKind.WARNED, warning)
        refuse_stranger(document, fleet)

    def _refuse_untold(self, document: Document, fleet: Fleet) -> None:
        """Raise ``Refused`` where AWS says that the idle group ran something else than the record has before.

        What a rollback deploys with nothing parked is the record's word; the idle group's tag is where it was read.
        """
        live, key = live_group(fleet, self.looks.names), self.looks.settings.image_tag_key
        two = two_before(document, fleet, None if live is None else live.name, key)
        if two is not None:
            raise Refused(f"{self.looks.session.name}: {two.sentence}", f"nothing was changed; {two.ways}")
