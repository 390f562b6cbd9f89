"""What a verb answers, or refuses, by the record alone: each stands behind the name of the service."""

from __future__ import annotations

from collections.abc import Collection

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import few
from bluegreen.words import as_word, plural, shown, they

ID = "web:20261129-211157-34bb"
WHERE = "registry.example.com/web"


def _begun_by(goal: str, image: str, by: str) -> str:
    return f"the {goal} of {image}, begun by {by or 'somebody'},"


# ---- by hand ----


@example("maintenance until 6")
def locked(why: str) -> str:
    """A person has locked the service."""
    return f"locked: {as_word(why)}"


@example("ana@laptop", "29 Nov 21:11", "maintenance until 6")
def locked_already(who: str, since: str, why: str) -> str:
    """Somebody else has, and that stays so."""
    return f"locked already, by {as_word(who)} since {since}: {as_word(why)}"


@example("ana@laptop", "maintenance until 6")
def unlocked(who: str, why: str) -> str:
    """The lock is off, whoever put it on."""
    return f"unlocked; it was locked by {as_word(who)}: {as_word(why)}"


@example()
def was_not_locked() -> str:
    """There was no lock."""
    return "was not locked"


@example("deploy", "v2", ID)
def taken_in(goal: str, image: str, release: str) -> str:
    """A release that another record has begun is in this one."""
    return f"the {goal} of {image} ({release}) is in this record now"


@example(("i-0b7130fd5c2c12e64",))
def marked_since(ids: Collection[str]) -> str:
    """More instances would be a release's than a person was asked about."""
    return f"nothing was changed: {they(ids, 'was', 'were')} marked since you were asked"


@example("deploy", "v2", ID, "the groups are gone")
def closed(goal: str, image: str, release: str, why: str) -> str:
    """A release has been ended by a person, and AWS was left as it is."""
    return f"the {goal} of {image} ({release}) is closed on record alone: {as_word(why)}"


@example("ana@laptop", "the groups are gone")
def closed_by(who: str, why: str) -> str:
    """The history says the same."""
    return f"closed on record alone by {as_word(who)}: {as_word(why)}"


@example()
def nothing_to_close() -> str:
    """There is no open release."""
    return "no release is open on record, there is nothing to close"


@example(ID)
def moved_on(release: str) -> str:
    """What a person was asked about has changed meanwhile."""
    return f"nothing was changed: {release} has moved on since it was asked about"


# ---- the image's registry ----


@example("v9", WHERE)
def no_such_image(image: str, where: str) -> str:
    """No instance could start it."""
    return f"there is no image {image} in {where}"


@example("v1", WHERE)
def previous_is_gone(image: str, where: str) -> str:
    """A rollback would have to deploy an image that was removed."""
    return f"the previous image {image} is not in {where} any more: no instance could start it"


@example("v1", WHERE)
def live_is_gone(image: str, where: str) -> str:
    """What serves cannot be launched again."""
    return f"{where} does not hold {image}, which serves: an instance that is launched fails"


@example("v2", WHERE, "the registry does not answer")
def image_not_known(image: str, where: str, why: str) -> str:
    """The registry is away, or does not let us in."""
    return f"whether {where} holds {image} is not known: {why}"


# ---- what is on record ----


@example("v3", "ana@laptop")
def overtaken(image: str, by: str) -> str:
    """Another image was asked for later, and came first."""
    return f"{image} by {by or 'somebody'} was begun while this waited its turn"


@example("deploy", "v2", "ana@laptop")
def still_open(goal: str, image: str, by: str) -> str:
    """A release is under way, or was cut off."""
    return f"{_begun_by(goal, image, by)} is still open"


@example("deploy", "v2", "ana@laptop")
def not_over(goal: str, image: str, by: str) -> str:
    """Another image is asked for before a release is over."""
    return f"{_begun_by(goal, image, by)} is not over"


@example("deploy", "v2")
def nothing_to_retire_yet(goal: str, image: str) -> str:
    """A finish is asked for before the traffic has moved."""
    return f"the {goal} of {image} is not over, so nothing can be retired"


@example("deploy", "v2")
def is_open(goal: str, image: str) -> str:
    """No other release is taken into the record."""
    return f"the {goal} of {image} is open in this record"


@example("v2", "the instances of web-blue")
def still_parked(image: str, kept: str) -> str:
    """Another image is asked for, and the way back to the one before would be lost."""
    return f"{image} is live, and {kept} are still parked"


@example("v2", "the instances of web-blue")
def rests(image: str, kept: str) -> str:
    """Nothing is to be carried on."""
    return f"{image} is live, {kept} are parked"


@example("v2")
def live_already(image: str) -> str:
    """The image that is asked for serves."""
    return f"{image} is live already, nothing to do"


@example("v2", "ana@laptop")
def had_changed_nothing(image: str, by: str) -> str:
    """A release on record that AWS shows nothing of is closed."""
    return f"{image}, begun by {by or 'somebody'}, had changed nothing yet, and is over"


@example()
def nothing_to_finish() -> str:
    """A finish is asked for, and there is no release."""
    return "nothing is parked, nothing to finish"


@example()
def nothing_to_resume() -> str:
    """There is no release to be carried on."""
    return "nothing was interrupted"


@example()
def no_earlier_version() -> str:
    """A rollback is asked for, and nothing was before."""
    return "no earlier version is on record, there is nothing to go back to"


@example("v7", ("v2", "v1"))
@example("v7", ())
def has_not_served(word: str, served: Collection[str]) -> str:
    """A rollback goes to what has served, and to nothing else."""
    return f"{shown(word)} has not served, by this record; what has: {few(served) or 'none'}"


@example("deploy", "v3", "v2", "v1")
def goes_back_elsewhere(goal: str, image: str, kept: str | None, to: str) -> str:
    """The open release has a quick way back, to another image than the one that is asked for."""
    return f"the {goal} of {image} is open, and goes back to {kept or 'nothing'}, not to {to}"


@example("34bc")
def no_such_release(word: str) -> str:
    """None on record is called so."""
    return f"no release on record is called {shown(word)}"


@example("i-9")
def no_such_instance(word: str) -> str:
    """Nothing is known of it."""
    return f"there is no instance {shown(word)}"


@example("v1")
def is_the_first(image: str) -> str:
    """A rollback of the first release is asked for: nothing was before."""
    return f"{image} is the first release, there is nothing to go back to"


@example("rollback", "v2")
def is_over(goal: str, image: str) -> str:
    """What was to be asked of a run comes too late."""
    return f"the {goal} of {image} is over"


@example("v2")
def goes_back_already(image: str) -> str:
    """A pause is asked for of a rollback."""
    return f"the rollback of {image} is under way: the way back never waits"


@example("v2")
def serves_alone_already(image: str) -> str:
    """A pause is asked for behind the switch."""
    return f"{image} serves alone already: there is nothing to wait for"


@example()
def one_side_alone() -> str:
    """There is nothing side by side."""
    return "there is only one side, nothing to compare"


@example()
def no_balancers() -> str:
    """There is nothing that a release can do without."""
    return "it has no load balancers that can be set aside"


@example()
def nothing_to_take_in() -> str:
    """There is no release but those of the record."""
    return "there is nothing to adopt"


# ---- whose the record is, and what was asked about ----


@example(f"is of the groups web-blue and web-green ({ID})", "says web-bleu and web-green")
@example("is of the service shop", "is of web")
def of_something_else(record: str, configured: str) -> str:
    """A record and the configuration speak of different things."""
    return f"the record {record}, and the configuration {configured}"


@example(("123456789012", "eu-west-1"), ("210987654321", "eu-west-1"))
def of_another_account(record: tuple[str, str], seen: tuple[str, str]) -> str:
    """The same names are seen in another account, or another region."""
    return f"the record is of the account {record[0]} in {record[1]}, and AWS shows groups of {seen[0]} in {seen[1]}"


@example(6, "v1", ID)
def asked_about(count: int, image: str, release: str) -> str:
    """What a person has agreed to lose."""
    return f"the {plural(count, 'parked instance')} of {image} ({release})" if release else "nothing"


@example(f"the 6 parked instances of v1 ({ID})", "there are 8")
@example(f"the 6 parked instances of v1 ({ID})", "no instance of the other group serves")
def asked_about_less(asked: str, now: str) -> str:
    """More would go than a person has agreed to, or at another cost."""
    return f"nothing was changed: what was asked about is {asked}, and now {now}"


@example()
def stopped_before() -> str:
    """Ctrl-C came before a release had begun."""
    return "stopped before anything was written"


# ---- a run that is cut off ----


@example("AWS does not answer autoscaling:DescribeAutoScalingGroups", "deploy", "v2")
def is_on_record(why: str, goal: str, image: str) -> str:
    """An error ends a run, and the release is on record."""
    return f"{why}; the {goal} of {image} is on record"


@example("the record does not answer")
def stop_not_on_record(why: str) -> str:
    """A person has stopped a run, and cron cannot know it."""
    return f"that you stopped it is not on record ({why})"
