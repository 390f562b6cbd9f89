"""Envoy's configuration as data: pure functions from what the balancers are to what Envoy reads.

Everything but the first file is read again whenever it is replaced (``watched_directory``), so a balancer, its
checks and its targets can change while requests are under way. Source: Envoy's v3 API reference.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from bluegreen.sandbox.headers import BALANCER, TARGET
from bluegreen.simulator.core.body import HealthCheck

LONGEST = 108
"""Bytes of a socket's path, its end included (unix(7))."""

_TYPE = "type.googleapis.com/envoy"
_MANAGER = "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"


@frozen
class Host:
    """What Envoy says of one target: whether its checks pass (``None``: not checked yet), how many requests it got."""

    passes: bool | None
    requests: int


@frozen
class Balancer:
    """One balancer: its number (0: the first), how it checks, and whether it sends to all where none is healthy."""

    number: int
    check: HealthCheck
    fails_open: bool = True

    @property
    def name(self) -> str:
        """Return what Envoy calls it."""
        return f"balancer-{self.number}"


@frozen
class Endpoint:
    """One target: ``status`` is ``HEALTHY``, ``DRAINING`` (no new requests) or ``UNHEALTHY`` (held back)."""

    address: str
    port: int
    status: str


def source(folder: Path, name: str) -> dict[str, Any]:
    """Return a source that is read again when the file ``name`` is replaced by a rename."""
    watched = {"path": str(folder / name), "watched_directory": {"path": str(folder)}}
    return {"path_config_source": watched, "resource_api_version": "V3"}


def bootstrap(folder: Path) -> dict[str, Any]:
    """Return the first file: an admin endpoint that no browser can reach, everything else from watched files."""
    return {
        "node": {"id": "bluegreen-sandbox", "cluster": "bluegreen-sandbox"},
        "admin": {"address": {"pipe": {"path": admin(folder), "mode": 0o600}}},
        "dynamic_resources": {"cds_config": source(folder, "cds.json"), "lds_config": source(folder, "lds.json")},
    }


def admin(folder: Path) -> str:
    """Return the name of the admin endpoint's socket: a file, or an abstract one (``@``) where the path is too long."""
    path = str(folder / "admin")
    return path if len(os.fsencode(path)) < LONGEST else f"@bluegreen-{hashlib.sha256(path.encode()).hexdigest()[:32]}"


def clusters(folder: Path, balancers: Iterable[Balancer]) -> dict[str, Any]:
    """Return the file of all balancers and how they check their targets."""
    return {"resources": [cluster(folder, balancer) for balancer in balancers]}


def cluster(folder: Path, balancer: Balancer) -> dict[str, Any]:
    """Return one balancer's targets: no retries, and removal whatever the health.

    To fail open is what Envoy calls panic: with fewer healthy targets than ``healthy_panic_threshold`` percent it sends
    to all that are in its file, also to those not checked yet. One percent is "none" up to a hundred targets (Envoy
    rounds the threshold to whole percents), 0 is never. Source: Envoy docs, "Panic threshold".
    Changes of health reach the worker at once: by default Envoy gathers them for up to a second.
    """
    name = balancer.name
    return {
        "@type": f"{_TYPE}.config.cluster.v3.Cluster",
        "name": name,
        "type": "EDS",
        "connect_timeout": "1s",
        "eds_cluster_config": {"service_name": name, "eds_config": source(folder, f"{name}.json")},
        "ignore_health_on_host_removal": True,
        "common_lb_config": {
            "healthy_panic_threshold": {"value": 1 if balancer.fails_open else 0},
            "ignore_new_hosts_until_first_hc": True,
            "update_merge_window": "0s",
        },
        "health_checks": [health_check(balancer)],
    }


def health_check(balancer: Balancer) -> dict[str, Any]:
    """Return Envoy's own checks. One passed check counts: what more is asked for, ``targets.Target`` counts."""
    check = balancer.check
    every = f"{check.interval:.3f}s"
    return {
        "timeout": f"{max(1.0, check.interval):.3f}s",
        "interval": every,
        "no_traffic_interval": every,
        "no_traffic_healthy_interval": every,
        "unhealthy_threshold": check.unhealthy,
        "healthy_threshold": 1,
        "http_health_check": {"path": "/health", "request_headers_to_add": [_header(BALANCER, str(balancer.number))]},
    }


def listeners(balancers: Iterable[Balancer]) -> dict[str, Any]:
    """Return the file of all listeners: one for each balancer, on a port of Envoy's choice."""
    return {"resources": [listener(balancer) for balancer in balancers]}


def listener(balancer: Balancer) -> dict[str, Any]:
    """Return the listener of one balancer on loopback, HTTP/1.1 only."""
    name = balancer.name
    manager = {
        "@type": f"{_TYPE}.{_MANAGER}",
        "stat_prefix": name,
        "codec_type": "HTTP1",
        "route_config": {"validate_clusters": False, "virtual_hosts": [virtual_host(balancer)]},
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{_TYPE}.extensions.filters.http.router.v3.Router"},
            }
        ],
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    return {
        "@type": f"{_TYPE}.config.listener.v3.Listener",
        "name": name,
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}},
        "filter_chains": [chain],
    }


def virtual_host(balancer: Balancer) -> dict[str, Any]:
    """Return the one route: everything to the balancer's targets, once, with a long time-out."""
    route = {"match": {"prefix": "/"}, "route": {"cluster": balancer.name, "timeout": "120s"}}
    return {
        "name": balancer.name,
        "domains": ["*"],
        "routes": [route],
        "request_headers_to_add": [_header(BALANCER, str(balancer.number))],
        "response_headers_to_add": [_header(TARGET, "%UPSTREAM_HOST%")],
    }


def _header(key: str, value: str) -> dict[str, Any]:
    return {"header": {"key": key, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}


def assignment(name: str, endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Return the file of one balancer's targets."""
    targets = [
        {
            "health_status": each.status,
            "endpoint": {"address": {"socket_address": {"address": each.address, "port_value": each.port}}},
        }
        for each in endpoints
    ]
    resource = {
        "@type": f"{_TYPE}.config.endpoint.v3.ClusterLoadAssignment",
        "cluster_name": name,
        "endpoints": [{"lb_endpoints": targets}],
    }
    return {"resources": [resource]}


def host(row: Mapping[str, Any]) -> Host:
    """Return what one of the admin endpoint's ``host_statuses`` says; a count of 0 is left out there."""
    counts = {each["name"]: int(each.get("value", 0)) for each in row.get("stats", [])}
    return Host(_passes(row.get("health_status", {})), counts.get("rq_total", 0))


def _passes(status: Mapping[str, Any]) -> bool | None:
    if status.get("pending_active_hc"):
        return None
    return not status.get("failed_active_health_check", False)
