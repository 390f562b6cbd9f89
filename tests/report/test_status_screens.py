"""The screens of ``status``, line by line: at 80 columns, at 40, in plain ASCII; no line of a table is too long."""

from __future__ import annotations

import io

import attrs
import pytest

from bluegreen.flow.snapshot import Cleanup, Role, Snapshot, State, WayBack
from bluegreen.report.status import glance_text, status_text
from bluegreen.report.streams import SafeStream
from tests.support.snapshots import NEW, NOW, OLD, opened, side, snapshot


def cut() -> Snapshot:
    """Return a service of which both groups serve, and nobody works on it."""
    found = snapshot()
    return attrs.evolve(
        found,
        sides=(
            side(OLD, "v1", "sss", scales=False, live=True, role=Role.OLD),
            side(NEW, "v2", "ssj", 3, min=3, live=True, role=Role.NEW),
        ),
        state=State.INTERRUPTED,
        sentence="the deploy of v2 was cut off 2 min ago",
        beside="both groups serve: some requests are answered by v1, some by v2",
        cleanup=Cleanup(does="carries it on", last_run_at=NOW - 240),
        missing="web-blue: 3 instances to Standby: i-1, i-2, i-3",
        release=opened(phase="moving"),
        rollback=WayBack(kind="serves", sentence="at once: 3 instances of v1 still serve", first_s=0.0),
        next=("bluegreen resume web", "bluegreen rollback web"),
    )


PARKED = """\
✓ web: v2 is live on web-green, 6 of 6 healthy
  GROUP      IMAGE  HEALTHY  MIN-MAX  SCALING    INSTANCES
▶ web-green  v2     6 of 6   2-12     resumed    ●●●●●●  6 serving
  web-blue   v1     -        0-12     suspended  ◇◇◇◇◇◇  6 parked
  release   deploy v1 → v2 by ana@laptop (web:20261129-205800-34bb): open until `bluegreen finish web` or a rollback
  rollback  ≈ 12 s to all 6 instances of v1
            6 parked instances run and pass EC2's status checks (12:02:00)
  cleanup   terminates the parked instances after 12:46 UTC (in 44 min); it last ran at 11:58 UTC
  run by    nobody
  next      bluegreen rollback web
            bluegreen finish web"""
CUT_OFF = """\
! web: the deploy of v2 was cut off 2 min ago
! both groups serve: some requests are answered by v1, some by v2
  GROUP      IMAGE  HEALTHY  MIN-MAX  SCALING    INSTANCES
▶ web-blue   v1     3 of 3   0-12     suspended  ●●●  3 serving
▶ web-green  v2     2 of 3   3-12     resumed    ●●◐  2 serving, 1 joining
  release   deploy v1 → v2 by ana@laptop (web:20261129-205800-34bb)
  missing   web-blue: 3 instances to Standby: i-1, i-2, i-3
  rollback  at once: 3 instances of v1 still serve
  cleanup   carries it on; it last ran at 11:58 UTC
  run by    nobody
  next      bluegreen resume web
            bluegreen rollback web"""
NARROW = """\
! web: the deploy of v2 was cut off 2
  min ago
! both groups serve: some requests
  are answered by v1, some by v2
▶ web-blue   v1  3 of 3  0-12  ●●●
▶ web-green  v2  2 of 3  3-12  ●●◐
  rollback  at once
  next      bluegreen resume web
            bluegreen rollback web"""
PLAIN = """\
ok web: v2 is live on web-green, 6 of 6 healthy
  GROUP      IMAGE  HEALTHY  MIN-MAX  SCALING    INSTANCES
> web-green  v2     6 of 6   2-12     resumed    OOOOOO  6 serving
  web-blue   v1     -        0-12     suspended  ------  6 parked"""
GLANCE = """\
  SERVICE  LIVE       IMAGE   HEALTHY  RELEASE               ROLLBACK
? shop     -          -       -        -                     -
! mail     both       v1, v2  3 + 2    deploy of v2 cut off  at once
✓ web      web-green  v2      6 of 6   v1 parked             ≈ 12 s
1 not known, 1 cut off or stopped, 1 fine
next: bluegreen status shop"""


@pytest.mark.parametrize(
    ("shown", "width", "screen"), [(snapshot(), 80, PARKED), (cut(), 80, CUT_OFF), (cut(), 40, NARROW)]
)
def test_one_service(shown: Snapshot, width: int, screen: str) -> None:
    """How it is, both groups, what is open, how fast a rollback would be, and what to type."""
    assert screen == status_text(shown, width)


def test_several_at_a_glance() -> None:
    """The worst first; of what could not be seen it says so."""
    assert GLANCE == glance_text([snapshot(), attrs.evolve(cut(), service="mail")], ["shop"], 80)


def test_without_unicode() -> None:
    """Each sign has a plain form, and the columns stay where they are."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    SafeStream(stream).line(status_text(snapshot(), 80))
    assert PLAIN == "\n".join(raw.getvalue().decode("ascii").splitlines()[:4])


@pytest.mark.parametrize("width", range(34, 101, 3))
def test_no_line_of_a_table_reaches_the_last_column(width: int) -> None:
    """Columns fall away, words are never cut."""
    for shown in (snapshot(), cut()):
        lines = status_text(shown, width).splitlines()
        table = [line for line in lines if line[2:].startswith(("web-", "GROUP")) or line[0] in "✓!"]
        assert [] == [line for line in table if len(line) >= width]
