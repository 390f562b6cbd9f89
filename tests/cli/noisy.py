"""``bluegreen`` as a process of its own, on a pair in memory and in virtual time, with much to say."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bluegreen.cli import wiring

NOISE = 12
"""Lines that are said for each event."""


class Noisy(wiring.Wiring):
    """Makes the service of a simulated pair; what is told is told with many words."""

    def service(self, settings: Any, state: str, listeners: Any, stop: Any, patience: float = 0.0) -> Any:
        """Return the service layer."""
        import attrs

        from bluegreen.service import Service
        from tests.support.virtual import virtual

        service = virtual().service(stop=stop, bake=20.0)
        told = (*listeners, words(listeners[0].say))
        return Service(attrs.evolve(service.session, store=self.store(state), listeners=told), service.kind)


def words(say: Callable[[str], None]) -> Callable[[Any], None]:
    """Return a listener that says much."""
    return lambda event: [say(f"{number} {'word ' * 30}") for number in range(NOISE)] and None


def main() -> None:
    """Run the command line with what stands behind the name of a folder for the records."""
    wiring.Wiring = Noisy  # type: ignore[misc]
    from bluegreen.__main__ import main as run

    folder = Path(sys.argv.pop(1))
    (folder / "bluegreen.toml").write_text(
        f'state = "file:{folder}/state"\n[services.web]\nblue = "web-blue"\ngreen = "web-green"\n'
    )
    sys.exit(run())


if __name__ == "__main__":
    main()
