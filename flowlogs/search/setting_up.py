"""Sets a domain up before the first document comes: template, who may write, how long indexes stay, dashboards."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flowlogs.deliver.shapes.layouts import without_alias
from flowlogs.search.dashboards.export import saved_objects
from flowlogs.search.dashboards.index_pattern import index_pattern_id
from flowlogs.search.dashboards_server import DashboardsServer
from flowlogs.search.domain import Domain
from flowlogs.search.domain_errors import RequestRefused
from flowlogs.search.importing import DASHBOARDS, Importing
from flowlogs.search.index_template import index_patterns, index_template
from flowlogs.search.outcome import Outcome, Result
from flowlogs.search.plan import Plan
from flowlogs.search.retaining import Retaining
from flowlogs.search.security import delivery_role, mapping_with
from flowlogs.search.server import OPENSEARCH, Server, server_at
from flowlogs.search.waiting import Waiting

SERVER, TEMPLATE, SECURITY, RETENTION = "server", "index template", "delivery role", "retention policy"
STEPS = (SERVER, TEMPLATE, SECURITY, RETENTION, DASHBOARDS)
"""In the order of the work: where one raises, those before it are done."""


@dataclass(frozen=True, slots=True)
class SettingUp:
    """Sets up one domain. `time_left` gives the seconds that the invocation still has.

    Done twice it changes nothing more. `dashboards` finds the Dashboards of a server. Raises DomainError, whose text
    says what to do, where a step fails without which documents cannot be written or found.
    """

    domain: Domain
    time_left: Callable[[], float]
    sleep: Callable[[float], None]
    dashboards: Callable[[Server], DashboardsServer]

    def __call__(self, plan: Plan) -> Iterator[Outcome]:
        """Wait until the domain answers, then give each step's outcome as it is done."""
        waiting = Waiting(self.domain, self.time_left, self.sleep, self.time_left())
        waiting.until_it_answers(_mapping_path(OPENSEARCH.plugins, plan))
        server = server_at(self.domain)
        yield Outcome(SERVER, Result.DONE, server.name)
        yield self._template(plan)
        yield self._security(plan, server, waiting)
        yield self._retention(plan, server, waiting)
        yield self._dashboards(plan, server, waiting)

    def _template(self, plan: Plan) -> Outcome:
        replicas = self._replicas() if plan.replicas is None else plan.replicas
        template = index_template(plan.index_prefix, shards=plan.shards, replicas=replicas, shape=plan.shape)
        self.domain.put(f"/_index_template/{plan.index_prefix}", template)
        patterns = " and ".join(index_patterns(plan.index_prefix))
        return Outcome(TEMPLATE, Result.DONE, f"{plan.index_prefix}, for new indexes {patterns}, shape {plan.shape}")

    def _replicas(self) -> int:
        """Give one copy beside the original where a second node can hold it. Source: OpenSearch, "Cluster health"."""
        return int((self.domain.get("/_cluster/health") or {}).get("number_of_data_nodes", 1) > 1)

    def _security(self, plan: Plan, server: Server, waiting: Waiting) -> Outcome:
        if plan.delivery_role is None:
            return Outcome(SECURITY, Result.LEFT_OUT, "no role was given that writes with a signature")
        if server.plugins is None:
            return _no_plugin(SECURITY, server, "security")
        mapping, role = _mapping_path(server.plugins, plan), f"{server.plugins}/_security/api/roles/{plan.role_name}"
        waiting.go_on("the security role")
        try:
            self.domain.put(role, delivery_role(plan.index_prefix))
        except RequestRefused as error:
            if error.is_unknown_path:
                return _no_plugin(SECURITY, server, "security")
            raise
        waiting.go_on("the role mapping")
        found = (self.domain.get(mapping) or {}).get(plan.role_name)
        waiting.go_on("the role mapping")
        self.domain.put(mapping, mapping_with(found, plan.delivery_role))
        return Outcome(SECURITY, Result.DONE, f"{plan.role_name}, to which {plan.delivery_role} is mapped")

    def _retention(self, plan: Plan, server: Server, waiting: Waiting) -> Outcome:
        if plan.retention_days is None:
            return Outcome(RETENTION, Result.LEFT_OUT, "no number of days was given: indexes are never deleted")
        if server.plugins is None:
            return _no_plugin(RETENTION, server, "Index State Management")
        retaining = Retaining(self.domain, lambda: waiting.go_on("the retention policy"), server.plugins)
        try:
            left_out = retaining(plan)
        except RequestRefused as error:
            if error.is_unknown_path:
                return _no_plugin(RETENTION, server, "Index State Management")
            raise
        days = f"{plan.index_prefix}-* are deleted {plan.retention_days} days after they were made"
        if not left_out:
            return Outcome(RETENTION, Result.DONE, days)
        named = "; ".join(f"{index}: {reason}" for index, reason in sorted(left_out.items()))
        return Outcome(
            RETENTION,
            Result.DONE,
            f"{days}; not these, which could not be brought under the retention policy: {named}",
            "delete them by hand when they are old",
        )

    def _dashboards(self, plan: Plan, server: Server, waiting: Waiting) -> Outcome:
        if not plan.dashboards:
            return Outcome(DASHBOARDS, Result.LEFT_OUT, "they were not asked for")
        if missing := without_alias(plan.shape):
            why = f"in shape {plan.shape} {' and '.join(missing)} means something else than in the dashboards"
            return Outcome(DASHBOARDS, Result.LEFT_OUT, why, "take shape json or ecs for them")
        objects = saved_objects(plan.index_prefix, plan.shape, rotates=plan.rotates)
        return Importing(self.dashboards(server), waiting.spare, self.sleep)(
            objects, index_pattern_id(plan.index_prefix)
        )


def _mapping_path(plugins: str | None, plan: Plan) -> str:
    return f"{plugins}/_security/api/rolesmapping/{plan.role_name}"


def _no_plugin(step: str, server: Server, plugin: str) -> Outcome:
    advice = (
        "let who writes sign in as the server wants it"
        if step == SECURITY
        else "delete old indexes by hand, or by what the server has for it"
    )
    return Outcome(step, Result.LEFT_OUT, f"{server.name} has no {plugin} plugin here", advice)
