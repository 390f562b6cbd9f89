"""The page about instances, run: its user data and its script, under real bash, against metadata and API over HTTP."""

from __future__ import annotations

import configparser
import hashlib
import hmac
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from attrs import define

from bluegreen.cli.image import image
from bluegreen.errors import Status
from bluegreen.sandbox.http import Request

from .fakes import ID, FakeDocker
from .land import Land, a_land, serving
from .page import blocks, equip, script, user_data

REGISTRY = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/web"
PLAIN = "registry.example.com/web"
PULLED = f"image pull --quiet {REGISTRY}:v1|image inspect --format {{{{.Id}}}} {REGISTRY}:v1|image tag {ID} web:current"
UP = "compose --file /opt/web/compose.yaml up --detach"
EXPECTED = [
    f"{PULLED}|{UP}",
    f"run --detach --restart always --publish 8080:8080 {PLAIN}:v1",
    UP,
    f"pull {PLAIN}:v1|tag {PLAIN}:v1 web:current|{UP}",
]
HOSTILE = [
    "v1; touch canary",
    "$(touch canary)",
    "`touch canary`",
    "-v1",
    "v1\nv2",
    "v1\n",
    " v1",
    "v1\t",
    "&amp;",
    "v1&",
]
HOSTILE += [
    "<Value>v2</Value>",
    "]]>",
    "ｖ1",
    "v1\u200b",
    "\u202ev1",
    "../v1",
    "a" * 129,
    "sha256:" + "0" * 63,
    "'",
    '"',
    "*",
]


@define
class Machine:
    """An instance of ``land`` with a disk in ``disk``, on which the page's commands are installed."""

    land: Land
    disk: Path
    docker: FakeDocker

    def boot(self, text: str, shell: str = "bash", **more: str) -> subprocess.CompletedProcess[bytes]:
        """Run a block with the disk's own /var/lib."""
        path = self.disk / "user-data"
        path.write_text(text.replace("/var/lib", str(self.disk / "lib")), encoding="utf-8")
        state = {"STATE_DIRECTORY": str(self.disk / "lib" / "image-version"), "WAIT": "2", **more}
        environment = self.land.environment(**state)
        environment["PATH"] = f"{self.docker.folder}:{environment['PATH']}"
        return subprocess.run(
            [shell, str(path)], env=environment, cwd=self.disk, capture_output=True, check=False, timeout=120
        )


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """Return an instance whose group's tag is v1."""
    with serving(a_land({"image": "v0"})) as land:
        yield Machine(land, tmp_path, equip(tmp_path / "bin"))


def plain(machine: Machine, shell: str = "bash", **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run the plain shell script as an image without Python does."""
    return machine.boot("image-version\n", shell, **more)


@pytest.mark.parametrize("number", range(len(EXPECTED)))
def test_user_data(machine: Machine, number: int) -> None:
    """Each block does what the page says, with the version of the group and not the instance's own."""
    done = machine.boot(user_data()[number])
    assert (0, b"") == (done.returncode, done.stderr)
    assert EXPECTED[number] == "|".join(machine.docker.calls)


def test_every_block_is_run() -> None:
    """A block that somebody adds is not forgotten."""
    assert len(EXPECTED) == len(user_data())


def test_files_come_by_version(machine: Machine) -> None:
    """The version names the folder in S3."""
    machine.boot(user_data()[2])
    calls = (machine.docker.folder / "aws-calls").read_text()
    assert "s3 cp --only-show-errors --recursive s3://BUCKET/web/v1/ /opt/web/\n" == calls


@pytest.mark.parametrize("number", range(len(EXPECTED)))
def test_a_hostile_tag_stops_it(machine: Machine, number: int) -> None:
    """Nothing is pulled, nothing run, nothing executed; the script itself fails."""
    machine.land.tag("v1; touch canary")
    done = machine.boot(user_data()[number])
    assert (4, []) == (done.returncode, machine.docker.calls)
    assert not (machine.disk / "canary").exists()


@pytest.mark.parametrize("number", range(len(EXPECTED)))
def test_no_metadata_service_stops_it(machine: Machine, number: int) -> None:
    """Without an answer there is no version and no container."""
    done = machine.boot(user_data()[number], AWS_EC2_METADATA_SERVICE_ENDPOINT="http://127.0.0.1:9")
    assert (True, []) == (done.returncode in (4, 69), machine.docker.calls)
    assert b"metadata service" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_plain_shell_knows_the_version(machine: Machine, shell: str) -> None:
    """Under both shells; a reboot changes nothing, another instance's file says nothing."""
    kept = machine.disk / "lib" / "image-version"
    kept.mkdir(parents=True)
    (kept / "i-0123").write_text("v9\n")
    assert b"v1\n" == plain(machine, shell).stdout
    machine.land.tag("v2")
    assert b"v1\n" == plain(machine, shell).stdout
    assert {"i-0123", machine.land.instance} == {path.name for path in kept.iterdir()}


def test_plain_shell_pulls_a_digest(machine: Machine) -> None:
    """A digest stands behind an @."""
    digest = "sha256:" + "a" * 64
    machine.land.tag(digest)
    assert 0 == machine.boot(user_data()[3]).returncode
    assert [f"pull {PLAIN}@{digest}", f"tag {PLAIN}@{digest} web:current", UP] == machine.docker.calls


def test_plain_shell_waits_for_a_role(machine: Machine) -> None:
    """Credentials that come after the boot are waited for; without any it fails with a sentence."""
    role = machine.land.told.pop("iam/security-credentials")
    done = plain(machine)
    assert (4, b"image-version: find_credentials: no answer, or an empty one\n") == (done.returncode, done.stderr)
    late = threading.Timer(1.0, machine.land.told.update, ({"iam/security-credentials": role},))
    late.start()
    assert b"v1\n" == plain(machine, WAIT="120").stdout
    late.join()


@pytest.mark.parametrize("value", HOSTILE)
def test_plain_shell_refuses_what_is_no_version(machine: Machine, value: str) -> None:
    """As it comes over the wire, escaped by the API's own serializer: nothing printed, nothing kept."""
    machine.land.tag(value)
    done = plain(machine)
    assert (4, b"") == (done.returncode, done.stdout)
    assert b"no image version" in done.stderr
    assert not (machine.disk / "lib").exists()


def test_plain_shell_signs_as_aws_wants(machine: Machine) -> None:
    """The signature is recomputed here: the session token is signed, and so is the body."""
    plain(machine)
    signed = [request for request in machine.land.signed if request.method == "POST"]
    assert 2 == len(signed)
    for request in signed:
        assert "host;x-amz-date;x-amz-security-token" in request.headers["authorization"]
        assert _signature(request) == request.headers["authorization"].rpartition("Signature=")[2]


def _signature(request: Request) -> str:
    """Return the signature by the rules of the AWS General Reference, "Create a signed request"."""
    headers, scope = request.headers, re.findall(r"Credential=[^/]+/([^,]+)", request.headers["authorization"])[0]
    names = re.findall(r"SignedHeaders=([^,]+)", headers["authorization"])[0]
    lines = "".join(f"{name}:{headers[name]}\n" for name in names.split(";"))
    body = hashlib.sha256(request.body).hexdigest()
    canonical = f"POST\n/\n\n{lines}\n{names}\n{body}"
    text = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = b"AWS4sandbox"
    for part in [*scope.split("/"), text]:
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


def test_plain_shell_shows_no_secret_to_other_processes() -> None:
    """The secret key and the token are arguments of printf alone, which is the shell's own."""
    lines = [line for line in script().splitlines() if re.search(r"\$(secret|session|token)\b", line)]
    assert (2, []) == (len(lines), [line for line in lines if not line.strip().startswith("printf")])


def test_plain_shell_waits_while_the_instance_is_not_listed(machine: Machine) -> None:
    """It asks again, and gives up with a sentence."""
    machine.land.told["instance-id"] = "i-00000000000000000"
    done = plain(machine)
    assert (4, b"image-version: find_group: no answer, or an empty one\n") == (done.returncode, done.stderr)
    assert 1 < machine.land.asked.count("autoscaling:DescribeAutoScalingInstances")


@pytest.mark.parametrize("name", ["", "i-", "i/../../etc", "i-1/../x", "j-1", "i-1 2", "<html>"])
def test_plain_shell_believes_no_strange_instance(machine: Machine, name: str) -> None:
    """The name becomes a file's, and is checked first."""
    machine.land.told["instance-id"] = name
    assert (4, []) == (plain(machine).returncode, machine.land.asked)


def test_the_unit_says_what_the_tool_understands() -> None:
    """Its command line is the user data's, and is parsed by the real options."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    (text,) = blocks("ini")
    unit.read_string(text)
    (line,) = re.findall(r"^ExecStart=/usr/local/bin/bluegreen image (.*)$", text, re.MULTILINE)
    with image.make_context("image", line.split(), parent=click.Context(image, obj=None)) as context:
        assert (300.0, REGISTRY, "web:current") == tuple(context.params[key] for key in ("wait", "pull", "name"))
    assert f"bluegreen image {line}" in " ".join(user_data()[0].replace("\\\n", "").split())
    assert {"Unit", "Service", "Install"} == set(unit.sections())


def test_the_unit_repeats_what_may_pass() -> None:
    """What only a person can change is not asked for again and again; what may pass or come is."""
    (text,) = blocks("ini")
    (line,) = re.findall(r"^RestartPreventExitStatus=(.*)$", text, re.MULTILINE)
    for_good = {Status.USAGE, Status.BLOCKED, Status.CONFIGURATION}
    assert for_good == {Status(int(word)) for word in line.split()}


def test_policies_are_json() -> None:
    """Both can be pasted."""
    versions = [json.loads(block)["Version"] for block in blocks("json")]
    assert ["2012-10-17"] * 2 == versions
