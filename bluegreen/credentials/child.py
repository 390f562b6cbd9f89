"""The process that touches the keyring, so that a keyring that hangs holds nobody: run by ``vault``, by its path.

It reads one request (JSON) from stdin and writes one answer (JSON) to stdout: ``secret`` or ``trouble``, and ``who``
keeps the secrets. No secret is in its arguments or its environment, and no words of the keyring's are passed on: they
might quote one. Nothing of bluegreen is imported here.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any

USER = "bluegreen"
SLOWEST_START = 5.0
"""Seconds for loading the library, which are not the keyring's."""

Request = dict[str, Any]
_loaded, _done = threading.Event(), threading.Event()


def _use(keyring: Any, request: Request) -> Request:
    verb, service = request["verb"], request["service"]
    if verb == "there":
        return {"secret": None}
    before = keyring.get_password(service, USER)
    if verb == "remove" and before is not None:
        keyring.delete_password(service, USER)
    if verb == "put":
        keyring.set_password(service, USER, request["secret"])
        if keyring.get_password(service, USER) != request["secret"]:
            return {"trouble": "lost"}
    return {"secret": before}


def _trouble(error: BaseException) -> Request:
    from keyring import errors

    if isinstance(error, errors.NoKeyringError):
        return {"trouble": "none"}
    locked = isinstance(error, (errors.KeyringLocked, errors.InitError))
    return {"trouble": "locked" if locked else "failed", "kind": type(error).__name__}


def _answer(request: Request) -> Request:
    import keyring

    _loaded.set()
    who = "of PYTHON_KEYRING_BACKEND" if "PYTHON_KEYRING_BACKEND" in os.environ else ""
    try:
        backend = keyring.get_keyring()
        who = type(backend).__module__
        if who in ("keyring.backends.null", "keyring.backends.fail"):
            return {"trouble": "none", "who": who}
        return {**_use(backend, request), "who": who}
    except BaseException as error:
        return {**_trouble(error), "who": who}


def _work(request: Request, answer: Request) -> None:
    try:
        answer.update(_answer(request))
    except BaseException as error:
        answer.update(trouble="failed", kind=type(error).__name__)
    _loaded.set()
    _done.set()


def undumpable() -> None:
    """Leave no core dump of what is asked for; as in ``dumps``, which is not imported."""
    try:
        import ctypes
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
    except (ImportError, OSError, ValueError, AttributeError):
        return


def main() -> None:
    """Answer one request within its ``patience`` (seconds), whatever the keyring does."""
    undumpable()
    request, answer = json.load(sys.stdin), Request()
    threading.Thread(target=_work, args=(request, answer), daemon=True).start()
    _loaded.wait(SLOWEST_START)
    said = answer if _done.wait(request["patience"]) else {"trouble": "silent"}
    os.write(sys.__stdout__.fileno(), json.dumps(said).encode())  # type: ignore[union-attr]
    os._exit(0)


if __name__ == "__main__":
    main()
