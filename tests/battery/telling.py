"""How a replayed case is told: one line for each thing that happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Watching = Callable[[tuple[Any, ...]], None] | None


def told(line: tuple[Any, ...]) -> None:
    """Print a line of the trace."""
    at, kind, *what = line
    words = [str(word) for word in what if word not in ("", None, {})]
    print(f"{at:10.2f}  {kind:8} {' · '.join(words)}", flush=True)
