"""What a run on a pair has left: parked, terminated or kept instances."""

from __future__ import annotations

from collections.abc import Collection

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import clock, few
from bluegreen.targets.pair.sentences.acts import BLUE, GREEN, IDS
from bluegreen.targets.pair.sentences.waits import NOON
from bluegreen.targets.pair.sentences.whys import of_image
from bluegreen.words import fits, plural


@example("v1", BLUE, NOON)
def parked(image: str, old: str, until: float) -> str:
    """What a rollback brings back, and until when cleanup leaves it."""
    return f"{image} is parked on {old} until {clock(until)}"


@example(BLUE)
def none_parked(old: str) -> str:
    """Old's owner wanted none of it before it was parked."""
    return f"no instance of {old} is parked, a rollback launches others"


@example(6, "v1")
def terminated(count: int, image: str) -> str:
    """A finish has ended what was parked."""
    return f"{plural(count, 'instance')}{of_image(image)} terminated"


@example(IDS, "v1")
def kept(ids: Collection[str], image: str) -> str:
    """A finish has detached what was parked, and left it running."""
    run = fits(ids, "runs", "run")
    return f"{plural(len(ids), 'instance')}{of_image(image)} {run} on in no group, kept: {few(ids)}"


@example(GREEN)
def asleep(new: str) -> str:
    """The owner has put to nothing what would serve."""
    return f"nothing serves while desired of {new} is 0"


@example(4, 3)
def more_than_before(desired: int, before: int) -> str:
    """A rollback has launched fresh instances beside those that came back sick."""
    return f"desired is {desired}, not {before}, to make up for those that were not healthy"


@example(BLUE, "desired", 1)
@example(BLUE, "minimum", 2)
def idle_would_launch(idle: str, size: str, value: int) -> str:
    """The idle group asks for instances: no deployment begins."""
    launch = fits(value, "an instance", "instances")
    return f"{idle} is idle, but {size} is {value}: it would launch {launch} next to the live ones"


@example(BLUE, 2)
def idle_has(idle: str, count: int) -> str:
    """The idle group has instances: no deployment begins."""
    return f"{idle} is idle, and has {plural(count, 'instance')}"
