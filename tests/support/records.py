"""Records as the tests read them: of pairs."""

from __future__ import annotations

from bluegreen.flow.kinds import Kinds
from bluegreen.record.codec import from_bytes as read
from bluegreen.record.document import Document
from bluegreen.targets.pair.model.release import Release
from bluegreen.targets.pair.model.sound import PAIR

KINDS = Kinds((PAIR,))


def from_bytes(body: bytes, where: str) -> Document[Release]:
    """Return the document in ``body``, of a pair."""
    return read(body, where, KINDS)
