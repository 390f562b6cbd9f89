"""Whatever credentials AWS's library finds, whichever way, no server that quotes a request gets them onto a screen."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore.exceptions import ClientError

from bluegreen.aws.clients import BotoClients
from bluegreen.clock import VirtualClock
from bluegreen.errors import BluegreenError
from bluegreen.instance.client import autoscaling, readable
from bluegreen.targets.pair.aws.requests import Call
from bluegreen.targets.pair.aws.sender import Sender
from tests.registry.land import Reply, Request, Server, serving

ID = "ASIA0RESOLVED0000000"
SECRET = "r3solved+canary/key=0123456789ABCDEFGHIJKLM"
TOKEN = "t0ken+canary/session=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SSO = "sso-canary-access-token-0123456789"
WEB = "web.identity.canary.0123456789"
FAR = "2099-01-01T00:00:00Z"
KEYS = {"AccessKeyId": ID, "SecretAccessKey": SECRET}
FILE = f"[default]\naws_access_key_id={ID}\naws_secret_access_key={SECRET}\naws_session_token={TOKEN}\n"
GROUPS = Call("autoscaling", "DescribeAutoScalingGroups", {"AutoScalingGroupNames": ["web-blue"]})


def quoting(request: Request) -> Reply:
    """Hand out credentials in each of AWS's ways; answer everything else with the request itself, and the secret."""
    action = parse_qs(request.body.decode()).get("Action", [""])[0]
    if request.path.startswith("/latest/api/token"):
        return 200, {"x-aws-ec2-metadata-token-ttl-seconds": "21600"}, b"imds-token"
    if request.path == "/latest/meta-data/iam/security-credentials/":
        return 200, {}, b"role"
    if request.path.startswith("/latest/meta-data/iam/") or request.path == "/container":
        return 200, {}, json.dumps({"Code": "Success", **KEYS, "Token": TOKEN, "Expiration": FAR}).encode()
    if request.path.startswith("/federation/credentials"):
        found = {"accessKeyId": ID, "secretAccessKey": SECRET, "sessionToken": TOKEN, "expiration": 4070908800000}
        return 200, {"Content-Type": "application/json"}, json.dumps({"roleCredentials": found}).encode()
    if action.startswith("AssumeRole"):
        found = f"<AccessKeyId>{ID}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>"
        found += f"<SessionToken>{TOKEN}</SessionToken><Expiration>{FAR}</Expiration>"
        result = f"<{action}Result><Credentials>{found}</Credentials></{action}Result>"
        return 200, {"Content-Type": "text/xml"}, f"<{action}Response>{result}</{action}Response>".encode()
    said = f"no: {request.headers.get('x-amz-security-token')} {SECRET} {SSO} {WEB}"
    return 400, {}, f"<ErrorResponse><Error><Code>Odd</Code><Message>{said}</Message></Error></ErrorResponse>".encode()


@pytest.fixture
def server() -> Iterator[Server]:
    """An AWS that quotes."""
    with serving(quoting) as served:
        yield served


Way = Callable[[Path, str], dict[str, str]]


def of_the_environment(home: Path, url: str) -> dict[str, str]:
    """Set AWS's own variables."""
    return {"AWS_ACCESS_KEY_ID": ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN}


def of_the_file(home: Path, url: str) -> dict[str, str]:
    """Write the shared file."""
    (home / "credentials").write_text(FILE)
    return {}


def of_a_process(home: Path, url: str) -> dict[str, str]:
    """Let a process hand them out."""
    (home / "said").write_text(json.dumps({"Version": 1, **KEYS, "SessionToken": TOKEN, "Expiration": FAR}))
    (home / "config").write_text(f"[default]\ncredential_process = cat {home / 'said'}\n")
    return {}


def of_a_role(home: Path, url: str) -> dict[str, str]:
    """Assume a role with the keys of another profile."""
    source = "[profile source]\naws_access_key_id=AKIA0SOURCE000000000\naws_secret_access_key=" + SECRET
    (home / "config").write_text(f"[default]\nrole_arn=arn:aws:iam::1:role/r\nsource_profile=source\n{source}\n")
    return {}


def of_a_web_identity(home: Path, url: str) -> dict[str, str]:
    """Assume a role with a token in a file."""
    (home / "token").write_text(WEB)
    return {"AWS_ROLE_ARN": "arn:aws:iam::1:role/r", "AWS_WEB_IDENTITY_TOKEN_FILE": str(home / "token")}


def of_single_sign_on(home: Path, url: str) -> dict[str, str]:
    """Have logged in in a browser."""
    cache = home / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    start = "https://example.awsapps.com/start"
    kept = {"accessToken": SSO, "expiresAt": FAR, "region": "eu-west-1", "startUrl": start}
    (cache / f"{hashlib.sha1(start.encode()).hexdigest()}.json").write_text(json.dumps(kept))
    (home / "config").write_text(
        f"[default]\nsso_start_url={start}\nsso_region=eu-west-1\nsso_account_id=123456789012\nsso_role_name=r\n"
    )
    return {}


def of_the_machine(home: Path, url: str) -> dict[str, str]:
    """Be an EC2 instance with a role."""
    return {"AWS_EC2_METADATA_SERVICE_ENDPOINT": url, "AWS_EC2_METADATA_DISABLED": "false"}


def of_the_container(home: Path, url: str) -> dict[str, str]:
    """Be a container with a role."""
    return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}/container"}


WAYS: tuple[Way, ...] = (
    of_the_environment,
    of_the_file,
    of_a_process,
    of_a_role,
    of_a_web_identity,
    of_single_sign_on,
    of_the_machine,
    of_the_container,
)
VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")


@pytest.fixture
def settled(request: Any, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A home with credentials to be found in one way alone, and nothing that was hidden before."""
    url = f"http://{server.host}"
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("bluegreen.credentials.hiding._known", set())
    monkeypatch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", str(tmp_path / ".aws/sso/cache"))
    fixed = {"AWS_CONFIG_FILE": tmp_path / "config", "AWS_SHARED_CREDENTIALS_FILE": tmp_path / "credentials"}
    fixed |= {"HOME": tmp_path, "AWS_ENDPOINT_URL": url, "AWS_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true"}
    for name, value in (fixed | request.param(tmp_path, url)).items():
        monkeypatch.setenv(name, str(value))
    return server


@pytest.mark.parametrize("settled", WAYS, indirect=True)
def test_what_a_server_quotes_is_hidden(settled: Server) -> None:
    """Secret key and session token of whichever chain; the request was signed, or nothing would be shown."""
    with pytest.raises(BluegreenError) as caught:
        Sender(BotoClients(), VirtualClock(), 1, 1, lambda seconds: None).read(GROUPS)
    said = f"{caught.value.message} {caught.value.hint}"
    assert "AWS4-HMAC-SHA256" in settled.asked[-1].headers.get("authorization", "")
    assert ("[hidden]" in said, []) == (True, [one for one in (SECRET, TOKEN) if one in said]), said


@pytest.mark.parametrize("settled", [of_the_machine, of_the_container], indirect=True)
def test_of_an_instance_s_client_too(settled: Server) -> None:
    """The client of `bluegreen image` has a session of its own."""
    with pytest.raises(ClientError) as caught:
        autoscaling("eu-west-1", f"http://{settled.host}").describe_tags()
    said = str(readable(caught.value, "autoscaling:DescribeTags"))
    assert ("[hidden]" in said, []) == (True, [one for one in (SECRET, TOKEN) if one in said]), said


@pytest.mark.parametrize(
    ("settled", "token"), [(of_single_sign_on, SSO), (of_a_web_identity, WEB)], indirect=["settled"]
)
def test_what_credentials_are_had_for_is_hidden(settled: Server, token: str) -> None:
    """The token of a login in a browser, and that of a workload, are secrets as well."""
    with pytest.raises(BluegreenError) as caught:
        Sender(BotoClients(), VirtualClock(), 1, 1, lambda seconds: None).read(GROUPS)
    assert token not in caught.value.message


DUMPS = """
import ctypes, resource, sys
from bluegreen.__main__ import main
sys.argv = ["bluegreen", "--version"]
main()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is Linux's")
def test_no_core_dump_is_left() -> None:
    """Neither as a file nor to a program of the system's: the process is not dumpable (core(5), prctl(2))."""
    done = subprocess.run([sys.executable, "-c", DUMPS], capture_output=True, text=True, check=True)
    assert "0 (0, 0)" == done.stdout.splitlines()[-1]


def test_nor_of_the_process_that_asks_the_keyring() -> None:
    """It holds the secret, too."""
    from bluegreen.credentials import child

    program = (
        f"import runpy; c = runpy.run_path({str(Path(child.__file__))!r}); c['undumpable']();" + DUMPS.splitlines()[-1]
    )
    program = "import ctypes, resource; " + program
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "0 (0, 0)" == done.stdout.strip()
