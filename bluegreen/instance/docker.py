"""Pull an image with docker, and give it the fixed name that the instance's compose file uses.

The name is moved once, at the end, onto the image's own id: whatever fails before leaves it where it was.
Source: Docker command line reference, ``docker image pull``, ``inspect`` and ``tag``; the forms of names are those
of the distribution project's ``reference`` grammar, which docker uses.
"""

from __future__ import annotations

import random
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable

from attrs import field, frozen

from bluegreen.aws.errors import clean
from bluegreen.clock import Clock
from bluegreen.credentials.hiding import for_others
from bluegreen.errors import BluegreenError, Denied, Misconfigured, Refused, Unreachable, Usage
from bluegreen.image import digest, shown, valid

TRIES = 5
FIRST_WINDOW = 2.0
LONGEST_PULL = 900.0
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]{{1,5}})?"
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"(?:{_HOST}/)?{_PART}(?:/{_PART})*", re.ASCII)
_ID = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_HELPERLESS = "executable file not found"
_SOCKET = ("permission denied while trying to connect to the docker", "daemon socket")
_STRANGER = ("no basic auth credentials", "unauthorized: authentication required")
_FORBIDDEN = ("denied", "unauthorized")
_ABSENT = ("manifest unknown", "not found", "no such image", "invalid reference format", "no matching manifest")


class _Stranger(Denied):
    """Docker has nothing to log in with, or nothing yet: a role's credentials may come late.

    Or the registry does not know them yet: an instance's first pull fails so (amazon-ecr-credential-helper 29).
    """


def repository(text: str) -> str:
    """Return ``text`` when it names a repository, without tag or digest; raise Usage otherwise."""
    if len(text) > 255 or not _REPOSITORY.fullmatch(text):
        raise Usage(f"{shown(text)} is no repository such as registry.example.com/web (lower case, without a tag)")
    return text


def fixed_name(text: str) -> str:
    """Return ``text`` when it is NAME:TAG; raise Usage otherwise."""
    place, _, tag = text.rpartition(":")
    if len(text) > 255 or not _REPOSITORY.fullmatch(place) or not valid(tag):
        raise Usage(f"{shown(text)} is no name with a tag, such as web:current")
    return text


def reference(place: str, version: str) -> str:
    """Return how docker calls ``version`` in the repository ``place``: a tag after a colon, a digest after an @."""
    return f"{place}{'@' if digest(version) else ':'}{version}"


@frozen
class Docker:
    """The docker command; ``tell`` is told of every try that failed."""

    clock: Clock
    tell: Callable[[str], None] = lambda _: None
    jitter: Callable[[float, float], float] = field(default=random.uniform)

    def fetch(self, image: str, name: str, *, known: bool = False) -> None:
        """Pull ``image`` and let ``name`` mean it; nothing is named when anything fails.

        With ``known`` (a reboot) an image that is still there is not pulled again: no registry need answer.
        """
        found = self._still_here(image) if known else None
        if found is None:
            self._pull(image)
            found = self._id(image)
        if found is None:
            raise Refused(f"docker does not know {image} after it was pulled", "see whether something removes images")
        self._run("image", "tag", found, name)

    def _still_here(self, image: str) -> str | None:
        try:
            return self._id(image)
        except Unreachable:
            return None

    def _id(self, image: str) -> str | None:
        """Return the image's own id, ``None`` when it is not here."""
        try:
            found = self._run("image", "inspect", "--format", "{{.Id}}", image).strip()
        except Refused:
            return None
        if not _ID.fullmatch(found):
            raise Refused(
                f"docker says {shown(found)} for the id of {image}",
                f"see what `docker image inspect {shlex.quote(image)}` says",
            )
        return found

    def _pull(self, image: str) -> None:
        window = FIRST_WINDOW
        for left in reversed(range(TRIES)):
            try:
                self._run("image", "pull", "--quiet", image)
                return
            except (_Stranger, Unreachable) as problem:
                if left == 0:
                    raise
                self.tell(f"{problem.message}; trying again")
            self.clock.sleep(self.jitter(window / 2, window))
            window *= 2

    def _run(self, *words: str) -> str:
        program = shutil.which("docker")
        if program is None:
            raise Misconfigured("there is no docker on the PATH", "install docker, or pull the image by other means")
        what = f"docker {words[0]} {words[1]}"
        try:
            done = subprocess.run(
                [program, *words],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=for_others(),
                check=False,
                timeout=LONGEST_PULL,
            )
        except subprocess.TimeoutExpired as error:
            raise Unreachable(
                f"{what} took more than {LONGEST_PULL:g} s", "see what docker does, and whether it reaches the registry"
            ) from error
        except OSError as error:
            raise Misconfigured(
                f"{program} cannot be run: {error.strerror}", f"see whether `{program} version` works"
            ) from error
        if done.returncode:
            raise _trouble(what, done.stderr.decode("utf-8", "replace"), done.returncode)
        return done.stdout.decode("utf-8", "replace")


def _trouble(what: str, said: str, status: int) -> BluegreenError:
    last = said.strip().rpartition("\n")[2] or f"exit status {status}"
    words, sentence = said.lower(), f"{what} failed: {clean(last)}"
    if _HELPERLESS in words:
        hint = (
            "install the credential helper that ~/.docker/config.json names where docker finds it, or unname it there"
        )
        return Misconfigured(sentence, hint)
    if _SOCKET[0] in words or ("permission denied" in words and _SOCKET[1] in words):
        return Misconfigured(sentence, "run this as root, or as a member of the group docker")
    log_in = "log docker in to the registry, or give the instance's role the right to pull from it"
    if any(word in words for word in _STRANGER):
        return _Stranger(sentence, log_in)
    if any(word in words for word in _FORBIDDEN):
        return Denied(sentence, log_in)
    if any(word in words for word in _ABSENT):
        return Refused(sentence, "see whether the repository holds that version, for this processor")
    return Unreachable(sentence, "see whether docker runs and the registry can be reached")
