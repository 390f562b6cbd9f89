"""How the model says no: AWS's error codes and sentences, as one exception.

The sentences are quoted from public reports where ``docs/fidelity.md`` says so; the codes and HTTP statuses are
those of the botocore model.
"""

from __future__ import annotations


class AwsError(Exception):
    """An error that AWS would answer: ``code``, ``message`` and ``http_status``."""

    def __init__(self, code: str, message: str, http_status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.http_status = http_status

    def __reduce__(self) -> tuple[type[AwsError], tuple[str, str, int]]:
        """Let an error cross process borders unchanged."""
        return type(self), (self.code, self.message, self.http_status)


def invalid(message: str) -> AwsError:
    """Return Auto Scaling's catch-all: untyped, so that callers must match on the sentence (public reports)."""
    return AwsError("ValidationError", message)


def unknown_to_the_model(what: str) -> AwsError:
    """Return the loud refusal of what the model does not know; it never guesses."""
    return AwsError("NotImplemented", f"The simulator does not know {what}.", 501)
