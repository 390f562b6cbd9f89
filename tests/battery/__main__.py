"""``python -m tests.battery``."""

from __future__ import annotations

import sys

from tests.battery.command import main

if __name__ == "__main__":
    sys.exit(main())
