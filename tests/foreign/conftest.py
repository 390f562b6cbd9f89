"""A sandbox for each module, and a way to run a client's own program against it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from bluegreen.sandbox import Sandbox

CLIENTS = os.environ.get("BLUEGREEN_FOREIGN", "")
"""The folder of the clients' programs."""
PATIENCE = 500.0
"""Seconds for a client, less than a test has (``bin/foreign``)."""

Run = Callable[..., str]


class Failure(Exception):
    """What a client said when it ended with a status other than 0."""


@pytest.fixture(scope="session", autouse=True)
def asked_for() -> None:
    """Run none of this beside the other tests: it needs an environment of its own, and minutes."""
    if not CLIENTS:
        pytest.skip("bin/foreign runs it")


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    """A pair behind a target group, quick to boot and to drain."""
    with Sandbox(instances=2, boot=1.0, drain=1.0, interval=0.2) as sandbox:
        yield sandbox


@pytest.fixture
def client(box: Sandbox) -> Callable[[str], Any]:
    """Give boto3's clients of the sandbox, with all their habits: retries, waiters, paginators."""
    keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    return lambda service: boto3.client(service, endpoint_url=box.endpoint, region_name=box.region, **keys)


@pytest.fixture
def run(box: Sandbox, tmp_path: Path) -> Run:
    """Run a client's program against the sandbox, told so by nothing but the environment; return what it prints."""
    environment = {
        "PATH": f"{CLIENTS}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "AWS_ENDPOINT_URL": box.endpoint,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": box.region,
        "AWS_DEFAULT_REGION": box.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "ANSIBLE_PYTHON_INTERPRETER": f"{CLIENTS}/python",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_DEPRECATION_WARNINGS": "false",
    }

    def program(*words: str) -> str:
        done = subprocess.run(
            [f"{CLIENTS}/{words[0]}", *words[1:]],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if done.returncode:
            raise Failure(f"{done.stdout}\n{done.stderr}")
        return done.stdout

    return program
