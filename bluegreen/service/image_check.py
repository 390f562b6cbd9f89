"""Whether the registry holds what is to run, and what follows from it: asked before anything is changed.

An image that is certainly missing is refused: no instance could start it. What is not known is a warning, or with
``require_image`` an error; a rollback is never kept back by a registry that is away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from bluegreen.errors import BluegreenError, Denied, Misconfigured, Refused, Unreachable
from bluegreen.image import checked, valid
from bluegreen.sentences import verbs as sentences
from bluegreen.settings.service import ServiceSettings
from bluegreen.targets.seam.finding import REFUSED, WARNED, Finding

UNKNOWN = (Denied, Misconfigured, Refused, Unreachable)


class Images(Protocol):
    """Where images are; :class:`bluegreen.registry.registries.Registries` is the one thing that answers it."""

    def holds(self, repository: str, version: str, heed: Callable[[], None], tokens: str) -> bool:
        """Say whether a version is there; raise one of ``UNKNOWN`` when that cannot be found out."""


def registries() -> Images:
    """Return the real ones: ECR with the credentials of everything else, the others with passwords of the keyring."""
    from bluegreen import credentials
    from bluegreen.aws.clients import BotoClients
    from bluegreen.registry.registries import Registries

    return Registries(connect=lambda region: BotoClients(region=region).client("ecr"), secrets=credentials.registry)


def warning_of(
    images: Images, settings: ServiceSettings, image: str, heed: Callable[[], None], *, back: bool = False
) -> str:
    """Return what is to be warned of, or nothing; raise ``Refused`` for an image that is missing.

    ``back`` is for a rollback: what is not known never ends it.
    """
    if settings.repository is None:
        return ""
    checked(image, f"{settings.name}: the image")
    try:
        if images.holds(settings.repository, image, heed, settings.token_host or ""):
            return ""
    except UNKNOWN as error:
        if settings.require_image and not back:
            raise _required(settings, image, error) from error
        return _unknown(settings, image, error)
    raise _missing(settings, image, back)


def findings(
    images: Images, settings: ServiceSettings, image: str | None, heed: Callable[[], None]
) -> Iterator[Finding]:
    """Yield what speaks against the registry; asked of the image that serves, since no other one is named."""
    if settings.repository is None or image is None or not valid(image):
        return
    try:
        if not images.holds(settings.repository, image, heed, settings.token_host or ""):
            sentence = sentences.live_is_gone(image, settings.repository)
            yield Finding(WARNED, sentence, f"push {image} again, or look at `repository`")
    except UNKNOWN as error:
        level = REFUSED if settings.require_image else WARNED
        yield Finding(level, _unknown(settings, image, error), error.hint)


def _missing(settings: ServiceSettings, image: str, back: bool) -> Refused:
    if back:
        sentence = sentences.previous_is_gone(image, f"{settings.repository}")
        hint = f"push it again, or `bluegreen deploy {settings.name} IMAGE` with one that is there"
    else:
        sentence = sentences.no_such_image(image, f"{settings.repository}")
        hint = "push it, or look at the version's spelling and at `repository`"
    return Refused(f"{settings.name}: {sentence}", f"{hint}; nothing was changed")


def _unknown(settings: ServiceSettings, image: str, error: BluegreenError) -> str:
    return sentences.image_not_known(image, f"{settings.repository}", error.message)


def _required(settings: ServiceSettings, image: str, error: BluegreenError) -> BluegreenError:
    hint = "; ".join(filter(None, (error.hint, "nothing was changed, since `require_image` is set")))
    ours = BluegreenError(f"{settings.name}: {_unknown(settings, image, error)}", hint)
    ours.status = error.status
    return ours
