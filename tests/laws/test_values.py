"""A value that is changed to what it is stays the very same one: what was found out of it need not be found again."""

from __future__ import annotations

from attrs import field, frozen

from bluegreen.values import changed


@frozen
class Pair:
    """Two members."""

    one: float
    other: dict[str, int] = field(factory=dict)


def test_nothing_new_is_the_same_value() -> None:
    """Equal members are no change, whichever objects hold them."""
    pair = Pair(1.0, {"a": 1})
    assert pair is changed(pair, one=1, other={"a": 1})


def test_what_is_new_alone_is_another_value() -> None:
    """The value itself stays as it is, as it does for attrs."""
    pair = Pair(1.0, {"a": 1})
    assert (Pair(1.0, {"a": 2}), Pair(1.0, {"a": 1})) == (changed(pair, one=1.0, other={"a": 2}), pair)


def test_what_equals_nothing_is_always_new() -> None:
    """Not a number is not even itself."""
    pair = Pair(float("nan"))
    assert (True, False) == (changed(pair, one=pair.one) is pair, changed(pair, one=float("nan")) is pair)
