"""Sets a domain up before the first document comes: template, who may write, how long indexes stay, dashboards."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from flowlogs.search.domain import Domain
from flowlogs.search.domain_errors import DomainError
from flowlogs.search.server import ServerKind, server_at
from flowlogs.search.setup.deadline import Deadline, DomainInTime
from flowlogs.search.setup.plan import Plan
from flowlogs.search.setup.putting import put_dashboards, put_delivery_role, put_retention, put_template
from flowlogs.search.setup.security import mapping_path
from flowlogs.search.setup.step import DASHBOARDS, RETENTION, SECURITY, SERVER, TEMPLATE, Result, Step

_UNTRIED = "this was tried with OpenSearch up to 2.19"
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class SettingUp:
    """Sets up one domain. `time_left` gives the seconds that are left for it.

    Done twice it changes nothing more. Raises DomainError, which has the `step` and says what to do, where a step fails
    without which documents cannot be written or found. A set-up `in_deployment` meets a domain that was made a moment
    ago, and gives it more time; what fails there undoes all that was made.
    """

    domain: Domain
    time_left: Callable[[], float]
    sleep: Callable[[float], None]
    in_deployment: bool = False

    def __call__(self, plan: Plan) -> Iterator[Step]:
        """Wait until the domain answers, then give each step as it is done."""
        deadline = Deadline(self.domain, self.time_left, self.sleep, self.time_left(), self.in_deployment)
        domain = DomainInTime(self.domain, deadline)
        kind = _taken(SERVER, lambda: _answering(domain, deadline, plan))
        yield Step(SERVER, Result.DONE, kind.name, "" if kind.tried else f"look at the dashboards: {_UNTRIED}")
        yield _taken(TEMPLATE, lambda: put_template(domain, plan, in_deployment=self.in_deployment))
        yield _taken(SECURITY, lambda: put_delivery_role(domain, plan, kind))
        yield _taken(RETENTION, lambda: put_retention(domain, plan, kind))
        yield _taken(DASHBOARDS, lambda: put_dashboards(self.domain, plan, kind, deadline))


def _answering(domain: DomainInTime, deadline: Deadline, plan: Plan) -> ServerKind:
    deadline.until_it_answers(mapping_path(plan.role_name))
    return server_at(domain)


def _taken(step: str, take: Callable[[], Done]) -> Done:
    """Take a step; an error on the way says which one it was."""
    try:
        return take()
    except DomainError as error:
        error.step = step
        raise
