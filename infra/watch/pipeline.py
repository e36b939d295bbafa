"""What there is to watch in a deployment, as the other stages made it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from flowlogs.metrics import NAMESPACE, SSH_REJECTS
from flowlogs.record.log_format import LogFormat

Source = Literal["cloudwatch", "s3", "firehose"]
INGESTOR = "ingestor"
INVENTORY = "inventory"
GEOIP = "geoip"
SEARCH = "search"
LAKE = "lake"


@dataclass(frozen=True, slots=True, kw_only=True)
class SshNames:
    """Names around rejected SSH. The namespace and the metric are taken as they are; the others get the prefix."""

    namespace: str = "vpcflowlogs"
    metric: str = SSH_REJECTS
    filter: str = "dest-port-22-rejects"
    alarm: str = "SSH rejects"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """What exists in a deployment; absent is None or empty.

    `streams` are names of delivery streams by destination, `search` and `lake`; `own_streams` says which of them this
    deployment made, for only of those it is known where they lead. `functions` are `ingestor`, `search decorator`,
    `lake decorator`, `search set-up`, `inventory` and `geoip`, as far as there are such. `log_group` holds flow
    records, written as `log_format` says; `function_log_groups` holds what the functions print (none: no queries on
    it). `node_storage_gib` is the storage of each data node, in GiB. `has_flow_log` says whether this deployment made
    the flow log, so that silence means something. The inventory runs every `inventory_minutes`; geo databases are old
    after `geo_days` (None: decorators have none); `event_queue` holds events on interfaces.
    """

    prefix: str = ""
    source: Source
    log_format: LogFormat
    log_group: logs.ILogGroup | None = None
    aggregation_seconds: int = 600
    has_flow_log: bool = True
    streams: Mapping[str, str]
    own_streams: Collection[str] = (SEARCH, LAKE)
    lake_format: str = "parquet"
    functions: Mapping[str, lambda_.IFunction]
    function_log_groups: Sequence[logs.ILogGroup] = ()
    function_namespace: str = NAMESPACE
    dead_letters: s3.IBucket
    domain_name: str | None = None
    node_storage_gib: int | None = None
    queue: sqs.IQueue | None = None
    dead_letter_queue: sqs.IQueue | None = None
    inventory_minutes: int = 5
    geo_days: int | None = None
    event_queue: sqs.IQueue | None = None
    event_dead_letters: sqs.IQueue | None = None
    ssh: SshNames = field(default_factory=SshNames)

    def accounts_of_lines(self) -> Iterator[tuple[str, str]]:
        """Give each function, as its metrics name it, with the destination of each stream that it counts lines for."""
        for destination in self.streams:
            if INGESTOR in self.functions:
                yield INGESTOR, destination
            if decorator_of(destination) in self.functions:
                yield "decorator", destination

    def decorated(self) -> list[str]:
        """List the destinations whose stream has a decorator of ours."""
        return [destination for destination in self.streams if decorator_of(destination) in self.functions]

    def made(self, destination: str) -> bool:
        """Say whether this deployment made a destination's stream."""
        return destination in self.streams and destination in self.own_streams


def decorator_of(destination: str) -> str:
    """Give the key of a destination's decorator among the functions."""
    return f"{destination} decorator"
