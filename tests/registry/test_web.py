"""How a registry is asked: what is believed, where secrets go, and how long it may take."""

from __future__ import annotations

import gzip
import json
import re
import ssl
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bluegreen.clock import VirtualClock
from bluegreen.errors import BluegreenError, Denied, Interrupted, Misconfigured, Unreachable, Usage
from bluegreen.registry.credentials import Credentials, Secrets, nobody
from bluegreen.registry.reference import parse
from bluegreen.registry.registries import Registries
from bluegreen.registry.web import MOST, Web, safe_for_secrets
from tests.registry.land import MANIFEST, SECRET, Issuer, Reply, Request, Server, basic, knows, serving

THERE: Reply = (200, {"Content-Type": MANIFEST, "Docker-Content-Digest": "sha256:0"}, b"")


def looked(repository: str, secrets: Secrets = nobody, tokens: str = "", **settings: Any) -> bool:
    """Return what the tool says of the version v1."""
    registries = Registries(connect=lambda region: None, secrets=secrets, clock=VirtualClock(), **settings)
    return registries.holds(repository, "v1", tokens=tokens)


def failure(repository: str, secrets: Secrets = nobody, tokens: str = "") -> BluegreenError:
    """Return what the tool cannot say."""
    with pytest.raises((Unreachable, Denied)) as caught:
        looked(repository, secrets, tokens)
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + caught.value.hint
    return caught.value


def always(*reply: Any) -> Callable[[Request], Reply]:
    """Return a server's one answer."""
    return lambda request: (reply[0], reply[1], reply[2])


def missing(code: str) -> bytes:
    """Return a registry's error."""
    return json.dumps({"errors": [{"code": code}]}).encode()


def challenge(kind: str) -> Reply:
    """Return the answer that asks for credentials."""
    return 401, {"WWW-Authenticate": kind}, b""


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        ((404, {}, b"<html>no such page</html>"), r"does not answer as a registry does \(HTTP 404\)"),
        ((404, {}, b'{"errors": []}'), r"does not answer as a registry does"),
        ((404, {}, b'{"errors": [{"code": "DENIED"}, {"code": []}, 5]}'), r"does not answer as a registry does"),
        ((404, {}, b"[" * 100_000), r"does not answer as a registry does"),
        ((200, {"Content-Type": "text/html"}, b"log in to the wifi"), r"does not answer as a registry does"),
        ((403, {}, b""), "does not let us look at web"),
        ((401, {}, b""), "does not let us look at web"),
        ((429, {}, b""), r"busy or out of order \(HTTP 429\)"),
        ((503, {}, b""), r"busy or out of order \(HTTP 503\)"),
        (challenge('Bearer realm="ftp://a.b/t"'), "leads to a.b without TLS"),
        (challenge('Bearer service="x"'), "does not say where tokens are handed out"),
        (challenge("Negotiate"), "does not let us look at web"),
        ((302, {"Location": "ftp://a.b/"}, b""), "leads to a.b without TLS"),
        ((302, {"Location": "http://[::1/"}, b""), "without TLS"),
        ((302, {"Location": "/v2/web/manifests/v1"}, b""), "redirects again and again"),
    ],
)
def test_what_is_no_answer(reply: Reply, sentence: str) -> None:
    """Only a registry's own words say that an image is there, or that it is not; all else leaves it open."""
    with serving(always(*reply)) as server:
        assert re.search(sentence, failure(f"{server.host}/web").message)


@pytest.mark.parametrize("code", ["MANIFEST_UNKNOWN", "NAME_UNKNOWN", "NOT_FOUND"])
def test_a_registrys_404_is_believed(code: str) -> None:
    """Errors in the specification's form say that the image is missing, and so does Harbor's."""
    with serving(always(404, {}, missing(code))) as server:
        assert [False, ["HEAD", "GET"]] == [looked(f"{server.host}/web"), [asked.method for asked in server.asked]]


@pytest.mark.parametrize(
    ("code", "secrets", "found"),
    [
        ("MANIFEST_UNKNOWN", nobody, False),
        ("NAME_UNKNOWN", nobody, None),
        ("NOT_FOUND", nobody, None),
        ("NAME_UNKNOWN", knows(), False),
        ("NOT_FOUND", knows(), False),
    ],
)
def test_a_name_may_be_hidden_from_strangers(code: str, secrets: Secrets, found: bool | None) -> None:
    """Where a password is wanted and none was sent, only a missing manifest is believed; a name may be hidden."""

    def answer(request: Request) -> Reply:
        return (404, {}, missing(code)) if "authorization" in request.headers else token

    with serving(token_server("t"), "127.0.0.2") as issuer, serving(answer) as server:
        token = challenge(f'Bearer realm="http://{issuer.host}/t"')
        place = f"{server.host}/web"
        if found is None:
            assert (Denied, "does not let us look at web") == (type(failed := failure(place)), failed.message[-27:])
        else:
            assert found == looked(place, secrets, issuer.host)


@pytest.mark.parametrize("error", [ZeroDivisionError(SECRET), KeyError(SECRET), Usage(SECRET)])
def test_a_bug_holds_nothing_back(error: Exception) -> None:
    """What nobody thought of leaves it open whether the image is there, and is named without its words."""

    def broken(host: str) -> None:
        raise error

    with serving(always(*challenge('Basic realm="x"'))) as server:
        assert (
            f"the look at the registry failed ({type(error).__name__})" == failure(f"{server.host}/w", broken).message
        )


def test_a_strange_entry_does_not_close_what_is_open() -> None:
    """An entry of the keyring that is none of ours is told only where a password is wanted after all."""

    def strange(host: str) -> None:
        raise Misconfigured("the entry is none of bluegreen's")

    with serving(token_server("t"), "127.0.0.2") as issuer, serving(wants("t", f"http://{issuer.host}/t")) as server:
        assert looked(f"{server.host}/web", strange)
        issuer.answer = always(401, {}, b"")
        with pytest.raises(Misconfigured, match="none of bluegreen's"):
            looked(f"{server.host}/web", strange)


def test_a_busy_registry_is_asked_again() -> None:
    """One answer that it is busy delays the look and does not end it."""
    replies = iter([(503, {}, b""), THERE])
    with serving(lambda request: next(replies)) as server:
        assert looked(f"{server.host}/web")


def test_a_redirect_takes_no_secret_along() -> None:
    """Another host gets the question without the credential; the same host gets it with it."""
    with serving(always(*THERE), "127.0.0.2") as other:

        def answer(request: Request) -> Reply:
            if "authorization" not in request.headers:
                return challenge('Basic realm="x"')
            if request.path.endswith("/moved"):
                return 307, {"Location": f"http://{other.host}/v2/web/manifests/v1"}, b""
            return 308, {"Location": "/v2/web/manifests/moved"}, b""

        with serving(answer) as server:
            assert looked(f"{server.host}/web", knows())
        assert [None, basic(), basic()] == [asked.headers.get("authorization") for asked in server.asked]
        assert [None] == [asked.headers.get("authorization") for asked in other.asked]


def token_server(token: Any = "t-canary") -> Callable[[Request], Reply]:
    """Return an answer that hands out one token to everybody."""
    return always(200, {}, json.dumps({"access_token": token}).encode())


def wants(token: str, realm: str) -> Callable[[Request], Reply]:
    """Return the answers of a registry that wants a token."""

    def answer(request: Request) -> Reply:
        if request.headers.get("authorization") == f"Bearer {token}":
            return THERE
        return challenge(f'Bearer realm="{realm}",service="a b",scope="repository:web:pull"')

    return answer


def test_a_token_is_asked_for_as_the_registry_says() -> None:
    """Realm, service and scope are those of the challenge, the user and the secret go to the realm alone."""
    with serving(token_server(), "127.0.0.2") as issuer, serving(wants("t-canary", "")) as server:
        server.answer = wants("t-canary", f"http://{issuer.host}/token?account=x")
        assert looked(f"{server.host}/web", knows(), issuer.host)
        (asked,) = issuer.asked
        assert "/token?account=x&service=a+b&scope=repository%3Aweb%3Apull" == asked.path
        assert basic() == asked.headers["authorization"]
        assert [] == [asked for asked in server.asked if basic() in asked.headers.values()]


@pytest.mark.parametrize("token", ["", "a\r\nX-Evil: 1", "ü", 5, None, ["x"]])
def test_what_is_no_token(token: Any) -> None:
    """What cannot stand in a header is no token, and is not shown."""
    with serving(token_server(token), "127.0.0.2") as issuer, serving(wants("x", f"http://{issuer.host}/t")) as server:
        assert f"{issuer.host} hands out no token (HTTP 200)" == failure(f"{server.host}/web").message


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.b/t", True),
        ("http://localhost:5000/t", True),
        ("http://127.0.0.1/t", True),
        ("http://a.b/t", False),
        ("http://localhost.evil.example/t", False),
        ("ftp://localhost/", False),
        ("http://[::1/", False),
        ("http://[::1]:5000/t", True),
        ("http://::1%@evil.example/token", False),
        ("http://localhost:x@evil.example/token", False),
        ("http://evil.example\\@127.0.0.1/token", False),
        ("http://evil.example\t@127.0.0.1/token", False),
    ],
)
def test_where_secrets_go(url: str, safe: bool) -> None:
    """Over TLS, or to this machine itself."""
    assert safe == safe_for_secrets(url)


def test_no_secret_leaves_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry of http:// on another machine gets no password, and the hint says why."""
    with serving(always(*challenge('Basic realm="x"'))) as proxy:
        monkeypatch.setenv("http_proxy", f"http://{proxy.host}")
        found = failure("http://registry.lan/web", knows())
    assert ["http://registry.lan/v2/web/manifests/v1"] == [asked.path for asked in proxy.asked]
    assert ("a password is sent over TLS only, and `repository` says http://", []) == (
        found.hint,
        [asked for asked in proxy.asked if "authorization" in asked.headers],
    )


@pytest.mark.parametrize("realm", ["http://tokens.lan/t", "http://127.0.0.2:9/t"])
def test_a_realm_elsewhere_without_tls_is_not_asked(realm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody on the way could have named it, or read along; nor does a registry lead to this machine."""
    with serving(wants("t", realm)) as proxy:
        monkeypatch.setenv("http_proxy", f"http://{proxy.host}")
        assert "without TLS" in failure("http://registry.lan/web", knows()).message
    assert {"registry.lan"} == {asked.headers["host"] for asked in proxy.asked}


def test_a_realm_of_the_registry_itself_without_tls_gets_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """An anonymous token is asked for where everybody reads along, and no password is sent."""

    def answer(request: Request) -> Reply:
        return (
            token_server("t")(request) if "/token" in request.path else wants("t", "http://registry.lan/token")(request)
        )

    with serving(answer) as proxy:
        monkeypatch.setenv("http_proxy", f"http://{proxy.host}")
        assert looked("http://registry.lan/web", knows())
    assert {None, "Bearer t"} == {asked.headers.get("authorization") for asked in proxy.asked}


@pytest.mark.parametrize("kind", ['Basic realm="x"', 'Bearer realm="http://HOST/t",service="x"'])
def test_a_challenge_of_another_origin_is_not_answered(kind: str) -> None:
    """Whoever a redirect leads to asks for the password in vain, on another port of the same machine, too."""
    with (
        serving(token_server("t")) as other,
        serving(always(307, {"Location": f"http://{other.host}/v2/x"}, b"")) as home,
    ):
        other.answer = always(*challenge(kind.replace("HOST", other.host)))
        found = failure(f"{home.host}/web", knows(), other.host)
    assert (True, "which asks for a password: that is not answered" in found.message) == (
        other.host in found.message,
        True,
    )
    assert [] == [asked for asked in (*other.asked, *home.asked) if "authorization" in asked.headers]


@pytest.mark.parametrize("where", ["127.0.0.2", "127.0.0.1"], ids=["another host", "another port"])
def test_a_realm_elsewhere_gets_no_password_unless_it_is_named(where: str) -> None:
    """It is asked for an anonymous token; where that does not do, the hint says what would name it."""
    with serving(token_server("t"), where) as issuer, serving(wants("u", f"http://{issuer.host}/t")) as server:
        found = failure(f"{server.host}/web", knows())
        assert f'token_host = "{issuer.host}"' in found.hint
        assert {None} == {asked.headers.get("authorization") for asked in issuer.asked}
        failure(f"{server.host}/web", knows(), issuer.host)
        assert basic() == issuer.asked[-1].headers["authorization"]


def test_docker_hub_s_own_place_for_tokens_is_known() -> None:
    """Its password goes there, and to no other host whatever the configuration says."""
    credentials = Credentials(Web(), knows(), parse("nginx"), "evil.example")
    named = [credentials._named(f"https://{host}/token") for host in ("auth.docker.io", "evil.example", "docker.io")]
    assert [True, False, False] == named


def zipped(body: bytes, times: int = 1) -> bytes:
    """Return what is compressed as often."""
    return zipped(gzip.compress(body), times - 1) if times else body


def test_an_answer_is_decoded_within_a_bound() -> None:
    """What becomes large when it is decoded is cut off, and nothing is decoded twice."""
    bomb = zipped(bytes(64 * MOST), 2)
    with serving(always(200, {"Content-Encoding": "gzip"}, zipped(bytes(64 * MOST)))) as server:
        assert MOST == len(Web(plain=True).ask("GET", f"http://{server.host}/", {}).body)
        assert ["identity"] == [asked.headers["accept-encoding"] for asked in server.asked]
        server.answer = always(200, {"Content-Encoding": "gzip"}, bomb)
        assert gzip.decompress(bomb) == Web(plain=True).ask("GET", f"http://{server.host}/", {}).body


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "deflate", "zstd", "gzip"])
def test_a_coding_that_nobody_asked_for(coding: str) -> None:
    """It is no answer, nor is what only claims to be gzip."""
    with serving(always(200, {"Content-Encoding": coding}, b"abc")) as server, pytest.raises(Unreachable):
        Web(plain=True).ask("GET", f"http://{server.host}/", {})


def test_tls_never_gives_way_to_plain_http() -> None:
    """A registry that is asked over TLS cannot lead to where everybody reads along."""
    with pytest.raises(Unreachable, match=r"leads to a\.b without TLS"):
        Web().ask("GET", "http://a.b/t", {})


def test_a_proxy_is_used_and_its_password_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's proxy gets the question, with its password as a header; no sentence has it."""
    with serving(always(502, {}, b"")) as proxy:
        monkeypatch.setenv("https_proxy", f"http://ana:{SECRET}@{proxy.host}")
        found = failure("registry.example.com/web")
        monkeypatch.setenv("no_proxy", "example.com")
        direct = failure("nowhere.invalid.example.com/web")
    assert ["CONNECT"] * 3 == [asked.method for asked in proxy.asked]
    assert {basic()} == {asked.headers["proxy-authorization"] for asked in proxy.asked}
    assert "registry.example.com does not answer: the proxy cannot be reached, or refuses" == found.message
    assert "proxy" not in direct.message


def test_a_proxy_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of a kind that cannot be used is a sentence, not a bug."""
    monkeypatch.setenv("https_proxy", "socks5://ana:canary@127.0.0.1:1")
    assert "canary" not in failure("registry.example.com/web").message


@pytest.fixture
def over_tls(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    """Run a registry over TLS whose certificate nobody knows."""
    certificate = Issuer().pem(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, tmp_path / "key.pem")
    with serving(always(*THERE), context=context) as server:
        yield server, certificate


def test_certificates_are_checked(over_tls: tuple[Server, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate that nobody vouches for ends it; one of SSL_CERT_FILE will do."""
    server, certificate = over_tls
    place = f"https://localhost:{server.host.rpartition(':')[2]}/web"
    assert "TLS fails" in failure(place).message
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert looked(place)


def test_it_is_not_waited_for_long() -> None:
    """A registry that says nothing is given up when the time is over, whatever it is doing."""
    with serving(lambda request: time.sleep(10) or THERE) as server:
        started = time.monotonic()
        with pytest.raises(Unreachable, match=r"does not answer within 1 s"):
            looked(f"{server.host}/web", longest=1.0)
        assert time.monotonic() - started < 5


def test_a_signal_ends_the_wait() -> None:
    """Whoever asks to stop is heard while a registry says nothing."""

    def stop() -> None:
        raise Interrupted(2, "stopped")

    with serving(lambda request: time.sleep(10) or THERE) as server, pytest.raises(Interrupted):
        Registries(connect=lambda region: None).holds(f"{server.host}/web", "v1", stop)


def test_every_answer_names_its_host_only() -> None:
    """What a redirect puts before the host is not shown."""
    headers: Mapping[str, str] = {"Location": "ftp://ana:canary@a.b/"}
    with serving(always(302, headers, b"")) as server:
        found = failure(f"{server.host}/web")
    assert ("canary" in found.message, "http") == (False, parse(f"{server.host}/web").scheme)
