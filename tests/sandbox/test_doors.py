"""What the sandbox listens with obeys programs on this machine, and no web page; requests are bounded."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import define, field

from bluegreen.sandbox.envoy import LONGEST, admin
from bluegreen.sandbox.http import BODY, HEAD, Request, Response
from bluegreen.sandbox.loop import LoopThread

SIGNED = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/autoscaling/aws4_request, SignedHeaders=host, Signature=x"
FORGED = "X-Amz-Credential=x/20260101/us-east-1/autoscaling/aws4_request"


@define
class House:
    """Where something listens, and what was let through to it."""

    host: str = ""
    asked: list[Request] = field(factory=list)

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        return Response(200, b"served")

    def send(self, *pieces: bytes) -> bytes:
        """Send bytes as they are, and return the answer's status; the other side closes."""
        address, _, port = self.host.partition(":")
        with socket.create_connection((address, int(port)), 10) as connection:
            try:
                for piece in pieces:
                    connection.sendall(piece)
            except OSError:
                pass  # refused before everything was sent
            return connection.recv(65536).split()[1]

    def get(self, target: str = "/", **headers: str) -> int:
        """Ask, and return the status."""
        given = {"Host": self.host, "Connection": "close", **{n.replace("_", "-"): v for n, v in headers.items()}}
        head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        return int(self.send(f"GET {target} HTTP/1.1\r\n{head}\r\n".encode()))


@pytest.fixture
def house() -> Iterator[House]:
    """Something that listens."""
    yield from opened(House())


def opened(house: Any, handler: Any = None) -> Iterator[Any]:
    """Serve on a port of its own."""
    loop, listening = LoopThread(), socket.create_server(("127.0.0.1", 0))
    house.host = f"127.0.0.1:{listening.getsockname()[1]}"
    loop.start()
    loop.serve(listening, handler or house)
    yield house
    loop.stop()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1"}, 403),
        ({"Host": "127.0.0.1:1"}, 403),
        ({"Host": ""}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
    ],
)
def test_a_web_page_is_not_obeyed(house: House, headers: dict[str, str], status: int) -> None:
    """Neither under a name of its own that leads here, nor as itself."""
    assert (status, status == 200) == (house.get(**headers), bool(house.asked))


def test_a_request_without_a_host(house: House) -> None:
    """It is no request of a program that knows whom it asks."""
    assert b"403" == house.send(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")


@pytest.mark.parametrize("line", [b"x: " + b"y" * HEAD, b"\r\n".join(b"a%d: b" % n for n in range(9000)), b"x" * 10**6])
def test_a_head_is_bounded(house: House, line: bytes) -> None:
    """A head that does not end is not collected."""
    assert b"431" == house.send(b"GET / HTTP/1.1\r\n", line)


@pytest.mark.parametrize(
    ("length", "answer"),
    [
        (str(BODY + 1), b"413"),
        ("9" * 18, b"413"),
        ("9" * 5000, b"400"),
        ("-1", b"400"),
        ("1_0", b"400"),
        ("+5", b"400"),
    ],
)
def test_a_body_is_bounded(house: House, length: str, answer: bytes) -> None:
    """What is larger than any request of AWS's that is understood is refused by its head."""
    head = f"POST / HTTP/1.1\r\nHost: {house.host}\r\nContent-Length: {length}\r\n\r\n".encode()
    assert (answer, []) == (house.send(head), house.asked)


def test_a_body_that_fits(house: House) -> None:
    """Up to the bound all is well."""
    head = f"POST / HTTP/1.1\r\nHost: {house.host}\r\nConnection: close\r\nContent-Length: {BODY}\r\n\r\n".encode()
    assert b"200" == house.send(head, bytes(BODY))
    assert [BODY] == [len(request.body) for request in house.asked]


def test_a_signature_in_the_query_is_none() -> None:
    """A page can make a browser send any query, but no signature of its own in a header."""
    pytest.importorskip("moto")
    from bluegreen.sandbox.codec import signed_for

    asked = Request("GET", f"/?Action=DescribeAutoScalingGroups&{FORGED}", {})
    signed = Request("POST", "/", {"authorization": SIGNED})
    assert (("", ""), ("autoscaling", "us-east-1")) == (signed_for(asked), signed_for(signed))


def test_envoy_s_admin_endpoint_is_a_socket_of_the_file_system(tmp_path: Any) -> None:
    """A page cannot end Envoy; where the folder's name is too long, the socket has a short one."""
    assert str(tmp_path / "admin") == admin(tmp_path) or admin(tmp_path).startswith("@")
    name = admin(tmp_path / ("x" * LONGEST))
    assert (True, True) == (name.startswith("@bluegreen-"), len(name) < LONGEST)
