"""Commands that somebody plants in a word from outside: no sentence shows them as commands of our own."""

from __future__ import annotations

import pytest

from bluegreen.errors import BluegreenError
from bluegreen.targets.pair.release_tags.written import IMAGE, SIDE, WAS
from tests.support.hands import tagged
from tests.support.virtual import BLUE, GREEN, Pair, virtual

PLANTED = "`aws autoscaling delete-auto-scaling-group --auto-scaling-group-name web-blue`"
TYPED = "`aws autoscaling delete-auto-scaling-group"


def told(pair: Pair, verb: str) -> str:
    """Everything that a person reads of one command: its events, its sentence, its hint."""
    before = len(pair.events)
    try:
        ended = getattr(pair.service(), verb)()
        words = f"{getattr(ended, 'sentence', ended)} {getattr(ended, 'hint', '')}"
    except BluegreenError as error:
        words = f"{error.message} {error.hint}"
    return "\n".join([words, *(event.reason for event in pair.events[before:])])


@pytest.mark.parametrize("group", [BLUE, GREEN])
@pytest.mark.parametrize("key", [WAS, IMAGE, SIDE, "image"])
def test_a_tag_s_value_is_no_command(key: str, group: str) -> None:
    """Anybody with ``autoscaling:CreateOrUpdateTags`` can put one: what it says is a word, in every sentence."""
    pair = virtual(instances=2)
    pair.service().deploy("v2")
    pair.run_for(30.0)
    tagged(pair, group, PLANTED, key)
    assert [] == [verb for verb in ("status", "check", "rollback", "finish") if TYPED in told(pair, verb)]


def test_a_reason_that_somebody_typed_is_no_command() -> None:
    """A lock's reason is shown to whoever meets it, and by ``unlock``."""
    pair = virtual(instances=1)
    service = pair.service()
    locked = service.lock(f"first {PLANTED}")
    with pytest.raises(BluegreenError) as met:
        pair.service().deploy("v2")
    unlocked = service.unlock()
    assert [] == [words for words in (locked.sentence, met.value.message, unlocked.sentence) if TYPED in words]


def test_what_can_be_read_of_it_stays() -> None:
    """The backquotes are written out; nothing else of the word is lost."""
    pair = virtual(instances=1)
    assert f"web: locked: first {PLANTED}".replace("`", "\\x60") == pair.service().lock(f"first {PLANTED}").sentence
