"""A record that is not this service's, or not of what is configured for it."""

from __future__ import annotations

from bluegreen.errors import Refused
from bluegreen.flow.release import Release
from bluegreen.record.document import Document
from bluegreen.sentences.forms import of
from bluegreen.sentences.verbs import of_something_else


def refused(service: str, record: str, configured: str, *, flags: str = "", gone: str = "") -> Refused:
    """Return the refusal of a record, with both facts; ``flags`` are the options that may be wrong.

    ``gone`` is what helps where what the record is of is there no more.
    """
    return Refused(
        of(service, of_something_else(record, configured)),
        f"put the configuration right ({', '.join(filter(None, ('bluegreen.toml', flags)))}), or give this "
        f"service another name or another `state`, then `bluegreen status {service}`; {gone}a record that "
        "nobody here wrote is to be moved away, and looked into",
    )


def refuse_other_service(document: Document[Release], service: str) -> None:
    """Raise ``Refused``, with both facts, when a record is another service's."""
    if document.service != service:
        raise refused(service, f"is of the service {document.service}", f"is of {service}")
