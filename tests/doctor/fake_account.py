"""An account that the doctor looks at: a dict for each service, and a clock that moves while someone sleeps."""

import gzip
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from flowlogs.doctor.asked import FlowLog, Found, Outside, Stack
from flowlogs.doctor.deployment import Deployment, deployment_of
from flowlogs.doctor.refused import Refused, refused
from flowlogs.generate.carriers.log_streams import Event
from flowlogs.record.log_format import LogFormat

NOW = 1_767_226_500.0
"""2026-01-01 00:15 UTC."""
FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} "
    "${bytes} ${start} ${end} ${action} ${log-status} ${tcp-flags} ${flow-direction}"
)
LOG_FORMAT = LogFormat.parse(FORMAT)
OUTPUTS = {
    "Source": "cloudwatch",
    "RecordFormat": FORMAT,
    "LogGroup": "Flowlogs",
    "SearchStream": "VPCFlowLogsToElasticSearch",
    "LakeStream": "flowlogs-lake",
    "SearchEndpoint": "https://search.example.org",
    "SearchSecret": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:search",
    "IndexPrefix": "cwl",
    "LakeBucket": "lake",
    "LakePrefix": "flows/",
    "LakeFormat": "json",
    "DeadLetterBucket": "letters",
    "Ingestor": "flowlogs-ingestor",
    "SearchDecorator": "flowlogs-search-decorator",
    "LakeDecorator": "flowlogs-lake-decorator",
    "Destinations": "search,lake",
}
ARN = "arn:aws:cloudformation:eu-west-1:123456789012:stack/Flowlogs/1"


def stack_of(*, status: str = "CREATE_COMPLETE", **changed: Any) -> Stack:
    outputs = {name: value for name, value in {**OUTPUTS, **changed}.items() if value is not None}
    return Stack("Flowlogs", ARN, status, "", outputs)


def deployed(**changed: Any) -> Deployment:
    return deployment_of(stack_of(**changed))


def flow_log(**changed: str) -> FlowLog:
    fields = {
        "flow_log_id": "fl-1",
        "resource_id": "vpc-1",
        "delivery": "SUCCESS",
        "error": "",
        "log_format": FORMAT,
        "destination": "Flowlogs",
    }
    return FlowLog(**{**fields, **changed})


class FakeAccount:
    """Stands for every protocol of `flowlogs.doctor.asked`; `failing` says which call is refused, and how."""

    def __init__(self) -> None:
        self.time = NOW
        self.stack: Stack | None = stack_of()
        self.into_group = [flow_log()]
        self.into_others: list[FlowLog] = []
        self.filters = ["arn:aws:lambda:eu-west-1:123456789012:function:flowlogs-ingestor"]
        self.states = dict.fromkeys(("VPCFlowLogsToElasticSearch", "flowlogs-lake"), "ACTIVE")
        self.log_events: list[tuple[str, str, Event]] = []
        self.created: list[tuple[str, str]] = []
        self.objects: dict[tuple[str, str], tuple[bytes, datetime]] = {}
        self.onto_streams: dict[str, list[bytes]] = {}
        self.brought = 0
        self.documents: Counter[int] = Counter()
        self.failing: dict[str, Exception] = {}
        self.searching: Callable[[Stack], Any] = lambda _: self._marks
        self.slept: Callable[[], None] = lambda: None

    def outside(self) -> Outside:
        return Outside(
            stacks=self,
            flow_logs=self,
            log_groups=self,
            delivery_streams=self,
            buckets=FakeBuckets(self),
            streams=FakeStreams(self),
            search=lambda stack: self.searching(stack),
            now=lambda: self.time,
            sleep=self._sleep,
        )

    def _sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.time += seconds
        self.slept()

    def fail(self, call: str) -> None:
        if call in self.failing:
            raise self.failing[call]

    def _marks(self, marker: str) -> Mapping[int, int]:
        self.fail("search")
        return self.documents

    def read(self, name: str) -> Stack | None:
        self.fail("stack")
        return self.stack

    def into_log_group(self, name: str) -> list[FlowLog]:
        self.fail("flow logs")
        return self.into_group

    def into(self, kind: str) -> list[FlowLog]:
        self.fail("flow logs")
        return self.into_others

    def subscriptions(self, group: str) -> list[str]:
        self.fail("subscriptions")
        return self.filters

    def state(self, name: str) -> str:
        self.fail("state")
        if name not in self.states:
            raise refused("ResourceNotFoundException", "firehose:DescribeDeliveryStream", name)
        return self.states[name]

    def into_search(self, name: str, since: float, until: float) -> int:
        self.fail("metrics")
        assert name in self.states
        assert since <= until
        return self.brought

    def create(self, group: str, stream: str) -> None:
        self.fail("create")
        self.created.append((group, stream))

    def put(self, group: str, stream: str, events: Sequence[Event]) -> int:
        self.fail("put events")
        self.log_events += [(group, stream, event) for event in events]
        return 0

    def at_destination(self, lines: Sequence[bytes], name: str = "a") -> None:
        """Let lines arrive in search and as one object in the lake, a JSON one."""
        self.as_documents(lines)
        self.into_lake(lines, name)

    def as_documents(self, lines: Sequence[bytes]) -> None:
        self.documents.update(LOG_FORMAT.read(line)["srcport"] for line in lines)

    def into_lake(self, lines: Sequence[bytes], name: str = "a") -> None:
        records = [LOG_FORMAT.read(line) for line in lines]
        rows = [{key.replace("_", "-"): value for key, value in record.items()} for record in records]
        content = gzip.compress(b"".join(orjson.dumps(row) + b"\n" for row in rows))
        self.keep("lake", f"flows/date={self.day}/{name}.gz", content)

    def keep(self, bucket: str, key: str, content: bytes) -> None:
        self.objects[bucket, key] = (content, datetime.fromtimestamp(self.time, UTC))

    @property
    def day(self) -> str:
        return f"{datetime.fromtimestamp(self.time, UTC):%Y-%m-%d}"

    @property
    def sent(self) -> list[bytes]:
        """Lines in the log group."""
        return [event.message.encode() for _, _, event in self.log_events]


class FakeBuckets:
    def __init__(self, account: FakeAccount) -> None:
        self._account = account
        self.reads: list[str] = []

    def list(self, bucket: str, prefix: str) -> Iterator[Found]:
        self._account.fail(f"list {bucket}")
        for (where, key), (content, modified) in sorted(self._account.objects.items()):
            if where == bucket and key.startswith(prefix):
                yield Found(key, len(content), modified)

    def read(self, bucket: str, key: str) -> bytes:
        self._account.fail(f"read {bucket}")
        self.reads.append(key)
        if (bucket, key) not in self._account.objects:
            raise refused("NoSuchKey", "s3:GetObject", f"{bucket}/{key}")
        return self._account.objects[bucket, key][0]

    def put(self, bucket: str, key: str, content: bytes) -> None:
        self._account.fail(f"put {bucket}")
        self._account.keep(bucket, key, content)


class FakeStreams:
    def __init__(self, account: FakeAccount) -> None:
        self._account = account

    def put(self, stream: str, records: Sequence[bytes]) -> list[str | None]:
        self._account.fail("put records")
        self._account.onto_streams.setdefault(stream, []).extend(records)
        return [None] * len(records)


def denied(action: str) -> Refused:
    return refused("AccessDeniedException", action)


EXPIRED = refused("ExpiredTokenException", "any:Thing")
THROTTLED = refused("ThrottlingException", "any:Thing")
