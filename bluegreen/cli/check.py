"""``bluegreen check``: is the pair fit to be deployed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bluegreen.cli.invocation import Invocation, pass_invocation
from bluegreen.cli.options import ServiceCommand, about_service, common
from bluegreen.errors import Status

if TYPE_CHECKING:
    from bluegreen.targets.seam.finding import Finding


@click.command(cls=ServiceCommand)
@click.argument("service")
@about_service
@common
@pass_invocation
def check(invocation: Invocation, service: str, **flags: Any) -> int:
    """Tell whether the pair of SERVICE is fit to be deployed to. Changes nothing.

    Exits with 4 when a deployment would be refused; with 0 when there are warnings at most.
    """
    invocation.begin(service, flags)
    from bluegreen.cli.choosing import configured, one
    from bluegreen.cli.running import looking
    from bluegreen.report.findings import findings_text
    from bluegreen.report.json import check_line

    configuration = configured(invocation, flags)
    layer = looking(invocation, one(invocation, configuration, service, flags), configuration.state)
    findings = [_spelled(invocation, finding) for finding in layer.check()]
    if invocation.json:
        plain = [{"level": f.level, "sentence": f.sentence, "hint": f.hint} for f in findings]
        invocation.out.line(check_line(service, plain))
    else:
        invocation.out.line(findings_text(service, findings))
    return Status.BLOCKED if any(finding.level == "refused" for finding in findings) else Status.OK


def _spelled(invocation: Invocation, finding: Finding) -> Finding:
    import attrs

    spelled = invocation.spelled
    return attrs.evolve(finding, sentence=spelled(finding.sentence), hint=spelled(finding.hint))
