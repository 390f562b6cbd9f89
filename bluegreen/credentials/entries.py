"""What is kept in the keyring, and under which names: ``bluegreen:aws:PROFILE``, ``bluegreen:registry:HOST`` …

Each entry is one value, so that it is there as a whole or not at all.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from attrs import field, frozen

from bluegreen.credentials import vault
from bluegreen.credentials.asking import may_ask
from bluegreen.credentials.hiding import remember
from bluegreen.errors import Misconfigured, Usage

AWS, REGISTRY, WEBHOOK = "aws", "registry", "webhook"
DEFAULT_PROFILE = "default"

_KEY_ID = re.compile(r"[A-Za-z0-9_]{16,128}", re.ASCII)  # IAM API reference, AccessKey: [\w]+, 16 to 128
_HOST = re.compile(r"[a-z0-9._\-]+(:[0-9]{1,5})?|\[[0-9a-f:.]+\](:[0-9]{1,5})?", re.ASCII)
LONGEST_NAME = 128
_DOCKER_HUB = ("index.docker.io", "registry-1.docker.io", "registry.hub.docker.com")


@frozen
class Keys:
    """Long-lived AWS keys."""

    id: str
    secret: str = field(repr=False)


def checked(keys: Keys) -> Keys:
    """Return ``keys``; raise ``Usage``, without quoting any, for what cannot be long-lived AWS keys."""
    if not _KEY_ID.fullmatch(keys.id):
        raise Usage("this is no access key id: 16 to 128 letters and digits", "nothing was kept")
    if keys.id.startswith("ASIA"):
        hint = "they expire: let `aws sso login` or a role renew them; nothing was kept"
        raise Usage("these are temporary keys, and only long-lived ones are kept", hint)
    one_line(keys.secret, "secret access key")
    return keys


def one_line(secret: str, what: str) -> str:
    """Return ``secret``; raise ``Usage``, without quoting it, for nothing, blanks and control characters."""
    if not secret or not secret.isprintable() or " " in secret:
        raise Usage(f"the {what} is empty, or there are blanks in it", "nothing was kept")
    return secret


def host_of(text: str) -> str:
    """Return the name that a registry is kept under; raise ``Usage``, without quoting it, for what is no host."""
    host = text.lower().removeprefix("https://").removeprefix("http://").rstrip("/")
    if not _HOST.fullmatch(host):
        raise Usage("this is no registry such as registry.example.com:5000")
    return "docker.io" if host in _DOCKER_HUB else host


def service(kind: str, name: str) -> str:
    """Return the keyring's name of an entry; raise ``Usage``, without quoting it, for an address, or no name."""
    if not name.strip() or not name.isprintable() or "://" in name or len(name) > LONGEST_NAME:
        raise Usage(f"this is no name that a secret of {kind} could be kept under")
    return f"bluegreen:{kind}:{name}"


def aws(profile: str, *, named: bool = False) -> Keys | None:
    """Return the AWS keys kept for a profile; ``named``: the command itself asks for the keyring."""
    found = _found(service(AWS, profile), "id", named=named)
    return None if found is None else Keys(found["id"], found["secret"])


def registry(host: str) -> tuple[str, str] | None:
    """Return the user and the password or token kept for a registry."""
    found = _quiet(service(REGISTRY, host_of(host)), "user")
    if found is None:
        return None
    remember(base64.b64encode(f"{found['user']}:{found['secret']}".encode()).decode())  # as HTTP sends both
    return found["user"], found["secret"]


def webhook(name: str) -> str | None:
    """Return the address or token kept for a webhook."""
    found = _quiet(service(WEBHOOK, name))
    return None if found is None else found["secret"]


def keep(entry: str, secret: str, *, patience: float, **more: str) -> None:
    """Keep a secret, and what belongs to it, under the name that :func:`service` made."""
    vault.put(entry, json.dumps({**more, "secret": remember(secret)}), patience)


def _quiet(entry: str, *more: str) -> dict[str, str] | None:
    try:
        return _found(entry, *more)
    except vault.NoKeyring:
        return None


def _found(entry: str, *more: str, named: bool = False) -> dict[str, str] | None:
    """Return an entry's secret and what ``more`` belongs to it; raise ``Misconfigured`` for what is none of ours."""
    if not may_ask(named=named) or (text := vault.get(entry)) is None:
        return None
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(found.get(name), str) for name in ("secret", *more)):
        kind, name = entry.split(":", 2)[1:]
        again = f"login {kind} {'--profile ' if kind == AWS else ''}{name}"
        raise Misconfigured(
            f"the entry {entry} of the keyring is none of bluegreen's", f"log in again: `bluegreen {again}`"
        )
    remember(found["secret"])
    return found
