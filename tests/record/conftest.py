"""An S3 to keep records in: the sandbox's, in this process."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from bluegreen.record.bucket import connect
from bluegreen.sandbox.loop import LoopThread


def _unanswered(*_: Any) -> Any:
    raise AssertionError("a record is kept in S3 alone")


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """Return the address of an S3 that lasts as long as the tests."""
    pytest.importorskip("moto")
    from bluegreen.sandbox import moto_backend
    from bluegreen.sandbox.api import Api

    loop, listening = LoopThread(), socket.create_server(("127.0.0.1", 0))
    loop.start()
    loop.serve(listening, Api(_unanswered, {"s3": moto_backend.answer}))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    loop.stop()


@pytest.fixture
def bucket(endpoint: str, credentials: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the name of an empty bucket that this process, and those it starts, find."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    name = f"records-{uuid.uuid4().hex[:12]}"
    connect().create_bucket(Bucket=name)
    return name


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set credentials that nobody checks, and no other configuration."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
