"""``bluegreen image`` as an instance runs it: a process, the sandbox's metadata service and API over HTTP."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bluegreen.cli.main import main
from bluegreen.instance.lookup import METHODS

from .fakes import GROUP, INSTANCE, OnInstance
from .land import BLUE, REGION, Land, a_land, serving

ROOT = Path(__file__).parents[2]
Capture = pytest.CaptureFixture[str]
LIGHT = """
import sys
from bluegreen.__main__ import main

sys.argv = ["bluegreen", "image"]
status = main()
heavy = ("asyncio", "boto3", "cattrs", "moto", "rich", "keyring", "s3transfer", "sqlite3")
rooms = ("flow.engine", "record", "registry", "service", "settings", "simulator", "targets")
own = [f"bluegreen.{room}" for room in rooms]
print(status, [name for name in heavy if name in sys.modules], [name for name in own if name in sys.modules])
"""


@pytest.fixture(scope="module")
def land() -> Iterator[Land]:
    """One land for all: who changes the group's tag gives it back."""
    with serving(a_land({"image": "v0"})) as served:
        yield served


def test_stdout_is_the_version_alone(land: Land) -> None:
    """The group's tag, though the instance's own says v0; the credentials are those of the instance's role."""
    done = land.run()
    assert (0, "v1\n", "") == (done.returncode, done.stdout, done.stderr)
    assert "sandbox/token==" == land.signed[-1].headers["x-amz-security-token"]


def test_its_own_tag_on_demand(land: Land) -> None:
    """The other one, when it is asked for."""
    assert "v0\n" == land.run("--from", "instance-metadata").stdout


def test_json(land: Land) -> None:
    """Everything that is known; the colour only where a configuration says it."""
    done = land.run("--output", "json")
    expected = {
        "schema": "bluegreen.image/1",
        "version": "v1",
        "instance": land.instance,
        "group": BLUE,
        "colour": None,
        "region": REGION,
        "tag_key": "image",
        "from": "group-tag",
        "cached": False,
    }
    assert expected == json.loads(done.stdout)


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ('[services.web]\nblue = "web-blue"\ngreen = "web-green"\n', "blue"),
        ('[services.web]\nblue = "web-green"\ngreen = "web-blue"\n', "green"),
        ('[services.web]\nblue = "a"\ngreen = "b"\n', None),
        ("nonsense", None),
    ],
)
def test_colour(tmp_path: Path, capsys: Capture, text: str, colour: str | None) -> None:
    """It is what the configuration calls the group; a configuration that is wrong keeps no instance from booting."""
    path = tmp_path / "bluegreen.toml"
    path.write_text(text)
    assert 0 == main(["image", "--output", "json", "--config", str(path)], wiring=OnInstance())
    found = json.loads(capsys.readouterr().out)
    assert (colour, GROUP, INSTANCE) == (found["colour"], found["group"], found["instance"])


def test_hostile_tag(land: Land) -> None:
    """It ends with 4; stdout is empty, and stderr shows it escaped."""
    try:
        land.tag("v1; reboot $(id) \u202e")
        done = land.run()
        assert (4, "") == (done.returncode, done.stdout)
        assert r"'v1; reboot $(id) \u202e'" in done.stderr
    finally:
        land.tag("v1")


def test_the_metadata_is_never_asked_through_a_proxy(land: Land) -> None:
    """Neither for the facts nor, by botocore, for the credentials; Auto Scaling is, unless NO_PROXY names it."""
    nobody = "http://127.0.0.1:9"
    done = land.run("--wait", "0", HTTP_PROXY=nobody, http_proxy=nobody, NO_PROXY=land.api.removeprefix("http://"))
    assert (0, "v1\n", "") == (done.returncode, done.stdout, done.stderr)


def test_a_reboot(land: Land, tmp_path: Path) -> None:
    """Born as v1, rebooted while the tag says v2: still v1."""
    cache = str(tmp_path / "image.json")
    try:
        assert "v1\n" == land.run("--cache", cache).stdout
        land.tag("v2")
        assert "v1\n" == land.run("--cache", cache).stdout
        assert "v2\n" == land.run("--cache", cache, "--refresh").stdout
    finally:
        land.tag("v1")


def test_the_documented_permissions_are_the_calls(land: Land) -> None:
    """What the process really asked, what the code can ask, and what both pages allow are the same."""
    land.asked.clear()
    land.run()
    used = sorted(set(land.asked))
    assert used == sorted(f"autoscaling:{name}" for name in METHODS)
    for page in ("permissions.md", "how-to/instance.md"):
        assert used == sorted(_allowed(ROOT / "docs" / page)), page


def _allowed(path: Path) -> list[str]:
    blocks = re.findall(r"```json\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    statements = [statement for block in map(json.loads, blocks) for statement in block.get("Statement", [block])]
    (found,) = (list(statement["Action"]) for statement in statements if statement.get("Sid") == "Image")
    return found


def test_it_loads_one_client_and_little_else(land: Land) -> None:
    """No boto3, nothing of the deployment's own adapter, nothing for terminals or tests."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", LIGHT], env=land.environment(), cwd="/", capture_output=True, text=True, check=True
    )
    assert ["v1", "0 [] []"] == done.stdout.splitlines()


@pytest.mark.parametrize("words", [["--wait", "soon"], ["--wait", "-1"], ["--refresh"], ["--from", "here"]])
def test_usage(words: list[str]) -> None:
    """What makes no sense exits with 2, and asks nothing."""
    wiring = OnInstance()
    assert (2, []) == (main(["image", *words], wiring=wiring), wiring.facts.asked)


@pytest.mark.parametrize("wait", ["0", "90", "2m", "1m30s", "500ms"])
def test_waits(wait: str, capsys: Capture) -> None:
    """A duration, or a bare number of seconds."""
    assert (0, "v1\n") == (main(["image", "--wait", wait], wiring=OnInstance()), capsys.readouterr().out)


def test_the_trade_off_is_in_the_help(capsys: Capture) -> None:
    """Who reads the instance's own tag is told what that means."""
    main(["image", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "the value is that of the instance's launch" in text
    assert "Whoever may tag instances can change it" in text


def test_an_instance_without_a_role() -> None:
    """There is nobody to ask as: 77, and the sentence says what is missing."""
    with serving(a_land()) as land:
        del land.told["iam/security-credentials"]
        done = land.run("--wait", "1s")
    assert (77, "") == (done.returncode, done.stdout)
    assert "this instance has no AWS credentials" in done.stderr


def test_a_role_that_comes_late() -> None:
    """Credentials that are there only a while after the boot are waited for, as long as --wait says."""
    with serving(a_land()) as land:
        role = land.told.pop("iam/security-credentials")
        late = threading.Timer(3.0, land.told.update, ({"iam/security-credentials": role},))
        late.start()
        done = land.run("--wait", "50s")
        late.join()
    assert (0, "v1\n", "") == (done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("call", METHODS)
def test_a_role_without_the_permission(call: str) -> None:
    """Each of both is named at once, without a wait."""
    with serving(a_land()) as land:
        land.sim.faults.denied.add(f"autoscaling:{call}")
        done = land.run()
    assert (77, "") == (done.returncode, done.stdout)
    assert f"AWS does not permit autoscaling:{call}" in done.stderr
