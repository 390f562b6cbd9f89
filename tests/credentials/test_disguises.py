"""A secret that somebody quotes in another coding is hidden, and the text around it stays."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from bluegreen.credentials.hiding import HIDDEN, hide, remember

TOKEN = "IQoJb3JpZ2luX2VjE/Pd+aVLmnop//QRSTu+vwxyzABCDEFGH012345+6789disguised=="
NAMES = {"+": "&plus;", "/": "&sol;", "=": "&equals;"}


def _units(text: str, form: str, which: str = "+/=&") -> str:
    return "".join(form.format(ord(one)) if one in which else one for one in text)


TWICE = quote(quote(TOKEN, safe=""), safe="")
FORMS = {
    "upper units": _units(TOKEN, "\\u{:04X}"),
    "lower units": _units(TOKEN, "\\u{:04x}"),
    "all of it": _units(TOKEN, "\\u{:04x}", TOKEN),
    "doubled backslash": _units(TOKEN, "\\\\u{:04X}"),
    "bytes": _units(TOKEN, "\\x{:02x}"),
    "named": "".join(NAMES.get(one, one) for one in TOKEN),
    "named, quoted": "".join(NAMES.get(one, one).replace("&", "&amp;") for one in TOKEN),
    "percent twice": TWICE,
    "percent three times": quote(TWICE, safe=""),
    "percent twice, lower": TWICE.replace("%252B", "%252b").replace("%252F", "%252f").replace("%253D", "%253d"),
    "folded": "\r\n ".join(TOKEN[at : at + 20] for at in range(0, len(TOKEN), 20)),
    "soft breaks": "=\n".join(TOKEN[at : at + 20] for at in range(0, len(TOKEN), 20)),
    "units in entities": _units(TOKEN, "&#92;u{:04x}"),
    "percent in a fold": "\r\n\t".join(TWICE[at : at + 24] for at in range(0, len(TWICE), 24)),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_in_another_coding_is_hidden(form: str) -> None:
    """Servers and libraries write a header that they quote as JSON, HTML, addresses or folded lines."""
    remember(TOKEN)
    assert f"bad header {HIDDEN} %41 &plus; \\u0041" == hide(f"bad header {FORMS[form]} %41 &plus; \\u0041")
