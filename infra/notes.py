"""What a person should know at synth: what is missing, what is untested, what a month costs."""

from aws_cdk import Annotations
from constructs import Construct

from flowlogs.costs.month import month
from flowlogs.costs.plan import Plan, kept_share, line_bytes
from flowlogs.costs.prices import load
from flowlogs.costs.report import text
from infra.settings.settings import Settings

_TESTED = "2.19"


def add_notes(scope: Construct, settings: Settings, *, alarms: int) -> None:
    """Add warnings, and the month's figure as information; the CDK prints both."""
    notes = Annotations.of(scope)
    for name, sentence in _warnings(settings).items():
        notes.add_warning_v2(f"flowlogs:{name}", sentence)
    notes.add_info(text(month(plan_of(settings, alarms), load())))


def _warnings(settings: Settings) -> dict[str, str]:
    found = {}
    if not settings.targets and settings.source == "cloudwatch" and not settings.log_group_exists:
        found["no-flow-log"] = (
            "nothing says what to log, so no flow log is made: name vpc_ids, subnet_ids or interface_ids, "
            f"or write your own flow log into {settings.log_group_name}"
        )
    if settings.new_domain and not settings.search_allowed_ips:
        found["nobody-signs-in"] = "search_allowed_ips is empty, so nobody can open OpenSearch Dashboards"
    if settings.search and settings.search_version != _TESTED:
        found["untested-version"] = f"OpenSearch {settings.search_version} is untested; {_TESTED} is the version tested"
    if settings.tag_fields_without_key:
        fields = ", ".join(settings.tag_fields_without_key)
        found["tag-fields"] = f"{fields} of record_format will stay `-`: name their tag keys in tag_fields"
    return found


def plan_of(settings: Settings, alarms: int) -> Plan:
    """Describe the deployment as far as it costs money, at the stated rate."""
    new = settings.new_domain
    return Plan(
        lines_per_second=settings.rate_lines_per_second,
        line_bytes=line_bytes(field.name for field in settings.log_format.fields),
        source=settings.source,
        search=bool(settings.search or settings.existing_search_stream),
        search_keep=kept_share(settings.search_keep),
        search_instance=settings.search_instance_type,
        search_nodes=settings.search_nodes if new else 0,
        search_volume_gb=settings.search_volume_gb,
        search_master=settings.search_master_type,
        search_masters=settings.search_masters if new else 0,
        search_zones_in_vpc=len(settings.search_subnet_ids),
        lake=settings.lake_format if settings.lake or settings.existing_lake_stream else None,
        log_retention_days=settings.log_retention_days,
        lake_retention_days=settings.lake_retention_days,
        alarms=alarms,
        secrets=1 if new and settings.search_sign_in == "password" else 0,
        endpoints=1 if new and settings.search_vpc_id and settings.search_secrets_endpoint else 0,
    )
