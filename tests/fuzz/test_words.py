"""Whatever a person is called and types as a reason, the record that was written can be read by the next verb."""

from __future__ import annotations

import functools
import unicodedata

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bluegreen.errors import Refused, Status
from bluegreen.record.book import ServiceBook
from bluegreen.record.codec import to_bytes
from bluegreen.record.document import Document
from bluegreen.record.memory import MemoryStore
from bluegreen.record.store import Version
from bluegreen.targets.pair.model.release import Bounds, Hold, Release
from bluegreen.targets.pair.model.sound import PAIR
from bluegreen.words import clean, is_plain
from tests.fuzz.inputs import TRIED
from tests.support.hands import edit
from tests.support.records import from_bytes
from tests.support.virtual import BLUE, GREEN, Pair, virtual

ANY = st.text(st.characters(exclude_categories=()), max_size=60)
"""Half surrogates and what no Unicode has assigned among them."""
ODD = ("\u0378", "\ud800", "a\x1b[31m\r\n", "\u202e", "\U000e0001", "\ufffe", "x" * 1000, "\x00" * 1000, "")
TRY = settings(deadline=None, max_examples=max(20, TRIED // 10), suppress_health_check=list(HealthCheck))


class Reread(MemoryStore):
    """A store that keeps bytes, as a file and S3 do."""

    def write(self, service: str, document: Document, expected: Version) -> Version:
        """Keep what can be read again."""
        return super().write(service, from_bytes(to_bytes(document), "web.json"), expected)


@functools.cache
def idle() -> Pair:
    """Return a pair at rest."""
    return virtual(instances=1)


@functools.cache
def deployed() -> Release:
    """Return the release of a pair that has just been deployed to."""
    pair = virtual(instances=1)
    pair.service().deploy("v2")
    assert pair.release is not None
    return pair.release


@TRY
@given(ANY | st.sampled_from(ODD), ANY | st.sampled_from(ODD))
def test_a_lock_can_be_read_again(who: str, why: str) -> None:
    """Its owner's name and reason are made fit; `status` shows them and `unlock` takes it off."""
    pair = idle()
    pair.store = Reread()
    service = pair.service()
    service.session.who = who
    assert Status.OK == service.lock(why).status
    freeze = service._document().freeze
    assert freeze is not None
    assert is_plain(freeze.who + freeze.why)
    assert Status.OK == service.unlock().status


@TRY
@given(ANY | st.sampled_from(ODD), ANY | st.sampled_from(ODD))
def test_a_release_can_be_read_again(who: str, why: str) -> None:
    """Who began it, why it turned and who holds it."""
    pair = idle()
    book = ServiceBook(kind=PAIR, store=Reread(), service="web", clock=pair.clock, who=who)
    with book.acquire(why):
        book.save(attrs.evolve(deployed(), by=who, reason=why, hold=Hold(who, why, 1.0, why)))
        book.close(book.document.release or deployed(), "finished")


@given(st.characters(exclude_categories=()))
def test_what_is_cleaned_is_plain(character: str) -> None:
    """Both words mean the same; what this Unicode does not know is written out, and read where another one knew it."""
    assert is_plain(clean(character))
    assert is_plain(character) or clean(character) != character
    assert unicodedata.category(character) != "Cn" or (is_plain(character) and clean(character).isascii())


@pytest.mark.parametrize("size", [100_001, 2**31 - 1])
def test_a_size_that_aws_takes_is_kept(size: int) -> None:
    """Somebody sets a maximum beyond reason in a release: that is their wish, and no verb refuses the record."""
    pair = virtual(instances=1)
    pair.store = Reread()
    pair.service().deploy("v2")
    edit(pair, GREEN, MaxSize=size)
    assert Status.OK == pair.service().rollback().status
    assert size == pair.sim.groups[BLUE].maximum


def test_what_cannot_be_made_fit_is_not_written() -> None:
    """The record stays as it is, and says what it said."""
    pair = idle()
    pair.store = Reread()
    book = ServiceBook(kind=PAIR, store=pair.store, service="web", clock=pair.clock, who="test@here")
    with book.acquire("a test"):
        book.save(deployed())
        with pytest.raises(Refused, match="this cannot be kept on record: bounds is no pair of sizes"):
            book.save(attrs.evolve(deployed(), bounds=Bounds(3, 2)))
    assert deployed() == pair.release
