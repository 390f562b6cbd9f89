"""AWS's error codes by what they mean for us.

They are those of the botocore 1.44.5 models, of the "Common errors" pages of the API references, and of public reports.
"""

UNPROVEN = "InvalidIdentityToken"
BUSY = frozenset(
    (
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RateExceeded",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "EC2ThrottledException",
        "DependencyThrottle",
        "PriorRequestNotComplete",
        "ResourceContention",
        "ScalingActivityInProgress",
        "HealthUnavailable",
        "InternalError",
        "InternalFailure",
        "ServiceUnavailable",
        "Unavailable",
        "RequestTimeout",
        "RequestTimeoutException",
        "InvalidNextToken",
        "IDPCommunicationError",
        UNPROVEN,
    )
)
"""Codes that say "later"; ``InvalidNextToken`` is a list that must be read from its beginning again.

The last two are STS's where it does not get the keys of an identity provider: mostly it does a moment later
(aws-sdk-js-v3 3052).
"""

FORBIDDEN = frozenset(
    (
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "UnauthorizedAccess",
        "NotAuthorized",
        "OptInRequired",
        "PendingVerification",
        "ServiceLinkedRoleFailure",
    )
)
EXPIRED = frozenset(("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"))
UNKNOWN_KEYS = frozenset(
    (
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "AuthFailure",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
    )
)
SKEWED = frozenset(
    (
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "InvalidSignatureException",
    )
)
MISSING = frozenset(("LoadBalancerNotFound", "TargetGroupNotFound", "AccessPointNotFound"))
NOT_DONE = frozenset(("NotImplemented", "UnsupportedOperation", "InvalidAction", "UnknownOperationException"))
PROTECTION = ("TerminateInstances", "OperationNotPermitted")
"""What EC2 answers for an instance with ``disableApiTermination`` (botocore model, TerminateInstances)."""
UNREGISTRABLE = {
    ("RegisterTargets", "InvalidTarget"): "not in a running state",
    ("RegisterInstancesWithLoadBalancer", "InvalidInstance"): "",
}
"""How AWS refuses to register what does not run (botocore models; the words: public reports), a whole call for one."""
