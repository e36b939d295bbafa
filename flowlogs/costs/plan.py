"""What a month's bill depends on: how much comes, which way it goes, what stands there all the time."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from flowlogs.errors import SettingsError

Source: TypeAlias = Literal["cloudwatch", "s3", "firehose", "files"]
"""Where flow logs go first; `files`: into S3, where nothing of ours runs."""
Lake: TypeAlias = Literal["parquet", "json", "raw"]

REJECTS_SHARE = 0.05
"""Share of lines with action REJECT, where nobody says better: it differs much between networks."""
GZIPPED = 0.25
"""Share of their size that lines have when compressed, where it is not measured."""
DOCUMENT_BYTES = 1_215
"""Bytes of the JSON of a default line with the places of both ends."""
INDEXED_BYTES = 1_000
"""Bytes of index that such a document is taken to need, with one replica."""
PARQUET_BYTES = 45
"""Bytes that a document is taken to need in the lake's Parquet, where it is not measured."""

NARROWINGS = ("rejects", "sample:10")
"""Values of FLOWLOGS_SEARCH_KEEP whose saving is shown beside the bill of the whole."""
DEPLOYED_LINE_BYTES = 249
"""Bytes of a line of the deployment's default record_format, as `line_bytes` estimates them."""

# bytes that values usually have; the default format makes a line of 115
_WIDTHS = {
    "version": 1,
    "account-id": 12,
    "interface-id": 21,
    "srcaddr": 12,
    "dstaddr": 12,
    "pkt-srcaddr": 12,
    "pkt-dstaddr": 12,
    "srcport": 5,
    "dstport": 3,
    "protocol": 1,
    "packets": 2,
    "bytes": 5,
    "start": 10,
    "end": 10,
    "action": 6,
    "log-status": 2,
    "vpc-id": 21,
    "subnet-id": 24,
    "instance-id": 19,
    "tcp-flags": 2,
    "type": 4,
    "region": 9,
    "az-id": 8,
    "sublocation-type": 1,
    "sublocation-id": 1,
    "pkt-src-aws-service": 1,
    "pkt-dst-aws-service": 1,
    "flow-direction": 7,
    "traffic-path": 1,
    "reject-reason": 1,
}
_OTHER_WIDTH = 12


def line_bytes(names: Iterable[str]) -> int:
    """Estimate the bytes of a line of these fields (AWS's names), without its newline."""
    return sum(_WIDTHS.get(name, _OTHER_WIDTH) + 1 for name in names) - 1


def indexed_bytes(document_bytes: float) -> float:
    """Estimate the bytes of index that a document of so many bytes needs, with one replica."""
    return document_bytes * INDEXED_BYTES / DOCUMENT_BYTES


def kept_share(keep: str, rejects: float = REJECTS_SHARE) -> float:
    """Give the share of lines that `all`, `rejects` or `sample:N` keeps, where `rejects` is the share of rejects.

    Raise SettingsError where it is none of them.
    """
    name, _, number = keep.partition(":")
    if keep == "all":
        return 1.0
    if keep == "rejects":
        return rejects
    if name == "sample" and number.isascii() and number.isdigit() and int(number) > 0:
        return rejects + (1 - rejects) / int(number)
    raise SettingsError(f"{keep[:60]!r} is none of all, rejects and sample:N")


_AMOUNTS = (
    "lines_per_second",
    "line_bytes",
    "gzipped",
    "indexed_bytes",
    "parquet_bytes",
    "log_retention_days",
    "lake_retention_days",
    "inventory_minutes",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A deployment as far as it costs money. Sizes in bytes, GB (10^9 bytes) and days; counts of what stands there.

    `search_keep` is the share of lines that go to search. `search_nodes` of 0: the domain is somebody else's.
    `metrics` are the custom metrics of the functions, None: what ours publish. `endpoints` are interface endpoints
    times zones. The inventory is taken every `inventory_minutes`; 0: never. `gzipped` is the share of their size that
    lines have when compressed. Raise SettingsError for what cannot be.
    """

    lines_per_second: float
    line_bytes: float = 115
    gzipped: float = GZIPPED
    indexed_bytes: float = INDEXED_BYTES
    parquet_bytes: float = PARQUET_BYTES
    source: Source = "cloudwatch"
    search: bool = True
    search_keep: float = 1.0
    search_instance: str = "t3.medium.search"
    search_nodes: int = 2
    search_volume_gb: float = 20
    search_master: str = "t3.small.search"
    search_masters: int = 0
    search_zones_in_vpc: int = 0
    lake: Lake | None = "parquet"
    log_retention_days: float = 30
    lake_retention_days: float = 365
    inventory_minutes: float = 0
    metrics: int | None = None
    alarms: int = 15
    dashboards: int = 1
    secrets: int = 1
    kms_keys: int = 0
    endpoints: int = 0
    rejects: float = REJECTS_SHARE

    def __post_init__(self) -> None:
        for name in ("search_keep", "rejects"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"{name} is {getattr(self, name)}: it is a share, from 0 to 1")
        for name in _AMOUNTS:
            if getattr(self, name) < 0:
                raise SettingsError(f"{name} is {getattr(self, name)}: it cannot be below 0")
        if self.source == "files":
            if self.search or self.lake:
                raise SettingsError("files go nowhere by themselves: neither to search nor to a lake")
        elif not self.search and self.lake is None:
            raise SettingsError("a plan needs search, a lake or both")

    @property
    def streams(self) -> int:
        """Delivery streams."""
        return self.search + (self.lake is not None)
