"""Every hint is a command that works when it is pasted into another shell, whatever that one's default region is."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click
import pytest

import bluegreen
from bluegreen.aws.clients import BotoClients
from bluegreen.aws.settings import default_region
from bluegreen.cli.invocation import Invocation
from bluegreen.cli.lazy import NO_SERVICE
from bluegreen.cli.main import cli
from bluegreen.cli.pasting import Place
from bluegreen.cli.wiring import Wiring
from bluegreen.errors import Refused, Status
from bluegreen.flow.events import EventKind
from bluegreen.service import Ended
from bluegreen.settings.configuration import Configuration
from bluegreen.targets.pair import hints
from bluegreen.targets.pair.model.fleet import CLASSIC, TARGET_GROUP, Balancer, Fleet, Question
from bluegreen.targets.seam.finding import WARNED, Finding
from tests.cli.fakes import WEB, FakeService, FakeWiring, report, run
from tests.support.hands import COMMAND, type_in
from tests.support.virtual import BLUE, GREEN, Pair, virtual

Capture = pytest.CaptureFixture[str]
HERE, THERE = "eu-west-1", "us-west-2"
"""The region of the service, and the default of the shell that a hint is pasted into."""

DELETE = "`aws autoscaling delete-tags --tags Key=x`"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no variable of AWS's be set."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "BLUEGREEN_CONFIG", "AWS_WEB_IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)


def place(region: str = "", default: str = HERE, **more: object) -> Place:
    """Return where a command was typed."""
    return Place("web", region=region, default_region=lambda: default, **more)  # type: ignore[arg-type]


# ---- what is added ----


@pytest.mark.parametrize(
    ("found", "text", "spelled"),
    [
        (place(), "go on with `bluegreen resume web`", f"go on with `bluegreen resume web --region {HERE}`"),
        (place(HERE), "go on with `bluegreen resume web`", "go on with `bluegreen resume web`"),
        (place(HERE), f"first {DELETE}", f"first `aws autoscaling delete-tags --tags Key=x --region {HERE}`"),
        (place(HERE), "`bluegreen diff` shows all", "`bluegreen diff web` shows all"),
        (place(HERE), "`bluegreen status`, `bluegreen history web`", "`bluegreen status web`, `bluegreen history web`"),
        (place(HERE), "`bluegreen login aws`, `aws sso login`", "`bluegreen login aws`, `aws sso login`"),
        (place(HERE, config="a b.toml"), "`bluegreen resume web`", "`bluegreen resume web --config 'a b.toml'`"),
        (
            place(HERE, flags={"blue": "a", "green": "b c", "region": HERE, "state": "file:x"}),
            "`bluegreen resume web`",
            f"`bluegreen resume web --blue a --green 'b c' --region {HERE} --state file:x`",
        ),
        (place(default=""), "`bluegreen resume web`", "`bluegreen resume web`"),
        (place(HERE), "no `command` at all, `aws", "no `command` at all, `aws"),
    ],
)
def test_options(found: Place, text: str, spelled: str) -> None:
    """A command gets what the other shell need not know, and nothing that the configuration says there as well."""
    assert spelled == found.spelled(text)


@pytest.mark.parametrize(
    ("environ", "resume", "delete"),
    [
        ({"AWS_PROFILE": "the shop"}, " --profile 'the shop'", " --profile 'the shop'"),
        ({"AWS_PROFILE": "a", "AWS_DEFAULT_PROFILE": "b"}, " --profile b", " --profile b"),
        ({"AWS_PROFILE": "a", "AWS_ACCESS_KEY_ID": "AKIA"}, "", ""),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "", " --endpoint-url http://127.0.0.1:1"),
        ({"BLUEGREEN_CONFIG": "x.toml"}, " --config x.toml", ""),
    ],
)
def test_variables(environ: dict[str, str], resume: str, delete: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a variable says here is said in the command."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    told = place(HERE).spelled(f"`bluegreen resume web`, {DELETE}")
    assert f"`bluegreen resume web{resume}`, {DELETE[:-1]} --region {HERE}{delete}`" == told


# ---- wherever a command is told ----


def _event(service: FakeService) -> Ended:
    service.tell(EventKind.WARNED, f"a tag is strange: {DELETE}")
    return Ended(Status.BLOCKED, "web: blocked", "`bluegreen resume web`")


TOLD: list[tuple[tuple[str, ...], object]] = [
    (("deploy", "web", "v2"), _event),
    (("deploy", "web", "v2"), Refused(f"web: refused, {DELETE}", "`bluegreen finish web`")),
    (("status", "web"), report(troubles=(f"the tag is strange: {DELETE}",), missing="`bluegreen resume web`")),
    (("status",), Refused(f"refused, {DELETE}", "`bluegreen close web --reason TEXT`")),
    (("check", "web"), (Finding(WARNED, f"strange: {DELETE}", "`bluegreen diff`"),)),
    (("cleanup",), Refused(f"refused, {DELETE}", "`bluegreen resume web`")),
]


@pytest.mark.parametrize("output", ["text", "json"])
@pytest.mark.parametrize(("words", "answer"), TOLD)
def test_told(words: tuple[str, ...], answer: object, output: str, capsys: Capture) -> None:
    """In events, results, errors, a status and a check, for people and for programs, no command lacks its region."""
    wiring = FakeWiring({words[0]: answer}, found=Configuration("file:state", {"web": WEB}), region=HERE)
    run(wiring, *words, "--output", output)
    captured = capsys.readouterr()
    found = re.findall(r"`((?:aws|bluegreen) [^`]+)`", captured.out + captured.err)
    assert 2 <= len(found)
    assert [] == [command for command in found if f"--region {HERE}" not in command]


def test_left_at_once(capsys: Capture) -> None:
    """The second signal's hint has it, too."""
    from tests.cli.fakes import interrupt

    run(FakeWiring({"deploy": interrupt(15, 2)}, region=HERE), "deploy", "web", "v2")
    assert f"`bluegreen status web --region {HERE}`" in capsys.readouterr().err


# ---- pasted ----


def hints_of_ours() -> Iterator[str]:
    """Yield the commands of ours that stand in the package's sentences, their gaps filled."""
    for path in sorted(Path(bluegreen.__file__).parent.rglob("*.py")):
        if "`bluegreen " in (source := path.read_text(encoding="utf-8")):
            for node in ast.walk(ast.parse(source)):
                yield from re.findall(r"`(bluegreen [a-z][^`]+)`", _text(node))


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else _filled(part) for part in node.values)
    return ""


def _filled(gap: ast.AST) -> str:
    return "--without web" if "join(flags)" in ast.unparse(gap) else "web"


def parsed(command: str) -> click.Context:
    """Return what the command line understands; it does nothing."""
    _, verb, *words = shlex.split(re.sub(r"\b(IMAGE|TEXT)\b", "v2", command).replace(" N", " 3"))
    found = cli.get_command(click.Context(cli), verb)
    assert found is not None
    return found.make_context(verb, words, obj=Invocation(FakeWiring()))  # type: ignore[arg-type]


def test_each_of_our_commands_is_understood() -> None:
    """Every command that a sentence names, pasted elsewhere, is one: of this service, in this region."""
    told = sorted({place().spelled(f"`{command}`").strip("`") for command in hints_of_ours()})
    about = [command for command in told if command.split()[1] not in {*NO_SERVICE, "web"}]
    found = [parsed(command).params for command in about]
    assert 15 <= len(about)
    assert [("web", HERE)] * len(about) == [(one["service"], one["region"]) for one in found]


def fleet(pair: Pair) -> Fleet:
    """Return what is seen of a pair."""
    return pair.aws.ask(Question((BLUE, GREEN)))


KINDS: dict[str, Callable[[Fleet, str], str]] = {
    "resume": lambda seen, one: hints.resume(BLUE, ["AZRebalance"]),
    "suspend": lambda seen, one: hints.suspend(BLUE, ["AZRebalance", "Launch"]),
    "emptied": lambda seen, one: hints.emptied(seen.groups[BLUE]),
    "detached": lambda seen, one: hints.detached(BLUE, [one]),
    "ended": lambda seen, one: hints.ended([one]),
    "unmarked": lambda seen, one: hints.unmarked([one], "odd key"),
    "tagged": lambda seen, one: hints.tagged(BLUE, "odd key", "v 9", True),
    "untagged": lambda seen, one: hints.untagged(BLUE, "image"),
    "resized": lambda seen, one: hints.resized(BLUE, 1, 9),
    "awaited": lambda seen, one: hints.awaited(next(iter(seen.groups[BLUE].balancers)), [one]),
    "registered": lambda seen, one: hints.registered(next(iter(seen.groups[BLUE].balancers)), [one]),
}
CHANGES_NOTHING = {"resume", "unmarked", "registered", "awaited"}


@pytest.mark.parametrize("kind", KINDS)
def test_each_aws_command_lands_in_the_region_of_its_service(kind: str) -> None:
    """Two regions have groups of the same names; the other shell's default is the wrong one."""
    regions = {HERE: virtual(instances=1), THERE: virtual(seed=1, instances=1)}
    (one,) = regions[HERE].sim.states(BLUE)
    before = {region: (pair.picture(), pair.sim.states(BLUE)) for region, pair in regions.items()}
    for command in COMMAND.findall(place().spelled(KINDS[kind](fleet(regions[HERE]), one))):
        words = shlex.split(command)
        region = words[words.index("--region") + 1] if "--region" in words else THERE
        type_in(regions[region], command)
    for pair in regions.values():
        pair.run_for(60)
    after = {region: (pair.picture(), pair.sim.states(BLUE)) for region, pair in regions.items()}
    assert (kind in CHANGES_NOTHING, True) == (before[HERE] == after[HERE], before[THERE] == after[THERE])


# ---- where the region and the profile come from ----


def test_the_default_region(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is the one that AWS's library takes: of a variable, else of the profile; none of a profile that is not."""
    file = tmp_path / "config"
    file.write_text(f"[profile shop]\nregion = {HERE}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    found = [default_region()]
    monkeypatch.setenv("AWS_PROFILE", "shop")
    found.append(default_region())
    monkeypatch.setenv("AWS_REGION", THERE)
    found.append(default_region())
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert ["", HERE, THERE, ""] == [*found, default_region()]


def test_a_profile_goes_before_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As with the AWS command line, --profile takes nothing from keys in variables."""
    file = tmp_path / "credentials"
    file.write_text("[shop]\naws_access_key_id = AKIASHOP\naws_secret_access_key = secret\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.setenv(name, "other")
    Wiring().take_profile("shop")
    signer = BotoClients(region=HERE).client("autoscaling")._request_signer
    assert "AKIASHOP" == signer._credentials.access_key


def test_profile_is_taken() -> None:
    """Every verb about a service understands --profile."""
    wiring = FakeWiring()
    wiring.answers = {"status": report()}
    assert (0, ["shop"]) == (run(wiring, "status", "web", "--profile", "shop"), wiring.profiles)


# ---- names from outside ----

NAMES: dict[str, Callable[[str], str]] = {
    "resume": lambda name: hints.resume(name, ["Launch", name]),
    "resized": lambda name: hints.resized(name, 0, 9),
    "detached": lambda name: hints.detached(name, [name]),
    "policy": lambda name: hints.policy_removed(name, name),
    "schedule": lambda name: hints.schedule_removed(name, name),
    "alarm": lambda name: hints.alarm_removed("", name),
    "alarms": lambda name: hints.alarms_gone(["a", name]),
    "tag": lambda name: hints.tagged(name, name, name, propagate=True),
    "no tag": lambda name: hints.untagged(name, name, "a"),
    "marks": lambda name: hints.unmarked([name], "a"),
    "targets": lambda name: hints.registered(Balancer(TARGET_GROUP, name), [name]),
    "awaited": lambda name: hints.awaited(Balancer(CLASSIC, name), [name]),
}
"""Commands about something that somebody else has named."""

HOSTILE = [
    "--endpoint-url=https://evil.example",
    "-x",
    "x`, then `aws ec2 terminate-instances --instance-ids i-1",
    "`id`",
    "$(id) $HOME \\ \"'",
    "a,Key=b",
    "a\u2028b\x1b[2J",
    "it's, with ` and \\",
]


def typed(command: str) -> list[str]:
    """Return the words with which ``aws`` is called when a command is pasted into a shell."""
    script = f"aws() {{ printf '%s\\0' \"$@\"; }}; {command}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    return done.stdout.decode().split("\0")[:-1]


def options(words: list[str]) -> list[str]:
    """Return the options in a command's words, as the AWS command line tells them from values."""
    return [word.partition("=")[0] for word in words if word.startswith("-")]


LISTS = ("--alarm-names", "--scaling-processes", "--instance-ids", "--resources", "--tags", "--targets", "--instances")


def values(words: list[str]) -> set[str]:
    """Return all that is said in a command's words: of JSON what it holds, of shorthand each of its values.

    Source: AWS CLI user guide, "Specifying parameter values": a list may be JSON, and ``file://`` names a file.
    """
    found, option = set[str](), ""
    for word in words:
        if word.startswith("-"):
            option, _, value = word.partition("=")
        else:
            value = word
        if option not in LISTS:
            found.add(value)
        elif value.startswith("["):
            found.update(str(leaf) for row in json.loads(value) for leaf in _leaves(row))
        elif not value.startswith("file://"):
            found.update((value, *(part.partition("=")[2] for part in value.split(","))))
    return found


def _leaves(row: object) -> Iterable[object]:
    return row.values() if isinstance(row, dict) else [row]


@pytest.mark.parametrize("name", [*HOSTILE, "a b", '["a"]', "file:///etc/passwd"])
def test_a_name_is_nothing_but_a_name(name: str) -> None:
    """It is no option, no second command in the sentence, nothing a shell runs, no file to read among several names."""
    for kind, command in NAMES.items():
        (found,) = re.findall(r"`([^`\n]*)`", place(HERE).spelled(command(name)))
        (plain,) = re.findall(r"`([^`\n]*)`", place(HERE).spelled(command("a")))
        words = typed(found)
        assert (kind, options(typed(plain)), True) == (kind, options(words), name in values(words))


def test_plain_names_are_spelled_as_everybody_spells_them() -> None:
    """Only what needs it is written otherwise."""
    told = "`aws cloudwatch delete-alarms --alarm-names a 'b c'`"
    assert told == hints.alarms_gone(["a", "b c"])
    told = "`aws autoscaling delete-tags --tags 'ResourceId=a b,ResourceType=auto-scaling-group,Key=bluegreen:id'`"
    assert told == hints.untagged("a b", "bluegreen:id")


@pytest.mark.parametrize("name", ["a --region b", "--region"])
def test_an_option_in_a_name_is_none(name: str) -> None:
    """The region is told all the same."""
    assert place(HERE).spelled(hints.resized(name, 0, 9)).endswith(f" --region {HERE}`")
