"""Sets a domain up before the first document comes: wait for it, then template, role and mapping, in that order."""

from collections.abc import Callable
from dataclasses import dataclass

from flowlogs.search.domain import Domain
from flowlogs.search.domain_errors import DomainError, DomainUnreachable
from flowlogs.search.index_template import index_template
from flowlogs.search.plan import Plan
from flowlogs.search.security import delivery_role, mapping_with

_ROLES = "/_plugins/_security/api/roles"
_MAPPINGS = "/_plugins/_security/api/rolesmapping"
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
LEFT_OVER = 60.0
"""Seconds that waiting leaves, and without which no request is begun: the longest one fits into them."""
LEFT_OVER_SHARE = 0.2
"""The share of a short invocation that is left instead."""


@dataclass(frozen=True, slots=True)
class SettingUp:
    """Sets up one domain. `time_left` gives the seconds that the invocation still has.

    Raises DomainError, whose text says what to do. Done twice it changes nothing more.
    """

    domain: Domain
    time_left: Callable[[], float]
    sleep: Callable[[float], None]

    def __call__(self, plan: Plan) -> None:
        """Wait until the domain answers, put the index template, then who may write."""
        budget = self.time_left()
        left_over = min(LEFT_OVER, LEFT_OVER_SHARE * budget)
        self._wait(budget, left_over)
        template = index_template(plan.index_prefix, shards=plan.shards, replicas=plan.replicas)
        mapping = f"{_MAPPINGS}/{plan.role_name}"
        self.domain.put(f"/_index_template/{plan.index_prefix}", template)
        self._go_on("the security role", left_over)
        self.domain.put(f"{_ROLES}/{plan.role_name}", delivery_role(plan.index_prefix))
        self._go_on("the role mapping", left_over)
        found = (self.domain.get(mapping) or {}).get(plan.role_name)
        self._go_on("the role mapping", left_over)
        self.domain.put(mapping, mapping_with(found, plan.delivery_role))

    def _wait(self, budget: float, left_over: float) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                return self.domain.ping()
            except DomainUnreachable as error:
                if self.time_left() - pause <= left_over:
                    raise self._too_late(error, budget) from error
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
