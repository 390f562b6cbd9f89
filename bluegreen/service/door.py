"""Where a caller's arguments come in: a service is made of parts that work, and asked for what can be meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import define

from bluegreen import arguments
from bluegreen.flow.ports import Plan
from bluegreen.record.history import Entry
from bluegreen.service.answered import Parked
from bluegreen.service.ending import Ended
from bluegreen.service.way_back import WayBack
from bluegreen.settings.configuration import ServiceSettings
from bluegreen.targets.pair.model.release import Release


@define(kw_only=True)
class Door(WayBack):
    """A service that looks at its parts and arguments; a wrong one is ``Usage``, before anything is done."""

    def __attrs_post_init__(self) -> None:
        arguments.kind("settings", self.settings, ServiceSettings)
        arguments.able("store", self.store, "read", "write", "append")
        arguments.able("aws", self.aws, "ask", "survey", "act")
        arguments.able("clock", self.clock, "now", "monotonic", "sleep")
        arguments.text("who", self.who)
        for listener in arguments.kind("listeners", self.listeners, tuple):
            arguments.called("listeners", listener)
        arguments.called("stop", self.stop)
        arguments.called("identify", self.identify)
        arguments.kind("plan", self.plan, Plan)
        arguments.able("images", self.images, "holds")
        arguments.seconds("patience", self.patience)
        arguments.flag("attended", self.attended)
        arguments.texts("without", self.without)
        super().__attrs_post_init__()

    def lock(self, why: str) -> Ended:
        """Lock the service by hand: nothing is begun, by people or by cron, until somebody unlocks it."""
        return super().lock(arguments.text("why", why))

    def close(self, why: str, *, answered: Release | None = None) -> Ended:
        """End the open release on record alone, for the reason ``why``: nothing in AWS is asked or changed.

        Where a person was asked, it is the release that was ``answered`` for, as it stood.
        """
        return super().close(arguments.text("why", why), answered=arguments.kind("answered", answered, Release | None))

    def set_aside(self, names: Iterable[str]) -> Mapping[str, int]:
        """Do without the balancers called ``names``; return how many instances are healthy in each, by its name.

        Raise ``Refused`` for a name that is none of the pair's.
        """
        return super().set_aside(arguments.texts("names", names))

    def events(self, entry: Entry) -> tuple[dict[str, Any], ...]:
        """Return what happened in one release, oldest first; nothing when its events were not kept."""
        return super().events(arguments.kind("entry", entry, Entry))

    def _only(self, answered: Parked | None, **flags: bool) -> None:
        """Raise ``Usage`` unless ``answered`` is what a person was asked, and each flag is one."""
        arguments.kind("answered", answered, Parked | None)
        for name, value in flags.items():
            arguments.flag(name, value)
