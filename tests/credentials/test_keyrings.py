"""Keyrings that cannot be had: absent, locked, silent, broken; and machines where nobody is."""

from __future__ import annotations

import base64
import contextlib
import html
import json
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from bluegreen.credentials.asking import VARIABLE, may_ask
from bluegreen.credentials.hiding import HIDDEN, hide, remember
from bluegreen.errors import Misconfigured
from tests.credentials import keyrings
from tests.credentials.keyrings import Memory
from tests.credentials.processes import Place, on_terminal

SECRET = "c4nary-t0ken-0123456789"
OURS = keyrings.__name__
CASES = {
    "keyring.backends.fail.Keyring": (78, "There is no keyring here that keeps secrets (keyring.backends.fail)."),
    "keyring.backends.null.Keyring": (78, "There is no keyring here that keeps secrets (keyring.backends.null)."),
    f"{OURS}.Hanging": (77, "The keyring did not answer within 2 s."),
    f"{OURS}.Locked": (77, f"The keyring is locked ({OURS}: KeyringLocked)."),
    f"{OURS}.Broken": (77, f"The keyring failed ({OURS}: RuntimeError)."),
    "no.such.Keyring": (77, "The keyring failed (of PYTHON_KEYRING_BACKEND: ModuleNotFoundError)."),
}


@pytest.mark.parametrize(("backend", "expected"), CASES.items(), ids=[name.rpartition(".")[0] for name in CASES])
@pytest.mark.parametrize("words", ["login webhook chat --stdin", "logout webhook chat", "credentials"])
def test_no_keyring_to_be_had(place: Place, words: str, backend: str, expected: tuple[int, str]) -> None:
    """Each has its sentence and a way out, and nothing is written to stdout; nothing waits for a person.

    Only AWS's keys have AWS's other ways; and where nothing keeps secrets, there is nothing to forget.
    """
    before = time.monotonic()
    done = place.run(*words.split(), piped=SECRET, PYTHON_KEYRING_BACKEND=backend)
    instead = "single sign-on" if words == "credentials" else "finds it without bluegreen"
    if words.startswith("logout") and expected[0] == 78:
        expected, instead = (0, "there was nothing to forget"), "there was nothing to forget"
    assert (expected, "", False) == ((done.returncode, done.stderr.splitlines()[0]), done.stdout, SECRET in done.stderr)
    assert (instead in done.stderr, True) == (True, time.monotonic() - before < 30)


def test_a_keyring_that_keeps_nothing(place: Place) -> None:
    """A login says so when the keyring took the secret and has not got it."""
    done = place.run("login", "webhook", "chat", "--stdin", piped=SECRET, PYTHON_KEYRING_BACKEND=f"{OURS}.Forgetful")
    assert (77, f"The keyring did not keep the secret ({OURS}).") == (done.returncode, done.stderr.splitlines()[0])


def read(place: Place, **more: str) -> tuple[str, str]:
    """Return what our two questions to the keyring find in a process without a terminal."""
    program = "from bluegreen.credentials import registry, webhook; print(registry('example.com'), webhook('chat'))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=place.environment(**more),
        check=False,
    )
    return done.stdout.strip(), done.stderr.strip()


STRANGE = [
    "c4nary-plain-text",
    "[1]",
    "{}",
    '{"secret": 5, "id": "x", "user": "x"}',
    '{"secret": "c4nary-x"}',
    "[" * 9999,
]


@pytest.mark.parametrize("text", STRANGE)
def test_an_entry_that_is_none_of_ours(place: Place, memory: Memory, text: str) -> None:
    """What another program wrote under our name is a sentence that says what helps, and quotes nothing."""
    memory.held.update({"bluegreen:aws:ci": text, "bluegreen:registry:example.com": text})
    done = place.run("credentials", "--profile", "ci")
    words = "the entry bluegreen:aws:ci of the keyring is none of bluegreen's"
    hint = "  log in again: `bluegreen login aws --profile ci`"
    assert (78, "", [words, hint]) == (done.returncode, done.stdout, done.stderr.splitlines())
    found = read(place, **{VARIABLE: "always"})[1]
    assert ("bluegreen:registry:example.com of the keyring is none" in found, False) == (True, "c4nary" in found)


def test_cron_does_not_touch_it(place: Place, memory: Memory) -> None:
    """Without a terminal the keyring is not asked, however it would hang; unless the variable says so."""
    place.run("login", "registry", "example.com", "--username", "ana", "--stdin", piped=SECRET)
    place.run("login", "webhook", "chat", "--stdin", piped=SECRET)
    memory.callers.clear()
    assert ("None None", "") == read(place, PYTHON_KEYRING_BACKEND=f"{OURS}.Hanging")
    assert (("None None", ""), []) == (read(place), memory.callers)
    assert (f"('ana', '{SECRET}') {SECRET}", "") == read(place, BLUEGREEN_KEYRING="always")


def test_no_keyring_is_no_secret(place: Place) -> None:
    """Where there is no keyring, a registry and a webhook simply have no secret."""
    assert ("None None", "") == read(
        place, BLUEGREEN_KEYRING="always", PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring"
    )


@pytest.mark.parametrize(
    ("environ", "named", "expected"),
    [
        ({}, True, True),
        ({VARIABLE: "always"}, False, True),
        ({VARIABLE: "never"}, True, False),
        ({VARIABLE: "never"}, False, False),
    ],
)
def test_who_may_ask(environ: Mapping[str, str], named: bool, expected: bool) -> None:
    """The variable decides, then the command."""
    assert expected == may_ask(environ, named=named)


def test_a_variable_that_says_neither() -> None:
    """A word that is not understood is refused, since it may have been meant either way."""
    with pytest.raises(Misconfigured, match="BLUEGREEN_KEYRING is neither always nor never"):
        may_ask({VARIABLE: "no"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"bad {SECRET}!", f"bad {HIDDEN}!"),
        ("unknown url type: https://hooks.example.com/T0/B0/c4nary?key=1", f"unknown url type: {HIDDEN}"),
        (
            "Max retries exceeded with url: /T0/B0/c4nary?key=1 (caused",
            f"Max retries exceeded with url: {HIDDEN} (caused",
        ),
        ("/?hook=https%3A%2F%2Fhooks.example.com%2FT0%2FB0%2Fc4nary%3Fkey%3D1", f"/?hook={HIDDEN}"),
        ("no secret", "no secret"),
    ],
)
def test_hidden(text: str, expected: str) -> None:
    """A secret that was read is shown by no sentence, nor is what of an address comes after the host."""
    remember(SECRET)
    remember("https://hooks.example.com/T0/B0/c4nary?key=1")
    assert expected == hide(text)


CODED = "wJal/XUtn+FEMI&\"K7'MDENG<é"
AS_TEXT = {
    "plain": CODED,
    "query": urllib.parse.quote(CODED, safe=""),
    "path": urllib.parse.quote(CODED),
    "lower": re.sub("%..", lambda code: code[0].lower(), urllib.parse.quote(CODED, safe="")),
    "JSON": json.dumps({"key": CODED}),
    "JSON in UTF-8": json.dumps(CODED, ensure_ascii=False),
    "JSON of others": json.dumps(CODED).replace("/", "\\/"),
    "HTML": html.escape(CODED),
    "HTML of others": html.escape(CODED).replace("&#x27;", "&#39;"),
    "hexadecimal": CODED.encode().hex(),
    "HEXADECIMAL": CODED.encode().hex().upper(),
    "base64": base64.b64encode(CODED.encode()).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(CODED.encode()).decode(),
    "a user and it": base64.b64encode(f"user:{CODED}".encode()).decode(),
    "a longer user": base64.b64encode(f"user1:{CODED}".encode()).decode(),
    "one more": base64.b64encode(f"users2:{CODED} and so on".encode()).decode(),
    "base64 in a query": urllib.parse.quote(base64.b64encode(f"u:{CODED}".encode()).decode(), safe=""),
}


@pytest.mark.parametrize("text", AS_TEXT.values(), ids=AS_TEXT)
def test_hidden_in_any_coding(text: str) -> None:
    """However a server or a library quotes it: at most a few characters of its ends are left."""
    remember(CODED)
    shown = hide(f"refused: {text}.").replace(HIDDEN, "")
    parts = {text[at : at + 8] for at in range(10, len(text) - 17)}
    assert ("refused: ", []) == (shown[:9], sorted(part for part in parts if part in shown))


DISGUISES = {
    "decimal": "".join(f"&#{ord(one)};" for one in CODED),
    "decimal, with zeros": "".join(f"&#{ord(one):07};" for one in CODED),
    "hexadecimal": "".join(f"&#x{ord(one):x};" for one in CODED),
    "HEXADECIMAL": "".join(f"&#X{ord(one):04X};" for one in CODED),
    "quoted once more": html.escape("".join(f"&#{ord(one)};" for one in CODED)),
    "every other one": "".join(one if at % 2 else f"&#{ord(one)};" for at, one in enumerate(CODED)),
    "a space without width": "\u200b".join(CODED),
    "a joiner": CODED[:5] + "\u2060" + CODED[5:],
    "a soft hyphen": CODED[:12] + "\xad" + CODED[12:],
    "a mark of order": "\ufeff".join(CODED),
    "broken into lines": CODED[:9] + "\r\n" + CODED[9:],
    "base64 in lines": base64.encodebytes(f"{'user' * 13}:{CODED}".encode()).decode(),
    "both": "&#8203;".join(CODED) + "\u200b",
}


@pytest.mark.parametrize("text", DISGUISES.values(), ids=DISGUISES)
def test_hidden_in_any_disguise(text: str) -> None:
    """What reads as a secret is one: in numeric entities, or with something in it that nobody sees."""
    remember(CODED)
    shown = hide(f"a & b\u200b: {text}; &#169; c")
    read = re.sub("[\u200b\u2060\xad\ufeff\r\n]", "", html.unescape(html.unescape(shown)))
    assert (True, [], "; &#169; c") == (HIDDEN in shown, parts_of(CODED, read), shown[-10:])
    assert shown.startswith("a & b\u200b: ")


def parts_of(secret: str, text: str) -> list[str]:
    """Return what of a secret, or of how base64 has it, can be read in a text."""
    coded = base64.b64encode(f"{'user' * 13}:{secret}".encode()).decode()[72:]
    return [part for one in (secret, coded) for at in range(len(one) - 12) if (part := one[at : at + 12]) in text]


def test_what_is_no_secret_is_shown_as_it_is() -> None:
    """Entities and invisible characters stay where they are; a number beyond all characters is a number."""
    remember(CODED)
    for text in ("&#169;\u200b&#x1F600;&#9999999;&#;&#x;", "two\nlines\r\n", "&#119;Jal"):
        assert text == hide(text)


def test_somebody_unlocks_it(place: Place, memory: Memory) -> None:
    """On a terminal a login waits while the keyring is unlocked, and says that it may want to be."""
    slow = {"PYTHON_KEYRING_BACKEND": f"{OURS}.Slow"}
    status, screen = on_terminal(place, "login", "webhook", "chat", typed=(SECRET,), **slow)
    assert (0, ["bluegreen:webhook:chat"]) == (status, list(memory.held)), screen
    assert "the keyring does not answer yet: it may want to be unlocked" in screen.splitlines()


@pytest.fixture
def silent_bus() -> Iterator[str]:
    """The address of a session bus that lets everybody in and answers no question."""
    with tempfile.TemporaryDirectory(prefix="bg-") as folder, socket.socket(socket.AF_UNIX) as bus:
        bus.bind(f"{folder}/bus")
        bus.listen(16)
        threading.Thread(target=let_in, args=(bus, []), daemon=True).start()
        yield f"unix:path={folder}/bus"
        bus.shutdown(socket.SHUT_RDWR)


def let_in(bus: socket.socket, guests: list[socket.socket]) -> None:
    """Accept whoever comes (D-Bus specification, "Authentication Protocol"), and keep the line open."""
    with contextlib.suppress(OSError):
        while True:
            guests.append(bus.accept()[0])
            guests[-1].recv(4096)
            guests[-1].sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")


@pytest.mark.skipif(find_spec("secretstorage") is None, reason="the Secret Service is Linux's")
@pytest.mark.parametrize("here", [True, False])
def test_the_real_library(tmp_path: Path, silent_bus: str, here: bool) -> None:
    """The library's own choice of a keyring, on a desktop whose bus hangs, and where there is no desktop at all."""
    desktop = {"DBUS_SESSION_BUS_ADDRESS": silent_bus} if here else {}
    done = Place(tmp_path).run("credentials", **desktop)
    said = "The keyring did not answer within 2 s." if here else "There is no keyring here that keeps secrets"
    assert (77 if here else 78, "", True) == (done.returncode, done.stdout, done.stderr.startswith(said)), done.stderr
