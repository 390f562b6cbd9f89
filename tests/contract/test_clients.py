"""boto3's clients: when they are made, how they behave, and what is said when they cannot be made."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError

from bluegreen.aws.clients import BotoClients
from bluegreen.aws.settings import config
from bluegreen.calls import LONGEST_CALL, MARGIN
from bluegreen.clock import SystemClock
from bluegreen.errors import Misconfigured, Unreachable
from bluegreen.instance.client import autoscaling
from bluegreen.record.bucket import connect
from bluegreen.targets.pair.aws.adapter import Aws
from bluegreen.targets.pair.model.fleet import Question

PAIR = Question(("web-blue", "web-green"))


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def test_importing_the_adapter_imports_no_boto3() -> None:
    """The first line is on the screen before boto3 is loaded."""
    script = "import sys, bluegreen.targets.pair.aws.adapter; sys.exit(bool({'boto3', 'botocore'} & set(sys.modules)))"
    assert 0 == subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode


def test_behaviour_is_said_explicitly() -> None:
    """One attempt and short time-outs, whatever botocore's defaults become."""
    client = BotoClients("ap-northeast-2").client("autoscaling")
    found = client.meta.config
    expected = ({"mode": "standard", "total_max_attempts": 1}, 3.0, 8.0, True)
    assert expected == (found.retries, found.connect_timeout, found.read_timeout, found.tcp_keepalive)


MAKING: dict[str, Callable[[], object]] = {
    "the pair's": lambda: BotoClients("eu-west-1").client("autoscaling"),
    "the record's": connect,
    "an instance's": lambda: autoscaling("eu-west-1", "http://127.0.0.1:1"),
}


@pytest.mark.parametrize("who", MAKING)
@pytest.mark.parametrize("what", ["missing", "folder"])
def test_a_program_that_is_none(who: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile's own way to its credentials that cannot be run is a sentence with its name, and no error of ours."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "config").write_text(f"[profile x]\nregion = eu-west-1\ncredential_process = {tmp_path / what}\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_PROFILE", "x")
    with pytest.raises(Misconfigured, match=f"cannot be used: .*{tmp_path / what}"):
        MAKING[who]()


@pytest.mark.parametrize("who", MAKING)
def test_a_log_of_keys_that_is_no_file(who: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``SSLKEYLOGFILE`` is read by whatever speaks TLS; a directory is a slip."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(Misconfigured, match=f"cannot be used: .*{tmp_path}"):
        MAKING[who]()


@pytest.mark.parametrize("who", MAKING)
@pytest.mark.parametrize("name", ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"])
def test_a_token_in_a_pipe(who: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for: nobody may ever write to it, and a token is read again whenever credentials run out."""
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setenv(name, str(tmp_path / "pipe"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/x")
    with pytest.raises(Misconfigured, match=f"{name} names no file: {tmp_path}/pipe"):
        MAKING[who]()


def test_the_longest_call_is_known() -> None:
    """A lease is compared with it; no client may take longer."""
    found: Any = config()
    assert (MARGIN, True) == (LONGEST_CALL - found.connect_timeout - found.read_timeout, MARGIN > 0)
    with pytest.raises(ValueError, match="outlast the longest call"):
        config(found.read_timeout + 0.1)


def test_the_user_agent_names_us() -> None:
    """AWS's logs show who asked."""
    assert "bluegreen/" in BotoClients("ap-northeast-2").client("elb").meta.config.user_agent_extra


def test_a_client_is_made_once() -> None:
    """Threads share it."""
    clients, found = BotoClients("ap-northeast-2"), []
    threads = [threading.Thread(target=lambda: found.append(clients.client("elb"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [4, 1] == [len(found), len({id(client) for client in found})]


@pytest.mark.parametrize(
    ("given", "variables", "expected"),
    [
        ("ap-northeast-2", {"AWS_REGION": "eu-west-1"}, "ap-northeast-2"),
        ("", {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}, "eu-west-1"),
        ("", {"AWS_DEFAULT_REGION": "us-east-1"}, "us-east-1"),
    ],
)
def test_region(given: str, variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting first, then AWS's own variables."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert expected == BotoClients(given).client("elb").meta.region_name


def test_the_endpoint_variable_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox is reached as any AWS tool would reach it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")
    assert BotoClients("ap-northeast-2").client("ec2").meta.endpoint_url == "http://127.0.0.1:5000"


@pytest.mark.parametrize(
    ("clients", "words"),
    [
        (BotoClients(), "No AWS region"),
        (BotoClients("not a region"), "region"),
        (BotoClients("ap-northeast-2", "nobody"), "nobody"),
    ],
)
def test_a_wrong_set_up_is_said(clients: BotoClients, words: str) -> None:
    """A sentence and the next thing to do, before anything is sent."""
    with pytest.raises(Misconfigured, match=words) as caught:
        Aws(clients, SystemClock()).ask(PAIR)
    assert caught.value.hint


def test_a_wrong_endpoint_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that is none is a fault of the configuration."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nonsense")
    with pytest.raises(Misconfigured, match="nonsense"):
        Aws(BotoClients("ap-northeast-2"), SystemClock()).ask(PAIR)


def test_missing_credentials_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without keys nothing is sent, and the next thing to do is said."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(Misconfigured, match="no AWS credentials"):
        Aws(BotoClients("ap-northeast-2"), SystemClock()).ask(PAIR)


def test_nobody_listening_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed port is an answer that did not come, at once and without a second try."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(Unreachable, match="DescribeAutoScalingGroups"):
            Aws(BotoClients("ap-northeast-2"), SystemClock()).ask(PAIR)


NEVER = "eu-west-9"
UNKNOWN = f"There is no AWS region {NEVER} that botocore .* knows, and autoscaling.{NEVER}.amazonaws.com has no address"
AWAY = "AWS did not answer autoscaling:DescribeAutoScalingGroups"


def nameless(request: Any, **_: Any) -> None:
    """Fail as botocore does where a name has no address (botocore 1.44.5, httpsession; urllib3's cause)."""
    cause = ConnectionError("Failed to resolve")
    cause.__cause__ = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    raise EndpointConnectionError(endpoint_url=request.url, error=cause)


class Empty(BytesIO):
    """An answer without a body, as botocore reads one."""

    def stream(self) -> list[bytes]:
        """Return its parts."""
        return []


@pytest.mark.parametrize(
    ("given", "variables", "kind", "words", "source"),
    [
        (NEVER, {"AWS_REGION": NEVER}, Misconfigured, UNKNOWN, "`region` in bluegreen.toml, or --region"),
        ("", {"AWS_REGION": NEVER, "AWS_DEFAULT_REGION": "x"}, Misconfigured, UNKNOWN, "(AWS_REGION)"),
        ("", {"AWS_DEFAULT_REGION": NEVER}, Misconfigured, UNKNOWN, "(AWS_DEFAULT_REGION)"),
        ("", {}, Misconfigured, UNKNOWN, "~/.aws/config"),
        ("eu-west-1", {}, Unreachable, AWAY, "network"),
        ("cn-north-1", {}, Unreachable, AWAY, "network"),
        (NEVER, {"AWS_ENDPOINT_URL": "http://nowhere.invalid"}, Unreachable, AWAY, "network"),
    ],
)
def test_a_region_that_there_is_not(
    given: str,
    variables: dict[str, str],
    kind: type[Exception],
    words: str,
    source: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """It is well formed, unknown to botocore, and its endpoint has no address: the configuration is wrong (78)."""
    (tmp_path / "config").write_text(f"[default]\nregion = {NEVER}\n", encoding="utf-8")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    clients = BotoClients(given)
    clients.client("autoscaling").meta.events.register("before-send", nameless)
    with pytest.raises(kind, match=words) as caught:
        Aws(clients, SystemClock()).ask(PAIR)
    assert source in getattr(caught.value, "hint", "")


def test_a_region_that_has_answered() -> None:
    """A region may be newer than botocore: when its name is lost in the middle, AWS is waited for as ever."""
    clients = BotoClients(NEVER)
    events = clients.client("autoscaling").meta.events
    events.register("before-send", lambda **_: AWSResponse("", 503, {}, Empty()))
    with pytest.raises(Unreachable):
        Aws(clients, SystemClock()).ask(PAIR)
    events.register_first("before-send", nameless)
    with pytest.raises(Unreachable, match=AWAY):
        Aws(clients, SystemClock()).ask(PAIR)


def test_a_region_that_botocore_does_not_know_yet() -> None:
    """Nor is one refused whose endpoint has an address and is out of reach."""
    clients = BotoClients(NEVER)

    def out_of_reach(request: Any, **_: Any) -> None:
        raise EndpointConnectionError(endpoint_url=request.url, error=ConnectionRefusedError())

    clients.client("autoscaling").meta.events.register("before-send", out_of_reach)
    with pytest.raises(Unreachable, match=AWAY):
        Aws(clients, SystemClock()).ask(PAIR)
