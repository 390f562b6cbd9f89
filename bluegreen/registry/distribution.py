"""Any registry but Amazon's: ``HEAD /v2/NAME/manifests/REFERENCE`` of the OCI distribution specification, 1.1."""

from __future__ import annotations

from attrs import frozen

from bluegreen.errors import BluegreenError, Unreachable
from bluegreen.registry.credentials import Credentials, Secrets
from bluegreen.registry.reference import HTTP, Repository
from bluegreen.registry.web import HINT, Answer, Web, json_in

MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_NO_MANIFEST = "MANIFEST_UNKNOWN"
_MISSING = frozenset((_NO_MANIFEST, "NAME_UNKNOWN", "NOT_FOUND"))
"""The specification's codes, and Harbor's own."""


@frozen
class Distribution:
    """Looks in one repository."""

    repository: Repository
    secrets: Secrets
    tokens: str = ""

    def holds(self, version: str) -> bool:
        """Say whether the version, a tag or a digest, is there; raise ``Denied`` or ``Unreachable`` if it is unknown.

        An answer to HEAD has no body. So what it says is missing is asked for once more, to hear it from a registry
        and not from a proxy, or from a web server that knows no such page.
        """
        url = self.repository.manifests + version
        headers = {"Accept": ", ".join(MANIFESTS)}
        web = Web(plain=self.repository.scheme == HTTP)
        credentials = Credentials(web, self.secrets, self.repository, self.tokens)
        answer, stranger = web.ask("HEAD", url, headers), False
        if answer.status == 401:
            headers["Authorization"] = credentials.answer(answer)
            stranger = not credentials.sent
            answer = web.ask("HEAD", url, headers)
        if answer.status == 404:
            answer = web.ask("GET", url, headers)
        if answer.status in (401, 403):
            raise credentials.failure
        return self._meaning(answer, credentials.failure if stranger else None)

    def _meaning(self, answer: Answer, hidden: BluegreenError | None) -> bool:
        """Say what an answer means; ``hidden`` is raised where a name may only be hidden from whoever has no secret."""
        host = self.repository.host
        if answer.status == 200 and _is_manifest(answer):
            return True
        codes = _codes(answer.body) & _MISSING if answer.status == 404 else frozenset()
        if codes and hidden and _NO_MANIFEST not in codes:
            raise hidden
        if codes:
            return False
        if answer.status == 429 or answer.status >= 500:
            raise Unreachable(f"the registry {host} is busy or out of order (HTTP {answer.status})", "try again later")
        raise Unreachable(f"{host} does not answer as a registry does (HTTP {answer.status})", HINT)


def _is_manifest(answer: Answer) -> bool:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip()
    return kind in MANIFESTS or "docker-content-digest" in answer.headers


def _codes(body: bytes) -> frozenset[str]:
    """Return the codes of errors in the specification's form."""
    errors = json_in(body).get("errors")
    found = [error.get("code") for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    return frozenset(code for code in found if isinstance(code, str))
