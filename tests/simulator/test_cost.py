"""What an answer and a change cost: in proportion to the fleet, counted in steps of the interpreter, never in time."""

from __future__ import annotations

import sys

import pytest

from .wire import BLUE, wire

SMALL, LARGE = 40, 160
PROPORTION = 1.1
"""How much dearer than in proportion to the fleet anything may be."""


def steps_of(work, aws):
    """Return how many functions are entered while ``work`` runs on a pair."""
    count = 0

    def entered(_, event, __):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(entered)
    try:
        work(aws)
    finally:
        sys.setprofile(None)
    return count


def ids_of(aws):
    return list(aws.sim.groups[BLUE].members)


def looked_up(aws):
    filters = [{"Name": "instance-id", "Values": ids_of(aws)}]
    for _ in range(10):
        aws.sim.call("ec2", "DescribeInstances", {"Filters": filters})


def marked(aws):
    filters = [{"Name": "tag-key", "Values": ["none"]}, {"Name": "instance-state-name", "Values": ["running"]}]
    aws.sim.call("ec2", "DescribeInstances", {"Filters": filters})


def grown(aws):
    count = len(ids_of(aws))
    aws.sim.call("autoscaling", "UpdateAutoScalingGroup", {"AutoScalingGroupName": BLUE, "MinSize": 2 * count})
    aws.wait(20)


def shrunk(aws):
    sizes = {"MinSize": 0, "MaxSize": 0}
    aws.sim.call("autoscaling", "UpdateAutoScalingGroup", {"AutoScalingGroupName": BLUE, **sizes})
    aws.wait(20)


@pytest.mark.parametrize("work", [looked_up, marked, grown, shrunk])
def test_what_concerns_a_fleet_costs_in_proportion_to_it(work):
    """1,000 instances took 57 seconds for one deployment: each filter's values were held against each instance's."""
    steps = [steps_of(work, wire(instances=count)) for count in (SMALL, LARGE)]
    assert steps[1] <= PROPORTION * steps[0] * LARGE / SMALL
