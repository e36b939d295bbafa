"""Error codes of AWS, and botocore's names of what happened before there was one, by what they mean.

Source: AWS "Common errors"; EC2 API, "Error codes"; botocore's exceptions.
"""

DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"})
THROTTLED = frozenset({"RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"})
UNREACHED = frozenset(
    {
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "EndpointConnectionError",
        "HTTPClientError",
        "ProxyConnectionError",
        "ReadTimeoutError",
        "SSLError",
    }
)
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
"""Credentials that have held, and do no longer."""
SIGNED_OUT = frozenset({"SSOTokenLoadError", "TokenRetrievalError", "UnauthorizedSSOTokenError"})
"""Credentials that a new sign-in would give."""
NO_CREDENTIALS = frozenset({"CredentialRetrievalError", "NoCredentialsError", "PartialCredentialsError"})
