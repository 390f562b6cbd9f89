"""How a pair is looked at during one command: patiently, at home, and with what a person has set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import attrs
from attrs import define, field

from bluegreen import arguments
from bluegreen.errors import NoGroup, Unreachable
from bluegreen.flow.asking import answered
from bluegreen.flow.events import EventKind
from bluegreen.sentences.forms import of
from bluegreen.targets.pair.at_work.asking_again import AskedAgain
from bluegreen.targets.pair.at_work.cloud import Cloud, at_once
from bluegreen.targets.pair.at_work.home_ground import HomeGround
from bluegreen.targets.pair.fitness.check import set_aside
from bluegreen.targets.pair.model.fleet import HEALTHY, Fleet, Question, Survey, called
from bluegreen.targets.pair.model.look import Look
from bluegreen.targets.pair.model.release import Release
from bluegreen.targets.pair.plans.asking import standing
from bluegreen.targets.pair.plans.plan import look_at, missing
from bluegreen.targets.pair.sentences import told as sentences
from bluegreen.targets.pair.settings import ServiceSettings
from bluegreen.targets.seam.session import Session

SILENCE = 300.0
"""Seconds for which AWS may be silent, as in a run."""


@define
class Looks:
    """A pair as one command sees it; ``without`` are the ids of the balancers that a person has set aside.

    ``ground`` is the cloud itself, as the engine asks it; ``cloud`` asks again where a group is missing.
    """

    session: Session
    _given: Cloud = field(alias="cloud")
    without: tuple[str, ...] = ()
    ground: HomeGround = field(init=False)
    cloud: AskedAgain = field(init=False)
    settings: ServiceSettings = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.settings = arguments.kind("settings", self.session.settings, ServiceSettings)
        arguments.able("aws", self._given, "ask", "survey", "act")
        arguments.texts("without", self.without)
        self.ground = HomeGround(self._given, self.session.name)
        self.cloud = AskedAgain(self.ground, self.session.wait_a_second)

    @property
    def names(self) -> tuple[str, str]:
        """The names of both groups."""
        return (self.settings.blue, self.settings.green)

    def other_ground(self) -> HomeGround:
        """Return the cloud as it is asked for a record that need not be of here: it has seen nothing yet."""
        return HomeGround(self._given, self.session.name)

    # ---- the groups ----

    def patiently(self, question: Question) -> Fleet:
        """Take a look before the engine runs, which would look again by itself: a busy AWS is waited for."""
        return self.cloud.ask(question, self._ask_again)

    def groups(self) -> Fleet:
        """Take a look at both groups; every balancer has to answer."""
        return self.patiently(Question(self.names))

    def patchy(self) -> Fleet:
        """Take a look at both groups and as many of their balancers as answer."""
        return self.patiently(Question(self.names, patchy=True))

    def through_silence(self, silent: Callable[[], None] = at_once) -> Fleet:
        """Take such a look; a silent AWS is waited for, as in a run, and ``silent`` is called as soon as it is.

        One answer may lack a group that is there: that is looked at again.
        """
        question = Question(self.names, patchy=True)
        if silent is not at_once:
            try:
                return self.ground.ask(question)
            except NoGroup:
                pass
            except Unreachable:
                silent()
        until = self.session.clock.monotonic() + SILENCE
        while True:
            try:
                return self.patiently(question)
            except Unreachable as error:
                silent()
                if self.session.clock.monotonic() > until:
                    raise
                self.session.tell(EventKind.UNREACHABLE, error.message)
                self.session.pause(max(1.0, self.session.settings.look_every))

    def kept_alive(self, release: Release) -> Fleet:
        """Take a look that tells whether what is parked still runs, and what a hook holds."""
        return self.patiently(Question(self.names, patchy=True, lives=tuple(sorted(release.leaving)), hooks=True))

    def for_people(self, release: Release | None) -> Fleet:
        """Take one look that tells all that an open release waits for, whether what is parked runs included."""
        if release is None:
            return self.cloud.ask(Question(self.names))
        now = self.session.clock.now
        taken = now()
        asked = attrs.evolve(standing(release, taken), lives=tuple(sorted(release.leaving)))
        look = look_at(fleet=self.cloud.ask(asked), release=release, taken=taken, now=now())
        whole, _ = answered(look, missing, lambda one, question: self.cloud.more(one.fleet, question), now)
        return whole.fleet.as_shown

    def survey(self) -> Survey:
        """Take a deeper look; raise ``Unreachable`` when a balancer that is not set aside does not answer."""
        survey = self.cloud.survey(self.names, self.settings.alarms, self._ask_again, self.session.name)
        if silent := survey.fleet.silent - set(self.without):
            sentence = of(self.session.name, sentences.do_not_answer(sorted(map(called, silent))))
            raise Unreachable(sentence, "try again in a minute; nothing was changed")
        return survey

    def _ask_again(self, seconds: float) -> None:
        """Wait before AWS is asked once more for what it did not answer."""
        self.session.tell(EventKind.WAITING, sentences.asking_again())
        self.session.pause(seconds)

    # ---- a release ----

    def at(self, fleet: Fleet, release: Release) -> Look:
        """Return a fleet as it is for a release."""
        now = self.session.clock.now()
        return look_at(fleet=fleet, release=release, taken=now, now=now)

    def seen(self, release: Release, *, launches: bool = False) -> Look:
        """Take one look; raise ``Unreachable`` where AWS does not answer: nothing is retired on what is not known.

        With ``launches`` it has those of new in twice the progress deadline.
        """
        asked = Question(self.names, patchy=True)
        if launches:
            since = max(0.0, self.session.clock.now() - 2 * release.terms.progress_deadline)
            asked = attrs.evolve(asked, activities=((release.new, since),))
        return self.at(self.patiently(asked).without(self.without), release)

    # ---- what a person says ----

    def set_aside(self, names: Iterable[str]) -> Mapping[str, int]:
        """Do without the balancers called ``names``; return how many instances are healthy in each, by its name.

        Raise ``Refused`` for a name that is none of the pair's.
        """
        fleet = self.patchy()
        self.without = set_aside(fleet.groups.values(), names)
        return {called(one): list(fleet.health.get(one, {}).values()).count(HEALTHY) for one in self.without}
