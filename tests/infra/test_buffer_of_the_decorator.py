"""What Firehose gathers before it invokes the decorator fits into one answer, also where a line grows most."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from flowlogs.deliver.firehose import LARGEST_ANSWER
from flowlogs.generate.geoip import write
from flowlogs.record.log_format import LogFormat, fields_up_to
from functions.decorator.wiring import Outside, wire
from infra.deliver import parts
from infra.settings.settings import Settings

BUFFER = int(parts.BUFFER_MB * 1024 * 1024)
"""Bytes of records in one event, counted generously: 0.2 MiB."""
SOURCE, DESTINATION = "90.84.144.10", "177.32.64.10"
"""Addresses of two interfaces that the databases know places and networks of, with long names."""
DEFAULT = LogFormat(fields_up_to(2))
DEPLOYED = Settings.read({}).log_format
LINE = 114
"""Bytes of a default line, as the docstring of `parts` has them."""
VALUES = {
    "version": "5",
    "account-id": "123456789012",
    "interface-id": "eni-0123456789abcdef0",
    "srcaddr": SOURCE,
    "dstaddr": DESTINATION,
    "dstport": "443",
    "protocol": "6",
    "packets": "9",
    "bytes": "4249",
    "start": "1767225600",
    "end": "1767225660",
    "action": "ACCEPT",
    "log-status": "OK",
    "vpc-id": "vpc-0123456789abcdef0",
    "subnet-id": "subnet-0123456789abcdef0",
    "instance-id": "i-0123456789abcdef0",
    "tcp-flags": "19",
    "type": "IPv4",
    "pkt-srcaddr": SOURCE,
    "pkt-dstaddr": DESTINATION,
    "region": "eu-west-1",
    "az-id": "euw1-az1",
    "pkt-src-aws-service": "CLOUDFRONT",
    "pkt-dst-aws-service": "AMAZON",
    "flow-direction": "ingress",
    "traffic-path": "-",
}


@dataclass
class Firehose:
    """Stands where the decorator puts back what it has no room for, counts what it measures, and is its context."""

    back: list[bytes] = field(default_factory=list)
    metrics: list[Mapping[str, float]] = field(default_factory=list)
    aws_request_id: str = "request"

    def put(self, stream: str, records: Sequence[bytes]) -> list[str | None]:
        self.back += records
        return [None for _ in records]

    def publish(self, function: str, stream: str, values: Mapping[str, float]) -> None:
        self.metrics.append(values)

    def get_remaining_time_in_millis(self) -> int:
        return 200_000

    def info(self, msg: object, **fields: Any) -> None:
        """Say nothing."""

    def warning(self, msg: object, **fields: Any) -> None:
        raise AssertionError(msg)


def inventory_in(folder: Path, groups: int) -> Path:
    """Describe both interfaces as EC2 does, each with so many security groups."""
    interfaces = [
        {
            "NetworkInterfaceId": f"eni-0123456789abcdef{number}",
            "PrivateIpAddress": address,
            "VpcId": VALUES["vpc-id"],
            "SubnetId": f"subnet-0123456789abcdef{number}",
            "AvailabilityZone": "eu-west-1a",
            "Attachment": {"InstanceId": f"i-0123456789abcdef{number}"},
            "Groups": [{"GroupId": f"sg-{number}{group:016x}"} for group in range(groups)],
        }
        for number, address in enumerate((SOURCE, DESTINATION))
    ]
    file = folder / "interfaces.json"
    file.write_text(json.dumps({"NetworkInterfaces": interfaces}))
    return file


def lines_of(log_format: LogFormat) -> Iterable[bytes]:
    """Give lines without end, as many bytes long each, told from others by port and bytes."""
    for number in range(1_000_000):
        values = VALUES | {"srcport": str(32768 + number % 28000), "bytes": str(10_000 + number)}
        yield " ".join(values[each.name] for each in log_format.fields).encode()


def event_of(records: Sequence[bytes]) -> dict[str, Any]:
    return {
        "invocationId": "12345678-1234-1234-1234-123456789012",
        "deliveryStreamArn": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/flows",
        "region": "eu-west-1",
        "records": [
            {
                "recordId": f"{number:056}",
                "approximateArrivalTimestamp": 1767226500000,
                "data": base64.b64encode(record).decode(),
            }
            for number, record in enumerate(records)
        ],
    }


def filling(lines: Iterable[bytes]) -> list[bytes]:
    """Take as many lines as the buffer holds."""
    taken, room = [], BUFFER
    for line in lines:
        room -= len(line)
        if room < 0:
            break
        taken.append(line)
    return taken


@dataclass(frozen=True)
class Answered:
    """An event's records, the answer, and what was put back."""

    records: Sequence[bytes]
    answer: Mapping[str, Any]
    world: Firehose

    @property
    def size(self) -> int:
        return len(json.dumps(self.answer))

    @property
    def documents(self) -> list[bytes]:
        data = [base64.b64decode(each["data"]) for each in self.answer["records"]]
        return [document for each in data for document in each.splitlines()]


Answer = Callable[[Sequence[bytes], LogFormat, str, int], Answered]


@pytest.fixture
def answer(tmp_path: Path) -> Answer:
    write(tmp_path, built=1767225600)

    def answer_event(records: Sequence[bytes], log_format: LogFormat, documents: str, groups: int) -> Answered:
        world = Firehose()
        environ = {
            "FLOWLOGS_FORMAT": " ".join(f"${{{each.name}}}" for each in log_format.fields),
            "FLOWLOGS_DOCUMENTS": documents,
            "FLOWLOGS_GEOIP": str(tmp_path),
            "FLOWLOGS_INVENTORY": str(inventory_in(tmp_path, groups)),
        }
        outside = Outside(world, None, lambda: 1767226560.0, lambda _: None, world.publish)
        return Answered(records, wire(environ, world, outside)(event_of(records), world), world)

    return answer_event


@pytest.mark.slow
@pytest.mark.parametrize("log_format", [DEFAULT, DEPLOYED], ids=["14 fields", "27 fields"])
@pytest.mark.parametrize("documents", ["one", "many"])
def test_the_largest_event_is_answered_in_one_go(answer: Answer, log_format: LogFormat, documents: str) -> None:
    lines = filling(lines_of(log_format))
    records = lines if documents == "one" else [b"\n".join(lines)]
    answered = answer(records, log_format, documents, 16)
    assert {each["result"] for each in answered.answer["records"]} == {"Ok"}
    assert len(answered.documents) == len(lines)
    assert not answered.world.back
    assert answered.world.metrics[-1]["LinesRequeued"] == 0
    assert answered.size < LARGEST_ANSWER


@pytest.mark.slow
def test_every_document_of_that_event_has_all_that_makes_it_large(answer: Answer) -> None:
    answered = answer(filling(lines_of(DEFAULT))[:50], DEFAULT, "one", 16)
    for document in map(json.loads, answered.documents):
        assert len(document["security-group-ids"]) == len(document["peer-security-group-ids"]) == 16
        for end in ("source", "destination"):
            assert {f"{end}-{name}" for name in ("city", "location", "asn", "as-organization")} <= document.keys()


def test_a_line_grows_as_the_docstring_of_the_buffer_says(answer: Answer) -> None:
    said = " ".join(str(Path(parts.__file__).read_text()).split())
    assert "A default line of 114 bytes with places at both ends becomes a document of 1.2 KB" in said
    assert "14 times the line" in said
    assert "0.2 MB in are 3 MB out" in said
    assert "Sixteen security groups at both ends add 0.8 KB a line and still fit." in said
    line = next(iter(lines_of(DEFAULT)))
    assert len(line) == LINE
    sizes = {groups: len(answer([line], DEFAULT, "one", groups).documents[0]) for groups in (0, 1, 16)}
    assert 1_150 <= sizes[1] <= 1_250
    assert 13.5 <= sizes[1] * 4 / 3 / len(line) <= 14.5
    assert 750 <= sizes[16] - sizes[0] <= 850


def test_five_times_the_buffer_would_not_fit(answer: Answer) -> None:
    lines = filling(lines_of(DEFAULT))
    answered = answer(lines * 5, DEFAULT, "one", 16)
    assert answered.world.back, "else this test could not tell a buffer that is too large"
