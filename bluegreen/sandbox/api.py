"""The sandbox's AWS endpoint: one address for all services, answered by the simulator.

What the simulator does not know at all (ECR, S3, STS) is answered by moto's back end; groups, instances, tags and
balancers never are: a second store would be a second truth.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import frozen

from bluegreen.aws import enums
from bluegreen.sandbox import limits
from bluegreen.sandbox.codec import Decoded, WireError, decode, encode, encode_error, refuse_unreadable, signed_for
from bluegreen.sandbox.http import Handler, Request, Response

Answerer = Callable[[str, str, dict[str, Any]], Mapping[str, Any]]


@frozen
class Api:
    """Answers AWS requests with ``answer(service, operation, parameters)``; ``others`` by signing name."""

    answer: Answerer
    others: Mapping[str, Handler]

    def __call__(self, request: Request) -> Response | Awaitable[Response]:
        """Answer one request; every failure is an AWS error document, never HTML."""
        elsewhere = self.others.get(signed_for(request)[0])
        try:
            refuse_unreadable(request)
            if elsewhere:
                return elsewhere(request)
            call = decode(request)
        except WireError as error:
            return encode_error(request, error)
        except Exception as error:
            return encode_error(request, _unexpected(error))
        return self._answered(call, request)

    def _answered(self, call: Decoded, request: Request) -> Response:
        try:
            limits.check(call.service, call.model, call.parameters)
            enums.check(call.service, call.model, call.parameters)
            return encode(call, self.answer(call.service, call.operation, call.parameters))
        except Exception as error:
            known = error if hasattr(error, "code") and hasattr(error, "http_status") else _unexpected(error)
            try:
                return encode(call, known)
            except Exception:
                return encode_error(request, known)


def _unexpected(error: Exception) -> WireError:
    """Say on the sandbox's own stderr what went wrong inside it, and answer so: InternalFailure, 500; it goes on."""
    sys.stderr.write("".join(traceback.format_exception(error)))
    return WireError("InternalFailure", f"The sandbox failed: {type(error).__name__}: {error}", 500)
