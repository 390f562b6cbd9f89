"""What is an image version, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.errors import Refused, Status
from bluegreen.image import checked, shown, typed, valid

GOOD = ["v1", "1.2.3", "_x", "a" * 128, "sha256:" + "0" * 64, "sha512:" + "0f" * 64]
BAD = ["", ".x", "-rf", "a" * 129, "v1\n", "\nv1", "v 1", "vé", "v١", "ｖ1", "$(id)", "sha256:ab", "a:b", "v1\x00"]
BAD += ["sha256:" + "A" * 64, "sha256:" + "0" * 65, "sha512:" + "0" * 64, "sha256:" + "0" * 64 + "\n", "@sha256:ab"]


@pytest.mark.parametrize("value", GOOD)
def test_a_tag_or_a_digest_is_a_version(value: str) -> None:
    """Image tags and digests of both registered algorithms are accepted."""
    expected = value
    assert expected == checked(value, "it")


@pytest.mark.parametrize("value", BAD)
def test_what_is_no_version_is_refused(value: str) -> None:
    """Nothing that a shell or a registry would read otherwise passes; it ends with 4, shown in plain ASCII."""
    with pytest.raises(Refused) as caught:
        checked(value, "it")
    assert Status.BLOCKED == caught.value.status
    assert caught.value.message.isascii()
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("value", [*GOOD, *BAD, "v1; id", "v1`, then `id"])
def test_only_a_version_stands_in_a_command(value: str) -> None:
    """Whoever reads it is told what else belongs there."""
    assert (value if value in GOOD else "IMAGE") == typed(value)


@given(st.text())
def test_what_passes_is_harmless_in_a_shell(value: str) -> None:
    """Whatever is accepted consists of harmless ASCII only, and does not begin as an option does."""
    harmless = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-:")
    assert not valid(value) or (set(value) <= harmless and value[0] not in "-.:")


def test_a_long_text_is_cut() -> None:
    """What is shown fits a line, and says how long it was."""
    expected = f"'{'x' * 80}'... (256 characters)"
    assert expected == shown("x" * 256)
