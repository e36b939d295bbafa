"""Until when a set-up has to be done: waits until a domain answers, and asks nothing for which no time is left."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flowlogs.search.domain import Domain
from flowlogs.search.domain_errors import DomainError, DomainUnreachable, RequestRefused, SignInRefused

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
LEFT_OVER = 60.0
"""Seconds that waiting leaves, and without which no request is begun: the longest one fits into them."""
LEFT_OVER_SHARE = 0.2
"""The share of a short time that is left instead."""
LONGEST_DOUBT = 180.0
"""Seconds in which a deployment doubts a refused sign-in: a domain that is complete for CloudFormation may not yet have
its policy, its master user or the role of its SAML sign-in (*assumed*), and giving up takes the new domain with it."""
DOUBT_SHARE = 0.2
"""The share of a short time that doubt takes at most."""
_AMAZON = (".amazonaws.com", ".amazonaws.com.cn")


@dataclass(frozen=True, slots=True)
class Deadline:
    """The time of one set-up, in seconds: `budget` as it was at its beginning, `left` now."""

    domain: Domain
    left: Callable[[], float]
    sleep: Callable[[float], None]
    budget: float
    in_deployment: bool = False

    @property
    def left_over(self) -> float:
        """Seconds that are left for a request that was begun."""
        return min(LEFT_OVER, LEFT_OVER_SHARE * self.budget)

    def spare(self) -> float:
        """Give the seconds that may still be waited."""
        return self.left() - self.left_over

    def until_it_answers(self, path: str) -> None:
        """Wait at a path that the domain's policy opens to the set-up anyway, and that the security plugin serves.

        That a server has no such path is an answer too.
        """
        doubt = min(LONGEST_DOUBT, DOUBT_SHARE * self.budget) if self.in_deployment else 0
        pause, doubt_ends = _FIRST_PAUSE, None
        while True:
            try:
                return self.domain.ping(path)
            except DomainUnreachable as error:
                doubt_ends = None  # it is starting: what it said of the sign-in before counts no more
                if self.left() - pause <= self.left_over:
                    raise self._too_late(error) from error
            except SignInRefused:
                doubt_ends = max(self.left_over, self.left() - doubt) if doubt_ends is None else doubt_ends
                if self.left() - pause < doubt_ends:
                    raise
            except RequestRefused as error:
                if error.is_unknown_path:
                    return None
                raise
            self.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def check(self, request: str) -> None:
        """Raise DomainError where no time is left to begin a request."""
        if self.left() < self.left_over:
            raise DomainError(f"{self.domain.endpoint} is too slow: no time was left for {request}; try again")

    def _too_late(self, last: DomainUnreachable) -> DomainError:
        waited = max(0, round(self.budget - self.left()))
        return DomainError(
            f"{self.domain.endpoint} did not answer within {waited} s (the last time: {last.cause}); {self._what_to_do}"
        )

    @property
    def _what_to_do(self) -> str:
        host = urlsplit(self.domain.endpoint).hostname or ""
        if not self.in_deployment and not host.endswith(_AMAZON):
            return "is it started, and is this its address?"
        return (
            "check the address, wait until the domain is active and try again; inside a VPC check too that the "
            "domain's security group lets who asks in on port 443, and that there is a route to the domain"
        )


@dataclass(frozen=True, slots=True)
class DomainInTime:
    """A domain that is asked nothing for which no time is left: it raises DomainError instead."""

    domain: Domain
    deadline: Deadline

    @property
    def endpoint(self) -> str:
        """Where it is."""
        return self.domain.endpoint

    def get(self, path: str) -> Any | None:
        """Give the JSON at a path; None where there is nothing."""
        self._check("GET", path)
        return self.domain.get(path)

    def put(self, path: str, body: Any) -> None:
        """Put JSON at a path."""
        self._check("PUT", path)
        self.domain.put(path, body)

    def post(self, path: str, body: Any) -> Any:
        """Ask with JSON; give the answer."""
        self._check("POST", path)
        return self.domain.post(path, body)

    def _check(self, method: str, path: str) -> None:
        self.deadline.check(f"{method} {path.partition('?')[0]}")
