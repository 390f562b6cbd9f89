"""``python -m bluegreen.demo``."""

import signal
import sys


def start() -> int:
    """Run the demonstration; while it is imported a signal ends the process, without a word."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from bluegreen.demo.command import heed, main

    heed()
    return main()


sys.exit(start())
