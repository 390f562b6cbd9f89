"""The keys `repository` and `require_image`, in the file and as flags."""

from __future__ import annotations

from pathlib import Path

import pytest

from bluegreen.errors import Misconfigured
from tests.cli.fakes import FakeWiring, run
from tests.support.settings import parse

PAIR = '[services.web]\nblue = "a"\ngreen = "b"\n'


def faults(text: str) -> str:
    """Return what is wrong with a service that says so."""
    with pytest.raises(Misconfigured) as caught:
        parse(PAIR + text, Path("bluegreen.toml"))
    return caught.value.message


def test_both_keys_are_read() -> None:
    """A repository and whether it must know are settled for each service."""
    web = parse(f'{PAIR}repository = "ghcr.io/ana/web"\nrequire_image = true', Path("x")).services["web"]
    assert ("ghcr.io/ana/web", True) == (web.repository, web.require_image)


def test_without_them_nobody_looks() -> None:
    """No repository is known, and none is required."""
    web = parse(PAIR, Path("x")).services["web"]
    assert (None, False) == (web.repository, web.require_image)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            'repository = "ghcr.io/web:v1"',
            "4: services.web.repository: 'ghcr.io/web:v1' is not a repository such as registry.example.com/web, "
            "without a version",
        ),
        ("repository = 5", "4: services.web.repository: 5 is not a repository"),
        (
            'repository = "https://ana:canary@ghcr.io/web"',
            "4: services.web.repository: "
            "a repository is named without a user, and without a version or digest: HOST/NAME",
        ),
        (
            'repository = "a.b/web"\nrequire_image = "yes"',
            "5: services.web.require_image: 'yes' is neither true nor false",
        ),
        ("require_image = true", "4: services.web.require_image: repository is missing: where the image is to be"),
    ],
)
def test_what_is_wrong_is_said(text: str, sentence: str) -> None:
    """Each fault has its line and a sentence, which never quotes a password."""
    assert f"bluegreen.toml:{sentence}" == faults(text)


@pytest.mark.parametrize("verb", [("deploy", "web", "v2"), ("check", "web"), ("rollback", "web")])
def test_the_flag_wins(verb: tuple[str, ...]) -> None:
    """Every verb that may look takes the repository from its flag."""
    wiring = FakeWiring(answers={"check": ()})
    assert 0 == run(wiring, *verb, "--repository", "ghcr.io/ana/web")
    ((settings, _),) = wiring.opened
    assert ("ghcr.io/ana/web", False) == (settings.repository, settings.require_image)


def test_the_image_is_required_by_a_flag() -> None:
    """The flag needs a repository; without one it makes no sense (exit 2)."""
    wiring = FakeWiring()
    assert 2 == run(wiring, "deploy", "web", "v2", "--require-image")
    assert 0 == run(wiring, "deploy", "web", "v2", "--require-image", "--repository", "nginx")
    assert [True] == [settings.require_image for settings, _ in wiring.opened]


def test_a_repository_on_the_command_line_is_read_in_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong one is a usage error with the reader's sentence."""
    assert 2 == run(FakeWiring(), "deploy", "web", "v2", "--repository", "ghcr.io/web:v1")
    assert "is not a repository such as" in capsys.readouterr().err
