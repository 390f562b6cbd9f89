"""Real registries, started once for these tests: open, with a password, and with tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.registry.land import HTPASSWD, Issuer, Shelf, basic, running, serving


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the machine says of proxies."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Run a registry that everybody may use."""
    with running(tmp_path_factory.mktemp("open")) as host:
        yield Shelf(host)


@pytest.fixture(scope="session")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Run a registry with one user and a password."""
    folder: Path = tmp_path_factory.mktemp("locked")
    (folder / "htpasswd").write_text(HTPASSWD)
    with running(folder, auth={"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}}) as host:
        yield Shelf(host, lambda name: {"Authorization": basic()})


@pytest.fixture(scope="session")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Run a registry that wants tokens, and the server that hands them out."""
    folder, issuer = tmp_path_factory.mktemp("tokens"), Issuer()
    with serving(issuer.answer) as server:
        token = {
            "realm": f"http://{server.host}/token",
            "service": issuer.service,
            "issuer": "tests",
            "rootcertbundle": str(issuer.pem(folder)),
        }
        with running(folder, auth={"token": token}) as host:
            yield Shelf(
                host, lambda name: {"Authorization": f"Bearer {issuer.token(name, 'pull', 'push')}"}, server.host
            )
