"""What goes into ``Authorization``: a token from the place that the registry names, or a user and a secret.

A secret is sent over TLS, or to this machine itself; never otherwise, whatever a registry asks for. It goes to the
origin (scheme, host and port) that it was given for, and to the host that the configuration names: whoever a redirect
leads to asks for it in vain, and so does a place for tokens on another host, or on another port of this one.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from attrs import define, field

from bluegreen.errors import BluegreenError, Denied, Misconfigured, Unreachable
from bluegreen.registry.challenges import challenges
from bluegreen.registry.reference import HTTP, HUB, Repository, on_this_machine
from bluegreen.registry.web import HINT, Answer, Web, host_of, json_in, origin, safe_for_secrets, without_tls

Secrets = Callable[[str], tuple[str, str] | None]
"""Returns the user and the secret for a registry's host, or ``None``; may raise ``Denied``."""

_HUB_TOKENS = "auth.docker.io"
"""Where Docker Hub's tokens are handed out (Docker docs, "Registry authentication")."""
_TOKEN = re.compile(r"[\x21-\x7e]{1,65536}", re.A)


def nobody(host: str) -> None:
    """Know no secret."""


@define
class Credentials:
    """Answers what one repository's registry asks for; ``failure`` is what to say when that does not help.

    ``sent`` is whether a secret was part of it. ``tokens`` is the host, with a port that is not 443, which may have the
    registry's secret to hand out tokens for it.
    """

    web: Web
    secrets: Secrets
    repository: Repository
    tokens: str = ""
    failure: BluegreenError = field(init=False)
    sent: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self.failure = denied(self.repository)

    def answer(self, asked: Answer) -> str:
        """Return the value of ``Authorization``; raise ``Denied`` when there is none to give.

        Where the keyring is of no use it is tried without a secret, and why it is of none is told only if this fails.
        """
        if origin(asked.url) != origin(self.repository.manifests):
            raise _asked_elsewhere(self.repository.host, asked.url)
        offered = challenges(asked.headers.get("www-authenticate", ""))
        try:
            who = self.secrets(self.repository.host)
        except (Denied, Misconfigured) as error:
            who, self.failure = None, error
        if not safe_for_secrets(asked.url):  # whoever reads along could name a realm of their own
            who = None
        if "bearer" in offered:
            return f"Bearer {self._token(offered['bearer'], who)}"
        if "basic" in offered and who:
            self.sent = True
            return _basic(*who)
        raise self.failure

    def _token(self, offer: Mapping[str, str], who: tuple[str, str] | None) -> str:
        url = self._address(offer)
        home = origin(url) == origin(self.repository.manifests)
        if not home and not url.startswith("https://") and not (on_this_machine(_name(url)) and self._is_here()):
            raise without_tls(url)
        trusted = home or self._named(url)
        if who and not trusted:
            self.failure = _not_named(self.repository.host, url)
        headers = {"Authorization": _basic(*who)} if who and trusted and safe_for_secrets(url) else {}
        self.sent = bool(headers)
        answer = self.web.ask("GET", url, headers)
        if answer.status in (400, 401, 403, 404):
            raise self.failure
        token = _token_in(answer.body) if answer.status == 200 else ""
        if not token:
            raise Unreachable(f"{host_of(url)} hands out no token (HTTP {answer.status})", HINT)
        return token

    def _is_here(self) -> bool:
        return on_this_machine(_name(self.repository.manifests))

    def _named(self, url: str) -> bool:
        """Whether the configuration names the host of ``url``; Docker Hub's own is known."""
        known = _HUB_TOKENS if self.repository.host == HUB else self.tokens
        return bool(known) and host_of(url).lower().removesuffix(":443") == known.lower().removesuffix(":443")

    def _address(self, offer: Mapping[str, str]) -> str:
        if "realm" not in offer:
            raise Unreachable(f"the registry {self.repository.host} does not say where tokens are handed out", HINT)
        realm, scope = offer["realm"], offer.get("scope") or f"repository:{self.repository.name}:pull"
        query = {"service": offer["service"], "scope": scope} if "service" in offer else {"scope": scope}
        return f"{realm}{'&' if '?' in realm else '?'}{urlencode(query)}"


def denied(repository: Repository) -> Denied:
    """Return what to say of a registry that does not let us look."""
    host = repository.host
    hint = f"`bluegreen login registry {host}` keeps a password for it; with one, look at the user's rights"
    if repository.scheme == HTTP and not on_this_machine(host):
        hint = "a password is sent over TLS only, and `repository` says http://"
    return Denied(f"the registry {host} does not let us look at {repository.name}", hint)


def _asked_elsewhere(host: str, url: str) -> Denied:
    hint = "a password is for the registry itself; look at `repository`, which may have moved"
    return Denied(f"the registry {host} leads to {host_of(url)}, which asks for a password: that is not answered", hint)


def _not_named(host: str, url: str) -> Denied:
    place = host_of(url)
    sentence = f"the registry {host} has its tokens handed out by {place}, which does not get the password for {host}"
    return Denied(sentence, f'if that is right, say so in the configuration: token_host = "{place}"')


def _name(url: str) -> str:
    return origin(url)[1]


def _basic(user: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode("ascii")


def _token_in(body: bytes) -> str:
    answer = json_in(body)
    found = answer.get("token") or answer.get("access_token")
    return found if isinstance(found, str) and _TOKEN.fullmatch(found) else ""
