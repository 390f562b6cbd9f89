"""The record in S3 when requests and answers are lost, refused or overtaken: what was written is never guessed."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import ClientError

from bluegreen.aws.settings import default_region
from bluegreen.errors import BluegreenError, Denied, Misconfigured, Refused, Unreachable
from bluegreen.record.bucket import Bucket, connect
from bluegreen.record.document import Document
from bluegreen.record.s3 import S3Store
from bluegreen.record.store import Conflict
from tests.record.fates import Fates, answer, fated
from tests.support.records import KINDS

EMPTY = Document(service="web")
ONE, TWO = Document(service="web", epoch=1), Document(service="web", epoch=2)
CONFLICT = (409, "ConditionalRequestConflict", "A conflicting conditional operation is in progress")
SLOW = (503, "SlowDown", "Please reduce your request rate.")
BROKEN = (500, "InternalError", "We encountered an internal error. Please try again.")
MANY = 20
SAID_NO = "User: arn:aws:iam::1:user/me is not authorized to perform: "


def refused(store: S3Store, *, read: bool) -> BluegreenError:
    with pytest.raises(BluegreenError) as caught:
        store.read("web") if read else store.write("web", EMPTY, None)
    return caught.value


@pytest.fixture
def hasty() -> Iterator[None]:
    """Let threads take turns so often that a race is lost within a few rounds."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_the_s3_of_the_tests_honours_conditions(bucket: str) -> None:
    """The S3 asked here takes one of many conditional writes at once, so that a pass of the other tests means much."""
    rounds, client, taken, refusals = 25, connect(), [], []

    def put(number: int, **condition: Any) -> None:
        barrier.wait()
        try:
            taken.append(client.put_object(Bucket=bucket, Key="k", Body=str(number), **condition)["ETag"])
        except ClientError as error:
            refusals.append(error.response["Error"]["Code"])

    condition = {"IfNoneMatch": "*"}
    for turn in range(rounds):
        barrier = threading.Barrier(8)
        threads = [threading.Thread(target=put, args=(8 * turn + n,), kwargs=condition) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        condition = {"IfMatch": taken[-1]}
    assert (rounds, ["PreconditionFailed"] * 7 * rounds) == (len(taken), refusals)


@pytest.mark.parametrize("fates", [["unheard"], ["lost"], [CONFLICT, SLOW, BROKEN], [BROKEN, "unheard"]])
@pytest.mark.parametrize("first", [True, False])
def test_ours_however_it_got_there(bucket: str, fates: list[Any], first: bool) -> None:
    """A write is ours when it lands, whether its answer was lost, or it was sent again after a failure."""
    store, deals = fated(bucket)
    before = None if first else store.write("web", EMPTY, None)
    deals.deal("PutObject", *fates)
    version = store.write("web", ONE, before)
    assert ((ONE, version), TWO) == (store.read("web"), _next(store, version))


def _next(store: S3Store, version: str | None) -> Document | None:
    store.write("web", TWO, version)
    return store.read("web")[0]


def test_ours_after_the_librarys_own_retry(bucket: str) -> None:
    """A library that sends a write again by itself is told that it is too late: the write is ours all the same."""
    again = Config(retries={"mode": "standard", "total_max_attempts": 3}, s3={"addressing_style": "path"})
    retrying = Session(region_name="us-east-1").client("s3", config=again)
    store, deals = fated(bucket, retrying)
    deals.deal("PutObject", "unheard")
    version = store.write("web", ONE, None)
    assert ((ONE, version), ["PutObject", "PutObject", "GetObject"]) == (store.read("web"), deals.sent[:3])


def test_overtaken(bucket: str) -> None:
    """A write that was lost while somebody else wrote is a conflict, and the other's record stays."""
    store, deals = fated(bucket)
    before = store.write("web", EMPTY, None)

    def overtake() -> str:
        S3Store(Bucket(bucket, "team/"), KINDS).write("web", TWO, before)
        return "lost"

    deals.deal("PutObject", overtake)
    with pytest.raises(Conflict):
        store.write("web", ONE, before)
    assert TWO == store.read("web")[0]


def test_overtaken_and_silent(bucket: str) -> None:
    """When writes stay without an answer, what is read afterwards tells that somebody else was faster."""
    store, deals = fated(bucket)
    before = store.write("web", EMPTY, None)
    S3Store(Bucket(bucket, "team/"), KINDS).write("web", TWO, before)
    deals.deal("PutObject", *["lost"] * MANY)
    with pytest.raises(Conflict):
        store.write("web", ONE, before)
    assert TWO == store.read("web")[0]


def test_landed_and_silent(bucket: str) -> None:
    """When writes stay without an answer, what is read afterwards tells that ours was taken."""
    store, deals = fated(bucket)
    deals.deal("PutObject", "unheard", *["lost"] * MANY)
    version = store.write("web", ONE, None)
    assert (ONE, version) == store.read("web")


@pytest.mark.parametrize("fate", ["lost", CONFLICT, SLOW, BROKEN])
@pytest.mark.parametrize("first", [True, False])
def test_writes_fail(bucket: str, fate: Any, first: bool) -> None:
    """While only reads are answered a write is unreachable, not a conflict: it may be tried again as it is."""
    store, deals = fated(bucket)
    before = None if first else store.write("web", EMPTY, None)
    deals.deal("PutObject", *[fate] * MANY)
    with pytest.raises(Unreachable):
        store.write("web", ONE, before)
    assert (None if first else EMPTY, before) == store.read("web")


def test_all_is_silent(bucket: str) -> None:
    """A write that perhaps landed is unreachable while nothing can be read; afterwards it shows."""
    store, deals = fated(bucket)
    deals.deal("PutObject", "unheard", *["lost"] * MANY)
    deals.deal("GetObject", "lost")
    with pytest.raises(Unreachable) as caught:
        store.write("web", ONE, None)
    assert ("s3:GetObject", ONE) == (caught.value.message.split()[4].rstrip(":"), store.read("web")[0])


def test_a_bounded_patience(bucket: str) -> None:
    """A read is tried some times within three seconds, then given up."""
    store, deals = fated(bucket)
    began = store.bucket.clock.monotonic()
    deals.deal("GetObject", *[SLOW] * MANY)
    error = refused(store, read=True)
    seconds = store.bucket.clock.monotonic() - began
    assert (Unreachable, "S3 cannot do s3:GetObject just now: Please reduce your request rate.", True, True) == (
        type(error),
        error.message,
        1.0 < seconds <= 3.1,
        5 <= len(deals.sent) <= 6,
    )


def test_busy_for_a_moment(bucket: str) -> None:
    """Listing, reading, adding and forgetting are tried again as well."""
    store, deals = fated(bucket)
    store.write("web", ONE, None)
    for operation in ("ListObjectsV2", "GetObject", "PutObject", "DeleteObject"):
        deals.deal(operation, SLOW, "lost")
    store.append("web", "r", "line")
    found = store.services(), store.events("web", "r"), store.read("web")[0]
    store.forget("web", "r")
    assert (("web",), ("line",), ONE, ()) == (*found, store.events("web", "r"))


def test_an_event_that_was_not_kept(bucket: str) -> None:
    """A line that S3 did not take goes with the next one that it takes."""
    store, deals = fated(bucket)
    deals.deal("PutObject", *["lost"] * 6)
    with pytest.raises(Unreachable):
        store.append("web", "r", "first")
    store.append("web", "r", "second")
    assert ("first", "second") == S3Store(Bucket(bucket, "team/"), KINDS).events("web", "r")


def test_events_are_written_when_durable(bucket: str) -> None:
    """Lines that need not be durable cost no request of their own, and stand before the next durable one."""
    store, deals = fated(bucket)
    for number in range(5):
        store.append("web", "r", str(number), durable=False)
    store.append("web", "r", "5")
    other = S3Store(Bucket(bucket, "team/"), KINDS)
    assert (["PutObject"], tuple("012345")) == (deals.sent, other.events("web", "r"))


def test_events_go_with_the_record(bucket: str) -> None:
    """Lines that wait are kept with the next write of the record, which does not depend on it."""
    store, deals = fated(bucket)
    other = S3Store(Bucket(bucket, "team/"), KINDS)
    store.append("web", "r", "first", durable=False)
    deals.deal("PutObject", None, None, None, "lost")
    version = store.write("web", ONE, None)
    before = other.events("web", "r")
    store.write("web", TWO, store.write("web", ONE, version))
    assert ((), ("first",), 7) == (before, other.events("web", "r"), len(deals.sent))


def test_many_services(bucket: str) -> None:
    """Services are listed page after page, and the objects of their events are not: a folder counts as one."""
    client = connect()
    client.meta.events.register("before-parameter-build.s3.ListObjectsV2", _three_a_page)
    store, deals = fated(bucket, client)
    names = tuple(f"s{number}" for number in range(8))
    for name in names:
        store.write(name, Document(service=name), None)
        for release in "abc":
            store.append(name, release, "line")
    assert (names, 6) == (store.services(), deals.sent.count("ListObjectsV2"))


def _three_a_page(params: dict[str, Any], **_: Any) -> None:
    params["MaxKeys"] = 3


def test_at_the_root(bucket: str) -> None:
    """A bucket may hold the records without a prefix."""
    store = S3Store(Bucket(bucket, ""), KINDS)
    version = store.write("web", ONE, None)
    assert ((ONE, version), ("web",)) == (store.read("web"), store.services())


def test_a_foreign_record(bucket: str) -> None:
    """An object that is no record is refused by its address."""
    connect().put_object(Bucket=bucket, Key="team/web.json", Body=b"hello")
    error = refused(S3Store(Bucket(bucket, "team/"), KINDS), read=True)
    assert (Refused, f"the record s3://{bucket}/team/web.json cannot be read (JSONDecodeError)") == (
        type(error),
        error.message,
    )


def test_no_bucket(bucket: str) -> None:
    """A bucket that does not exist is a fault of the configuration, when reading, writing and listing.

    The command that makes it names it, and where: pasted, it works.
    """
    store = S3Store(Bucket("no-such-bucket", ""), KINDS)
    errors = [refused(store, read=True), refused(store, read=False)]
    with pytest.raises(Misconfigured) as caught:
        store.services()
    assert [(Misconfigured, "There is no S3 bucket no-such-bucket.")] * 3 == [
        (type(error), error.message) for error in (*errors, caught.value)
    ]
    assert f"`aws s3 mb s3://no-such-bucket --region {default_region()}`" in caught.value.hint


@pytest.mark.parametrize(
    ("fate", "kind", "sentence", "hint"),
    [
        (
            (403, "AccessDenied", "Access Denied"),
            Denied,
            "AWS does not permit s3:GetObject: Access Denied",
            "allow s3:GetObject in the IAM policy; docs/permissions.md lists everything that is used; "
            "without s3:ListBucket on the bucket S3 says the same of a record that is not there yet",
        ),
        (
            (403, "AccessDenied", SAID_NO + "s3:ListBucket on resource: arn:aws:s3:::x because no policy allows it."),
            Denied,
            "AWS does not permit s3:ListBucket on arn:aws:s3:::x: no policy allows it",
            "allow s3:ListBucket in the IAM policy; docs/permissions.md lists everything that is used; "
            "without s3:ListBucket on the bucket S3 says the same of a record that is not there yet",
        ),
        (
            (400, "ExpiredToken", "The provided token has expired."),
            Denied,
            "The AWS credentials have expired.",
            "get new ones (for instance `aws sso login`)",
        ),
        (
            (403, "InvalidAccessKeyId", "The key does not exist in our records."),
            Denied,
            "AWS does not know these credentials: The key does not exist in our records.",
            "look which ones are used (`aws sts get-caller-identity`), at AWS_PROFILE and at the machine's clock",
        ),
        (
            (403, "RequestTimeTooSkewed", "The difference is too large."),
            Denied,
            "AWS rejects the request's signature: The difference is too large.",
            "set this machine's clock, then look at the secret key",
        ),
        (
            (501, "NotImplemented", "A header you provided implies functionality that is not implemented"),
            Misconfigured,
            "The S3 of the bucket BUCKET has no conditional writes: "
            "A header you provided implies functionality that is not implemented",
            "name a general purpose bucket of AWS's own S3 in `state`",
        ),
        (
            (400, "InvalidRequest", "Something else."),
            Refused,
            "S3 refuses s3:GetObject in the bucket BUCKET: Something else.",
            "look at `state`",
        ),
        ((404, "404", "Not Found"), Refused, "S3 refuses s3:GetObject in the bucket BUCKET: Not Found", ""),
    ],
)
def test_what_s3_answers(bucket: str, fate: Any, kind: type, sentence: str, hint: str) -> None:
    """Each refusal is one sentence and a next step; only S3's own "no such key" is an absent record."""
    store, deals = fated(bucket)
    deals.deal("GetObject", fate)
    error = refused(store, read=True)
    assert (kind, sentence.replace("BUCKET", bucket)) == (type(error), error.message)
    assert hint in error.hint


def test_a_write_that_is_denied(bucket: str) -> None:
    """A denied write names its permission, and the other one that writing over a record needs."""
    store, deals = fated(bucket)
    deals.deal("PutObject", (403, "AccessDenied", "Access Denied"))
    error = refused(store, read=False)
    assert ("AWS does not permit s3:PutObject: Access Denied", True, ["PutObject"]) == (
        error.message,
        error.hint.endswith("; writing over a record needs s3:GetObject as well"),
        deals.sent,
    )


def test_no_credentials(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials, or with an unknown profile, the configuration is at fault."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    without = refused(S3Store(Bucket(bucket, ""), KINDS), read=True)
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    unknown = refused(S3Store(Bucket(bucket, ""), KINDS), read=True)
    assert [
        (Misconfigured, "There are no AWS credentials: Unable to locate credentials"),
        (Misconfigured, "The config profile (nobody) could not be found"),
    ] == [(type(error), error.message) for error in (without, unknown)]


def test_without_a_region(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket is found without any region set."""
    monkeypatch.delenv("AWS_REGION")
    store = S3Store(Bucket(bucket, ""), KINDS)
    version = store.write("web", ONE, None)
    assert (ONE, version) == store.read("web")


def test_in_another_region(credentials: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket elsewhere than the configured region is followed there, and found at once from then on."""
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    client, asked = connect(), []

    def elsewhere(request: Any, **_: Any) -> Any:
        asked.append(request.url.split("/")[2])
        there = "eu-west-1" in request.url
        moved = answer(request, 301, "PermanentRedirect", x_amz_bucket_region="eu-west-1")
        return answer(request, 404, "NoSuchKey") if there else moved

    client.meta.events.register("before-send.s3.*", elsewhere)
    store = S3Store(Bucket("our-records", "", make=lambda: client), KINDS)
    found = [store.read("web"), store.read("web")]
    here, there = "our-records.s3.eu-central-1.amazonaws.com", "our-records.s3.eu-west-1.amazonaws.com"
    assert ([(None, None)] * 2, [here, there, there]) == (found, asked)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("", "https://our-records.s3.eu-west-1.amazonaws.com/web.json"),
        ("http://s3.test:9", "http://s3.test:9/our-records/web.json"),
    ],
)
def test_addresses(credentials: None, monkeypatch: pytest.MonkeyPatch, address: str, url: str) -> None:
    """The bucket stands in the host name at AWS, and in the path at an address of one's own."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    client, asked = connect(), []

    def absent(request: Any, **_: Any) -> Any:
        asked.append(request.url)
        return answer(request, 404, "NoSuchKey")

    client.meta.events.register("before-send.s3.*", absent)
    S3Store(Bucket("our-records", "", make=lambda: client), KINDS).read("web")
    assert [url] == asked


def test_how_the_library_behaves(credentials: None) -> None:
    """One attempt and short time-outs, whatever the library's defaults are."""
    found: Any = connect().meta.config
    assert (3.0, 4.0, 1) == (found.connect_timeout, found.read_timeout, found.retries["total_max_attempts"])


def passing_over(bucket: str, *headers: str) -> tuple[S3Store, Fates]:
    """Return a store in an S3 that reads none of ``headers``."""
    store, deals = fated(bucket)

    def careless(request: Any, **_: Any) -> None:
        for header in headers:
            del request.headers[header]

    deals.client.meta.events.register("before-sign.s3.PutObject", careless)
    return store, deals


@pytest.mark.parametrize("headers", [("If-None-Match",), ("If-Match",), ("If-None-Match", "If-Match")])
def test_a_bucket_that_passes_over_conditions_is_found_out(bucket: str, headers: tuple[str, ...]) -> None:
    """Each S3 has got them at another time (incus 3651): 78, and the record goes, so that the next run finds it too."""
    store, _ = passing_over(bucket, *headers)
    for _ in range(2):
        with pytest.raises(Misconfigured, match=f"passes over {headers[0]}"):
            store.write("web", EMPTY, None)
        assert (None, None) == store.read("web")


def test_a_record_that_was_copied_into_such_a_bucket_is_not_worked_on(bucket: str) -> None:
    """It is no first record there: whoever takes it finds out, and it stays for a better place."""
    version = S3Store(Bucket(bucket, "team/"), KINDS).write("web", ONE, None)
    for _ in range(2):
        store, _ = passing_over(bucket, "If-None-Match", "If-Match")
        with pytest.raises(Misconfigured, match="passes over If-Match") as caught:
            store.write("web", TWO, version)
        found, version = store.read("web")
        assert (TWO, True) == (found, "copy the record there (team/web.json)" in caught.value.hint)


def test_each_condition_is_asked_about_once(bucket: str) -> None:
    """Two more writes for a first record, one for whoever takes one that is there, none for what follows."""
    store, first = fated(bucket)
    version = store.write("web", TWO, store.write("web", ONE, None))
    other, later = fated(bucket)
    other.write("web", TWO, other.write("web", ONE, version))
    assert (4, 3) == (first.sent.count("PutObject"), later.sent.count("PutObject"))


def test_what_is_not_answered_is_asked_with_the_next_write(bucket: str) -> None:
    """A probe that S3 does not answer proves nothing, and ends nothing."""
    store, deals = passing_over(bucket, "If-Match")
    deals.deal("PutObject", None, None, "lost")
    version = store.write("web", ONE, None)
    with pytest.raises(Misconfigured, match="passes over If-Match"):
        store.write("web", TWO, version)
