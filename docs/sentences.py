"""Write every sentence with its example into the page that shows them: `python -m docs.sentences`."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from bluegreen.sentences.examples import Example, examples

PAGE = Path(__file__).parent / "sentences.md"

HEADINGS = {
    "bluegreen.sentences.flow": "Of any target",
    "bluegreen.sentences.ends": "How it ends",
    "bluegreen.sentences.verbs": "What a command answers by the record",
    "bluegreen.sentences.status": "How a service is",
    "bluegreen.sentences.why": "Why it was taken back, afterwards",
    "bluegreen.targets.pair.sentences.acts": "What is done to a pair",
    "bluegreen.targets.pair.sentences.whys": "Why it is done",
    "bluegreen.targets.pair.sentences.waits": "What a pair waits for",
    "bluegreen.targets.pair.sentences.unfit": "What speaks against a deployment to a pair",
    "bluegreen.targets.pair.sentences.told": "What the groups' tags and the record tell of a pair",
    "bluegreen.targets.pair.sentences.answers": "What AWS says against it",
    "bluegreen.targets.pair.sentences.edits": "What somebody else has changed of a pair",
    "bluegreen.targets.pair.sentences.stuck": "What keeps a pair from going on",
    "bluegreen.targets.pair.sentences.causes": "Why instances are not healthy",
    "bluegreen.targets.pair.sentences.ends": "What is left of a pair",
    "bluegreen.targets.pair.sentences.guarded": "What a guard holds back",
    "bluegreen.targets.pair.sentences.claimed": "What only the record says",
}
"""The rooms of sentences, in the order of the page."""

HEAD = """# Sentences

What a run says, on the screen, in lines, in `--output json` and in the history: what is done comes first, why in
brackets behind it. Names, ids and figures are examples. This page is made of the functions that say them
(`python -m docs.sentences`), and a test holds it to them.
"""


def rooms() -> Iterator[tuple[str, tuple[Example, ...]]]:
    """Yield each room of sentences with its examples."""
    for room in HEADINGS:
        importlib.import_module(room)
        yield room, tuple(examples(room))


def page() -> str:
    """Return the page."""
    return HEAD + "".join(part for room, found in rooms() for part in _section(HEADINGS[room], found))


def _section(heading: str, found: Iterable[Example]) -> Iterator[str]:
    yield f"\n## {heading}\n\n| sentence | said by |\n|---|---|\n"
    yield from (f"| {one.text.replace('|', chr(92) + '|')} | `{one.name}` |\n" for one in found)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
