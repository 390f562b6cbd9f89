"""What a verb refuses by the record alone, each with the next thing to do."""

from __future__ import annotations

from collections.abc import Iterable

from bluegreen.errors import Refused, Usage
from bluegreen.flow.release import ROLLBACK, Release
from bluegreen.flow.requests import may_go_back
from bluegreen.image import typed
from bluegreen.record.book import ServiceBook
from bluegreen.record.document import Document
from bluegreen.record.history import chosen, entries
from bluegreen.sentences import verbs as sentences
from bluegreen.sentences.elsewhere import is_deployed, nothing_under_way
from bluegreen.sentences.forms import few, of
from bluegreen.targets.seam.standing import cold, finishable


def refuse_overtaken(book: ServiceBook[Release], image: str | None = None) -> None:
    """Raise ``Refused`` when another image was begun while this waited its turn: the older must not land last."""
    other, name = book.overtaken_by(), book.service
    if other is not None and other.image != image:
        raise Refused(
            of(name, sentences.overtaken(other.image, other.by)),
            f"nothing was changed; `bluegreen status {name}` shows how it stands, ask again if it is to be",
        )


def not_under_way(service: str) -> Refused:
    """Return the refusal of what can be done with an open release alone."""
    return Refused(of(service, nothing_under_way()), f"`bluegreen status {service}` shows what serves")


def refuse_deployed(release: Release, verb: str) -> None:
    """Raise ``Refused`` where a deployment is over, for a ``verb`` that is for one that is not."""
    if not finishable(release):
        return
    name = release.service
    raise Refused(
        of(name, f"{is_deployed(release.image)}, there is nothing to {verb}"),
        f"`bluegreen rollback {name}` goes back to {release.previous_image or 'what ran before'}",
    )


def too_late_to_pause(release: Release) -> Refused:
    """Return the refusal of a pause where nothing but new serves, or old is on its way back."""
    name = release.service
    if release.goal == ROLLBACK:
        return Refused(of(name, sentences.goes_back_already(release.image)), _status(name))
    hint = f"`bluegreen abort {name}` takes it back" if may_go_back(release) else _status(name)
    return Refused(of(name, sentences.serves_alone_already(release.image)), hint)


def _status(name: str) -> str:
    return f"`bluegreen status {name}` shows how it stands"


def refuse_unfinishable(release: Release) -> None:
    """Raise ``Refused`` where a release keeps nothing that can be retired yet."""
    if not finishable(release):
        raise Refused(
            of(release.service, sentences.nothing_to_retire_yet(release.goal, release.image)),
            f"`bluegreen resume {release.service}` first",
        )


def refuse_open(document: Document[Release]) -> None:
    """Raise ``Refused`` where a record has a release open: no other one is taken in."""
    if (release := document.release) is not None:
        sentence = of(document.service, sentences.is_open(release.goal, release.image))
        raise Refused(sentence, f"`bluegreen status {document.service}` shows how it stands")


def not_before_it_is_over(release: Release, image: str, ways_on: str, *, again: bool = False) -> Refused:
    """Return the refusal of another image while a release is open; ``ways_on`` is what can be done with that one."""
    name = release.service
    if release.rests:
        both = f"`bluegreen deploy {name} {image} --finish-first`"
        if again:
            both = f"`bluegreen deploy {name} {image} --finish-first --again`"
        parked = of(name, sentences.still_parked(release.image, release.kept))
        return Refused(parked, f"`bluegreen finish {name}` first, or {both}")
    return Refused(of(name, sentences.not_over(release.goal, release.image, release.by)), ways_on)


def served(document: Document[Release], word: str) -> str:
    """Return the image that ``word`` names, or that the release so called has brought up.

    Raise ``Refused`` for one that has not served, by this record, with those that have.
    """
    past = chosen([one for one in entries(document) if one.outcome != "open"], word)
    known = document.served if document.release is None else (document.release.previous_image, *document.served)
    image = word if word in known or past is None else past.image
    if image in known:
        return image
    name, those = document.service, [one for one in known if one]
    raise Refused(
        of(name, sentences.has_not_served(word, those)),
        f"`bluegreen history {name}` lists the releases; `bluegreen deploy {name} {typed(image)}` brings up any",
    )


def refuse_another(release: Release | None, image: str) -> None:
    """Raise ``Refused`` where an open release goes back to something else than ``image``: that is the quick way."""
    if release is None or image == release.previous_image or (cold(release) and image == release.image):
        return
    name, kept = release.service, release.previous_image
    raise Refused(
        of(name, sentences.goes_back_elsewhere(release.goal, release.image, kept, image)),
        f"`bluegreen rollback {name}` goes back to {kept or 'nothing'}; `bluegreen finish {name}` ends the release, "
        f"then `bluegreen rollback --to {typed(image)} {name}` deploys {image}",
    )


def nothing_before(service: str) -> Refused:
    """Return the refusal of a rollback that has nothing to go back to."""
    return Refused(
        of(service, sentences.no_earlier_version()),
        f"`bluegreen deploy {service} IMAGE` with the image you want",
    )


def not_an_instance(service: str, word: str, known: Iterable[str]) -> Usage:
    """Return the refusal of an instance that nothing is known of; ``known`` are those that there are."""
    there = few(sorted(known)) or "none"
    hint = f"the instances there are: {there}; `bluegreen why {service}` is about all that are not healthy"
    return Usage(of(service, sentences.no_such_instance(word)), hint)
