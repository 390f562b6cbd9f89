"""Headers between Envoy, the instances and the load; a module of their own, for processes that must start quickly."""

from __future__ import annotations

BALANCER = "x-balancer"
"""Tells an instance which balancer a request or a check comes from, by its number: 0 is the first."""

TARGET = "x-target"
"""Tells a client which target was chosen, ``address:port``; Envoy's own errors have it, too."""
