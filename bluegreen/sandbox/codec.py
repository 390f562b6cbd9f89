"""AWS's wire formats: an HTTP request becomes (service, operation, parameters), a result an HTTP answer.

moto's request parsers and response serializers do the work. Both are driven by botocore's service models and
know nothing of moto's back ends. They are internals of moto, which is why its version is pinned exactly.
"""

from __future__ import annotations

import json
import re
import urllib.parse
import uuid
import warnings
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from attrs import frozen
from botocore.model import OperationNotFoundError
from botocore.utils import parse_timestamp
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model

from bluegreen.sandbox.http import Request, Response
from bluegreen.sandbox.limits import spelled

_SCOPE = re.compile(r"Credential=[^/,\s]+/\d{8}/([^/,\s]*)/([^/,\s]+)/aws4_request")
_SIGNED_AS = {
    ("elasticloadbalancing", "2012-06-01"): "elb",
    ("elasticloadbalancing", "2015-12-01"): "elbv2",
    ("monitoring", ""): "cloudwatch",
}


_UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, SyntaxError, TypeError, ValueError)
"""What moto's parsers raise for a body that is none of an operation's; of XML a SyntaxError."""


class WireError(Exception):
    """An error to be serialised as AWS does: a code, a message and an HTTP status."""

    def __init__(self, code: str, message: str, http_status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.http_status = http_status


@frozen
class Decoded:
    """A request for one operation; ``model`` is moto's operation model, ``protocol`` the wire format."""

    service: str
    operation: str
    parameters: dict[str, Any]
    model: Any
    protocol: str


def signed_for(request: Request) -> tuple[str, str]:
    """Return (signing name, region) out of the request's signature; two empty strings when it has none.

    A signature in the query is none: a web page can make a browser send one.
    """
    found = _SCOPE.search(request.headers.get("authorization", ""))
    return (found[2], found[1]) if found else ("", "")


def decode(request: Request) -> Decoded:
    """Return the call in ``request``; raises WireError when there is none to be found."""
    signing, _ = signed_for(request)
    if not signing:
        raise WireError("MissingAuthenticationToken", "The sandbox tells services apart by the signature.", 403)
    values = _values(request)
    service = _service(signing, values.get("Version", ""))
    model = _service_model(service)
    operation = values.get("Action") or request.headers.get("x-amz-target", "").rpartition(".")[2]
    return _call(request, service, model, operation, values)


def refuse_unreadable(request: Request) -> None:
    """Raise WireError for a body that says it is JSON and is no object, as AWS answers it: moto takes it for none."""
    if not request.body or not request.headers.get("content-type", "").startswith("application/x-amz-json"):
        return
    try:
        found: object = json.loads(request.body.decode())
    except (ValueError, RecursionError) as error:
        raise WireError("SerializationException", f"The request cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise WireError("SerializationException", "The request cannot be read: it is no object.")


def _speaks_json(request: Request) -> bool:
    if "x-amz-target" in request.headers:
        return True
    try:
        return bool(_service_model(signed_for(request)[0]).protocol == "rest-json")
    except WireError:
        return False


def _values(request: Request) -> dict[str, str]:
    pairs = urllib.parse.parse_qsl(request.query, keep_blank_values=True)
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        try:
            pairs += urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True)
        except ValueError as error:
            raise WireError("MalformedQueryString", f"The request cannot be read: {error}") from error
    return dict(pairs)


def _service(signing: str, version: str) -> str:
    return _SIGNED_AS.get((signing, version)) or _SIGNED_AS.get((signing, "")) or signing


def _service_model(service: str) -> Any:
    try:
        return get_service_model(service)
    except Exception as error:
        raise WireError("InvalidAction", f"The sandbox knows no service {service!r}.") from error


def _call(request: Request, service: str, model: Any, operation: str, values: dict[str, str]) -> Decoded:
    try:
        protocol = determine_request_protocol(model, request.headers.get("content-type"))
        parser = PROTOCOL_PARSERS[protocol]
        shape = model.operation_model(operation)
    except (NotImplementedError, KeyError) as error:
        raise WireError("InvalidAction", f"The sandbox does not speak {service}'s protocol: {error}") from error
    except OperationNotFoundError as error:
        raise WireError("InvalidAction", f"Could not find operation {operation} of {service}.") from error
    return Decoded(service, operation, _parameters(parser, shape, request, values), shape, protocol)


def _parameters(parser: Any, shape: Any, request: Request, values: dict[str, str]) -> dict[str, Any]:
    document = {
        "method": request.method,
        "values": values,
        "headers": request.headers,
        "body": request.body,
        "url_path": request.path,
        "url_params": {},
    }
    try:
        parsed: dict[str, Any] = parser(shape, timestamp_parser=_timestamp).parse(document)
    except _UNREADABLE as error:
        raise WireError("MalformedQueryString", f"The request cannot be read: {error}") from error
    return parsed


def _timestamp(value: str) -> datetime:
    try:
        moment: datetime = parse_timestamp(value)
    except RuntimeError as error:  # which botocore raises for what no calendar has
        raise ValueError(f"{value!r:.60} is no time") from error
    return moment


def encode(call: Decoded, result: Mapping[str, Any] | Exception) -> Response:
    """Return the HTTP answer for a result, or for an error with ``code``, ``message`` and ``http_status``."""
    identifier = str(uuid.uuid4())
    serializer = get_serializer_class(call.service, call.protocol)(call.model, SerializationContext(identifier))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        document = serializer.serialize(result)
    body = document["body"]
    status = getattr(result, "http_status", None) or document["status_code"]
    headers = {**document["headers"], "x-amzn-RequestId": identifier}
    return Response(status, body.encode() if isinstance(body, str) else body, headers)


def encode_error(request: Request, error: Exception) -> Response:
    """Return an error document for a request whose operation is not known, in the form its protocol expects."""
    code, message = getattr(error, "code", "InternalFailure"), getattr(error, "message", str(error))
    status = getattr(error, "http_status", 500)
    identifier = str(uuid.uuid4())
    headers = {"x-amzn-RequestId": identifier}
    if _speaks_json(request):
        body = json.dumps({"__type": code, "message": message})
        kind = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": code}
        return Response(status, body.encode(), {**headers, **kind})
    code, message = escape(code), escape(spelled(message))
    error_element = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    body = f"<ErrorResponse>{error_element}<RequestId>{identifier}</RequestId></ErrorResponse>"
    if signed_for(request)[0] == "ec2":
        element = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        body = f"<Response><Errors>{element}</Errors><RequestID>{identifier}</RequestID></Response>"
    return Response(status, body.encode(), {**headers, "Content-Type": "text/xml"})
