"""A small client of the EC2 instance metadata service, version 2 (a token first, then the facts).

``http.client`` knows no proxies, which is what is wanted: 169.254.169.254 must never be asked through one.
Source: EC2 user guide, "Use the Instance Metadata Service to access instance metadata".
"""

from __future__ import annotations

import http.client
import os
import urllib.parse

from attrs import field, frozen

from bluegreen.errors import Unreachable

ENDPOINT = "http://169.254.169.254"
TOKEN_SECONDS = 300
TIMEOUT = 2.0
HINT = (
    "run this on an EC2 instance with the metadata service enabled; "
    "inside a container the instance needs HttpPutResponseHopLimit=2"
)


def endpoint_from(environment: dict[str, str] | os._Environ[str]) -> str:
    """Return the metadata service's address: AWS_EC2_METADATA_SERVICE_ENDPOINT, or the link-local one."""
    return environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or ENDPOINT


@frozen
class Metadata:
    """The metadata service at ``endpoint``; each request may take ``timeout`` seconds."""

    endpoint: str = ENDPOINT
    timeout: float = TIMEOUT
    _token: list[str] = field(factory=list, init=False, repr=False)

    def get(self, path: str) -> str:
        """Return ``/latest/meta-data/<path>`` as text; raises Unreachable with the reason."""
        headers = {"X-aws-ec2-metadata-token": self.token()}
        return self._ask("GET", f"/latest/meta-data/{path}", headers)

    def token(self) -> str:
        """Return the session's token, asking for one the first time."""
        if not self._token:
            seconds = {"X-aws-ec2-metadata-token-ttl-seconds": str(TOKEN_SECONDS), "Content-Length": "0"}
            self._token.append(self._ask("PUT", "/latest/api/token", seconds))
        return self._token[0]

    def _ask(self, method: str, path: str, headers: dict[str, str]) -> str:
        try:
            status, text = self._exchange(method, path, headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise Unreachable(f"the metadata service at {self.endpoint} did not answer: {reason}", HINT) from error
        if status != http.HTTPStatus.OK:
            raise Unreachable(f"the metadata service at {self.endpoint} answered {status} to {method} {path}", HINT)
        return text

    def _exchange(self, method: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
        url = urllib.parse.urlsplit(self.endpoint)
        connection = http.client.HTTPConnection(url.hostname or "", url.port or 80, timeout=self.timeout)
        try:
            connection.request(method, url.path.rstrip("/") + path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace").strip()
        finally:
            connection.close()
