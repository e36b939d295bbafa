"""What may go wrong between us and an OpenSearch domain.

DomainError            a request to the domain that came to nothing
├── DomainUnreachable  it does not answer, or not yet (no connection, 429, 5xx): the same request may succeed later
├── CertificateRefused it answers with a certificate that we do not trust, or without TLS where we want it
├── SignInRefused      401 or 403: who we are is not accepted, or may not do this
├── RequestRefused     any other answer that is no success; has the status
└── ObjectsRefused     Dashboards did not take some of the saved objects; names them
"""

from collections.abc import Sequence

from flowlogs.errors import FlowlogsError

NOBODY_LISTENS = "nothing listens there"


class DomainError(FlowlogsError):
    """A request to the domain that came to nothing."""

    step: str | None = None
    """The step of the set-up in which it happened; None outside of one."""


class DomainUnreachable(DomainError):
    """The domain does not answer, or not yet (no connection, 429, 5xx): the same request may succeed later.

    `cause` is short: an error's name, or what the domain answered. `status` is HTTP's; None: there was no answer.
    """

    def __init__(self, endpoint: str, asked: str, cause: str, status: int | None = None) -> None:
        advice = "is it started?" if cause == NOBODY_LISTENS else "try again when the domain is active"
        super().__init__(f"{endpoint} could not answer {asked} ({cause}); {advice}")
        self.cause = cause
        self.status = status

    @property
    def was_sent(self) -> bool:
        """Whether the server may have got the request, and done it."""
        return self.cause not in _NO_CONNECTION


class CertificateRefused(DomainError):
    """The domain shows a certificate that we do not trust, or does not speak TLS: trying again mends nothing."""


class SignInRefused(DomainError):
    """The domain answered 401 or 403: who we are is not accepted, or may not do this."""


class RequestRefused(DomainError):
    """The domain answered with another failure; `status` is HTTP's."""

    def __init__(self, endpoint: str, asked: str, status: int, reason: str) -> None:
        super().__init__(f"{endpoint} answered {status} to {asked}: {reason}")
        self.status = status
        self.reason = reason

    @property
    def is_unknown_path(self) -> bool:
        """Whether there is nothing that could answer: a plugin that the server lacks, or another server.

        OpenSearch and Elasticsearch say 400 (`no handler found for uri`) or 405, Dashboards and proxies 404. Source:
        OpenSearch, `RestController`; seen with OpenSearch 2.19.
        """
        return self.status in _NOTHING_THERE or "no handler found" in self.reason


class ObjectsRefused(DomainError):
    """Dashboards did not take some of the saved objects; `refused` has one sentence each."""

    def __init__(self, endpoint: str, refused: Sequence[str]) -> None:
        more = len(refused) - _NAMED
        named = "; ".join(refused[:_NAMED]) + (f"; and {more} more" if more > 0 else "")
        super().__init__(f"{endpoint} did not take {len(refused)} saved objects: {named}")
        self.refused = tuple(refused)


_NO_CONNECTION = frozenset({NOBODY_LISTENS, "NewConnectionError", "ConnectTimeoutError", "NameResolutionError"})
"""Causes that come before anything is sent; the others are urllib3's names of errors too."""
_NOTHING_THERE = frozenset({404, 405})
_NAMED = 3
