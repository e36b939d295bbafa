"""What the doctor asks of an account: one small protocol a service, and the facts that come back."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flowlogs.errors import FlowlogsError
from flowlogs.generate.carriers.log_streams import PutEvents
from flowlogs.ingest.streams import Streams


@dataclass(frozen=True, slots=True)
class Stack:
    """A CloudFormation stack: `arn` also tells account and region, `outputs` are by name."""

    name: str
    arn: str
    status: str
    reason: str
    outputs: Mapping[str, str]

    @property
    def region(self) -> str:
        """Region, from the ARN."""
        return self.arn.split(":")[3]

    @property
    def account_id(self) -> str:
        """Account, from the ARN."""
        return self.arn.split(":")[4]


@dataclass(frozen=True, slots=True)
class FlowLog:
    """A flow log as EC2 describes it; `delivery` is SUCCESS or FAILED, empty before the first delivery."""

    flow_log_id: str
    resource_id: str
    delivery: str
    error: str
    log_format: str
    destination: str
    """ARN of a bucket (with prefix) or delivery stream; for a log group its name."""


@dataclass(frozen=True, slots=True)
class Found:
    """An object in a bucket."""

    key: str
    size: int
    modified: datetime


class Stacks(Protocol):
    """CloudFormation."""

    def read(self, name: str) -> Stack | None:
        """Give a stack, None where there is none of this name; raise Refused."""
        ...


class FlowLogs(Protocol):
    """EC2, as far as it knows flow logs."""

    def into_log_group(self, name: str) -> list[FlowLog]:
        """List the flow logs that write into a log group; raise Refused."""
        ...

    def into(self, kind: str) -> list[FlowLog]:
        """List the flow logs of a destination type (`s3`, `kinesis-data-firehose`); raise Refused."""
        ...


class LogGroups(PutEvents, Protocol):
    """CloudWatch Logs."""

    def subscriptions(self, group: str) -> list[str]:
        """List the destinations (ARNs) that a log group is subscribed to; raise Refused."""
        ...


class DeliveryStreams(Protocol):
    """Amazon Data Firehose, as far as it describes itself."""

    def state(self, name: str) -> str:
        """Give a delivery stream's status, such as ACTIVE; raise Refused."""
        ...

    def into_search(self, name: str, since: float, until: float) -> int:
        """Give how many records a stream says it brought into its search domain between two times; raise Refused.

        Times are Unix seconds.
        """
        ...


class Buckets(Protocol):
    """S3."""

    def list(self, bucket: str, prefix: str) -> Iterator[Found]:
        """List objects; raise Refused."""
        ...

    def read(self, bucket: str, key: str) -> bytes:
        """Read an object; raise Refused."""
        ...

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Write an object; raise Refused."""
        ...


class Marks(Protocol):
    """Counts marked lines in a search domain."""

    def __call__(self, marker: str) -> Mapping[int, int]:
        """Give the number of documents by source port; raise Refused, or Unseen where it cannot be reached."""
        ...


@dataclass(frozen=True, slots=True)
class Outside:
    """All of it, and the clock: `now` in Unix seconds, `sleep` waits that many.

    `search` opens the domain that a stack's outputs name, and raises Refused, or Unseen where it is out of reach.
    """

    stacks: Stacks
    flow_logs: FlowLogs
    log_groups: LogGroups
    delivery_streams: DeliveryStreams
    buckets: Buckets
    streams: Streams
    search: Callable[[Stack], Marks]
    now: Callable[[], float]
    sleep: Callable[[float], None]


class Unseen(FlowlogsError):
    """What cannot be seen from where the doctor runs; `str()` says why."""
