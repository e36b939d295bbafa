"""What a person should know at synth: what is missing, what is untested, what a month costs."""

from aws_cdk import Annotations
from constructs import Construct
from pydantic import BaseModel

from flowlogs.costs.bill_text import bill_text
from flowlogs.costs.month import month
from flowlogs.costs.plan import Plan, kept_share, line_bytes
from flowlogs.costs.prices import load
from flowlogs.costs.volumes import Volumes
from infra.settings.knowledge import InventorySettings
from infra.settings.search import ExistingDomainSettings, SearchSettings, SignInSettings
from infra.settings.settings import Settings

_TESTED = "2.19"


def add_notes(scope: Construct, settings: Settings, *, alarms: int) -> None:
    """Add warnings, and the month's figure as information; the CDK prints both."""
    notes = Annotations.of(scope)
    for name, sentence in _warnings(settings).items():
        notes.add_warning_v2(f"flowlogs:{name}", sentence)
    notes.add_info(bill_text(month(plan_of(settings, alarms), load())))


def _warnings(settings: Settings) -> dict[str, str]:
    found = {**_of_flow_log(settings), **_of_domain(settings), **_of_room(settings), **_of_inventory(settings)}
    if not settings.search and (idle := _given(settings, SearchSettings, SignInSettings, ExistingDomainSettings)):
        found["no-effect"] = f"{', '.join(idle)} has no effect: destinations lacks search"
    if settings.kms_key_arn or settings.s3_kms_key_arn:
        found["key-policy"] = "the key's policy must let services use it, or nothing arrives: see docs/deployment.md"
    return found


def _of_flow_log(settings: Settings) -> dict[str, str]:
    found = {}
    if not settings.targets and settings.source == "cloudwatch" and not settings.log_group_exists:
        found["no-flow-log"] = (
            "nothing says what to log, so no flow log is made: name vpc_ids, subnet_ids or interface_ids, "
            f"or write your own flow log into {settings.log_group_name}"
        )
    if settings.tag_fields_without_key:
        fields = ", ".join(settings.tag_fields_without_key)
        found["tag-fields"] = f"{fields} of record_format will stay `-`: name their tag keys in tag_fields"
    return found


def _of_domain(settings: Settings) -> dict[str, str]:
    found = {}
    if settings.new_domain and not settings.search_allowed_ips:
        found["nobody-signs-in"] = "search_allowed_ips is empty, so nobody can open OpenSearch Dashboards"
    if settings.new_domain and settings.search_vpc_id:
        found["service-linked-role"] = (
            "the first domain inside a VPC of an account needs a role that CloudFormation does not make: "
            "aws iam create-service-linked-role --aws-service-name opensearchservice.amazonaws.com"
        )
    if settings.existing_domain_arn and not settings.existing_domain_secret_arn:
        found["set-up-by-hand"] = "the existing domain is not set up without its secret: docs/by-hand.md says how"
    if settings.search and settings.search_version != _TESTED:
        found["untested-version"] = f"OpenSearch {settings.search_version} is untested; {_TESTED} is the version tested"
    return found


def _of_room(settings: Settings) -> dict[str, str]:
    found = {}
    if full := _full_after(settings):
        found["domain-too-small"] = (
            f"at {settings.rate_lines_per_second} flow records a second the domain is full after {full:.0f} days, but "
            f"{_kept(settings)}: raise search_volume_gb, or narrow search_keep"
        )
    if settings.search and (settings.index_rotation == "none" or settings.existing_domain_arn):
        found["never-deleted"] = "nothing is ever deleted from an existing domain, or with index_rotation none"
    return found


def _kept(settings: Settings) -> str:
    if settings.index_rotation == "none":
        return "nothing is ever deleted from its one index"
    return f"indexes are kept for {settings.search_retention_days}; lower search_retention_days"


_USABLE = 0.8
"""Share of the storage that fills before a domain blocks writes. Source: OpenSearch Service, "Sizing domains"."""


def _full_after(settings: Settings) -> float | None:
    """Give the days after which the domain is full, where that is before its indexes go; alarms do not matter here."""
    if not settings.new_domain:
        return None
    day = Volumes(plan_of(settings, alarms=0)).index_a_day
    room = _USABLE * settings.search_nodes * settings.search_volume_gb
    endless = settings.index_rotation == "none"
    return room / day if endless or day * (settings.search_retention_days + 1) > room else None


def _of_inventory(settings: Settings) -> dict[str, str]:
    found = {}
    idle = [name for name in _given(settings, InventorySettings) if name != "inventory"]
    if not settings.inventory and idle:
        found["no-inventory"] = f"{', '.join(idle)} has no effect: inventory is false"
    if settings.inventory and (settings.other_accounts or settings.whole_organization):
        found["inventory-role"] = (
            f"every account that is taken needs the role {settings.inventory_role_name}, which trusts the one of the "
            "output InventoryRoleArn: accounts/inventory-role.yaml"
        )
    if settings.inventory and settings.inventory_events:
        found["events-need-a-trail"] = "inventory_events brings nothing without a CloudTrail trail (management events)"
    return found


def _given(settings: Settings, *groups: type[BaseModel]) -> list[str]:
    """List settings of groups that are not at their defaults."""
    fields = {name: field for group in groups for name, field in group.model_fields.items()}
    return [name for name, field in fields.items() if getattr(settings, name) != field.default]


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
        log_retention_days=settings.s3_retention_days if settings.source == "s3" else settings.log_retention_days,
        lake_retention_days=settings.lake_retention_days,
        inventory_minutes=settings.inventory_minutes if settings.inventory else 0,
        alarms=alarms,
        secrets=1 if new and settings.search_sign_in == "password" else 0,
        endpoints=1 if new and settings.search_vpc_id and settings.search_secrets_endpoint else 0,
    )
