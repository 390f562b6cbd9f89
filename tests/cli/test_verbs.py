"""What each verb asks of the service layer, what it asks the person, and what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from bluegreen.cli.invocation import RUNS
from bluegreen.errors import BluegreenError, Denied, Held, Misconfigured, Refused, Status, Unreachable
from bluegreen.flow.events import EventKind
from bluegreen.flow.limits import Pace
from bluegreen.flow.snapshot import AtWork, State, WayBack
from bluegreen.record.document import Document
from bluegreen.record.memory import MemoryStore
from bluegreen.record.store import Version
from bluegreen.service import Ended, Parked
from bluegreen.settings.configuration import Configuration
from bluegreen.targets.pair.model.release import Release
from bluegreen.targets.seam.finding import Finding
from tests.cli.fakes import TWO, WEB, FakeService, FakeWiring, report, run
from tests.report.test_reports import fleet
from tests.support.snapshots import NOW, opened, side
from tests.support.values import release

Capture = pytest.CaptureFixture[str]
RETIRE = "web: terminate the 4 parked instances? A rollback is a new deployment afterwards."
DETACH = "web: detach the 4 parked instances and leave them running? No rollback to them is left."
FIRST = "web: terminate the 4 parked instances, so that no rollback to them is left?"
FOUR = Parked("web:1", "v2", 4)
ABSENT = Misconfigured("there is no bluegreen.toml")


class HalfReadable(MemoryStore):
    """Records, of which that of web is not understood."""

    def read(self, service: str) -> tuple[Document | None, Version]:
        """Return the record of any other service."""
        if service == "web":
            raise Refused("the record cannot be read", "put back a copy of it")
        return super().read(service)


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (("deploy", "web", "v2"), ("web", "deploy", "v2", None, False)),
        (("deploy", "web", "v2", "--capacity", "3"), ("web", "deploy", "v2", 3, False)),
        (("rollback", "web"), ("web", "rollback", False)),
        (("rollback", "web", "--now"), ("web", "rollback", True)),
        (("finish", "web", "--yes"), ("web", "finish", False)),
        (("finish", "web", "--keep", "-y"), ("web", "finish", True)),
        (("resume", "api"), ("api", "resume")),
    ],
)
def test_asked_once(words: tuple[str, ...], asked: tuple[object, ...]) -> None:
    """A verb asks the service layer for exactly what was typed."""
    wiring = FakeWiring()
    assert (0, [asked]) == (run(wiring, *words), wiring.asked)


@pytest.mark.parametrize("image", ["", "v 2", "-x", "v2;rm", "ü", "v2\n", "sha256:12", "a" * 129, "$(id)"])
def test_image_is_validated(image: str, capsys: Capture) -> None:
    """What is no image version is refused before anything else happens."""
    wiring = FakeWiring()
    assert (2, []) == (run(wiring, "deploy", "web", "--", image), wiring.opened)
    assert f"{image!r:.60} is not an image version" in capsys.readouterr().err


@pytest.mark.parametrize("image", ["v2", "_", "1.2.3-rc.1_x", "a" * 128, "sha256:" + "0f" * 32])
def test_images(image: str) -> None:
    """Versions and digests are images."""
    assert 0 == run(FakeWiring(), "deploy", "web", image)


def test_first_line_then_last(capsys: Capture) -> None:
    """The first line says which service is looked at; how it ended is all that stands on stdout."""
    run(FakeWiring(), "deploy", "web", "v2")
    assert ("web: v2 serves\n", "checking web\n") == capsys.readouterr()


@pytest.mark.parametrize("verb", [("deploy", "web", "v2"), ("cleanup",)])
def test_several_faults_are_one_line_on_stdout(verb: tuple[str, ...], capsys: Capture) -> None:
    """They stand side by side, with nothing written out that only ends a line; stderr has a line for each."""
    assert 78 == run(FakeWiring(found=Misconfigured(("x.toml:1: bake", "x.toml:2:\nblue"))), *verb)
    said = capsys.readouterr()
    named = "web: " if "web" in verb else ""
    assert (f"{named}x.toml:1: bake; x.toml:2:\\x0ablue\n", True) == (said.out, "\nx.toml:2:\\x0ablue\n" in said.err)


def test_events_are_lines(capsys: Capture) -> None:
    """Off a terminal each event is a line with its time, and nothing foreign reaches the terminal raw."""

    def busy(service: FakeService) -> Ended:
        service.tell(EventKind.WAITING, "1 of 2 instances are \x1b[31mhealthy")
        service.tell(EventKind.DONE, "nothing is missing")
        return Ended(Status.OK, "web: v2 serves", "have a rest")

    run(FakeWiring({"deploy": busy}), "deploy", "web", "v2")
    assert [
        "checking web",
        "2023-11-14T22:13:20Z web wait     1 of 2 instances are \\x1b[31mhealthy",
        "  have a rest",
    ] == capsys.readouterr().err.splitlines()


@pytest.mark.parametrize("where", ["before", "after"])
def test_json(where: str, capsys: Capture) -> None:
    """With --output json, before or after the verb, stdout is one object per line, each with its schema."""

    def busy(service: FakeService) -> Ended:
        service.tell(EventKind.WAITING, "1 of 2", fleet=fleet())
        return Ended(Status.ROLLED_BACK, "web: rolled back", "", release())

    verb, json_too = ("deploy", "web", "v2"), ("--output", "json")
    words = (*json_too, *verb) if where == "before" else (*verb, *json_too)
    assert 3 == run(FakeWiring({"deploy": busy}), *words)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [
        ("bluegreen.event/1", "waiting", ("web-blue", 2)),
        ("bluegreen.result/2", 3, "web:1"),
    ] == [
        (lines[0]["schema"], lines[0]["kind"], (lines[0]["fleet"]["live"], lines[0]["fleet"]["demand"])),
        (lines[1]["schema"], lines[1]["status"], lines[1]["release"]),
    ]


@pytest.mark.parametrize(
    ("reply", "yes", "status", "asked"),
    [(None, ["--yes"], 0, True), (True, [], 0, True), (False, [], 4, False), (None, [], 2, False)],
)
def test_finish_first(reply: bool | None, yes: list[str], status: int, asked: bool) -> None:
    """Deploying over parked instances asks one question; what was answered goes to the service layer with the wish."""
    wiring = FakeWiring({"parked": 4}, reply=reply)
    ended = run(wiring, "deploy", "web", "v3", "--finish-first", *yes)
    looked, deployed = ("web", "parked"), ("web", "deploy", "v3", None, True)
    verbs = [deployed] if yes else [looked, (*deployed, FOUR)]
    assert (status, verbs if asked else [looked]) == (ended, wiring.asked)
    assert ([FIRST] if reply is not None else []) == wiring.questions


def test_finish_first_with_nothing_parked() -> None:
    """With nothing parked there is nothing to ask."""
    wiring = FakeWiring({"parked": 0})
    assert 0 == run(wiring, "deploy", "web", "v3", "--finish-first")
    assert [("web", "parked"), ("web", "deploy", "v3", None, True, attrs.evolve(FOUR, count=0))] == wiring.asked


def test_finish_first_that_cannot(capsys: Capture) -> None:
    """A finish that ends badly, or a pair that is not fit, is how the command ends."""
    wiring = FakeWiring({"parked": 4, "deploy": Ended(Status.BLOCKED, "web: no", "look")})
    assert 4 == run(wiring, "deploy", "web", "v3", "--finish-first", "--yes")
    assert "checking web\nweb: no\n  look\n" == capsys.readouterr().err


@pytest.mark.parametrize(
    ("parked", "reply", "words", "status", "question"),
    [
        (4, True, (), 0, RETIRE),
        (4, True, ("--keep",), 0, DETACH),
        (4, False, (), 4, RETIRE),
        (4, None, (), 2, None),
        (0, None, (), 0, None),
    ],
)
def test_finish_asks(
    parked: int, reply: bool | None, words: tuple[str, ...], status: int, question: str | None
) -> None:
    """Retiring asks when something would be retired, and needs --yes where nobody can be asked."""
    wiring = FakeWiring({"parked": parked}, reply=reply)
    assert (status, [question] if question else []) == (run(wiring, "finish", "web", *words), wiring.questions)
    asked = [("web", "finish", bool(words), attrs.evolve(FOUR, count=parked))] if status == 0 else []
    assert [("web", "parked"), *asked] == wiring.asked


def test_finish_asks_whether_nothing_is_to_serve() -> None:
    """Where the owner wants no instance of the group that serves, the question says so, and the answer is for that."""
    wiring = FakeWiring({"parked": 4, "unserved": True}, reply=True)
    assert 0 == run(wiring, "finish", "web")
    alone = "web: nothing serves now, as desired of the other group is 0: "
    assert [alone + RETIRE.removeprefix("web: ")] == wiring.questions
    assert [("web", "parked"), ("web", "finish", False, attrs.evolve(FOUR, unserved=True))] == wiring.asked


ASIDE = "web: 3 instances are healthy in web-api: go on as if nothing had to serve there?"


@pytest.mark.parametrize("verb", [("deploy", "web", "v2"), ("rollback", "web"), ("resume", "web")])
@pytest.mark.parametrize(
    ("healthy", "reply", "words", "status", "question"),
    [
        (3, True, (), 0, ASIDE),
        (3, False, (), 4, ASIDE),
        (3, None, (), 2, None),
        (3, None, ("--yes",), 0, None),
        (0, None, (), 0, None),
    ],
)
def test_without_a_balancer_asks_where_something_is_healthy(
    verb: tuple[str, ...],
    healthy: int,
    reply: bool | None,
    words: tuple[str, ...],
    status: int,
    question: str | None,
) -> None:
    """What would be given up is counted and asked about; nothing is asked where nothing is lost."""
    wiring = FakeWiring({"set_aside": {"web-api": healthy}}, reply=reply)
    assert status == run(wiring, *verb, "--without", "web-api", *words)
    assert ([question] if question else []) == wiring.questions
    assert [("web", "set_aside", "web-api"), verb[0]][: 1 + (status == 0)] == [
        wiring.asked[0],
        *(asked[1] for asked in wiring.asked[1:]),
    ]


def test_flags_over_the_file() -> None:
    """Each flag stands over the value in the file."""
    flags = {
        "--bake": "1m",
        "--keep-parked": "2h",
        "--deadline": "30m",
        "--progress-deadline": "90s",
        "--look-every": "500ms",
        "--pace": "75/150",
        "--region": "eu-west-1",
        "--image-tag-key": "version",
        "--state": "file:elsewhere",
        "--blue": "b",
        "--green": "g",
    }
    wiring = FakeWiring()
    run(wiring, "deploy", "web", "v2", *(word for flag in flags.items() for word in flag))
    wanted = attrs.evolve(
        WEB,
        blue="b",
        green="g",
        bake=60.0,
        keep_parked=7200.0,
        deadline=1800.0,
        progress_deadline=90.0,
        look_every=0.5,
        pace=Pace(75, 150),
        region="eu-west-1",
        image_tag_key="version",
    )
    assert [(wanted, "file:elsewhere")] == wiring.opened


def test_without_a_file() -> None:
    """Two groups on the command line are enough; nothing else is written anywhere."""
    wiring = FakeWiring(found=ABSENT)
    assert 0 == run(wiring, "rollback", "shop", "--blue", "b", "--green", "g")
    assert [(attrs.evolve(WEB, name="shop", blue="b", green="g"), Configuration().state)] == wiring.opened


def test_half_a_pair_is_not_enough(capsys: Capture) -> None:
    """One group alone does not name a pair."""
    assert 78 == run(FakeWiring(found=ABSENT), "rollback", "shop", "--blue", "b")
    assert "web: " not in capsys.readouterr().err


def test_the_same_group_twice(capsys: Capture) -> None:
    """Blue and green must be two groups."""
    assert 2 == run(FakeWiring(), "rollback", "web", "--blue", "web-green")
    assert 'web: green: blue and green are both "web-green"; they must be two groups' in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["check", "deploy"])
@pytest.mark.parametrize(("blue", "green"), [("web-green", "web-blue"), ("api-blue", "web-green")])
def test_another_services_groups(capsys: Capture, verb: str, blue: str, green: str) -> None:
    """Named by flags they are refused as two services of the file are that share a group."""
    wiring = FakeWiring()
    words = [*(("v2",) if verb == "deploy" else ()), "--blue", blue, "--green", green]
    assert 2 == run(wiring, verb, "api", *words)
    assert ('" belongs to the service web already' in capsys.readouterr().err, []) == (True, wiring.opened)


def test_another_services_groups_in_another_region() -> None:
    """Where both name their region, the groups only share a name."""
    there = attrs.evolve(WEB, region="eu-west-1")
    wiring = FakeWiring(found=Configuration(services={"web": there}))
    assert 0 == run(wiring, "rollback", "api", "--blue", WEB.blue, "--green", WEB.green, "--region", "eu-west-2")


def test_a_typo_in_the_service(capsys: Capture) -> None:
    """An unknown service gets the closest name and the list, and nobody says first that it is deployed to."""
    assert 78 == run(FakeWiring(), "deploy", "wbe", "v2")
    assert [
        'wbe: there is no service "wbe"; did you mean "web"?',
        "  the services there are: web, api; or name a pair with --blue and --green",
    ] == capsys.readouterr().err.splitlines()


def test_nothing_is_begun_for_what_can_be_no_service(capsys: Capture) -> None:
    """Flags name a pair, and the word before them is no name."""
    assert 2 == run(FakeWiring(), "deploy", "we b", "v2", "--blue", "b", "--green", "g")
    assert "we b: a service's name has letters" in capsys.readouterr().err.splitlines()[0]


def test_the_image_before_the_service(capsys: Capture) -> None:
    """Both words are there, in the other order."""
    assert 78 == run(FakeWiring(), "deploy", "v2", "web")
    assert 'v2: there is no service "v2"; the service comes first' == capsys.readouterr().err.splitlines()[0]


@pytest.mark.parametrize(
    "verb", ["deploy", "rollback", "finish", "resume", "adopt", "close", "check", "diff", "status"]
)
def test_nothing_is_begun_for_a_service_that_there_is_not(verb: str, capsys: Capture) -> None:
    """Whoever mistypes a service never reads that something is done to it; one that flags describe is begun."""
    more = {"deploy": ["v2"], "close": ["--reason", "gone"]}.get(verb, [])
    run(FakeWiring(), verb, "wbe", *more)
    first = capsys.readouterr().err.splitlines()[0]
    run(FakeWiring({verb: Refused("no")}), verb, "wbe", *more, "--blue", "b", "--green", "g")
    assert ('wbe: there is no service "wbe"; did you mean "web"?', "checking wbe") == (
        first,
        capsys.readouterr().err.splitlines()[0],
    )


@pytest.mark.parametrize("verb", sorted(RUNS - {"cleanup"}))
@pytest.mark.parametrize(
    "refusal", [Misconfigured("There is no AWS region eu-west-9"), Denied("no credentials"), Refused("not fit")]
)
def test_what_is_refused_was_never_said_to_be_done(verb: str, refusal: BluegreenError, capsys: Capture) -> None:
    """AWS alone knows a region, a login or a pair: until it has answered, no verb claims more than to look."""
    more = {"deploy": ["v2"], "close": ["--reason", "gone"]}.get(verb, [])
    yes = ["--yes"] if verb in ("adopt", "close", "finish") else []
    assert refusal.status == run(FakeWiring({verb: refusal}), verb, "web", *more, *yes)
    first, *rest = capsys.readouterr().err.splitlines()
    assert ("checking web", [f"web: {refusal.message}"]) == (first, rest)


ANNA = AtWork(who="anna", pid=4711, why="deploy v3", taken_at=NOW - 42, renewed_at=NOW - 2, in_force=True)


def test_status_as_text(capsys: Capture) -> None:
    """A status says what serves, what is parked, what is missing and how fast a rollback would be."""
    wiring = FakeWiring({"status": report(troubles=("a\x07b",), lease=ANNA)})
    assert 0 == run(wiring, "status", "web")
    assert [
        f"{'✓ web: v2 is live on web-green, 4 of 4 healthy':<85}ap-northeast-2",
        "  GROUP      IMAGE  HEALTHY  MIN-MAX  SCALING  INSTANCES",
        "▶ web-green  v2     4 of 4   2-8      resumed  ●●●●",
        "  rollback   ≈ 25 s to all 4 instances of v1",
        "  run by     anna (process 4711) for deploy v3, last sign 2 s ago",
        "  trouble    a\\x07b",
        "  next       bluegreen rollback web",
    ] == capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("web: the record is of other groups", "web: the record is of other groups"),
        ("web-blue is away", "web: web-blue is away"),
        ("web is held by ana", "web is held by ana"),
        ("AWS is away", "web: AWS is away"),
    ],
)
@pytest.mark.parametrize("verb", ["status", "rollback"])
def test_a_sentence_names_its_service_once(capsys: Capture, verb: str, message: str, told: str) -> None:
    """Whoever wrote it, and also where a group's name begins like the service's."""
    run(FakeWiring({verb: Unreachable(message)}), verb, "web")
    assert told == capsys.readouterr().err.splitlines()[1]


def test_status_of_several_at_a_glance(capsys: Capture) -> None:
    """A line for each service, the worst first, how many are how, and which to look at next."""
    back = WayBack(kind="cold", sentence="cold: deploys v1")
    down = report("api", state=State.DOWN, rollback=back, sides=(side("api-blue", "v2", "uuuu", 4, live=True),))
    wiring = FakeWiring({"web status": report(release=opened())})
    wiring.answers["api status"] = down
    assert 0 == run(wiring, "status")
    assert [
        "  SERVICE  LIVE       IMAGE  HEALTHY  RELEASE    ROLLBACK",
        "✗ api      api-blue   v2     0 of 4   none open  cold",
        "✓ web      web-green  v2     4 of 4   v1 parked  ≈ 25 s",
        "1 down, 1 fine",
        "next: bluegreen status api",
    ] == capsys.readouterr().out.splitlines()


def test_status_of_all(capsys: Capture) -> None:
    """Without a name every service is reported; one that cannot be does not hide the others."""
    wiring = FakeWiring({"web status": Unreachable("AWS is away"), "api status": report("api")})
    assert 69 == run(wiring, "status", "--output", "json")
    found = json.loads(capsys.readouterr().out)
    assert ("bluegreen.status/2", [("web", "AWS is away", None), ("api", None, ["web-green"])]) == (
        found["schema"],
        [(one["service"], one.get("error"), one.get("live")) for one in found["services"]],
    )


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (State.IDLE, 0),
        (State.PARKED, 0),
        (State.EMPTY, 0),
        (State.DEPLOYING, 75),
        (State.ROLLING_BACK, 75),
        (State.FINISHING, 75),
        (State.GATE, 5),
        (State.INTERRUPTED, 6),
        (State.DOWN, 4),
        (State.UNCLEAR, 4),
    ],
)
def test_a_status_that_judges(state: State, status: int) -> None:
    """Asked to, it ends with what is wrong; otherwise 0 says that the question was answered."""
    wiring = FakeWiring({"status": report(state=state)})
    assert (status, 0) == (run(wiring, "status", "web", "--exit-status"), run(wiring, "status", "web"))


@pytest.mark.parametrize(
    ("web", "api", "status"),
    [
        (report(state=State.INTERRUPTED), report(state=State.DEPLOYING), 6),
        (report(state=State.GATE), report(state=State.DEPLOYING), 5),
        (report(state=State.DOWN), Unreachable("AWS is away"), 4),
        (report(state=State.INTERRUPTED), Unreachable("AWS is away"), 69),
        (report(state=State.DOWN), Denied("no"), 77),
    ],
)
def test_the_worst_of_several_is_judged(web: Any, api: Any, status: int) -> None:
    """What cannot be asked for is worse than what can be seen."""
    assert status == run(FakeWiring({"web status": web, "api status": api}), "status", "--exit-status")


def test_status_of_none(capsys: Capture) -> None:
    """A file without a service is told of: it may be the wrong one."""
    wiring = FakeWiring(found=Configuration(path=Path("empty.toml")))
    assert 78 == run(wiring, "status")
    told = capsys.readouterr()
    hint = "  write [services.NAME] with blue and green, or name another file with --config"
    assert ("", ["no services in empty.toml", hint]) == (told.out, told.err.splitlines())


def test_check(capsys: Capture) -> None:
    """Findings are data; only a refusal is a bad status."""
    found = (Finding("warned", "a long drain", "shorten it"), Finding("refused", "a warm pool", ""))
    assert [0, 0, 4] == [run(FakeWiring({"check": found[:n]}), "check", "web") for n in range(3)]
    assert [
        "web: the pair is fit to be deployed to",
        "web: warned: a long drain",
        "  shorten it",
        "web: warned: a long drain",
        "  shorten it",
        "web: refused: a warm pool",
    ] == capsys.readouterr().out.splitlines()


def test_cleanup_is_silent(capsys: Capture) -> None:
    """With nothing due, or somebody else at work, cron hears nothing."""
    wiring = FakeWiring({"web cleanup": None, "api cleanup": Held("api is held")})
    assert (0, ("", "")) == (run(wiring, "cleanup"), tuple(capsys.readouterr()))


def test_cleanup_goes_on(capsys: Capture) -> None:
    """One blocked service does not stop the next, and the worst status wins."""
    done = Ended(Status.OK, "api: v2 serves, the old instances are gone")
    wiring = FakeWiring({"web cleanup": Refused("web is odd", "look"), "api cleanup": done})
    result = "web is odd\napi: v2 serves, the old instances are gone\n"
    assert (4, (result, "web is odd\n  look\n")) == (run(wiring, "cleanup", "--all"), capsys.readouterr())


def test_cleanup_of_one_or_all() -> None:
    """A name and --all together make no sense."""
    assert 2 == run(FakeWiring(), "cleanup", "web", "--all")


def test_resume_of_what_is_open(capsys: Capture) -> None:
    """Without a name only services with a release under way are carried on."""
    wiring = FakeWiring()
    wiring.records.write("api", Document(service="api", release=release()), None)
    wiring.records.write("web", Document(service="web"), None)
    assert (0, [("api", "resume")]) == (run(wiring, "resume"), wiring.asked)


def test_resume_goes_on(capsys: Capture) -> None:
    """A service that is held, or blocked, is told and does not stop the next; the worst status wins."""
    held, odd = Held("web is held by anna", "wait"), Refused("api is odd", "look")
    wiring = FakeWiring({"web resume": held, "api resume": odd})
    for name in ("web", "api"):
        wiring.records.write(name, Document(service=name, release=release()), None)
    assert (4, [("web", "resume"), ("api", "resume")]) == (run(wiring, "resume"), wiring.asked)
    assert [
        "checking web",
        "web is held by anna",
        "  wait",
        "checking api",
        "api is odd",
        "  look",
    ] == capsys.readouterr().err.splitlines()


def test_resume_with_a_record_that_cannot_be_read(capsys: Capture) -> None:
    """A record that is not understood belongs to its service alone."""
    wiring = FakeWiring()
    wiring.records = HalfReadable()
    wiring.records.write("api", Document(service="api", release=release()), None)
    assert (4, [("api", "resume")]) == (run(wiring, "resume"), wiring.asked)
    assert [
        "web: the record cannot be read",
        "  put back a copy of it",
        "checking api",
    ] == capsys.readouterr().err.splitlines()


def test_resume_of_one_that_is_held() -> None:
    """A service that was named and is held is how the command ends."""
    assert 75 == run(FakeWiring({"resume": Held("web is held")}), "resume", "web")


def test_interrupted_resume_stops() -> None:
    """A resume that was asked to stop does not begin with the next service."""
    wiring = FakeWiring({"resume": Ended(Status.INTERRUPTED, "stopped")})
    for name in ("web", "api"):
        wiring.records.write(name, Document(service=name, release=release()), None)
    assert (130, [("web", "resume")]) == (run(wiring, "resume"), wiring.asked)


@pytest.mark.parametrize(
    ("words", "found", "told"),
    [
        (("--now",), None, ["web: nothing is parked, so --now makes no difference"]),
        ((), None, []),
        (("--now",), release(), []),
        (("--now",), release(instead_of="v3"), ["web: nothing is parked, so --now makes no difference"]),
    ],
)
def test_now_with_nothing_open(words: tuple[str, ...], found: Release | None, told: list[str], capsys: Capture) -> None:
    """A rollback that is a deployment cannot go quicker than one, and says so."""
    run(FakeWiring({"open_release": found}), "rollback", "web", *words)
    assert ("web: v2 serves\n", ["checking web", *told]) == (
        (said := capsys.readouterr()).out,
        said.err.splitlines(),
    )


def test_resume_of_nothing(capsys: Capture) -> None:
    """With nothing under way anywhere there is nothing to carry on, and that is fine."""
    assert (0, ("there is nothing to carry on\n", "")) == (run(FakeWiring(), "resume"), capsys.readouterr())


def test_pair_flags_need_a_name() -> None:
    """Groups on the command line belong to one named service."""
    assert 2 == run(FakeWiring({"status": report()}), "status", "--blue", "b", "--green", "g")


def test_state_alone_needs_no_name() -> None:
    """The place of the records may be given for all services at once."""
    wiring = FakeWiring({"cleanup": None})
    run(wiring, "cleanup", "--state", "file:x")
    assert [(settings, "file:x") for settings in TWO.services.values()] == wiring.opened


CLOSE = ("close", "web", "--reason", "renamed")
LOST = "No rollback to its parked instances is left, and what it has changed in AWS stays changed."


@pytest.mark.parametrize(
    ("reply", "yes", "status", "asked"),
    [
        (None, ["--yes"], 0, [("web", "close", "renamed")]),
        (True, [], 0, [("web", "close", "renamed", "web:1")]),
        (False, [], 4, []),
        (None, [], 2, []),
    ],
)
def test_close_asks(reply: bool | None, yes: list[str], status: int, asked: list[object]) -> None:
    """A release is given up only by a person who is told which, or by --yes."""
    wiring = FakeWiring({"open_release": release()}, reply=reply)
    assert (status, asked) == (run(wiring, *CLOSE, *yes), wiring.asked)
    assert ([f"web: close the deploy of v2 (web:1)? {LOST}"] if reply is not None else []) == wiring.questions


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x" * 201])
def test_close_needs_a_reason(reason: str) -> None:
    """A reason is one line that people can read."""
    wiring = FakeWiring()
    assert (2, []) == (run(wiring, "close", "web", "--yes", "--reason", reason), wiring.asked)


@pytest.mark.parametrize("reason", ["renommé\u00a0: voir le ticket", "\u3000全角"])
def test_a_reason_may_have_spaces_of_every_keyboard(reason: str) -> None:
    """They are characters like others, and no terminal obeys them."""
    wiring = FakeWiring({"open_release": release()})
    assert 0 == run(wiring, "close", "web", "--yes", "--reason", reason)
    assert [("web", "close", reason.strip())] == wiring.asked


@pytest.mark.parametrize("reason", ["", "a\u202eb", "a\u2028b"])
def test_a_reason_that_a_terminal_obeys_is_none(reason: str) -> None:
    """However it prints."""
    assert 2 == run(FakeWiring(), "close", "web", "--yes", "--reason", reason)


def test_hints_are_lines(capsys: Capture) -> None:
    """Several next things to do are a line each, and what they quote makes no line of its own."""
    run(FakeWiring({"resume": Ended(Status.OK, "web: done", ("first", "then\nlast"))}), "resume", "web")
    assert [
        "checking web",
        "  first",
        "  then\\x0alast",
    ] == capsys.readouterr().err.splitlines()


def test_each_refusal_has_its_own_hint(capsys: Capture) -> None:
    """Several reasons against a deployment are told one by one, as `check` does."""
    told = (("blue is at its end", "make room"), ("green is gone", ""), ("so is red", "paint it"))
    assert 4 == run(FakeWiring({"deploy": Refused.several(told)}), "deploy", "web", "v2")
    said = capsys.readouterr()
    assert "web: refused for 3 reasons\n" == said.out
    assert [
        "checking web",
        "web: refused: blue is at its end",
        "  make room",
        "web: refused: green is gone",
        "web: refused: so is red",
        "  paint it",
    ] == said.err.splitlines()
