"""What a person has to say again before a deployment on record is carried on: a record is nobody's word for it."""

from __future__ import annotations

from collections.abc import Callable

from bluegreen.errors import Refused
from bluegreen.flow.limits import is_lower
from bluegreen.flow.terms import limiting
from bluegreen.sentences.forms import of
from bluegreen.targets.pair.model.fleet import HEALTHY, Fleet, called
from bluegreen.targets.pair.model.release import Release
from bluegreen.targets.pair.plans.guards.serving import Said
from bluegreen.targets.pair.sentences import told as sentences


def refuse_unsaid(release: Release, said: Said, look: Callable[[], Fleet]) -> None:
    """Raise ``Refused`` where a deployment on record may leave fewer serving than is ``said`` to the run that resumes.

    Limits under the configured ones, and a balancer that is set aside though something is healthy there, are a person's
    word, and a record can be written by others: the flag says it again. ``look`` is taken where that is needed.
    """
    if not release.phase.is_before_switch:
        return
    unsaid = sorted(set(release.without) - said.without)
    health = look().health if unsaid else {}
    serving = [called(one) for one in unsaid if HEALTHY in health.get(one, {}).values()]
    fewer = is_lower(release.terms.limits, said.limits) and not release.first
    flags = [*(limiting(release.terms) if fewer else ()), *(f"--without {name}" for name in serving)]
    if not flags:
        return
    limits = f"{release.terms.limits}" if fewer else ""
    raise Refused(
        of(release.service, sentences.may_leave_fewer(release.image, limits, f"{said.limits}", serving)),
        f"where that was meant: `bluegreen resume {' '.join(flags)} {release.service}`; "
        f"`bluegreen rollback {release.service}` takes it back",
    )
