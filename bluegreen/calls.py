"""How long one call to AWS, or to the record, may take: the clients are made so, and a lease must outlive it. Pure."""

from __future__ import annotations

CONNECT_TIMEOUT = 3.0
READ_TIMEOUT = 8.0
"""Seconds after which a client gives a connection, and an answer, up; no client has longer ones."""

MARGIN = 1.0
"""Seconds between the last look at a lease and the sending of the call."""

LONGEST_CALL = CONNECT_TIMEOUT + READ_TIMEOUT + MARGIN
"""Seconds for which a lease must last still when a call is sent."""
