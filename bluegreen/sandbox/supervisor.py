"""The process that owns every other process of a sandbox, and outlives nobody.

The sandbox talks to it over a pipe, a JSON object a line. When that pipe ends (the sandbox left, or was killed
with SIGKILL), the supervisor kills every child's process group and removes the run folder. When it is killed itself,
the kernel kills its children (``PR_SET_PDEATHSIG``; the supervisor has one thread, so its death is that
thread's). Instances are forked from it: they start in milliseconds, with Python and their modules loaded.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import selectors
import shutil
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from attrs import define, field

from bluegreen.sandbox import machine
from bluegreen.sandbox.die_with_parent import die_with_parent


@define
class Supervisor:
    """Forks, kills and buries the processes of one sandbox; ``folder`` is its run folder."""

    folder: str
    _children: dict[str, int] = field(factory=dict, init=False)
    _wakeup: tuple[int, int] = field(factory=os.pipe, init=False)

    def run(self) -> None:
        """Obey until the pipe ends; then leave nothing behind."""
        self._listen_to_children()
        self._say(ready=os.getpid())
        for module in machine.LOADED:
            importlib.import_module(module)
        gc.collect()
        gc.freeze()
        try:
            self._obey()
        finally:
            self.bury()

    def bury(self) -> None:
        """Kill every process group, wait for the children, remove the run folder."""
        signal.set_wakeup_fd(-1)
        for process in self._children.values():
            _kill_group(process, signal.SIGKILL)
        for process in self._children.values():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process, 0)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _listen_to_children(self) -> None:
        for end in self._wakeup:
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakeup[1], warn_on_full_buffer=False)

    def _obey(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(0, selectors.EVENT_READ)
            selector.register(self._wakeup[0], selectors.EVENT_READ)
            buffer = b""
            while True:
                ready = {key.fd for key, _ in selector.select()}
                if self._wakeup[0] in ready:
                    self._reap()
                if 0 in ready:
                    data = os.read(0, 65536)
                    if not data:
                        return
                    *lines, buffer = (buffer + data).split(b"\n")
                    for line in lines:
                        self._do(json.loads(line))

    def _do(self, order: dict[str, Any]) -> None:
        match order["do"]:
            case "machine":
                self._fork(order, lambda: machine.boot(order["machine"]))
            case "program":
                environment = {**os.environ, **order["environment"]}
                self._fork(order, lambda: os.execve(order["argv"][0], order["argv"], environment))
            case "kill" if order["name"] in self._children:
                _kill_group(self._children[order["name"]], order["signal"])

    def _fork(self, order: dict[str, Any], live: Callable[[], object]) -> None:
        process = os.fork()
        if process == 0:
            _become(os.path.join(self.folder, order["log"]), live)
        with contextlib.suppress(PermissionError, ProcessLookupError):
            os.setpgid(process, process)
        self._children[order["name"]] = process
        self._say(started=order["name"], process=process)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wakeup[0], 4096)
        for name, process in list(self._children.items()):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                _kill_group(process, signal.SIGKILL)
                del self._children[name]
                self._say(ended=name, status=os.waitstatus_to_exitcode(status), at=time.time())

    @staticmethod
    def _say(**words: Any) -> None:
        with contextlib.suppress(BrokenPipeError):
            os.write(1, json.dumps(words).encode() + b"\n")


def _become(log: str, live: Callable[[], object]) -> None:
    """In the forked child: leave the supervisor's pipes and signals, live, and never return."""
    try:
        os.setpgid(0, 0)
        die_with_parent()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for target, source in ((0, nothing), (1, output), (2, output)):
            os.dup2(source, target)
        live()
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(1)


def _kill_group(process: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process, number)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Supervisor(sys.argv[1]).run()
