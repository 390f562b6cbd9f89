"""Let real boto3 clients be answered in-process, without a network.

botocore's public events are used: ``before-parameter-build`` sees the parameters as the caller gave them, and
``before-call`` may answer in place of the network. Parameter validation, paginators, waiters and exception classes
are botocore's own. What botocore does not look at, and AWS refuses, is refused here: a value of no enumeration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen
from botocore.model import OperationModel

from bluegreen.aws import enums

Answer = Callable[[str, str, Mapping[str, Any]], dict[str, Any]]
PARAMETERS = "bluegreen.parameters"


@frozen
class Reply:
    """What botocore looks at in an HTTP response."""

    status_code: int


def answer(client: Any, call: Answer) -> Any:
    """Let ``call(service, operation, parameters)`` answer every request of ``client``, and return the client.

    What ``call`` raises with the attributes ``code``, ``message`` and ``http_status`` becomes botocore's error of
    that code; everything else passes through unchanged.
    """
    service = client.meta.service_model.service_name

    def remember(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        context[PARAMETERS] = dict(params)

    def reply(model: OperationModel, context: dict[str, Any], **_: Any) -> tuple[Reply, dict[str, Any]]:
        return answered(call, service, model, context[PARAMETERS])

    client.meta.events.register_last("before-parameter-build", remember)
    client.meta.events.register_last("before-call", reply)
    return client


def answered(
    call: Answer, service: str, model: OperationModel, parameters: Mapping[str, Any]
) -> tuple[Reply, dict[str, Any]]:
    """Return what botocore makes of a response: that of ``call``, or the error of what it raised.

    A value of no enumeration is such an error, too.
    """
    try:
        enums.check(service, model, parameters)
        result = call(service, model.name, parameters)
    except Exception as error:
        if not all(hasattr(error, name) for name in ("code", "message", "http_status")):
            raise
        return _refusal(error)
    return Reply(200), {**result, "ResponseMetadata": _metadata(200)}


def _refusal(error: Any) -> tuple[Reply, dict[str, Any]]:
    sender = "Sender" if error.http_status < 500 else "Receiver"
    details = {"Code": error.code, "Message": error.message, "Type": sender}
    return Reply(error.http_status), {"Error": details, "ResponseMetadata": _metadata(error.http_status)}


def _metadata(status: int) -> dict[str, Any]:
    return {"RequestId": "in-process", "HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
