"""What ``repository`` may say: a registry's host and a name in it, as ``docker pull`` takes it, without a version.

The grammar is the one of the library "reference" of the project distribution, which ``docker`` uses.
"""

from __future__ import annotations

import ipaddress
import re

from attrs import frozen

from bluegreen.words import shown

HUB = "docker.io"
HTTP, HTTPS = "http", "https"

_HUB_API = "registry-1.docker.io"
_HUB_NAMES = frozenset((HUB, "index.docker.io", _HUB_API))
_DNS = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:{_DNS}|\[[0-9A-Fa-f:.]{{2,45}}\])(?::([0-9]{{1,5}}))?", re.A)
_COMPONENT = r"[a-z0-9]+(?:(?:[.]|__?|-+)[a-z0-9]+)*"
_NAME = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*", re.A)
_LONGEST = 255


@frozen
class Repository:
    """A repository: ``host`` with its port, ``name`` within it; ``scheme`` is ``http`` or ``https``."""

    scheme: str
    host: str
    name: str

    @property
    def manifests(self) -> str:
        """The address below which its versions are found."""
        api = _HUB_API if self.host == HUB else self.host
        return f"{self.scheme}://{api}/v2/{self.name}/manifests/"


def parse(text: str) -> Repository:
    """Return the repository that ``text`` names; raise ``ValueError`` with a sentence.

    Without a scheme it is HTTPS, and HTTP on this machine itself; without a host it is Docker Hub.
    """
    scheme, host, name = _split(text)
    found = _HOST.fullmatch(host)
    if "@" in text:  # what stands before it may be a password: it is not quoted
        raise ValueError("a repository is named without a user, and without a version or digest: HOST/NAME")
    if not found or int(found[1] or 0) > 65535 or len(name) > _LONGEST or not _NAME.fullmatch(name):
        raise ValueError(f"{shown(text)} is not a repository such as registry.example.com/web, without a version")
    if host.lower() in _HUB_NAMES:
        host, name = HUB, name if "/" in name else f"library/{name}"
    return Repository(scheme or (HTTP if on_this_machine(host) else HTTPS), host, name)


def _split(text: str) -> tuple[str, str, str]:
    found = re.fullmatch(r"(?:(https?)://)?([^/]*)(?:/(.*))?", text, re.DOTALL)
    if found is None:
        return "", "", ""
    scheme, first, rest = found[1] or "", found[2], found[3]
    if scheme or (rest is not None and ("." in first or ":" in first or first == "localhost")):
        return scheme, first, rest or ""
    return "", HUB, text


def repository(value: object) -> str:
    """Return a repository as it stands in the configuration; raise ``ValueError``."""
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is not a repository")
    parse(value)
    return value


def token_host(value: object) -> str:
    """Return a host, with a port that is not 443, as it stands in the configuration; raise ``ValueError``."""
    found = _HOST.fullmatch(value) if isinstance(value, str) else None
    if not isinstance(value, str) or found is None or int(found[1] or 0) > 65535:
        raise ValueError(f"{shown(value)} is not a host such as auth.example.com")
    return value.lower()


def on_this_machine(host: str) -> bool:
    """Say whether a host, with or without a port, is the loopback."""
    name = re.sub(r":[0-9]+\Z", "", host) if host.count(":") == 1 or host.startswith("[") else host
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name.lower() == "localhost"
