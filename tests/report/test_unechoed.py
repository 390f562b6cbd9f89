"""What is typed while a picture stands is not shown in it, and afterwards it is again."""

from __future__ import annotations

import os
import pty
import sys

import pytest

PROGRAM = """
import os, signal, sys, termios
from bluegreen.report.unechoed import Unechoed, in_foreground
def echoes(): return bool(termios.tcgetattr(0)[3] & termios.ECHO)
if sys.argv[1] == "behind":
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    child = os.fork()
    if child: os.waitpid(child, 0); sys.exit()
    os.setpgid(0, 0)
quiet, told = Unechoed(), []
quiet.begin(); told.append(echoes())
signal.raise_signal(signal.SIGCONT); told.append(echoes())
quiet.end(); told.append(echoes())
print(in_foreground(0), *told, flush=True)
"""


@pytest.mark.parametrize(
    ("where", "expected"), [("before", "True False False True"), ("behind", "False True True True")]
)
def test_the_echo_is_off_in_front_alone(where: str, expected: str) -> None:
    """A job behind would be stopped for setting the terminal (SIGTTOU, termios(4)): it leaves it as it is."""
    child, master = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM, where])
    said = b""
    try:
        while piece := os.read(master, 1000):
            said += piece
    except OSError:  # the other end is closed
        pass
    os.waitpid(child, 0)
    assert expected == said.decode().strip()
