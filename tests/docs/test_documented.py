"""The documentation names everything that there is, and its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import click
import pytest
from pygments.lexers import get_lexer_by_name
from pygments.token import Error

import bluegreen
from bluegreen import ServiceSettings, Status
from bluegreen.cli.lazy import COMMANDS
from bluegreen.cli.main import cli
from bluegreen.cli.wiring import kinds
from bluegreen.declared import declared, parse_duration
from bluegreen.flow.plans import sections
from bluegreen.settings.reference import filled
from bluegreen.targets.pair.plans.plan import PLANS
from tests.support.settings import parse

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
WRITTEN_ELSEWHERE = {DOCS / "fidelity.md", DOCS / "permissions.md"}

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
LABEL = re.compile(r"^\((.+)\)=$", re.MULTILINE)


def page(name: str) -> str:
    """Return a page of the documentation."""
    return (DOCS / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return what stands under a heading of the second level."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def options(command: click.Command) -> set[str]:
    """Return the long names of a command's options."""
    parameters = command.get_params(click.Context(command))
    names = {name for p in parameters if isinstance(p, click.Option) for name in p.opts}
    return {name for name in names if name.startswith("--")}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield each command with its name, those of a group below the group's name."""
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((name, below) for below in command.commands.values())


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page as MyST makes them: headings in lower case with dashes, and labels."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text)}
    return slugs | set(LABEL.findall(text))


def broken(path: Path) -> list[str]:
    """Return the links of a page that lead nowhere in this tree."""
    found = []
    for link in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        place, _, anchor = link.partition("#")
        if "://" in place:
            continue
        target = (path.parent / place).resolve() if place else path
        if target in WRITTEN_ELSEWHERE and not anchor:
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            found.append(link)
    return found


def test_every_command_is_documented() -> None:
    """Each command has a heading of its own on the page of commands."""
    headings = re.findall(r"^## (\S+)$", page("commands.md"), re.MULTILINE)
    assert set(COMMANDS) == set(headings) & set(COMMANDS)


def test_every_flag_is_documented() -> None:
    """Each option of each command stands under the command's heading, or under what holds for every command."""
    text = page("commands.md")
    everywhere = section(text, "For every command")
    missing = [
        f"{name} {option}"
        for name, command in commands()
        for option in sorted(options(command))
        if f"`{option}" not in section(text, name) + everywhere
        and not (name == "check" and f"`{option}" in section(text, "deploy"))
    ]
    assert [] == missing


def test_no_flag_is_invented() -> None:
    """Every option that the page of commands names is understood by some command."""
    known = set().union(*(options(command) for _, command in commands())) | options(cli) | {"--help"}
    named = set(re.findall(r"`(--[a-z-]+)", page("commands.md")))
    assert set() == named - known


def test_every_setting_is_documented() -> None:
    """Each key that the configuration reads has a row, and there is no row for anything else."""
    rows = set(re.findall(r"^\| `([a-z_]+)` \|", section(page("configuration.md"), "Keys"), re.MULTILINE))
    assert {"state", *declared(ServiceSettings)} == rows
    assert {field.name for field in attrs.fields(ServiceSettings)} - {"name"} == set(declared(ServiceSettings))


@pytest.mark.parametrize("name", ["configuration.md", "commands.md"])
def test_the_settings_are_written_from_their_declarations(name: str) -> None:
    """`python -m docs.reference` writes them: nobody writes a row by hand."""
    assert filled(page(name), kinds()) == page(name)


def test_the_whole_file_is_valid() -> None:
    """The example of a whole configuration is read without a fault, and has every key."""
    text = section(page("configuration.md"), "A whole file")
    example = text.split("```toml\n")[1].split("```")[0]
    assert "web" in parse(example, Path("bluegreen.toml")).services
    assert set(declared(ServiceSettings)) == set(
        re.findall(r"^(?:# instead: )?([a-z_]+) =", example.split("[services.web]")[1], re.MULTILINE)
    )


def test_documented_defaults_are_the_real_ones() -> None:
    """Durations that the page calls defaults are those of a service that says nothing."""
    table = section(page("configuration.md"), "Keys")
    plain = ServiceSettings(name="web", blue="a", green="b")
    rows = re.findall(r"^\| `(\w+)` \| .* \| `\"(\d+\w+)\"` \| `--[a-z-]+ DURATION` \|$", table, re.MULTILINE)
    assert {"bake", "keep_parked", "look_every", "stabilization"} <= {key for key, _ in rows}
    assert {key: getattr(plain, key) for key, _ in rows} == {key: parse_duration(text) for key, text in rows}


def test_every_exit_status_is_documented() -> None:
    """The table of exit statuses has each of them with its name, and no other."""
    rows = re.findall(r"^\| (\d+) \| `([A-Z_]+)` \|", page("exit-statuses.md"), re.MULTILINE)
    assert {status.name: int(status) for status in Status} == {name: int(number) for number, name in rows}


def test_importance_of_exit_statuses_is_the_real_one() -> None:
    """The order in which the worst of several statuses wins is the one that the command line uses."""
    from bluegreen.cli.running import _WORST

    (order,) = re.findall(r"in the order of importance ([\d, ]+)\.", page("exit-statuses.md"))
    assert [int(status) for status in reversed(_WORST)] == [int(number) for number in order.split(", ")]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    """Every link of a page that stays in this tree finds its file and its heading."""
    assert [] == broken(path)


def test_every_page_is_in_a_table_of_contents() -> None:
    """Each page is listed in an index beside it, so that a reader can find it."""
    listed = {
        (index.parent / f"{name}.md").resolve()
        for index in DOCS.rglob("index.md")
        for tree in re.findall(r"```\{toctree\}\n(?::.*\n)*\n(.*?)```", index.read_text(encoding="utf-8"), re.DOTALL)
        for name in tree.split()
    }
    assert set() == {path.resolve() for path in DOCS.rglob("*.md")} - listed - {DOCS / "index.md"}


def test_every_test_of_the_rules_exists() -> None:
    """Each test that the page of rules names is defined in the file that it names."""
    named = NAMED_TEST.findall(page("rules.md"))
    files = {path: (ROOT / path).read_text(encoding="utf-8") for path, _ in named if (ROOT / path).is_file()}
    assert len(named) == page("rules.md").count("`tests/")
    assert [] == [
        f"{path}::{name}" for path, name in named if not re.search(rf"^def {name}\(", files.get(path, ""), re.MULTILINE)
    ]


@pytest.mark.parametrize(
    "heading",
    [*(f"Rule {number}" for number in range(1, 16)), *(f"Scenario {letter}" for letter in "abcdefghijklmnopqrst")],
)
def test_every_rule_and_scenario_names_its_tests(heading: str) -> None:
    """None stands there that nothing holds."""
    (text,) = re.findall(rf"^### {heading}\n(.*?)(?=^##|\Z)", page("rules.md"), re.MULTILINE | re.DOTALL)
    assert NAMED_TEST.search(text)


def test_the_steps_of_the_rules_are_those_of_the_plans() -> None:
    """The tables have every section of every plan, each with its steps, in the order in which they are asked."""
    tables = re.findall(r"^### (\w+), until (\w+)\n(.*?)^Then \*(\w+)\*", page("rules.md"), re.MULTILINE | re.DOTALL)
    told = [(goal, door, re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) for goal, door, text, _ in tables]
    assert [door for _, door, _ in told] == [then for *_, then in tables]
    assert told == [
        (goal, door.name, [step.__name__ for step in steps])
        for goal, plan in PLANS.items()
        for steps, door in sections(plan)
    ]


def test_five_names() -> None:
    """Each name that the package promises is there, and nothing else is made up."""
    assert 5 == len(bluegreen.__all__)
    assert bluegreen.__all__ == [getattr(bluegreen, name).__name__ for name in bluegreen.__all__]
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        bluegreen.Nothing  # noqa: B018


def test_importing_the_package_is_light() -> None:
    """The package alone loads none of its own modules, nor anything that is slow to load."""
    program = "import sys, bluegreen; print([m for m in sys.modules if m.startswith(('bluegreen.', 'attr', 'boto'))])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_are_of_the_language_that_they_say(path: Path) -> None:
    """Sphinx colours each example by its language and, with -W, ends at what that language does not have."""
    text = path.read_text(encoding="utf-8")
    wrong = [
        (language, token)
        for language, body in re.findall(r"^```([a-z]+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        for kind, token in get_lexer_by_name(language).get_tokens(body)
        if kind is Error
    ]
    assert [] == wrong
