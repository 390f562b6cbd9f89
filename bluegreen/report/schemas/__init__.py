"""What ``--output json`` writes, as JSON Schema 2020-12: ``bluegreen.NAME/N`` is the file ``NAME-N.json``.

A released file is never changed but by what is added: a field that goes, or changes its meaning, makes the next N.
"""

from __future__ import annotations

from importlib import resources


def names() -> tuple[str, ...]:
    """Return the names of all schemas."""
    files = sorted(one.name for one in resources.files(__name__).iterdir() if one.name.endswith(".json"))
    return tuple(f"bluegreen.{name.removesuffix('.json').replace('-', '/')}" for name in files)


def text(name: str) -> str:
    """Return a schema as JSON; raise ``FileNotFoundError`` for one that there is not."""
    file = f"{name.removeprefix('bluegreen.').replace('/', '-')}.json"
    return (resources.files(__name__) / file).read_text(encoding="utf-8")
