"""EC2's filters: what a value of theirs lets pass."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bluegreen.simulator.ec2.filters import filters_of

WORDS = ["web", "web-1", "WEB", "w", "", "w*b", "web[1]", "a.b", "a\nb"]


def passing(*values):
    """Return which words pass a filter of these values."""
    found = filters_of({"Filters": [{"Name": "tag:team", "Values": list(values)}]})[0]
    return [word for word in WORDS if found.passes([word])]


def test_wildcards_and_letters():
    """An asterisk is anything, a question mark one character or none; a backslash takes them literally."""
    forms = ("web", "web*", "we?", "w??", "?", r"w\*b", "web[1]", "a.b", "a?b")
    expected = [["web"], ["web", "web-1", "web[1]"], ["web"], ["web", "w", "w*b"], ["w", ""], ["w*b"]]
    assert [*expected, ["web[1]"], ["a.b"], ["a.b", "a\nb"]] == [passing(form) for form in forms]


def test_several_values_are_alternatives():
    """One of them is enough, plain ones and forms together."""
    assert ["web", "WEB", "web[1]"] == passing("web", "WEB", "*]")


@given(st.text())
def test_any_value_passes_itself_where_its_wildcards_are_taken_literally(value):
    """Whatever else is in it."""
    literal = "".join("\\" + letter if letter in "*?\\" else letter for letter in value)
    assert filters_of({"Filters": [{"Name": "value", "Values": [literal]}]})[0].passes([value])
