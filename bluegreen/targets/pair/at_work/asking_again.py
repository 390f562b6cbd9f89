"""A cloud of whose answers one without a group that is named is not believed: several in a row are.

The engine believes none of its own looks alone; whatever else a verb looks at comes through here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from attrs import frozen

from bluegreen.errors import NoGroup
from bluegreen.flow.guards import AGREEING
from bluegreen.targets.pair.at_work.cloud import Beyond, Cloud
from bluegreen.targets.pair.model.fleet import Fleet, Question, Survey

Found = TypeVar("Found")


@frozen
class AskedAgain(Beyond):
    """A cloud that is asked again where a group is missing; ``again`` is told why before each further look."""

    cloud: Cloud
    again: Callable[[str], None]

    def ask(self, question: Question, pause: Callable[[float], None] | None = None) -> Fleet:
        """Take one look; raise ``NoGroup`` when several in a row lack a group."""
        return self._surely(lambda: self.cloud.ask(question, pause))

    def survey(
        self,
        groups: tuple[str, str],
        alarms: tuple[str, ...] = (),
        pause: Callable[[float], None] | None = None,
        service: str = "",
    ) -> Survey:
        """Take a deeper look; raise ``NoGroup`` when several in a row lack a group."""
        return self._surely(lambda: self.cloud.survey(groups, alarms, pause, service))

    def _surely(self, look: Callable[[], Found]) -> Found:
        for _ in range(1, AGREEING):
            try:
                return look()
            except NoGroup as error:
                self.again(f"{error.message}; asking again")
        return look()
