"""The metadata service of one instance: version 2 only, a token before every fact.

Each instance has one of its own, on the instance's own loopback address, so that it cannot be mistaken for
another's. Source: EC2 user guide, "Use the Instance Metadata Service": a request without a valid token answers
401, a wrong time to live 400, and a token is not given to a request that was forwarded by a proxy (403).
"""

from __future__ import annotations

import json
import secrets
import urllib.parse
from collections.abc import Mapping

from attrs import field, frozen

from bluegreen.sandbox.http import Request, Response

TTL = "x-aws-ec2-metadata-token-ttl-seconds"
TOKEN = "x-aws-ec2-metadata-token"
ROLE = "sandbox"


@frozen
class MetadataService:
    """Answers for the instance whose ``facts`` (path below ``/latest/meta-data/`` → text) it was given."""

    facts: Mapping[str, str]
    _tokens: set[str] = field(factory=set, init=False)

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        if request.path == "/latest/api/token":
            return self._token(request)
        if request.method != "GET":
            return Response(405)
        if request.headers.get(TOKEN) not in self._tokens:
            return Response(401)
        return self._fact(urllib.parse.unquote(request.path.removeprefix("/latest/meta-data").strip("/")))

    def _token(self, request: Request) -> Response:
        if request.method != "PUT":
            return Response(405)
        if "x-forwarded-for" in request.headers:
            return Response(403)
        seconds = request.headers.get(TTL, "")
        if not seconds.isdecimal() or not 1 <= int(seconds) <= 21600:
            return Response(400)
        token = secrets.token_urlsafe(32)
        self._tokens.add(token)
        return Response(200, token.encode(), {"Content-Type": "text/plain", TTL: seconds})

    def _fact(self, path: str) -> Response:
        if path not in self.facts:
            return Response(404)
        return Response(200, self.facts[path].encode(), {"Content-Type": "text/plain"})


def facts(instance_id: str, region: str, address: str, tags: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what the metadata service of an instance tells; its own ``tags`` only where that is switched on."""
    return {
        "instance-id": instance_id,
        "placement/region": region,
        "placement/availability-zone": f"{region}a",
        "local-ipv4": address,
        "services/domain": "amazonaws.com",
        "iam/security-credentials": ROLE,
        f"iam/security-credentials/{ROLE}": json.dumps(_CREDENTIALS),
        **{f"tags/instance/{key}": value for key, value in (tags or {}).items()},
    }


_CREDENTIALS = {
    "Code": "Success",
    "Type": "AWS-HMAC",
    "AccessKeyId": "sandbox",
    "SecretAccessKey": "sandbox",
    "Token": "sandbox/token==",
    "Expiration": "2099-01-01T00:00:00Z",
}
"""An instance role's credentials, in the form that EC2's user guide shows ("Retrieve security credentials")."""
