"""The bills of all delivery paths side by side, with what packing saves and what a look into the data costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flowlogs.costs.athena_scan import billed_bytes, scan_cost
from flowlogs.costs.bill import Bill
from flowlogs.costs.delivery_paths import PATHS, DeliveryPath, Kept, plan_for
from flowlogs.costs.domain import Domain
from flowlogs.costs.month import month
from flowlogs.costs.plan import NARROWINGS, Plan, kept_share
from flowlogs.costs.prices import Prices
from flowlogs.costs.volumes import DAYS, GB, Volumes


@dataclass(frozen=True, slots=True)
class PricedPath:
    """A delivery path with its bill of a month, and the domain that was chosen for it, with its storage in GB."""

    path: DeliveryPath
    bill: Bill
    domain: Domain | None


@dataclass(frozen=True, slots=True)
class Packing:
    """What Firehose counts for the lake's lines (GB a month) packed as they are, and a line a record; the dollars."""

    packed_gb: float
    single_gb: float
    packed: float | None
    single: float | None


@dataclass(frozen=True, slots=True)
class Look:
    """What all columns of so many days are (GB), and what a query costs that reads each once; None: no price found."""

    name: str
    days: float
    gigabytes: float
    dollars: float | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """All that is worked out for lines of one rate and size in one region."""

    lines: Plan
    kept: Kept
    prices: Prices
    paths: Sequence[PricedPath]
    narrowed: Mapping[str, PricedPath]
    packing: Packing
    looks: Sequence[Look]

    @property
    def assumptions(self) -> list[str]:
        """Say all that was assumed for any of the bills, once."""
        said = (sentence for priced in self.paths for sentence in priced.bill.assumptions)
        return list(dict.fromkeys(said))


def estimate(lines: Plan, kept: Kept, prices: Prices) -> Estimate:
    """Work everything out; `lines` says how many there are and how large, and what of them goes to search.

    Raise SettingsError where something cannot be.
    """
    return Estimate(
        lines,
        kept,
        prices,
        [_priced(path, lines, kept, prices) for path in PATHS],
        {keep: _priced(PATHS[0], _narrowed(lines, keep), kept, prices) for keep in NARROWINGS},
        _packing(lines, prices),
        _looks(lines, prices),
    )


def _priced(path: DeliveryPath, lines: Plan, kept: Kept, prices: Prices) -> PricedPath:
    chosen = plan_for(path, lines, kept, prices)
    return PricedPath(path, month(chosen.plan, prices), chosen.domain)


def _narrowed(lines: Plan, keep: str) -> Plan:
    return replace(lines, search_keep=kept_share(keep, lines.rejects))


def _packing(lines: Plan, prices: Prices) -> Packing:
    volumes, price = Volumes(lines), prices.price("firehose_put")
    packed, single = volumes.lake_put, volumes.singles_put(volumes.lines)
    return Packing(packed, single, price.cost(packed), price.cost(single))


def _looks(lines: Plan, prices: Prices) -> list[Look]:
    a_day = Volumes(lines).lines / DAYS
    looks = []
    for days in (1, DAYS):
        scanned = a_day * days * lines.parquet_bytes
        looks.append(Look("athena", days, billed_bytes(scanned) / GB, scan_cost(scanned, prices)))
        in_logs = a_day * days * lines.line_bytes / GB
        looks.append(Look("logs-insights", days, in_logs, prices.price("logs_insights").cost(in_logs)))
    return looks
