"""The paths that flow logs can take, each a plan of its own for the same lines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flowlogs.costs.domain import MASTER, Domain, domain_for, storage
from flowlogs.costs.plan import Plan, Source
from flowlogs.costs.prices import Prices
from flowlogs.costs.volumes import Volumes

INVENTORY_MINUTES = 5
"""Minutes between runs of the inventory: the deployment's default."""


@dataclass(frozen=True, slots=True)
class DeliveryPath:
    """One path for flow logs, from source to storage. `alarms` are those that the deployment makes for it."""

    name: str
    title: str
    source: Source
    search: bool
    lake: bool
    alarms: int

    @property
    def is_deployed(self) -> bool:
        """Say whether anything of ours runs in AWS."""
        return self.search or self.lake


PATHS: Sequence[DeliveryPath] = (
    DeliveryPath("cloudwatch-search-lake", "CloudWatch Logs to search and lake", "cloudwatch", True, True, 42),
    DeliveryPath("cloudwatch-lake", "CloudWatch Logs to lake", "cloudwatch", False, True, 23),
    DeliveryPath("s3-search-lake", "S3 to search and lake", "s3", True, True, 42),
    DeliveryPath("s3-lake", "S3 to lake", "s3", False, True, 23),
    DeliveryPath("firehose-lake", "Firehose to lake", "firehose", False, True, 18),
    DeliveryPath("files", "files in S3, enriched on a laptop", "files", False, False, 0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Days that things are kept: documents in search, the lake's Parquet, lines as AWS delivered them beside these.

    Where files in S3 are all there is, they are kept as long as a lake would be.
    """

    search: float = 8
    lake: float = 365
    logs: float = 30


@dataclass(frozen=True, slots=True)
class Chosen:
    """A plan for a path, with the domain that was chosen for it; None where it has no search."""

    plan: Plan
    domain: Domain | None = None


def plan_for(path: DeliveryPath, lines: Plan, kept: Kept, prices: Prices) -> Chosen:
    """Give the plan of a path for lines of which `lines` says how many and how large they are, and which go to search.

    Raise SettingsError for days that cannot be.
    """
    plan = replace(
        lines,
        source=path.source,
        search=path.search,
        lake="parquet" if path.lake else None,
        log_retention_days=kept.logs if path.is_deployed else kept.lake,
        lake_retention_days=kept.lake,
        inventory_minutes=INVENTORY_MINUTES if path.is_deployed else 0,
        alarms=path.alarms,
        dashboards=int(path.is_deployed),
        search_nodes=0,
    )
    if not path.search:
        return Chosen(plan)
    domain = domain_for(storage(Volumes(plan).index_a_day, kept.search), prices)
    with_domain = replace(
        plan,
        search_instance=domain.instance,
        search_nodes=domain.nodes,
        search_volume_gb=domain.volume_gb,
        search_master=MASTER,
        search_masters=domain.masters,
    )
    return Chosen(with_domain, domain)
