"""Write the settings into the pages that list them, from their declarations: `python -m docs.reference`."""

from pathlib import Path

from bluegreen.cli.wiring import kinds
from bluegreen.settings.reference import filled

PAGES = ("configuration.md", "commands.md")

if __name__ == "__main__":
    for name in PAGES:
        page = Path(__file__).parent / name
        page.write_text(filled(page.read_text(encoding="utf-8"), kinds()), encoding="utf-8")
