"""A client of AWS that asks a simulator at once, for worlds that ask millions of times.

botocore's own way of a request (user agent, endpoint rules, hooks) costs a fifth of a story's time. Left out is
that way alone: names, parameters, enumerations and errors are held against botocore's models here, too, and
``tests/simulator/test_bare.py`` holds both clients side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field
from botocore.exceptions import ParamValidationError
from botocore.handlers import decode_console_output
from botocore.model import OperationModel
from botocore.validate import ParamValidator

from bluegreen.aws.inprocess import Answer, answered

VALIDATOR = ParamValidator()
REMEMBERED = 2000


@define
class Bare:
    """What a boto3 client of one service answers, its paginators and waiters left out; ``real`` is such a client."""

    real: Any
    call: Answer
    _methods: dict[str, Callable[..., dict[str, Any]]] = field(factory=dict)
    _valid: set[tuple[str, str]] = field(factory=set)

    @property
    def meta(self) -> Any:
        """What boto3 knows of the service."""
        return self.real.meta

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        if method not in self._methods:
            model = self.real.meta.service_model.operation_model(self.real.meta.method_to_api_mapping[method])
            self._methods[method] = lambda **parameters: self._ask(model, parameters)
        return self._methods[method]

    def _validate(self, model: OperationModel, parameters: dict[str, Any]) -> None:
        """Hold parameters against botocore's model, the same ones once: a look asks the same again and again."""
        asked = model.name, repr(parameters)
        if asked in self._valid:
            return
        if (found := VALIDATOR.validate(parameters, model.input_shape)).has_errors():
            raise ParamValidationError(report=found.generate_report())
        if len(self._valid) >= REMEMBERED:
            self._valid.clear()
        self._valid.add(asked)

    def _ask(self, model: OperationModel, parameters: dict[str, Any]) -> dict[str, Any]:
        if model.input_shape is not None:
            self._validate(model, parameters)
        reply, found = answered(self.call, model.service_model.service_name, model, parameters)
        if reply.status_code >= 300:
            raise self.real.exceptions.from_code(found["Error"]["Code"])(found, model.name)
        if model.name == "GetConsoleOutput":
            decode_console_output(found)
        return found
