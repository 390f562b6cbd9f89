"""What is asked of the run that is at work elsewhere, and what it has made of that."""

from __future__ import annotations

from bluegreen.sentences.examples import example


@example("pause", "ana@build-1 (process 4711)")
@example("back", "ana@build-1 (process 4711)")
def asks(what: str, whom: str) -> str:
    """Somebody's command is at work: it is asked, and answers when it writes the record next."""
    asked = {"pause": "to pause", "back": "to take its release back"}.get(what, what)
    return f"asks {whom} {asked}; it takes up to 15 s to hear of that"


@example("v2")
def is_paused(image: str) -> str:
    """The run has left its release where it stands."""
    return f"the deploy of {image} is paused; cleanup leaves it alone"


@example("v2", "v1")
def was_taken_back(image: str, before: str | None) -> str:
    """The run has taken its release back, as it was asked to."""
    return f"{image} was taken back by the run that deployed it; {before or 'nothing'} is live again"


@example("deploy", "v2")
def went_on(goal: str, image: str) -> str:
    """The run could not do what it was asked for any more."""
    return f"the {goal} of {image} had come too far for that, and went on"


@example()
def nothing_under_way() -> str:
    """There is no release that could be paused, or taken back."""
    return "nothing is under way"


@example("v2")
def is_deployed(image: str) -> str:
    """A release is past the point where it could be paused, or aborted."""
    return f"{image} is deployed"
