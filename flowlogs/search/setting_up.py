"""Sets a domain up before the first document comes: wait for it, then template, role, mapping, retention policy."""

from collections.abc import Callable
from dataclasses import dataclass

from flowlogs.search.domain import Domain
from flowlogs.search.domain_errors import DomainError, DomainUnreachable, SignInRefused
from flowlogs.search.index_template import index_template
from flowlogs.search.plan import Plan
from flowlogs.search.retaining import Retaining
from flowlogs.search.security import delivery_role, mapping_with

_ROLES = "/_plugins/_security/api/roles"
_MAPPINGS = "/_plugins/_security/api/rolesmapping"
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
LEFT_OVER = 60.0
"""Seconds that waiting leaves, and without which no request is begun: the longest one fits into them."""
LEFT_OVER_SHARE = 0.2
"""The share of a short invocation that is left instead."""
LONGEST_DOUBT = 180.0
"""Seconds in which a refused sign-in is doubted: a domain that is complete for CloudFormation may not yet have its
policy, its master user or the role of its SAML sign-in (*assumed*), and giving up takes the new domain with it."""
DOUBT_SHARE = 0.2
"""The share of a short invocation that doubt takes at most."""


@dataclass(frozen=True, slots=True)
class SettingUp:
    """Sets up one domain. `time_left` gives the seconds that the invocation still has.

    Raises DomainError, whose text says what to do. Done twice it changes nothing more.
    """

    domain: Domain
    time_left: Callable[[], float]
    sleep: Callable[[float], None]

    def __call__(self, plan: Plan) -> dict[str, str]:
        """Wait until the domain answers, put the index template, who may write, and how long indexes are kept.

        Give the indexes that could not be brought under the retention policy, with the domain's reason.
        """
        budget = self.time_left()
        left_over = min(LEFT_OVER, LEFT_OVER_SHARE * budget)
        mapping = f"{_MAPPINGS}/{plan.role_name}"
        self._wait(mapping, budget, left_over)
        template = index_template(plan.index_prefix, shards=plan.shards, replicas=plan.replicas)
        self.domain.put(f"/_index_template/{plan.index_prefix}", template)
        self._go_on("the security role", left_over)
        self.domain.put(f"{_ROLES}/{plan.role_name}", delivery_role(plan.index_prefix))
        self._go_on("the role mapping", left_over)
        found = (self.domain.get(mapping) or {}).get(plan.role_name)
        self._go_on("the role mapping", left_over)
        self.domain.put(mapping, mapping_with(found, plan.delivery_role))
        return Retaining(self.domain, lambda: self._go_on("the retention policy", left_over))(plan)

    def _wait(self, path: str, budget: float, left_over: float) -> None:
        """Wait at a path that the domain's policy opens to the set-up anyway, and that the security plugin serves."""
        doubt = min(LONGEST_DOUBT, DOUBT_SHARE * budget)
        pause, doubt_ends = _FIRST_PAUSE, None
        while True:
            try:
                return self.domain.ping(path)
            except DomainUnreachable as error:
                doubt_ends = None  # it is starting: what it said of the sign-in before counts no more
                if self.time_left() - pause <= left_over:
                    raise self._too_late(error, budget) from error
            except SignInRefused:
                doubt_ends = max(left_over, self.time_left() - doubt) if doubt_ends is None else doubt_ends
                if self.time_left() - pause < doubt_ends:
                    raise
            self.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _too_late(self, last: DomainUnreachable, budget: float) -> DomainError:
        waited = max(0, round(budget - self.time_left()))
        return DomainError(
            f"{self.domain.endpoint} did not answer within {waited} s (the last time: {last.cause}); wait until the "
            "domain is active and deploy again, and inside a VPC check that the domain's security group lets the "
            "function's in on port 443 and that the function's subnets have a route to the domain"
        )

    def _go_on(self, next_step: str, left_over: float) -> None:
        if self.time_left() < left_over:
            raise DomainError(f"{self.domain.endpoint} is too slow: no time was left for {next_step}; deploy again")
