"""The rooms of the package and which way their imports point: read from the source, nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "bluegreen"

MODEL, TAGS, PLANS, FITNESS = (f"targets/pair/{room}" for room in ("model", "release_tags", "plans", "fitness"))
HINTS, TELLING, AT_WORK, PAIR_AWS = (f"targets/pair/{room}" for room in ("hints", "telling", "at_work", "aws"))
RECORDS, PAIR_SETTINGS = (f"targets/pair/{room}" for room in ("records", "settings"))
# One AWS service each; a new one stands on those below it, and none of them learns of it.
CORE, EC2, CLOUDWATCH, ELB, AUTOSCALING, STS = (
    f"simulator/{shelf}" for shelf in ("core", "ec2", "cloudwatch", "elb", "autoscaling", "sts")
)
SIMULATOR = {"simulator", CORE, EC2, CLOUDWATCH, ELB, AUTOSCALING, STS}
PAIR_SENTENCES = "targets/pair/sentences"
PAIR_PURE = {PAIR_SENTENCES, MODEL, HINTS, TAGS, PLANS, FITNESS, TELLING}
SEAM = "targets/seam"

# What each room may import of the package. Whoever adds a room adds its row.
ROOMS = {
    "words": {"words"},
    "sentences": {"sentences", "words"},
    "errors": {"errors", "words"},
    "clock": {"clock"},
    "calls": {"calls"},
    "plain_json": {"plain_json"},
    "files": {"files", "errors"},
    "ranges": {"ranges", "words"},
    "values": {"values"},
    "declared": {"declared", "arguments", "ranges", "words"},
    "arguments": {"arguments", "errors", "words"},
    "image": {"image", "errors", "words"},
    "flow": {
        "flow",
        "sentences",
        "declared",
        "ranges",
        "arguments",
        "calls",
        "image",
        "errors",
        "clock",
        "values",
        "words",
    },
    "credentials": {"credentials", "errors"},
    "aws": {"aws", "calls", "credentials", "errors"},
    MODEL: {MODEL, "flow", "declared", "ranges", "values", "words"},
    PAIR_SENTENCES: {PAIR_SENTENCES, MODEL, "sentences", "words"},
    HINTS: {HINTS, MODEL, "words"},
    TAGS: {TAGS, PAIR_SENTENCES, "sentences", HINTS, MODEL, "flow", "declared", "errors", "words"},
    PLANS: {PLANS, PAIR_SENTENCES, TAGS, HINTS, MODEL, "sentences", "flow", "declared", "ranges", "values", "words"},
    FITNESS: {FITNESS, PAIR_SENTENCES, PLANS, TAGS, HINTS, MODEL, SEAM, "flow", "errors", "words"},
    TELLING: {
        TELLING,
        PAIR_SENTENCES,
        "sentences",
        FITNESS,
        PLANS,
        TAGS,
        HINTS,
        MODEL,
        SEAM,
        RECORDS,
        "record",
        "flow",
        "image",
        "errors",
        "words",
    },
    AT_WORK: {
        AT_WORK,
        *PAIR_PURE,
        "sentences",
        PAIR_SETTINGS,
        RECORDS,
        SEAM,
        "record",
        "flow",
        "arguments",
        "image",
        "errors",
        "clock",
        "words",
    },
    PAIR_AWS: {PAIR_AWS, PAIR_SENTENCES, HINTS, MODEL, "aws", "flow", "errors", "clock"},
    CORE: {CORE, "clock"},
    EC2: {EC2, CORE},
    CLOUDWATCH: {CLOUDWATCH, CORE},
    ELB: {ELB, CLOUDWATCH, EC2, CORE},
    AUTOSCALING: {AUTOSCALING, ELB, CLOUDWATCH, EC2, CORE},
    STS: {STS, CORE},
    "simulator": {*SIMULATOR, "clock"},
    "sandbox": {"sandbox", "simulator", CORE, "aws", "files", "errors", "clock"},
    RECORDS: {RECORDS, MODEL, "record"},
    "record": {
        "record",
        "sentences",
        "flow",
        "ranges",
        "aws",
        "calls",
        "files",
        "plain_json",
        "errors",
        "clock",
        "values",
        "words",
    },
    "instance": {"instance", "image", "files", "aws", "credentials", "errors", "clock", "words"},
    "registry": {"registry", "aws", "errors", "clock", "words"},
    SEAM: {SEAM, "sentences", "record", "settings", "flow", "arguments", "errors", "clock", "words"},
    "service": {
        "service",
        "sentences",
        SEAM,
        "record",
        "registry",
        "settings",
        "credentials",
        "aws",
        "flow",
        "arguments",
        "image",
        "errors",
        "words",
    },
    "settings": {"settings", "flow", "declared", "ranges", "registry", "aws", "files", "errors", "words"},
    PAIR_SETTINGS: {PAIR_SETTINGS, MODEL, "settings", "declared", "words"},
    "report": {"report", "errors", "sentences", "flow", "plain_json", "clock", "words"},
    "demo": {"demo", "flow", "sandbox", MODEL, PAIR_SETTINGS, "settings", "report", "errors", "words"},
}
# Where all the rooms are put together.
WIRING = {"__init__", "__main__", "cli"}
# What every target has in common: none of it knows one.
TARGETLESS = {"flow", "record", "report", "service", SEAM}
# Folders of rooms.
FOLDERS = ("targets", "targets/pair")
# Rooms with shelves: each folder in them is a room of its own, what stands beside the folders is the room.
SHELVED = {"simulator"}

PURE = {"sentences", "declared", "ranges", "values", "flow", *SIMULATOR, *PAIR_PURE, PAIR_SETTINGS}
EFFECTS = {"boto3", "botocore", "os", "socket", "subprocess", "threading", "time"}
AWS_EDGES = {"aws", "instance", "registry", "sandbox", "record", PAIR_AWS}
PRINTERS = {"cli", "report"}


def room_of(path: Path, package: Path) -> str:
    """Return the folder right below the package, or the module that stands there by itself; deeper in folders."""
    parts = path.relative_to(package).with_suffix("").parts
    return "/".join(parts[:2]) if parts[0] in SHELVED and len(parts) > 2 else inside(parts)


def inside(parts: Sequence[str]) -> str:
    """Return the room of a module whose name has these parts below the package."""
    own = parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts
    if own[0] in SHELVED and "/".join(own[:2]) in ROOMS:
        return "/".join(own[:2])
    depth = 1 + sum("/".join(own[: 1 + n]) == folder for n, folder in enumerate(FOLDERS))
    return "/".join(own[:depth])


def imported(path: Path, package: Path) -> Iterator[tuple[int, str]]:
    """Yield line and full name of all that a module imports, anywhere in it; relative names are resolved."""
    here = path.relative_to(package.parent).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [*here[: -node.level]] if node.level else []
            base += [node.module] if node.module else []
            yield from ((node.lineno, ".".join([*base, alias.name])) for alias in node.names)


def objection(room: str, name: str) -> str:
    """Return what is wrong with ``room`` importing ``name``, or nothing."""
    top, _, rest = name.partition(".")
    if name == "bluegreen":
        return "" if room in WIRING else f"{room} imports what callers of the library see"
    if top == "bluegreen":
        target = inside(rest.split("."))
        known = target in ROOMS.keys() | WIRING or (room in TARGETLESS and target.startswith("targets"))
        wrong = room not in WIRING and known and target not in ROOMS.get(room, ())
        return f"{room} imports {target}" if wrong else ""
    if room in PURE and top in EFFECTS:
        return f"{room} is pure and imports {top}"
    if top in {"boto3", "botocore"} and room not in AWS_EDGES:
        return f"{room} imports {top}"
    return ""


def wrong_imports(package: Path) -> list[str]:
    """Return a line for each import in the package that breaks the law."""
    return [
        f"{path.relative_to(package)}:{line} {trouble}"
        for path in sorted(package.rglob("*.py"))
        for line, name in imported(path, package)
        if (trouble := objection(room_of(path, package), name))
    ]


def prints(package: Path) -> list[str]:
    """Return a line for each ``print`` outside the rooms that speak."""
    return [
        f"{path.relative_to(package)}:{node.lineno} prints"
        for path in sorted(package.rglob("*.py"))
        if room_of(path, package) not in PRINTERS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def test_imports_point_one_way() -> None:
    """No room imports a room above or beside it, and none of the pure ones imports an effect."""
    assert [] == wrong_imports(PACKAGE)


@pytest.mark.parametrize("room", sorted(TARGETLESS))
def test_what_targets_have_in_common_imports_none(room: str) -> None:
    """A second target moves in beside the pair, and no line of these rooms knows it."""
    assert [] == [name for name in ROOMS[room] if name.startswith("targets/") and name.count("/") > 1]


def test_only_report_and_cli_print() -> None:
    """All that a user reads is written in two rooms."""
    assert [] == prints(PACKAGE)


def opaque(room: Path) -> list[str]:
    """Return a line for each import of what keeps a module from saying what it is handed."""
    found = ((path, line, name) for path in sorted(room.glob("*.py")) for line, name in imported(path, room.parent))
    return [f"{path.name}:{line} {name}" for path, line, name in found if name in ("typing.Any", "typing.cast")]


def test_the_flow_says_by_types_what_it_is_handed() -> None:
    """A target's release, look and actions go through it as what they are."""
    own = {"release.py", "terms.py"}
    assert [] == [line for line in opaque(PACKAGE / "flow") if line.partition(":")[0] not in own]


def unsaid(room: Path) -> list[str]:
    """Return each line on which a module lets pass what it does not know."""
    found = []
    for path in sorted(room.glob("*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        names = [node for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, ast.Name)]
        spots = sorted({node.lineno for node in names if node.id in ("Any", "cast")})
        found += [f"{path.name}: {lines[spot - 1].strip()}" for spot in spots]
    return found


@pytest.mark.parametrize(
    ("room", "known"),
    [
        (
            SEAM,
            [  # what two sides are compared by is between a target and the report
                "target.py: def compare(self, document: Document[R]) -> Any:",
                "target.py: AnyTarget = Target[Any, Any, Any]",
            ],
        ),
        (
            "service",
            [
                "service.py: def diff(self) -> Any:",
                "service.py: def events(self, entry: Entry) -> tuple[dict[str, Any], ...]:",
            ],
        ),
    ],
)
def test_the_seam_says_by_types_what_goes_over_it(room: str, known: list[str]) -> None:
    """Releases, looks and courses are a target's own; which target it is, one name alone leaves open."""
    assert known == unsaid(PACKAGE / room)


def test_what_is_let_pass_is_seen(tmp_path: Path) -> None:
    """Wherever in a module a type is left open."""
    package = planted(tmp_path, "flow/a.py", "import typing\nfrom typing import Any\ndef f(x: list[Any]) -> int: ...")
    assert ["a.py: def f(x: list[Any]) -> int: ..."] == unsaid(package / "flow")


def test_what_says_nothing_is_seen(tmp_path: Path) -> None:
    """Wherever in a module it is imported."""
    package = planted(tmp_path, "flow/a.py", "def f():\n    from typing import Any, Protocol, cast")
    assert ["a.py:2 typing.Any", "a.py:2 typing.cast"] == opaque(package / "flow")


def test_every_room_has_a_row() -> None:
    """A room that is not in the table above would be held to nothing; nor would a shelf."""
    rooms = {room_of(path, PACKAGE) for path in PACKAGE.rglob("*.py")}
    assert set() == rooms - ROOMS.keys() - WIRING - {"targets", "targets/pair"}


@pytest.mark.parametrize(
    ("module", "source", "trouble"),
    [
        ("flow/a.py", "import time", "flow is pure and imports time"),
        ("targets/pair/model/a.py", "def f():\n    import os.path", f"{MODEL} is pure and imports os"),
        ("targets/pair/hints.py", "import os", f"{HINTS} is pure and imports os"),
        (FITNESS + "/a.py", "from ..telling import status", f"{FITNESS} imports {TELLING}"),
        ("simulator/a.py", "from botocore.session import Session", "simulator is pure and imports botocore"),
        (EC2 + "/a.py", "import os", f"{EC2} is pure and imports os"),
        (CORE + "/a.py", "from .. import ec2", f"{CORE} imports {EC2}"),
        (EC2 + "/a.py", "from ..elb.state import ELB", f"{EC2} imports {ELB}"),
        (ELB + "/__init__.py", "from bluegreen.simulator import autoscaling", f"{ELB} imports {AUTOSCALING}"),
        (CORE + "/a.py", "from ..simulator import Simulator", f"{CORE} imports simulator"),
        ("sandbox/a.py", "from bluegreen.simulator.elb.load import Load", f"sandbox imports {ELB}"),
        ("report/a.py", "import boto3.session", "report imports boto3"),
        ("cli/a.py", "from botocore import exceptions", "cli imports botocore"),
        ("flow/a.py", "from bluegreen.targets.pair.plans import steps", f"flow imports {PLANS}"),
        ("flow/a.py", "from bluegreen import aws", "flow imports aws"),
        ("report/a.py", "from bluegreen.targets.pair.plans.deploy import bake", f"report imports {PLANS}"),
        ("report/a.py", "from bluegreen.targets.pair.model.release import Release", f"report imports {MODEL}"),
        (MODEL + "/a.py", "from bluegreen.targets.pair.plans.guards import claims", f"{MODEL} imports {PLANS}"),
        (MODEL + "/a.py", "from ..aws.adapter import Aws", f"{MODEL} imports {PAIR_AWS}"),
        (MODEL + "/a.py", "from ....aws.clients import Clients", f"{MODEL} imports aws"),
        (PLANS + "/guards/a.py", "from .....cli import main", f"{PLANS} imports cli"),
        ("record/a.py", "def f():\n    from bluegreen.targets.pair.model.sound import PAIR", f"record imports {MODEL}"),
        ("record/a.py", "from bluegreen.targets.pair import hints", f"record imports {HINTS}"),
        ("record/a.py", "from ..targets import pair", "record imports targets/pair"),
        ("flow/a.py", "import bluegreen.targets.pair.model.release", f"flow imports {MODEL}"),
        ("flow/a.py", "from bluegreen import targets", "flow imports targets"),
        ("report/a.py", "from ..targets.ecs.model.release import Release", "report imports targets/ecs"),
        ("record/__init__.py", "from ..sandbox import moto", "record imports sandbox"),
        ("errors.py", "from . import flow", "errors imports flow"),
        ("sandbox/a.py", "import bluegreen", "sandbox imports what callers of the library see"),
        ("service/a.py", "from bluegreen.targets.pair.model import fleet", f"service imports {MODEL}"),
        ("service/a.py", "from bluegreen.targets.pair import at_work", f"service imports {AT_WORK}"),
        (SEAM + "/a.py", "from ..pair.hints import ended", f"{SEAM} imports {HINTS}"),
        (AT_WORK + "/a.py", "from bluegreen.service import Service", f"{AT_WORK} imports service"),
    ],
)
def test_wrong_import_is_seen(tmp_path: Path, module: str, source: str, trouble: str) -> None:
    """Each way of writing a wrong import is found, wherever in the module it stands."""
    package = planted(tmp_path, module, source)
    assert [trouble] == [line.partition(" ")[2] for line in wrong_imports(package)]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("aws/a.py", "import boto3, time\nfrom ..calls import LONGEST_CALL\nfrom bluegreen import __version__"),
        (MODEL + "/a.py", "from . import fleet\nfrom ....flow.answers import DONE\nimport math, attrs"),
        (AUTOSCALING + "/a.py", "from ..elb import balancing\nfrom ..ec2.state import EC2\nfrom . import signals"),
        ("simulator/a.py", "from . import ec2, virtual\nfrom .core.world import World\nfrom .build import pair"),
        ("sandbox/a.py", "from bluegreen.simulator import pair\nfrom bluegreen.simulator.core.world import NEVER"),
        (PLANS + "/guards/a.py", "from ..steps import Step\nfrom ... import hints"),
        ("cli/a.py", "import time\nfrom ..aws import clients"),
        ("service/a.py", "from ..targets.seam import ended\nfrom ..record import book"),
    ],
)
def test_right_import_passes(tmp_path: Path, module: str, source: str) -> None:
    """What points the right way is not objected to."""
    assert [] == wrong_imports(planted(tmp_path, module, source))


def test_print_is_seen(tmp_path: Path) -> None:
    """A print in a room that does not speak is found."""
    assert ["aws/a.py:2 prints"] == prints(planted(tmp_path, "aws/a.py", "def f():\n    print(1)"))


def planted(tmp_path: Path, module: str, source: str) -> Path:
    """Write one module into a package of the same name and return the package."""
    path = tmp_path / "bluegreen" / module
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    return tmp_path / "bluegreen"
