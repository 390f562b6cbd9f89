"""Write the settings into the pages that list them, from their declarations: `python -m docs.reference`."""

from pathlib import Path

from bluegreen.cli.wiring import kinds
from bluegreen.settings.reference import filled

PAGE = Path(__file__).parent / "configuration.md"

if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), kinds()), encoding="utf-8")
