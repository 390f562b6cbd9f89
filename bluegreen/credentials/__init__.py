"""Secrets that have no better home: the operating system's keyring, and what keeps secrets off every screen.

Roles, single sign-on and the environment come first; what is here is asked last, and never where nobody is.
"""

from __future__ import annotations


def registry(host: str) -> tuple[str, str] | None:
    """Return the user and the password or token kept for a registry; raise ``Denied`` when the keyring is silent.

    ``Misconfigured`` is raised for an entry that somebody else wrote.
    ``None`` as well where the keyring is not to be asked (see :mod:`bluegreen.credentials.asking`), or there is none.
    """
    from bluegreen.credentials import entries

    return entries.registry(host)


def webhook(name: str) -> str | None:
    """Return the address or token kept for a webhook, in the same way."""
    from bluegreen.credentials import entries

    return entries.webhook(name)
