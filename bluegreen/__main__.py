"""Where the command line begins: ``bluegreen`` and ``python -m bluegreen``."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Run the command line and return its exit status; a signal that nobody heeds ends the process, without a word."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from bluegreen.cli.main import main as run
    from bluegreen.credentials.dumps import undumpable

    undumpable()
    return run()


if __name__ == "__main__":
    sys.exit(main())
