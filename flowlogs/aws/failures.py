"""Makes AWS's failures the errors that the library answers to."""

from botocore.exceptions import BotoCoreError, ClientError

FAILURES = (BotoCoreError, ClientError)
"""Everything botocore raises for a call that failed."""

_TEMPORARY = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "LimitExceededException",
    }
)
"""Error codes after which the same call may succeed. Source: botocore's models; AWS "Common errors"."""
_SERVER_FAULT = 500


def code_of(error: BotoCoreError | ClientError) -> str:
    """Give AWS's error code, or the name of what happened before AWS was reached."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "Unknown"))
    return type(error).__name__


def is_temporary(error: BotoCoreError | ClientError) -> bool:
    """Say whether the same call may succeed later; what did not reach AWS (a time-out, a broken line) may."""
    if isinstance(error, ClientError):
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        return code_of(error) in _TEMPORARY or status >= _SERVER_FAULT
    return type(error).__name__ in _UNREACHED


_UNREACHED = frozenset(
    {
        "ConnectionClosedError",
        "ConnectionError",
        "ConnectTimeoutError",
        "EndpointConnectionError",
        "HTTPClientError",
        "IncompleteReadError",
        "ProxyConnectionError",
        "ReadTimeoutError",
        "ResponseStreamingError",
        "SSLError",
    }
)
"""botocore's names for a call that did not come through; the others (no credentials, no region) stay as they are."""
