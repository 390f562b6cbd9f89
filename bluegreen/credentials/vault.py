"""The operating system's keyring, touched by a process of its own and for two seconds at most."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bluegreen.credentials import child
from bluegreen.credentials.hiding import for_others
from bluegreen.errors import BluegreenError, Denied, Misconfigured

PATIENCE = 2.0
"""Seconds for an answer."""
PERSON = 60.0
"""Seconds for a person who is asked to unlock it, which only ``login`` and ``logout`` wait for."""

INSTEAD = "use a role, single sign-on (`aws configure sso`) or AWS's variables"
ANOTHER = "keep the secret where what needs it finds it without bluegreen"
_UNLOCK = "unlock it (log in to the desktop; `bluegreen login` on a terminal waits for that), or do without it: "
_NEVER = "; BLUEGREEN_KEYRING=never keeps it from being asked"
_BEYOND = 5.0
"""Seconds after which the process itself counts as hanging."""


class NoKeyring(Misconfigured):
    """There is no keyring on this machine, or none in this session."""


def get(service: str, patience: float = PATIENCE) -> str | None:
    """Return the secret kept under ``service``; raise :class:`NoKeyring`, or ``Denied`` for one that is silent."""
    return _asked("get", service, patience)


def require(service: str) -> None:
    """Raise :class:`NoKeyring` where there is none; nothing is read."""
    _asked("there", service, PATIENCE)


def put(service: str, secret: str, patience: float = PATIENCE) -> None:
    """Keep a secret, and see that it is kept."""
    _asked("put", service, patience, secret)


def remove(service: str, patience: float = PATIENCE) -> bool:
    """Forget a secret; say whether there was one."""
    return _asked("remove", service, patience) is not None


def _asked(verb: str, service: str, patience: float, secret: str = "") -> str | None:
    request = {"verb": verb, "service": service, "patience": patience, "secret": secret}
    answer = _said(json.dumps(request), patience + child.SLOWEST_START + _BEYOND)
    if trouble := answer.get("trouble"):
        who, kind = str(answer.get("who") or "unknown"), str(answer.get("kind", ""))
        raise _error(str(trouble), who, kind, patience, _instead(service))
    found: str | None = answer["secret"]
    return found


def _said(request: str, limit: float) -> dict[str, Any]:
    """Return what the process answers. It has no terminal, so that nothing in it can ask on ours."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(Path(child.__file__).resolve())],
            input=request,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=for_others(),
            start_new_session=True,
            check=False,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return {"trouble": "silent"}
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {"trouble": "failed", "kind": f"status {done.returncode}"}
    return answer


def _instead(service: str) -> str:
    """Return what does without a keyring: only AWS's keys have AWS's other ways."""
    return INSTEAD if service.startswith("bluegreen:aws:") else ANOTHER


def _error(trouble: str, who: str, kind: str, patience: float, instead: str) -> BluegreenError:
    if trouble == "none":
        hint = f"{instead}; or start a Secret Service (GNOME Keyring, KWallet) in this session"
        return NoKeyring(f"There is no keyring here that keeps secrets ({who}).", hint)
    if trouble == "silent":
        return Denied(f"The keyring did not answer within {patience:g} s.", _UNLOCK + instead + _NEVER)
    if trouble == "locked":
        return Denied(f"The keyring is locked ({who}: {kind}).", _UNLOCK + instead + _NEVER)
    words = "did not keep the secret" if trouble == "lost" else "failed"
    seen = f"{who}: {kind}" if kind else who
    return Denied(f"The keyring {words} ({seen}).", f"`python -m keyring diagnose` shows which it is; or {instead}")
