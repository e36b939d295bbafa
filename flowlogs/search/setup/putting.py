"""The steps of a set-up that put something into a server: each does its work and says what became of it."""

from collections.abc import Callable, Mapping

from flowlogs.deliver.shapes.layouts import without_alias
from flowlogs.search.dashboards.export import saved_objects
from flowlogs.search.dashboards.index_pattern import index_pattern_id
from flowlogs.search.domain import Asked, Domain
from flowlogs.search.domain_errors import RequestRefused
from flowlogs.search.index_template import index_patterns, index_template, template_path
from flowlogs.search.server import ServerKind, replicas_of
from flowlogs.search.setup.deadline import Deadline
from flowlogs.search.setup.importing import Importing
from flowlogs.search.setup.plan import Plan
from flowlogs.search.setup.retaining import Retaining
from flowlogs.search.setup.security import delivery_role, mapping_path, mapping_with, role_path
from flowlogs.search.setup.step import DASHBOARDS, RETENTION, SECURITY, TEMPLATE, Result, Step
from flowlogs.search.shape_there import changed_shape, check_shape
from flowlogs.search.template_in_force import overruled_by, remark


def put_template(domain: Asked, plan: Plan, *, in_deployment: bool) -> Step:
    """Put the index template; raise DomainError where the prefix has documents of another shape.

    A deployment was told to change the shape by its settings, and goes on: what becomes of it is said. It does not ask
    which template is in force, for which its policy would have to open one more path.
    """
    path = template_path(plan.index_prefix)
    found = domain.get(path)
    if not in_deployment:
        check_shape(domain, plan.index_prefix, plan.shape, found)
    replicas = replicas_of(domain) if plan.replicas is None else plan.replicas
    domain.put(path, index_template(plan.index_prefix, shards=plan.shards, replicas=replicas, shape=plan.shape))
    patterns = " and ".join(index_patterns(plan.index_prefix))
    detail = f"{plan.index_prefix}, for new indexes {patterns}, shape {plan.shape}"
    theirs = None if in_deployment else overruled_by(domain, plan.index_prefix)
    if theirs is not None:
        return Step(TEMPLATE, Result.DONE, f"{detail}, but without effect", remark(plan.index_prefix, theirs))
    before = changed_shape(found, plan.shape)
    if before is None:
        return Step(TEMPLATE, Result.DONE, detail)
    advice = "take another index_prefix, so that documents of two shapes do not meet"
    return Step(TEMPLATE, Result.DONE, f"{detail}; indexes that are there keep shape {before}", advice)


def put_delivery_role(domain: Asked, plan: Plan, kind: ServerKind) -> Step:
    """Put the security role, and map to it who writes; whoever is mapped already stays."""
    arn = plan.delivery_role
    if arn is None:
        return Step(SECURITY, Result.LEFT_OUT, "no role was given that writes with a signature")

    def put(plugins: str) -> Step:
        domain.put(role_path(plan.role_name, plugins), delivery_role(plan.index_prefix))
        mapping = mapping_path(plan.role_name, plugins)
        found = domain.get(mapping)
        mapped = found.get(plan.role_name) if isinstance(found, Mapping) else None
        domain.put(mapping, mapping_with(mapped, arn))
        return Step(SECURITY, Result.DONE, f"{plan.role_name}, to which {arn} is mapped")

    return _by_plugin(kind, put, SECURITY, "security", "let who writes sign in as the server wants it")


def put_retention(domain: Asked, plan: Plan, kind: ServerKind) -> Step:
    """Put the policy that deletes old indexes, and those that are there under it."""
    if plan.retention_days is None:
        return Step(RETENTION, Result.LEFT_OUT, "no number of days was given: indexes are never deleted")
    days = f"{plan.index_prefix}-* are deleted {plan.retention_days} days after they were made"

    def put(plugins: str) -> Step:
        left_out = Retaining(domain, plugins)(plan)
        if not left_out:
            return Step(RETENTION, Result.DONE, days)
        named = "; ".join(f"{index}: {reason}" for index, reason in sorted(left_out.items()))
        detail = f"{days}; not these, which could not be brought under the retention policy: {named}"
        return Step(RETENTION, Result.DONE, detail, "delete them by hand when they are old")

    advice = "delete old indexes by hand, or by what the server has for it"
    return _by_plugin(kind, put, RETENTION, "Index State Management", advice)


def put_dashboards(domain: Domain, plan: Plan, kind: ServerKind, deadline: Deadline) -> Step:
    """Import the dashboards; that they are not there, or do not take them, is a step too and no error."""
    if not plan.with_dashboards:
        return Step(DASHBOARDS, Result.LEFT_OUT, "they were not asked for")
    if missing := without_alias(plan.shape):
        why = f"in shape {plan.shape} {' and '.join(missing)} means something else than in the dashboards"
        return Step(DASHBOARDS, Result.LEFT_OUT, why, "take shape json or ecs for them")
    url = plan.dashboards_url or f"{domain.endpoint}{kind.dashboards_path}"
    importing = Importing(
        domain.dashboards(url, settings=kind.settings_path),
        deadline.spare,
        deadline.sleep,
        certain=plan.dashboards_url is not None,
        in_deployment=deadline.in_deployment,
    )
    objects = saved_objects(plan.index_prefix, plan.shape, rotates=plan.rotates)
    return importing(objects, index_pattern_id(plan.index_prefix))


def _by_plugin(kind: ServerKind, put: Callable[[str], Step], step: str, plugin: str, advice: str) -> Step:
    """Take a step at the paths of a plugin, which a server may lack."""
    lacking = Step(step, Result.LEFT_OUT, f"{kind.name} has no {plugin} plugin here", advice)
    if kind.plugins is None:
        return lacking
    try:
        return put(kind.plugins)
    except RequestRefused as error:
        if error.is_unknown_path:
            return lacking
        raise
