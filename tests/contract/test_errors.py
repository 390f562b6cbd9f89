"""What AWS, the network or the set-up answers, as our own errors."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions as known
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from bluegreen.aws.codes import BUSY
from bluegreen.aws.errors import clean, reply
from bluegreen.errors import BluegreenError, Denied, Misconfigured, Refused, Unreachable
from bluegreen.flow.ports import ActionRefused
from bluegreen.targets.pair.aws.errors import Busy, NoBalancer, permission, translate
from bluegreen.targets.pair.aws.requests import Call
from bluegreen.targets.pair.model.actions import EnterStandby
from bluegreen.targets.pair.model.fleet import Question

from .builders import aws, refuse_all

WRITE = Call("autoscaling", "EnterStandby", {})
READ = Call("elbv2", "DescribeTargetHealth", {})
SAID_NO = "User: arn:aws:sts::1:assumed-role/ci/me is not authorized to perform: autoscaling:EnterStandby on resource: "
GROUP = "arn:aws:autoscaling:ap-northeast-2:1:autoScalingGroup:*:autoScalingGroupName/web-blue"


def client_error(code: str, message: str = "", status: int = 400, operation: str = "Any") -> ClientError:
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, operation)


def kinds(error: Exception) -> tuple[type, type]:
    return type(translate(error, WRITE, writes=True)), type(translate(error, READ, writes=False))


@pytest.mark.parametrize(
    ("error", "writing", "reading"),
    [
        *((client_error(code), Busy, Busy) for code in sorted(BUSY)),
        (client_error("SomethingNew", status=503), Busy, Busy),
        (client_error("ScalingActivityInProgress", "in progress and blocks this"), Busy, Busy),
        (client_error("ValidationError", "The instance i-1 is not in InService."), ActionRefused, Refused),
        (client_error("LimitExceeded"), ActionRefused, Refused),
        (client_error("TargetGroupNotFound", "One or more target groups not found"), ActionRefused, NoBalancer),
        (client_error("NotImplemented", "The simulator does not know it", 501), ActionRefused, Refused),
        (client_error("AccessDenied", status=403), Denied, Denied),
        (client_error("UnauthorizedOperation", status=403), Denied, Denied),
        (client_error("Client.UnauthorizedOperation", status=403), Denied, Denied),
        (client_error("ADenialOfNextYear", status=403), Denied, Denied),
        (client_error("AuthFailure", status=401), Denied, Denied),
        (client_error("ExpiredToken"), Denied, Denied),
        (client_error("InvalidClientTokenId", status=403), Denied, Denied),
        (client_error("RequestExpired"), Denied, Denied),
        (client_error("SignatureDoesNotMatch", status=403), Denied, Denied),
        (known.EndpointConnectionError(endpoint_url="https://x"), Unreachable, Unreachable),
        (known.ConnectTimeoutError(endpoint_url="https://x"), Unreachable, Unreachable),
        (known.ReadTimeoutError(endpoint_url="https://x"), Unreachable, Unreachable),
        (known.ConnectionClosedError(endpoint_url="https://x"), Unreachable, Unreachable),
        (known.SSLError(endpoint_url="https://x", error=OSError("certificate")), Unreachable, Unreachable),
        (known.ProxyConnectionError(proxy_url="http://x"), Unreachable, Unreachable),
        (ResponseParserError("<html>Please log in to the wifi"), Unreachable, Unreachable),
        (known.NoCredentialsError(), Misconfigured, Misconfigured),
        (known.PartialCredentialsError(provider="env", cred_var="secret"), Misconfigured, Misconfigured),
        (known.ProfileNotFound(profile="nobody"), Misconfigured, Misconfigured),
        (known.NoRegionError(), Misconfigured, Misconfigured),
        (known.InvalidRegionError(region_name="nowhere"), Misconfigured, Misconfigured),
        (known.UnauthorizedSSOTokenError(), Denied, Denied),
        (known.TokenRetrievalError(provider="sso", error_msg="expired"), Denied, Denied),
        (known.CredentialRetrievalError(provider="process", error_msg="1"), Denied, Denied),
        (known.RefreshWithMFAUnsupportedError(), Denied, Denied),
        (EOFError(), Denied, Denied),
        (known.InvalidConfigError(error_msg="role_arn without a source"), Misconfigured, Misconfigured),
        (known.UnknownCredentialError(name="Ec3"), Misconfigured, Misconfigured),
        (client_error("InvalidClientTokenId", status=403, operation="AssumeRole"), Denied, Denied),
        (client_error("InvalidIdentityToken", operation="AssumeRoleWithWebIdentity"), Busy, Busy),
        (client_error("Throttling", operation="AssumeRole"), Busy, Busy),
        (KeyError("ours"), type(None), type(None)),
        (known.ParamValidationError(report="ours"), type(None), type(None)),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)[:60]),
)
def test_kinds(error: Exception, writing: type, reading: type) -> None:
    """Each error has one meaning for a write and one for a read."""
    assert (writing, reading) == kinds(error)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            SAID_NO + GROUP + " because no identity-based policy allows the autoscaling:EnterStandby action",
            f"AWS does not permit autoscaling:EnterStandby on {GROUP}: "
            "no identity-based policy allows the autoscaling:EnterStandby action",
        ),
        (SAID_NO + GROUP, f"AWS does not permit autoscaling:EnterStandby on {GROUP}"),
        ("Access denied", "AWS does not permit autoscaling:EnterStandby: Access denied"),
        ("", "AWS does not permit autoscaling:EnterStandby: AccessDenied"),
    ],
)
def test_a_denial_names_the_permission(message: str, expected: str) -> None:
    """The permission and, where AWS tells it, the resource and the cause."""
    actual = translate(client_error("AccessDenied", message), WRITE, writes=True)
    assert expected == str(actual)


@pytest.mark.parametrize(
    ("operation", "words", "helps"),
    [
        ("AssumeRoleWithWebIdentity", "Not authorized to perform sts:AssumeRoleWithWebIdentity", "`sub` and `aud`"),
        (
            "AssumeRole",
            "User: arn:aws:iam::1:user/me is not authorized to perform: sts:AssumeRole",
            "trust",
        ),
        ("GetRoleCredentials", "No access", "role name"),
    ],
)
def test_a_role_that_is_not_handed_out_is_no_missing_permission(operation: str, words: str, helps: str) -> None:
    """What is to be looked at is the role, not what the call that had to wait for it may do."""
    actual = translate(client_error("AccessDenied", words, 403, operation), READ, writes=False)
    assert isinstance(actual, Denied)
    assert f"AWS hands out no credentials ({operation}): {words}" == actual.message
    assert (True, False) == (helps in actual.hint, "DescribeTargetHealth" in actual.message + actual.hint)


@pytest.mark.parametrize("writes", [True, False])
def test_a_token_that_is_not_validated_for_now(writes: bool) -> None:
    """It is waited for (aws-sdk-js-v3 3052); should that last, it says what was not answered, and where to look."""
    error = client_error("InvalidIdentityToken", "Couldn't retrieve verification key", 400, "AssumeRoleWithWebIdentity")
    actual = translate(error, READ, writes=writes)
    assert isinstance(actual, Busy)
    assert "sts:AssumeRoleWithWebIdentity just now: Couldn't retrieve verification key" in actual.message
    assert ("if it lasts, look at the role's trust policy" in actual.hint, False) == (
        True,
        "DescribeTargetHealth" in actual.message,
    )


def test_a_provider_that_the_account_does_not_know() -> None:
    """The same code, and it is not known a minute later either: nothing is waited for."""
    words = "No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com"
    error = client_error("InvalidIdentityToken", words, 400, "AssumeRoleWithWebIdentity")
    actual = translate(error, READ, writes=False)
    assert (Denied, f"AWS hands out no credentials (AssumeRoleWithWebIdentity): {words}") == (type(actual), str(actual))


@pytest.mark.parametrize(
    ("operation", "helps"),
    [
        ("AssumeRoleWithWebIdentity", "AWS_WEB_IDENTITY_TOKEN_FILE"),
        ("AssumeRoleWithSAML", "identity provider"),
        ("AssumeRole", "`aws sso login`"),
        ("DescribeTargetHealth", "`aws sso login`"),
    ],
)
def test_who_makes_a_new_token(operation: str, helps: str) -> None:
    """A token that a CI system writes is not renewed by a login."""
    error = client_error("ExpiredTokenException", "Token expired: current date/time must be before", 400, operation)
    actual = translate(error, READ, writes=False)
    assert isinstance(actual, Denied)
    assert (True, helps == "`aws sso login`") == (helps in actual.hint, "sso" in actual.hint)


def test_an_encoded_denial_is_left_out() -> None:
    """EC2's encoded explanation is no reading matter."""
    message = "You are not authorized to perform this operation. Encoded authorization failure message: " + "x" * 900
    actual = translate(client_error("UnauthorizedOperation", message), WRITE, writes=True)
    words = "You are not authorized to perform this operation."
    assert f"AWS does not permit autoscaling:EnterStandby: {words}" == str(actual)


def test_a_message_of_blanks_is_read_in_no_time() -> None:
    """A server that sends nothing else keeps nobody for minutes: the time grows with the length alone."""
    message = f"no{' ' * 1_000_000}x"
    assert "no" == reply(client_error("UnauthorizedOperation", message)).message


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (WRITE, "autoscaling:EnterStandby"),
        (READ, "elasticloadbalancing:DescribeTargetHealth"),
        (Call("elb", "DescribeInstanceHealth", {}), "elasticloadbalancing:DescribeInstanceHealth"),
        (Call("ec2", "TerminateInstances", {}), "ec2:TerminateInstances"),
    ],
)
def test_permission(call: Call, expected: str) -> None:
    """Both ELB APIs are one service to IAM."""
    assert expected == permission(call)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("two\nlines\t and  more", "two lines and more"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("right\u202eleft", "right\\u202eleft"),
        ("x" * 500, "x" * 399 + "…"),
        ("인스턴스", "인스턴스"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    """What AWS says cannot drive the terminal, nor fill it."""
    assert expected == clean(text)


def test_awss_sentence_is_passed_on() -> None:
    """A refused write says what AWS said."""
    world, _ = aws(refuse_all("ValidationError", "The instance i-1 is not in InService."))
    with pytest.raises(ActionRefused) as caught:
        world.act(EnterStandby("web-blue", ("i-1",)))
    assert "AWS refuses autoscaling:EnterStandby: The instance i-1 is not in InService." == caught.value.message


@pytest.mark.parametrize(
    "code", ["AccessDenied", "Throttling", "ValidationError", "ExpiredToken", "LoadBalancerNotFound"]
)
def test_every_error_has_a_sentence_and_a_hint(code: str) -> None:
    """Nobody is left with a code alone."""
    world, _ = aws(refuse_all(code))
    with pytest.raises(BluegreenError) as caught:
        world.ask(Question(("web-blue", "web-green")))
    assert (True, True) == (bool(caught.value.message), bool(caught.value.hint))


def test_busy_is_waited_out_rather_than_counted() -> None:
    """The engine gives up after a few refusals; a throttled write is none, and fails no deployment."""
    assert (True, False) == (issubclass(Busy, Busy), issubclass(Busy, ActionRefused))
