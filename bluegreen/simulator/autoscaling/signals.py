"""What the parts of Auto Scaling tell each other."""

from __future__ import annotations

from typing import Any

from ..core.signals import Signal, signal
from ..core.world import World
from .state import Group, Member

CAPACITY: Signal[[World, str]] = signal("capacity")
"""A group (its name) is to look at its capacity."""
EMPTIED: Signal[[World, Group]] = signal("emptied")
ATTACHED: Signal[[World, Group, str]] = signal("attached")
"""A balancer (its key) was attached to a group."""
IN_SERVICE: Signal[[World, str]] = signal("in service")
"""A member (its instance) came into service."""
ABANDONED: Signal[[World, Group, Member]] = signal("abandoned")
"""A launch hook was abandoned."""
LET_GO: Signal[[World, Group, Member]] = signal("let go")
"""Nothing holds a leaving member any more."""
CHECKS_CHANGED: Signal[[World, Group]] = signal("checks changed")
"""What a group's members are checked for is another."""
RESUMED: Signal[[World, Group]] = signal("resumed")
ALARMS_RESUMED: Signal[[World, Group]] = signal("alarms resumed")
POLICY_PUT: Signal[[World, Group, dict[str, Any]]] = signal("policy put")
