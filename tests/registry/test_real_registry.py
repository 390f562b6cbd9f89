"""What Debian's docker-registry says of an image: open, with a password, and with tokens."""

from __future__ import annotations

import pytest

from bluegreen.clock import VirtualClock
from bluegreen.errors import Denied, Unreachable
from bluegreen.registry.credentials import Secrets, nobody
from bluegreen.registry.registries import Registries
from tests.registry.land import INDEX, MANIFEST, SECRET, Shelf, knows

NOWHERE = "sha256:" + "0" * 64


def looked(shelf: Shelf, name: str, version: str, secrets: Secrets = nobody) -> bool:
    """Return what the tool says of an image there."""
    registries = Registries(connect=lambda region: None, secrets=secrets, clock=VirtualClock())
    return registries.holds(f"{shelf.host}/{name}", version, tokens=shelf.issuer)


def test_what_is_there_is_found_by_tag_and_by_digest(shelf: Shelf) -> None:
    """A tag, a digest and an index of several platforms are found; other tags, digests and names are not."""
    digest = shelf.push("web", "v1")
    size = len(shelf.http.request("GET", f"http://{shelf.host}/v2/web/manifests/v1", headers={"Accept": MANIFEST}).data)
    part = {"mediaType": MANIFEST, "digest": digest, "size": size, "platform": {"architecture": "amd64", "os": "linux"}}
    shelf.put("web", "many", INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": [part]})
    asked = [("web", "v1"), ("web", digest), ("web", "many"), ("web", "v2"), ("web", NOWHERE), ("other", "v1")]
    assert [True, True, True, False, False, False] == [looked(shelf, *words) for words in asked]


def test_a_password_opens_what_it_is_for(locked: Shelf) -> None:
    """With the password the answer is certain, whether it is yes or no."""
    locked.push("web", "v1")
    assert [True, False] == [looked(locked, "web", version, knows()) for version in ("v1", "v2")]


@pytest.mark.parametrize("secrets", [nobody, knows(secret="wrong-canary")])
def test_without_the_password_nothing_is_known(locked: Shelf, secrets: Secrets) -> None:
    """Nobody is told that an image is missing where nobody was allowed to look; no secret is in the words."""
    with pytest.raises(Denied, match="does not let us look at web") as caught:
        looked(locked, "web", "v1", secrets)
    assert [] == [word for word in (SECRET, "canary") if word in caught.value.message + caught.value.hint]


def test_tokens_are_fetched(tokens: Shelf) -> None:
    """An anonymous token opens what is public, and one for the user what is not."""
    tokens.push("public/web", "v1")
    tokens.push("web", "v1")
    assert [True, False] == [looked(tokens, "public/web", version) for version in ("v1", "v2")]
    assert [True, False] == [looked(tokens, "web", version, knows()) for version in ("v1", "v2")]


def test_another_port_gets_no_password(tokens: Shelf) -> None:
    """Unless the configuration names it, whoever listens there is asked for an anonymous token."""
    with pytest.raises(Denied, match="does not get the password"):
        looked(Shelf(tokens.host), "web", "v1", knows())


@pytest.mark.parametrize("secrets", [nobody, knows(secret="wrong-canary")])
def test_a_token_that_opens_nothing(tokens: Shelf, secrets: Secrets) -> None:
    """A token without rights, or none at all, leaves it open whether the image is there."""
    with pytest.raises(Denied, match="does not let us look at web"):
        looked(tokens, "web", "v1", secrets)


def test_a_silent_keyring_is_told_only_when_it_matters(tokens: Shelf) -> None:
    """What is public needs no secret; for what is not, the keyring's own words say what to do."""

    def silent(host: str) -> None:
        raise Denied("The keyring did not answer within 2 s.", "unlock it")

    tokens.push("public/app", "v1")
    assert looked(tokens, "public/app", "v1", silent)
    with pytest.raises(Denied, match="keyring did not answer"):
        looked(tokens, "web", "v1", silent)


def test_nobody_listens() -> None:
    """A registry that is away is said to be away, and is not waited for long."""
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1 does not answer: no connection"):
        looked(Shelf("127.0.0.1:1"), "web", "v1")
