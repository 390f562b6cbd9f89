"""One look at a service for the commands that show it: what is seen, or why nothing could be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from bluegreen.cli.invocation import Invocation
from bluegreen.errors import BluegreenError, Status

if TYPE_CHECKING:
    from bluegreen.service import Service, Snapshot
    from bluegreen.settings.service import ServiceSettings


class Seen(NamedTuple):
    """What became of the look at one service: ``report`` is ``None`` where it cannot be told.

    ``colours`` are the styles of what it owns, by name.
    """

    status: Status
    plain: dict[str, Any]
    report: Snapshot | None = None
    colours: Mapping[str, str] = MappingProxyType({})


def look_at(invocation: Invocation, settings: ServiceSettings, layer: Callable[[], Service]) -> Seen:
    """Look at one service through its ``layer``. One that cannot be told does not hide the others."""
    from bluegreen.report.status_json import service_value

    invocation.about(settings)
    try:
        report = _spelled(invocation, layer().status())
    except BluegreenError as error:
        return _untold(invocation, settings.name, error)
    return Seen(Status.OK, service_value(report), report, {owned: key for key, owned in settings.owned.items()})


def _untold(invocation: Invocation, service: str, error: BluegreenError) -> Seen:
    from bluegreen.report.status_json import untold_value

    if error.status is Status.BUG:
        raise error
    invocation.tell(invocation.named(error.message), error.hint)
    sentence, hint = invocation.spelled(error.message), invocation.spelled(error.hint)
    return Seen(error.status, untold_value(service, sentence, hint, int(error.status)))


def _spelled(invocation: Invocation, report: Snapshot) -> Snapshot:
    import attrs

    spelled, way = invocation.spelled, report.rollback
    return attrs.evolve(
        report,
        missing=spelled(report.missing),
        rollback=way and attrs.evolve(way, sentence=spelled(way.sentence)),
        troubles=tuple(map(spelled, report.troubles)),
        next=tuple(attrs.evolve(way, command=spelled(f"`{way.command}`").strip("`")) for way in report.next),
    )
