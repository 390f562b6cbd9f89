"""The keyring is the last link: what AWS's library finds by itself comes first, and other tools get it handed out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.session import get_session

from bluegreen.aws.sessions import METHOD, open_session
from bluegreen.sandbox import Sandbox
from tests.credentials import keyrings
from tests.credentials.front import Front
from tests.credentials.keyrings import Memory
from tests.credentials.processes import ROOT, Place, on_terminal

KEPT, GIVEN = "AKIA0KEPT0KEPT0KEPT0", "AKIA0GIVEN0GIVEN0000"
SECRET = "c4nary+secret/access=key0123456789ABCDEF"
STATUS = ("status", "web", "--blue", "web-blue", "--green", "web-green")
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": GIVEN, "AWS_SECRET_ACCESS_KEY": SECRET}
FILE = f"[default]\naws_access_key_id = {GIVEN}\naws_secret_access_key = {SECRET}\n"
PROCESS = "[profile keys]\ncredential_process = bluegreen credentials --profile keys\n"
ROLE = "[profile deployer]\nrole_arn = arn:aws:iam::123456789012:role/deployer\nsource_profile = keys\n"
ELSEWHERE = """
import sys
from boto3.session import Session

session = Session()
print(len(session.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]))
"""


def configure(place: Place, name: str, text: str) -> None:
    """Write one of AWS's own files."""
    folder = place.home / ".aws"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def keep(place: Place, memory: Memory, profile: str) -> None:
    """Keep keys in the keyring, and forget that it was asked."""
    done = place.run("login", "aws", "--profile", profile, "--stdin", piped=f"{KEPT}\n{SECRET}\n")
    assert 0 == done.returncode, done.stderr
    memory.callers.clear()


def installed(place: Place) -> str:
    """Return a PATH with this checkout as the command ``bluegreen``."""
    folder = place.home / "bin"
    folder.mkdir()
    command = folder / "bluegreen"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m bluegreen "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return os.pathsep.join([str(folder), place.environment()["PATH"]])


def test_it_is_the_last_link() -> None:
    """Whatever else AWS's library knows (roles, single sign-on, files, machines) stands before it."""
    core = get_session()
    open_session(core, region_name="us-east-1")
    methods = [provider.METHOD for provider in core.get_component("credential_provider").providers]
    assert ([METHOD], True) == (methods[-1:], {"env", "sso", "assume-role", "iam-role"} < set(methods))


def test_found_when_there_is_nothing_else(place: Place, memory: Memory, front: Front) -> None:
    """On a terminal, and without one where the variable says so, our own calls are signed with the keys kept."""
    keep(place, memory, "default")
    status, screen = on_terminal(place, *STATUS, AWS_ENDPOINT_URL=front.endpoint)
    assert (0, {KEPT}) == (status, {key for key, _ in front.signers()}), screen
    done = place.run(*STATUS, AWS_ENDPOINT_URL=front.endpoint, BLUEGREEN_KEYRING="always")
    assert (0, {KEPT}, False) == (done.returncode, {key for key, _ in front.signers()}, SECRET in done.stderr)


def test_the_record_in_s3_too(place: Place, memory: Memory, front: Front) -> None:
    """Whoever keeps the record in S3 reaches it with the same keys."""
    keep(place, memory, "default")
    more = {"AWS_ENDPOINT_URL": front.endpoint, "BLUEGREEN_KEYRING": "always"}
    done = place.run(*STATUS, "--state", "s3://no-such-bucket/records", **more)
    assert (78, (KEPT, "s3")) == (done.returncode, front.signers()[-1]), done.stderr


@pytest.mark.parametrize("given", ["environment", "file"])
def test_others_come_first(place: Place, memory: Memory, front: Front, given: str) -> None:
    """With keys in the environment, or in AWS's file, the keyring is not even asked."""
    keep(place, memory, "default")
    if given == "file":
        configure(place, "credentials", FILE)
    more = ENVIRONMENT if given == "environment" else {}
    done = place.run(*STATUS, AWS_ENDPOINT_URL=front.endpoint, BLUEGREEN_KEYRING="always", **more)
    assert (0, {GIVEN}, []) == (done.returncode, {key for key, _ in front.signers()}, memory.callers), done.stderr


def test_cron_is_told(place: Place, memory: Memory, front: Front) -> None:
    """Without a terminal it is not asked, though it would hang, and the sentence says what to do."""
    more = {"AWS_ENDPOINT_URL": front.endpoint, "PYTHON_KEYRING_BACKEND": f"{keyrings.__name__}.Hanging"}
    done = place.run(*STATUS, **more)
    assert (78, []) == (done.returncode, front.signers())
    assert "the keyring is not asked here, unless BLUEGREEN_KEYRING=always" in done.stderr


@pytest.mark.parametrize("backend", ["Hanging", "Locked"])
def test_a_locked_keyring_is_told(place: Place, front: Front, backend: str) -> None:
    """Where it may be asked and does not answer, the command ends with 77 and a way out; AWS is not called."""
    more = {"BLUEGREEN_KEYRING": "always", "PYTHON_KEYRING_BACKEND": f"{keyrings.__name__}.{backend}"}
    done = place.run(*STATUS, AWS_ENDPOINT_URL=front.endpoint, **more)
    assert (77, True, []) == (done.returncode, "unlock it" in done.stderr, front.signers())


@pytest.mark.parametrize(
    ("profile", "signers"),
    [("keys", [(KEPT, "autoscaling")]), ("deployer", [(KEPT, "sts"), ("", "autoscaling")])],
)
@pytest.mark.parametrize("tool", ["library", "aws", "bluegreen"])
def test_handed_out(
    place: Place, memory: Memory, front: Front, tool: str, profile: str, signers: list[tuple[str, str]]
) -> None:
    """A profile's credential_process serves AWS's library, the AWS command line and ourselves, with a role and without.

    The role's own keys are temporary, and their id is unknown before.
    """
    keep(place, memory, "keys")
    configure(place, "config", PROCESS + ROLE)
    done = started(place, tool, AWS_PROFILE=profile, AWS_ENDPOINT_URL=front.endpoint, PATH=installed(place))
    seen = [(key if key == KEPT else "", service) for key, service in front.signers()]
    assert (0, signers) == (done.returncode, [row for row in seen if row[1] in ("sts", "autoscaling")]), done.stderr


def started(place: Place, tool: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one of three tools that read AWS's own configuration."""
    commands = {
        "library": [sys.executable, "-c", ELSEWHERE],
        "bluegreen": [sys.executable, "-m", "bluegreen", *STATUS],
        "aws": [shutil.which("aws") or "", "autoscaling", "describe-auto-scaling-groups", "--output", "text"],
    }
    if not commands[tool][0]:
        pytest.skip("there is no AWS command line on this machine")
    shims = {"PYENV_ROOT": os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))}
    return subprocess.run(
        commands[tool],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=place.environment(**more, **shims),
        cwd=place.home,
        check=False,
        timeout=60,
    )


@pytest.mark.sandbox
@pytest.mark.xdist_group("sandbox")
def test_handed_out_on_the_sandbox(place: Place, memory: Memory) -> None:
    """The sandbox itself knows STS: the AWS command line takes a role there with the keys that were kept."""
    keep(place, memory, "keys")
    configure(place, "config", PROCESS + ROLE)
    with Sandbox(instances=1, boot=0.5, interval=0.2) as box:
        path = installed(place)
        done = started(place, "aws", AWS_PROFILE="deployer", AWS_ENDPOINT_URL=box.endpoint, PATH=path)
    assert (0, True) == (done.returncode, "web-blue" in done.stdout), done.stderr
