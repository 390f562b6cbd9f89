"""Where the command line begins: ``bluegreen`` and ``python -m bluegreen``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit status."""
    from bluegreen.cli.main import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
