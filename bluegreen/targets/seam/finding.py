"""What speaks against a deployment, or is worth knowing before one."""

from __future__ import annotations

from attrs import field, frozen

from bluegreen.words import clean

REFUSED = "refused"
WARNED = "warned"


@frozen
class Finding:
    """One thing about a target that is ``refused`` or ``warned`` of, and what to do about it."""

    level: str
    sentence: str = field(converter=clean)
    hint: str = field(default="", converter=clean)
