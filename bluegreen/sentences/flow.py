"""What a run of any target tells of itself: how it begins, what AWS did not take, what it waits for."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bluegreen.sentences.examples import example
from bluegreen.sentences.forms import because, duration, in_balancer, of
from bluegreen.words import are, as_word, fits

MOST_REASONS = 3
"""Of those that instances have to be unhealthy."""
NONE: Mapping[str, int] = {}
GREEN = "web-green"
TO_STANDBY = "web-blue: 2 instances to Standby: i-0b7130fd5c2c12e64, i-0c19aa2f31c5577aa"


# ---- a command ----


@example("web")
def checking(service: str) -> str:
    """What comes first, before it is known whether the command may do anything."""
    return f"checking {service}"


@example("v1", "v2", "ana@laptop", "web:20261129-211157-34bb", False)
@example("v2", "v1", "ana@laptop", "web:20261129-211157-34bb", True)
def deploys(was: str | None, image: str, by: str, release: str, back: bool) -> str:
    """A deployment begins; of one that goes ``back`` nothing is parked any more."""
    before = "nothing is parked: " if back else ""
    return f"{before}deploy {f'{was} → ' if was else ''}{image}{f' by {by}' if by else ''}, release {release}"


@example("deploy", "v1", "v2", "ana@laptop", "web:20261129-211157-34bb")
@example("rollback", "v1", "v2", "ana@laptop", "web:20261129-211157-34bb")
@example("finish", "v1", "v2", "ana@laptop", "web:20261129-211157-34bb")
def goes_on(goal: str, was: str | None, image: str, by: str, release: str) -> str:
    """A release that is on record is carried on, taken back or finished."""
    before = was or "nothing"
    does = {"deploy": f"deploy {before} → {image} carried on", "rollback": f"rollback {image} → {before}"}
    return f"{does.get(goal, f'{goal} of {image}')}{f' by {by}' if by else ''}, release {release}"


@example()
def stopping() -> str:
    """Somebody pressed Ctrl-C, or a signal came."""
    return "stopping after this call; press Ctrl-C again to leave at once"


# ---- what somebody asks from elsewhere ----


@example("ana@laptop", "the numbers look wrong")
@example("ana@laptop", "")
def asked_for(by: str, why: str) -> str:
    """Somebody asked the run at work to take its release back."""
    return f"{as_word(by)} asked for it{f': {as_word(why)}' if why else ''}"


@example("ana@laptop", "lunch")
@example("ana@laptop", "")
def paused_by(by: str, why: str) -> str:
    """Somebody asked the run at work to leave its release where it stands."""
    return f"paused by {as_word(by)}{f': {as_word(why)}' if why else ''}"


@example("pause", "ana@laptop")
@example("back", "ana@laptop")
def too_late(what: str, by: str) -> str:
    """What somebody asked for cannot be done any more."""
    asked = {"pause": "to pause", "back": "to take it back"}.get(what, what)
    return f"{by} asked {asked}: it is too late for that, it goes on"


SIGNALS = {1: "SIGHUP", 2: "Ctrl-C", 15: "SIGTERM"}
"""What people call the signals that stop a run, by their numbers (POSIX)."""


@example(2, "web", True)
@example(15, "web", False)
def stopped(signal: int, service: str, back: bool) -> str:
    """A run was stopped between two calls, and how it is carried on; ``back`` says that it can be taken back, too."""
    ways = [f"`bluegreen {verb} {service}`" for verb in ("resume", *(["rollback"] if back else []))]
    return f"by {SIGNALS.get(signal, f'signal {signal}')}: {' | '.join(ways)}"


# ---- what AWS did not take, or does not say ----


@example(TO_STANDBY, "ScalingActivityInProgress", 2, 5)
def refused(act: str, code: str, tried: int, most: int) -> str:
    """AWS did not take an action; it is looked again, and tried again where it is still due."""
    return f"{because(act, f'AWS: {code}')}, try {tried} of {most}"


@example("web-green: put alarm cpu-high", "an alarm of that name is somebody else's")
def not_sent(act: str, said: str) -> str:
    """An action was not sent, for what was seen at that moment; the next look may explain it."""
    return f"not sent: {because(act, said)}"


@example("web-green: minimum 0 → 2", "AWS refuses autoscaling:UpdateAutoScalingGroup: AccessDenied")
def refused_for_good(act: str, said: str) -> str:
    """AWS has refused an action several times."""
    return f"refused again and again: {because(act, said)}"


@example("terminate 1 instance: i-0b7130fd5c2c12e64", "EC2 protects it from termination")
def not_done(act: str, said: str) -> str:
    """An action was not sent, several times in a row."""
    return f"not done: {because(act, said)}"


@example("AWS did not answer autoscaling:DescribeAutoScalingGroups", 290.0)
def lost(said: str, left: float) -> str:
    """AWS, or the record, does not answer; ``left`` is for how many seconds it is tried again."""
    return f"{said}; trying for {duration(left)} more"


@example()
def lease_not_renewed() -> str:
    """The record cannot be reached for so long that another command may take the release."""
    return "the lease cannot be renewed: the record is out of reach"


# ---- what is waited for ----


@example(GREEN, 0, 2)
@example(GREEN, 1, 2, "web-api")
@example(GREEN, 0, 3, "", {"Target.ResponseCodeMismatch [503]": 2, "Target.Timeout": 1})
def healthy(side: str, well: int, needed: int, balancer: str = "", reasons: Mapping[str, int] = NONE) -> str:
    """How many of a side are healthy in the load balancer; in which one, where there are several.

    Of those that are unhealthy it says why, in the balancer's words, the most frequent reasons first.
    """
    told = sorted(reasons.items(), key=lambda one: (-one[1], one[0]))[:MOST_REASONS]
    why = ", ".join(f"{count} × {reason}" for reason, count in told)
    return of(side, f"{well} of {needed} healthy{in_balancer(balancer)}{f': {why}' if why else ''}")


@example(GREEN, 6, 12.0, 75.0, "web-blue")
@example(GREEN, 6, 12.0, 75.0, "")
def proving(side: str, well: int, lasted: float, needed: float, then: str) -> str:
    """Enough are healthy, and have to stay so for a while: one passed check is not health."""
    told = f"{well} of {well} healthy for {duration(lasted)} of {duration(needed)}"
    return of(side, because(told, f"then {then} may go" if then else ""))


@example(GREEN, 2, 4)
def desired_is_short(side: str, desired: int, needed: int) -> str:
    """What is healthy is enough for now, and demand has grown."""
    return of(side, f"desired is {desired}, {needed} needed")


@example(GREEN, 1)
@example(GREEN, 2)
def launching(side: str, count: int) -> str:
    """Members are on their way into service."""
    return of(side, f"{are(count, 'instance')} launching")


@example(GREEN, 2, 300.0)
@example(GREEN, 1, 0.0)
def draining(side: str, count: int, longest: float) -> str:
    """Members leave the load balancer, their requests ended first."""
    most = f", for up to {duration(longest)}" if longest else ""
    return of(side, f"{are(count, 'instance')} draining{most}")


@example(120.0, 600.0, True)
@example(120.0, 600.0, False)
def bake(lasted: float, whole: float, guarded: bool) -> str:
    """The new version serves alone, and is watched; ``guarded`` says that alarms guard it."""
    return f"bake: {duration(lasted)} of {duration(whole)}{', no alarm' if guarded else ''}"


@example(7.0)
def look_is_old(seconds: float) -> str:
    """The record, or whoever listens, took so long that the look is too old to act on; it is looked again."""
    return f"the look is {duration(seconds)} old, too old to act on; looking again"


@example(7.0)
def look_took(seconds: float) -> str:
    """A look was so slow that nothing is done on its account."""
    return f"the look took {duration(seconds)}, too long to act on it"


@example("web-blue: 2 instances to Standby: i-0b7130fd5c2c12e64, i-0c19aa2f31c5577aa", 3, 4, "")
def held_back(act: str, left: int, needed: int, balancer: str) -> str:
    """A guard keeps an action from being sent."""
    return f"held back: {because(act, f'{left} healthy would remain{in_balancer(balancer)}, {needed} needed')}"


# ---- what it has come to ----


@example("v2", GREEN)
def is_healthy_on(image: str, side: str) -> str:
    """New is healthy beside old: the traffic can move."""
    return f"{image} is healthy on {side}"


@example("v2")
def serves_alone(image: str) -> str:
    """The switch: no instance of the version before gets new requests."""
    return f"{image} serves alone"


@example("v1")
def serves_alone_again(image: str) -> str:
    """A rollback has moved the traffic back."""
    return f"{image} serves alone again"


@example("v2", GREEN)
def is_live(image: str, side: str) -> str:
    """A deployment, or a rollback, has reached its end."""
    return f"{image} is live on {side}"


@example("v2")
def nothing_left(image: str) -> str:
    """A rollback has put back what the release had changed."""
    return f"nothing of {image} is left"


# ---- why it goes back ----


@example(("web-5xx",))
@example(("web-5xx", "web-slow"))
def in_alarm(alarms: Collection[str]) -> str:
    """Alarms that guard the release are in that state."""
    return f"{fits(alarms, 'alarm', 'alarms')} {', '.join(alarms)} {fits(alarms, 'is', 'are')} in ALARM"


@example(300.0, "web-green: 0 of 2 healthy")
def no_progress(seconds: float, waited_for: str) -> str:
    """Nothing has come nearer to the goal for the progress deadline."""
    return f"no progress for {duration(seconds)}, {waited_for}"


@example("web-green: 0 of 2 healthy")
def overdue(waited_for: str) -> str:
    """The total deadline has passed before the traffic moved."""
    return f"the deadline has passed before the switch, {waited_for}"


@example(3, 4, "", "web-blue")
@example(3, 4, "web-api", "web-blue")
def sank(well: int, needed: int, balancer: str, side: str) -> str:
    """Too few are healthy since instances of the side before left the load balancer."""
    return f"{well} healthy{in_balancer(balancer)}, {needed} needed, since instances of {side} went"


@example("v1", "no progress for 5 min, web-green: 0 of 2 healthy")
def back_to(image: str, why: str) -> str:
    """A deployment turns into a rollback."""
    return f"to {image}: {why}" if image else f"back: {why}"
