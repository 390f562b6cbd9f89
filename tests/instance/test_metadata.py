"""The metadata service: whom it is asked, how long, and what is said when the answer does not come."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bluegreen.clock import VirtualClock
from bluegreen.errors import BluegreenError, Misconfigured, Refused, Unreachable
from bluegreen.instance.metadata import HOPS, Metadata, endpoint_from
from bluegreen.sandbox.http import Handler, Request, Response
from bluegreen.sandbox.loop import LoopThread
from bluegreen.sandbox.metadata import MetadataService, facts

from .land import answering, serve

ENDPOINT = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
MODE = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"
TOKEN = "/latest/api/token"


@contextmanager
def at(handler: Handler, **settings: float) -> Iterator[Metadata]:
    """Serve ``handler`` as the metadata service, and return its client."""
    loop = LoopThread()
    loop.start()
    try:
        yield Metadata(serve(loop, handler), clock=VirtualClock(), **settings)  # type: ignore[arg-type]
    finally:
        loop.stop()


def said(handler: Handler) -> BluegreenError:
    """Return what is raised when the instance's id is asked for."""
    with at(handler) as metadata, pytest.raises(BluegreenError) as caught:
        metadata.instance()
    return caught.value


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "http://169.254.169.254"),
        ({MODE: "IPv4"}, "http://169.254.169.254"),
        ({MODE: "ipv6"}, "http://[fd00:ec2::254]"),
        ({ENDPOINT: "http://127.0.0.1:1338/"}, "http://127.0.0.1:1338"),
        ({ENDPOINT: "http://[::1]:80", MODE: "IPv6"}, "http://[::1]:80"),
        ({ENDPOINT: "", MODE: ""}, "http://169.254.169.254"),
    ],
)
def test_the_address_is_said_by_awss_own_variables(variables: dict[str, str], expected: str) -> None:
    """Both families, and an address of one's own, which goes first."""
    assert expected == endpoint_from(variables)


@pytest.mark.parametrize(
    "variables",
    [
        {MODE: "IPv5"},
        {ENDPOINT: "169.254.169.254"},
        {ENDPOINT: "https://169.254.169.254"},
        {ENDPOINT: "http://"},
        {ENDPOINT: "http://[::1"},
        {ENDPOINT: "http://a:99999"},
        {ENDPOINT: "http://a\r\nX: y"},
        {"AWS_EC2_METADATA_DISABLED": "True"},
    ],
)
def test_nonsense_is_misconfigured(variables: dict[str, str]) -> None:
    """A wrong value is named, not tried."""
    with pytest.raises(Misconfigured, match="AWS_EC2_METADATA"):
        endpoint_from(variables)


def test_the_facts() -> None:
    """Id, region, and the instance's own tag where it is told: with a token, asked for once."""
    asked = []
    service = MetadataService(facts("i-1", "eu-west-1", "127.0.0.1", {"image": "v1"}))

    def handler(request: Request) -> Response:
        asked.append((request.method, request.path))
        return service(request)

    with at(handler) as metadata:
        expected = ("i-1", "eu-west-1", "v1", None)
        assert expected == (metadata.instance(), metadata.region(), metadata.tag("image"), metadata.tag("a b/../c"))
    assert ["PUT", "GET", "GET", "GET", "GET"] == [method for method, _ in asked]
    assert "/latest/meta-data/tags/instance/a%20b%2F..%2Fc" == asked[-1][1]


def test_ipv6() -> None:
    """An address in brackets is asked over IPv6."""
    loop = LoopThread()
    loop.start()
    try:
        listening = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    try:
        loop.serve(listening, MetadataService(facts("i-1", "eu-west-1", "::1"))).result(10)
        assert "i-1" == Metadata(f"http://[::1]:{listening.getsockname()[1]}").instance()
    finally:
        loop.stop()


def test_nobody_there() -> None:
    """Off EC2 the message says where to run it, and comes quickly."""
    with pytest.raises(Unreachable, match="did not answer") as caught:
        Metadata("http://127.0.0.1:9", clock=VirtualClock()).instance()
    assert "EC2 instance" in caught.value.hint


def test_a_swallowed_answer_is_a_hop_limit() -> None:
    """The connection is taken and no token comes: what a container sees whose instance allows one hop."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        endpoint = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(Unreachable, match=r"connection, and then gave no whole answer in 0\.1 s") as caught:
            Metadata(endpoint, 0.1, VirtualClock()).instance()
    assert HOPS == caught.value.hint
    assert "--http-put-response-hop-limit 2" in HOPS


def test_nothing_answers_at_all() -> None:
    """A listener whose queue is full lets the connection itself time out: both causes are named."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        held = [socket.socket() for _ in range(4)]
        for one in held:
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        with pytest.raises(Unreachable, match="nothing answers at") as caught:
            Metadata(f"http://127.0.0.1:{listening.getsockname()[1]}", 0.2, VirtualClock()).instance()
        for one in held:
            one.close()
    assert "EC2 instance" in caught.value.hint
    assert HOPS in caught.value.hint


def test_what_may_pass_is_asked_again() -> None:
    """A busy service (503, 429) is asked again, twice."""
    service, refusals = MetadataService(facts("i-1", "eu-west-1", "127.0.0.1")), [503, 429]
    with at(lambda request: Response(refusals.pop()) if refusals else service(request)) as metadata:
        assert "i-1" == metadata.instance()
    assert "answered 503" in said(answering(503)).message


def test_a_proxy_or_a_service_that_is_off_is_said() -> None:
    """403 is what EC2 answers to a forwarded request, and while the service is off."""
    error = said(answering(403))
    assert ("answered 403" in error.message, "proxy" in error.hint) == (True, True)


def test_version_1_is_never_used() -> None:
    """Without a token nothing is asked for."""
    asked = []

    def handler(request: Request) -> Response:
        asked.append(request.method)
        return Response(404 if request.method == "PUT" else 200, b"i-1")

    assert "answered 404 to PUT" in said(handler).message
    assert ["PUT"] == asked


@pytest.mark.parametrize("text", [b"<html>log in here</html>", b"i-1\n", b"", b"i-1/../x", "i-é".encode()])
def test_what_is_no_instance_id_is_not_believed(text: bytes) -> None:
    """A captive portal answers everything with 200."""
    error = said(lambda _: Response(200, text))
    assert isinstance(error, Refused | Unreachable)


@contextmanager
def dripping(before: bytes, drop: bytes, pause: float) -> Iterator[str]:
    """Serve ``before`` at once, and then ``drop`` again and again, to whoever asks; return the address."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection:
            try:
                connection.sendall(before)
                while not over.wait(pause):
                    connection.sendall(drop)
            except OSError:
                pass

    def accept(listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=drip, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, args=(listening,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            over.set()
            listening.shutdown(socket.SHUT_RDWR)


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("before", "drop"),
    [
        (b"", b"H"),
        (OK, b"X: y\r\n"),
        (OK + b"Content-Length: 9999\r\n\r\n", b"x"),
        (OK + b"\r\n", b"x"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_an_answer_in_drops_is_none(before: bytes, drop: bytes) -> None:
    """Head and body have one time together: whoever sends a byte now and then holds nobody."""
    with dripping(before, drop, 0.05) as endpoint, pytest.raises(Unreachable, match=r"gave no whole answer in 0\.3 s"):
        Metadata(endpoint, 0.3, VirtualClock()).instance()


def test_the_whole_wait_is_an_end() -> None:
    """Without patience there is one try and no other."""
    asked = []

    def handler(request: Request) -> Response:
        asked.append(request.method)
        return Response(503)

    with at(handler, patience=0.0) as metadata, pytest.raises(Unreachable, match="answered 503"):
        metadata.instance()
    assert ["PUT"] == asked


def test_a_later_try_has_what_is_left_of_the_wait() -> None:
    """The second try ends when the patience does: half a second, less the pause between two tries."""
    with dripping(b"", b"H", 0.05) as endpoint, pytest.raises(Unreachable, match=r"no whole answer in 0\.2 s"):
        Metadata(endpoint, 0.5, VirtualClock(), patience=0.5).instance()
