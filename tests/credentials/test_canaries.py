"""Canary secrets through every command, with the highest verbosity and with crashes: none is found anywhere.

Real processes against a sandbox. Searched are what they write to both streams, every file they leave (records, events,
tracebacks), and the arguments and variables of every process they start.
"""

from __future__ import annotations

import base64
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
import pytest
from attrs import define, field

from bluegreen.cli.lazy import COMMANDS
from bluegreen.cli.main import cli
from bluegreen.sandbox import Sandbox
from bluegreen.sandbox.addresses import METADATA_PORT
from bluegreen.sandbox.configuration import Timing, text
from tests.credentials.keyrings import Memory, serving
from tests.credentials.processes import ROOT, Place
from tests.registry.land import Reply, Request, Server
from tests.registry.land import serving as answering

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("sandbox")]

GIVEN, KEPT = "AKIA0GIVEN0GIVEN0000", "AKIA0KEPT0KEPT0KEPT0"
CANARIES = {
    "secret": "g1ven+canary/key=0123456789ABCDEFGHIJKLM",
    "token": "t0ken+canary/session=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "kept": "k3pt+canary/key=0123456789abcdefghijklmn",
    "password": "passw0rd-canary-0123456789",
    "webhook": "https://hooks.example.com/services/T0canary/B0canary/w3bhook",
}
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": GIVEN,
    "AWS_SECRET_ACCESS_KEY": CANARIES["secret"],
    "AWS_SESSION_TOKEN": CANARIES["token"],
    "BLUEGREEN_KEYRING": "always",
}
KEYRING = {"BLUEGREEN_KEYRING": "always"}
ODD = {**ENVIRONMENT, "AWS_SESSION_TOKEN": CANARIES["token"] + "\r\nx"}
"""A token out of a file with somebody else's line breaks, which the HTTP library refuses and quotes."""

BASIC = "Basic " + base64.b64encode(f"ana:{CANARIES['password']}".encode()).decode()
PIPED = {"aws": f"{KEPT}\n{CANARIES['kept']}\n", "registry": CANARIES["password"], "webhook": CANARIES["webhook"]}
LOGINS = ("login aws --stdin", "login registry REGISTRY --username ana --stdin", "login webhook chat --stdin")
# Words and variables; then, where it is to fail in the middle, the audit event, a word among the event's arguments, and
# which canary the error quotes.
STORY: tuple[tuple[Any, ...], ...] = (
    ("image --wait 5s --debug", ENVIRONMENT),
    ("image --pull example.com/web --as web:current --debug", ENVIRONMENT),
    ("check web --debug", ENVIRONMENT),
    ("diff web --debug", KEYRING),
    ("lock web --reason canaries --debug", ENVIRONMENT),
    ("deploy web v2 --debug", ENVIRONMENT),
    ("unlock web --debug", ENVIRONMENT),
    ("deploy web v2 --debug --output json", ENVIRONMENT),
    ("adopt web --debug", ENVIRONMENT),
    ("rollback web --debug", KEYRING),
    ("deploy web v3 --debug", KEYRING, "socket.connect", "127.0.0.1", "kept"),
    ("finish web --yes --debug", ENVIRONMENT),
    ("resume web --debug", ENVIRONMENT),
    ("close web --reason canaries --yes --debug", ENVIRONMENT),
    ("cleanup --debug", KEYRING),
    ("deploy web v9", ENVIRONMENT, "os.mkdir", "web.events", "token"),
)
ANY_TIME: tuple[tuple[Any, ...], ...] = (
    ("status web --debug --output json", ENVIRONMENT),
    ("status web --debug", ODD),
    ("history web last --debug", ENVIRONMENT),
    ("why web --debug", ENVIRONMENT),
    ("schema --debug", ENVIRONMENT),
    ("watch web --debug", ENVIRONMENT),
    ("pause web --debug", ENVIRONMENT),
    ("abort web --debug", ENVIRONMENT),
    ("credentials --debug", {}),
    ("status web", ENVIRONMENT, "open", "bluegreen.toml", "secret"),
    ("status web --debug", ENVIRONMENT, "open", "bluegreen.toml", "secret"),
    ("status web --debug --output json", ENVIRONMENT, "socket.connect", "127.0.0.1", "token"),
    ("login webhook chat --stdin", {}, "subprocess.Popen", "child.py", "webhook"),
    ("login aws --stdin --debug", {}, "subprocess.Popen", "child.py", "kept"),
)
LOGOUTS = ("logout aws", "logout registry REGISTRY", "logout webhook chat")


Said = tuple[str, subprocess.CompletedProcess[str]]


@define
class Trail:
    """What all the processes left behind."""

    place: Place
    memory: Memory
    registry: Server
    said: list[Said] = field(factory=list)

    def run(self, words: str, more: dict[str, str], event: str = "", needle: str = "", canary: str = "") -> Said:
        """Run one command, which fails in the middle where an audit event is named."""
        known = [word.replace("REGISTRY", self.registry.host) for word in shlex.split(words)]
        done = self.place.run(*known, piped=_piped(words), **more, **self._crash(event, needle, canary))
        return f"crash: {words}" if event else words, done

    def _crash(self, event: str, needle: str, canary: str) -> dict[str, str]:
        quoted = self.place.home.parent / f"quoted-{canary}"
        quoted.write_text(CANARIES.get(canary, ""), encoding="utf-8")
        return {"CANARY_CRASH": f"{event}|{needle}|{quoted}"} if event else {}

    def left(self) -> Iterator[tuple[str, str]]:
        """Yield everything that may be searched, with its origin."""
        for words, done in self.said:
            yield f"{words}: stdout", done.stdout if not words.startswith("credentials") else ""
            yield f"{words}: stderr", done.stderr
        for path in self.place.home.rglob("*"):
            if path.is_file():
                yield str(path), path.read_text(encoding="utf-8", errors="replace")
        for caller in self.memory.callers:
            yield "a process that asked the keyring", repr(caller)


def _piped(words: str) -> str:
    return PIPED.get(words.split()[1], "") if words.startswith("login") else ""


@pytest.fixture(scope="module")
def trail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trail]:
    """Walk through everything once."""
    home = tmp_path_factory.mktemp("canaries") / "home"
    (home / "tmp").mkdir(parents=True)
    with (
        tempfile.TemporaryDirectory(prefix="bg-") as folder,
        serving(Path(folder) / "keyring") as memory,
        Sandbox(instances=1, boot=0.5, drain=1.0, interval=0.2) as box,
        answering(displeased) as registry,
    ):
        timing = Timing(0.5, 0.2, 2)
        settings = text(home / "records", box.region, timing, box.endpoint) + f'repository = "{registry.host}/web"\n'
        (home / "bluegreen.toml").write_text(settings, encoding="utf-8")
        yield walked(Trail(Place(home, variables(home, memory, box)), memory, registry))


def displeased(request: Request) -> Reply:
    """Answer as a registry that wants a password, and that quotes it whenever it is asked for v3."""
    who = request.headers.get("authorization", "")
    if not who:
        return 401, {"WWW-Authenticate": 'Basic realm="canaries"'}, b"{}"
    if request.path.endswith("/v3"):
        quoted = {"code": "DENIED", "message": f"{who} is not {CANARIES['password']}"}
        return 500, {"X-Quoted": who}, json.dumps({"errors": [quoted]}).encode()
    return 200, {}, b"{}"


def variables(home: Path, memory: Memory, box: Sandbox) -> dict[str, str]:
    """Return what all the processes have in common: the sandbox, the keyring, and the watcher in each of them."""
    (place,) = box.body.places.values()
    return {
        **memory.environment(),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "credentials" / "watch"), str(ROOT)]),
        "CANARY_WATCH": str(home / "started"),
        "TMPDIR": str(home / "tmp"),
        "AWS_ENDPOINT_URL": box.endpoint,
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://{place}:{METADATA_PORT}",
        "AWS_EC2_METADATA_DISABLED": "false",
        "PATH": os.pathsep.join([str(docker(home).parent), os.environ.get("PATH", os.defpath)]),
        "no_proxy": "127.0.0.1",
    }


def docker(home: Path) -> Path:
    """Return a docker that does nothing, and answers with the id of an image."""
    command = home / "bin" / "docker"
    command.parent.mkdir()
    command.write_text(f"#!/bin/sh\necho sha256:{64 * '0'}\n", encoding="utf-8")
    command.chmod(0o755)
    return command


def walked(trail: Trail) -> Trail:
    """Run the logins, the story, what fits in at any time, and the logouts; beside it all a sandbox."""
    with ThreadPoolExecutor(3) as pool:
        beside = pool.submit(sandboxed, trail)
        trail.said += [trail.run(f"{words} --debug", {}) for words in LOGINS]
        trail.said += [trail.run(*scene) for scene in STORY]
        trail.said += pool.map(lambda scene: trail.run(*scene), ANY_TIME)
        trail.said += [trail.run(f"{words} --debug", {}) for words in LOGOUTS]
        trail.said.append(beside.result())
    return trail


def sandboxed(trail: Trail) -> Said:
    """Start a sandbox by the command line, see what its processes were started with, and end it."""
    words = ["sandbox", "up", "--instances", "1", "--boot", "0.5", "--interval", "0.2", "--directory"]
    folder = trail.place.home / "up"
    folder.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "bluegreen", *words, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=trail.place.environment(**ENVIRONMENT),
    )
    assert process.stdout is not None
    said = "".join(iter(process.stdout.readline, "Ctrl-C ends the sandbox.\n"))
    for child in descendants(process.pid):
        for name in ("cmdline", "environ"):
            said += Path(f"/proc/{child}/{name}").read_text(encoding="utf-8", errors="replace")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    return "sandbox up", subprocess.CompletedProcess(words, process.returncode, said + out, err)


def descendants(number: int) -> list[int]:
    """Return the processes below one."""
    below = [
        int(child)
        for task in Path(f"/proc/{number}/task").iterdir()
        for child in (task / "children").read_text(encoding="utf-8").split()
    ]
    return below + [each for child in below for each in descendants(child)]


def commands(group: Any = cli, above: str = "") -> Iterator[str]:
    """Yield every command that there is, those of a group with its name before them."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        words = f"{above} {name}".strip()
        yield from commands(command, words) if isinstance(command, click.Group) else [words]


def spelled(canary: str) -> set[str]:
    """Return the ways in which a secret may be written, and what of an address others quote."""
    ways = {canary, repr(canary)[1:-1], urllib.parse.quote(canary), urllib.parse.quote(canary, safe="")}
    ways |= {base64.b64encode(words.encode()).decode().rstrip("=") for words in (canary, f"ana:{canary}")}
    return ways | {urllib.parse.urlsplit(canary).path for _ in [0] if "://" in canary}


def test_every_command_was_run(trail: Trail) -> None:
    """No command that there is was left out."""
    ran = {words for words, _ in trail.said}
    assert [] == [command for command in commands() if not any(f"{one} ".startswith(f"{command} ") for one in ran)]
    assert set(COMMANDS) == {command.split()[0] for command in commands()}


@pytest.mark.parametrize("name", CANARIES)
def test_no_canary_is_found(trail: Trail, name: str) -> None:
    """No secret stands in what was written, in a file, or in the arguments and variables of a process."""
    ways = spelled(CANARIES[name])
    assert [] == [origin for origin, found in trail.left() if any(way in found for way in ways)]


def test_the_canaries_were_there(trail: Trail) -> None:
    """The story went as told, and the secrets were in use: else nothing would have been shown."""
    statuses = [done.returncode for words, done in trail.said if not words.startswith("crash")]
    assert [0, 0, 0, 0, 0, 0, 0, 0, 75, 0, 0, 4, 0, 0, 0, 0, 0, 0, 69, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0] == statuses
    assert BASIC in {request.headers.get("authorization") for request in trail.registry.asked}
    handed_out = [done.stdout for words, done in trail.said if words.startswith("credentials")]
    assert [True] == [CANARIES["kept"] in out for out in handed_out]


def test_the_crashes_happened(trail: Trail) -> None:
    """Each error quoted its canary, which is hidden where it was to be read; a traceback was kept and is readable."""
    ended = [done for words, done in trail.said if words.startswith("crash") and done.returncode]
    crashed = [done.stdout + done.stderr for done in ended]
    kept = [path.read_text() for path in (trail.place.home / "tmp").glob("bluegreen-*.txt")]
    assert [] == [text for text in [*crashed, *kept] if "crashed at" in text and "[hidden]" not in text]
    assert (True, 6, 3) == (all("crashed at" in text for text in crashed), len(crashed), len(kept))
