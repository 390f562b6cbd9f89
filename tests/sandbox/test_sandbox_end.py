"""Nothing is left behind: no process, no folder, no listener, whatever ended the sandbox."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import until

from bluegreen.sandbox import Sandbox
from bluegreen.sandbox.processes import python_path

pytestmark = pytest.mark.sandbox

PROGRAM = """
import json, sys, time
from bluegreen.sandbox import Sandbox
with Sandbox(instances=2, boot=0.8, interval=0.2) as box:
    load = box.load(rate=20)
    time.sleep(0.5)
    print(json.dumps({"processes": box.processes.processes, "folder": str(box.processes.folder),
                      "endpoint": box.endpoint, "url": box.url}), flush=True)
    time.sleep(60)
"""


def started() -> tuple[subprocess.Popen[str], dict[str, Any]]:
    """Start a sandbox in a process of its own, and return what it said."""
    environment = {**os.environ, **python_path()}
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def alive(process: int) -> bool:
    """Say whether a process runs; a zombie does not."""
    try:
        return ") Z" not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def listens(address: str) -> bool:
    """Say whether somebody listens at an address such as http://127.0.0.1:80."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, int(port))) == 0


def left(said: dict[str, Any]) -> list[object]:
    """Return what is still there of a sandbox."""
    processes = [name for name, process in said["processes"].items() if alive(process)]
    folders = [said["folder"]] if Path(said["folder"]).exists() else []
    return [*processes, *folders, *filter(listens, [said["endpoint"], said["url"]])]


def test_a_killed_sandbox_leaves_nothing() -> None:
    """SIGKILL of the sandbox ends the supervisor, Envoy, the instances and the load, and removes the folder."""
    process, said = started()
    assert {"supervisor", "envoy", "load-1"} <= said["processes"].keys()
    assert len(left(said)) == 8
    process.kill()
    process.wait()
    until(lambda: not left(said), 5)
    expected: list[object] = []
    assert expected == left(said)


def test_a_killed_supervisor_takes_everything_along() -> None:
    """SIGKILL of the supervisor ends its children (the kernel sees to it), and the sandbox removes the folder."""
    process, said = started()
    os.kill(said["processes"]["supervisor"], signal.SIGKILL)
    until(lambda: not [each for each in said["processes"].values() if alive(each)], 5)
    until(lambda: not Path(said["folder"]).exists(), 5)
    process.kill()
    process.wait()
    expected: list[object] = []
    assert expected == left(said)


def test_leaving_ends_everything() -> None:
    """After the with-block nothing is there, and closing again is no error."""
    with Sandbox(instances=1, boot=0.8, interval=0.2) as box:
        said = {
            "processes": dict(box.processes.processes),
            "folder": str(box.processes.folder),
            "endpoint": box.endpoint,
            "url": box.url,
        }
        assert len(left(said)) == 6
    box.close()
    expected: list[object] = []
    assert expected == left(said)


def test_only_loopback_listens(box: Sandbox) -> None:
    """No process of the sandbox listens beyond 127.0.0.0/8."""
    processes = [os.getpid(), *box.processes.processes.values()]
    addresses = {address for process in processes for address in _listening(process)}
    assert addresses
    expected: set[str] = set()
    assert expected == {address for address in addresses if not address.endswith("7F")}


def _listening(process: int) -> list[str]:
    """Return the local addresses (hexadecimal, little endian; IPv6 as such) on which a process listens."""
    try:
        links = [os.readlink(entry.path) for entry in os.scandir(f"/proc/{process}/fd")]
    except OSError:
        return []
    inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        if Path(f"/proc/{process}/net/{table}").exists()
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]
    ]
    return [row[1].partition(":")[0] for row in rows if row[3] == "0A" and row[9] in inodes]
