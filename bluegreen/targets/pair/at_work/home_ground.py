"""Whose record it is: of this service, of its two configured groups, and of the account and region that they are in.

A typo in the configuration, another project's record and a forged one cannot be told apart: all are refused, by every
verb, before AWS is asked about any group that is not configured.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import define

from bluegreen.errors import Refused
from bluegreen.record.document import CLOSED
from bluegreen.sentences.forms import of
from bluegreen.sentences.verbs import of_another_account
from bluegreen.targets.pair.at_work.cloud import Beyond, Cloud
from bluegreen.targets.pair.model.fleet import Fleet, Question, Survey
from bluegreen.targets.pair.model.release import Past
from bluegreen.targets.pair.model.sound import place_of
from bluegreen.targets.pair.records import Document
from bluegreen.targets.pair.settings import ServiceSettings
from bluegreen.targets.seam.foreign import refused
from bluegreen.targets.seam.target import Place

NOWHERE: Place = ("", "")


def refuse_foreign(document: Document, settings: ServiceSettings) -> None:
    """Raise ``Refused``, with both facts, when a record of this service is not of its two groups."""
    wanted, told = {settings.blue, settings.green}, _groups(document)
    if told is not None and not told[0](wanted):
        mine = f"{settings.blue} and {settings.green}"
        raise _refused(settings, f"is of the groups {told[1]}", f"says {mine}", _gone(document))
    if (release := document.release) is not None and release.terms.image_tag_key != settings.image_tag_key:
        raise _refused(
            settings, f"has its image in the tag {release.terms.image_tag_key}", f"says {settings.image_tag_key}"
        )
    if settings.region and document.region and settings.region != document.region:
        raise _refused(settings, f"is of the region {document.region}", f"says {settings.region}", _gone(document))


def _groups(document: Document) -> tuple[Callable[[set[str]], bool], str] | None:
    """Return how the configured groups have to agree with those on record, and those.

    Both under an open release; between two, one of them may have got another name. A release that was closed on record
    alone did not fit any more, so that it says nothing of them.
    """
    if (release := document.release) is not None:
        sides = {release.old, release.new}
        return (lambda wanted: wanted == sides), f"{release.old} and {release.new} ({release.id})"
    if not document.history or document.history[-1].outcome == CLOSED:
        return None
    past = document.history[-1]
    if not isinstance(past, Past):
        return None
    return (lambda wanted: bool(wanted & {past.old, past.new})), f"{past.old} and {past.new} ({past.id})"


def _gone(document: Document) -> str:
    """Return what helps where what a record is of is there no more."""
    if document.release is None:
        return ""
    return f"where it is gone for good, `bluegreen close {document.service} --reason TEXT` ends it on record alone; "


def _refused(settings: ServiceSettings, record: str, configured: str, gone: str = "") -> Refused:
    return refused(settings.name, record, configured, flags="--blue, --green, --region, --image-tag-key", gone=gone)


@define
class HomeGround(Beyond):
    """A cloud where the groups of ``service`` are believed only in the account and region that its record ``known``.

    ``seen`` is where they were seen.
    """

    cloud: Cloud
    service: str
    known: Place = NOWHERE
    seen: Place = NOWHERE

    def ask(self, question: Question, pause: Callable[[float], None] | None = None) -> Fleet:
        """Take one look; raise ``Refused`` when it shows another account or region."""
        fleet = self.cloud.ask(question, pause)
        self._compare(fleet)
        return fleet

    def survey(
        self,
        groups: tuple[str, str],
        alarms: tuple[str, ...] = (),
        pause: Callable[[float], None] | None = None,
        service: str = "",
    ) -> Survey:
        """Take a deeper look; raise ``Refused`` when it shows another account or region."""
        survey = self.cloud.survey(groups, alarms, pause, service or self.service)
        self._compare(survey.fleet)
        return survey

    def _compare(self, fleet: Fleet) -> None:
        seen = place_of(fleet.groups.values())
        if seen != NOWHERE and self.known not in (NOWHERE, seen):
            raise Refused(
                of(self.service, of_another_account(self.known, seen)),
                "look at AWS_PROFILE, AWS_REGION and `region`, or give this service another name or another `state`, "
                f"then `bluegreen status {self.service}`",
            )
        self.seen = seen if seen != NOWHERE else self.seen
