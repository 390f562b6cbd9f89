"""The blocks of ``docs/how-to/instance.md``, as somebody would paste them onto an instance."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from .fakes import FakeDocker

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "instance.md"
RECORD = '#!/bin/sh\nprintf "%s\\n" "$*" >>"$(dirname "$0")/aws-calls"\n'


def blocks(language: str) -> list[str]:
    """Return the page's blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def user_data() -> list[str]:
    """Return what the page calls user data."""
    return blocks("bash")


def script() -> str:
    """Return the plain shell script."""
    (found,) = blocks("sh")
    return found


def equip(folder: Path) -> FakeDocker:
    """Put what the page uses into ``folder``: the real tool, the page's script, a docker and an aws that record."""
    docker = FakeDocker(folder).install()
    programs = {
        "bluegreen": f'#!/bin/sh\nexec "{sys.executable}" -P -m bluegreen "$@"\n',
        "image-version": script(),
        "aws": RECORD,
    }
    for name, text in programs.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    return docker
