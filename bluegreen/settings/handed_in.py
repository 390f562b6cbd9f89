"""Settings that did not come out of a file: held to what ``bluegreen.toml`` may say, value by value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bluegreen import arguments
from bluegreen.errors import Usage

DURATIONS = frozenset(
    {"bake", "keep_parked", "deadline", "progress_deadline", "look_every", "stabilization", "healthy_for"}
)


def refuse_unfit(
    values: Mapping[str, Any], defaults: Mapping[str, Any], readers: Mapping[str, Callable[[object], Any]]
) -> None:
    """Raise ``Usage``, naming the key, for the first of ``values`` that the file's ``readers`` would not read.

    ``None`` is right where it is the default.
    """
    for key, value in values.items():
        if value is None and key in defaults and defaults[key] is None:
            continue
        try:
            readers[key](_as_written(key, value))
        except (ValueError, OverflowError) as error:
            raise Usage(f"{key}: {ascii(str(error))[1:-1]}") from error
    if values["blue"] == values["green"]:
        raise Usage(f'blue and green are both "{values["blue"]}"; they must be two groups')
    if values["require_image"] and values["repository"] is None:
        raise Usage("require_image needs to know where the image is to be: `repository`, or --repository")


def _as_written(key: str, value: Any) -> object:
    """Return a value as the file has it; raise ``Usage`` for one of another type."""
    if key in DURATIONS:
        return f"{arguments.seconds(key, value):.9f}s"
    if key == "pace":
        return {"least": _percent(value, "least"), "most": _percent(value, "most")}
    if key == "alarms":
        return list(arguments.kind(key, value, tuple))
    return value


def _percent(pace: object, name: str) -> int:
    share = getattr(pace, name, None)
    if not isinstance(share, int) or isinstance(share, bool):
        raise arguments.wrong("pace", pace, "a Pace of two whole numbers")
    return share
