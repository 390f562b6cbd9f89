"""While a zonal shift is active, the targets of that zone are healthy and get no request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bluegreen.errors import Status
from bluegreen.simulator.faults import Call
from tests.building.virtual import BLUE, GREEN, Pair, virtual


def shifted(pair: Pair, concerns: Callable[[str], bool]) -> None:
    """Let AWS say of some targets, by their instances, that they are taken out of service."""

    def override(call: Call, answer: Any) -> None:
        for row in answer.get("TargetHealthDescriptions", []):
            if concerns(row["Target"]["Id"]):
                row["AdministrativeOverride"] = {"State": "zonal_shift_active"}

    pair.sim.faults.after.append(override)


def test_old_goes_only_for_new_instances_that_get_requests() -> None:
    """All of new came up in the zone that is shifted away: old serves throughout (cloud-platform 8374)."""
    pair = virtual(instances=2)
    shifted(pair, lambda instance: instance in pair.sim.states(GREEN))
    watch: list[int] = []
    pair.sim.faults.before.append(lambda call: watch.append(len(pair.sim.healthy(BLUE))))
    assert (Status.ROLLED_BACK, 2) == (pair.service().deploy("v2").status, min(watch))


def test_status_counts_no_target_that_gets_nothing() -> None:
    """Four are healthy, two of them serve."""
    pair = virtual(instances=4, zones=2)
    machines = pair.sim.world.state.machines
    zone = machines[min(pair.sim.states(BLUE))].zone
    shifted(pair, lambda instance: machines[instance].zone == zone)
    (blue,) = (group for group in pair.service().status().groups if group["name"] == BLUE)
    assert 2 == blue["healthy"]
