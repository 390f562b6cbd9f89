"""A client of AWS that asks a simulator at once, for worlds that ask millions of times.

botocore's own way of a request (user agent, endpoint rules, hooks) is two thirds of what a virtual second costs. Left
out is that way alone: names, parameters, enumerations and errors are held against botocore's models here, too, and
``tests/simulator/test_bare.py`` holds both clients side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field
from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import OperationModel
from botocore.validate import ParamValidator

from bluegreen.sdk import enums

Answer = Callable[[str, str, Mapping[str, Any]], dict[str, Any]]
VALIDATOR = ParamValidator()


@define
class Bare:
    """What a boto3 client of one service answers, its paginators and waiters left out; ``real`` is such a client."""

    real: Any
    call: Answer
    _methods: dict[str, Callable[..., dict[str, Any]]] = field(factory=dict)

    @property
    def meta(self) -> Any:
        """What boto3 knows of the service."""
        return self.real.meta

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        if method not in self._methods:
            model = self.real.meta.service_model.operation_model(self.real.meta.method_to_api_mapping[method])
            self._methods[method] = lambda **parameters: self._ask(model, parameters)
        return self._methods[method]

    def _ask(self, model: OperationModel, parameters: dict[str, Any]) -> dict[str, Any]:
        service = model.service_model.service_name
        if model.input_shape is not None and (found := VALIDATOR.validate(parameters, model.input_shape)).has_errors():
            raise ParamValidationError(report=found.generate_report())
        try:
            enums.check(service, model, parameters)
            return self.call(service, model.name, parameters)
        except Exception as error:
            if not all(hasattr(error, name) for name in ("code", "message", "http_status")):
                raise
            raise self._refusal(model, error) from error

    def _refusal(self, model: OperationModel, error: Any) -> ClientError:
        details = {"Code": error.code, "Message": error.message}
        kind = self.real.exceptions.from_code(error.code)
        return kind({"Error": details, "ResponseMetadata": {"HTTPStatusCode": error.http_status}}, model.name)
