"""``python -m bluegreen.demo``."""

import sys

from bluegreen.demo.command import main

sys.exit(main())
