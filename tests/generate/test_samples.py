"""The samples in events/ are what the generator makes, and can be read."""

import base64
import gzip
import json
from pathlib import Path

import pytest

from flowlogs.generate import samples
from flowlogs.record.log_format import DEFAULT, LogFormat

EVENTS = Path(__file__).parents[2] / "events"
BY_HAND = {"README.md", "kinesis-data-generator.txt", *(path.name for path in EVENTS.glob("cloudtrail-*.json"))}


def opened(name: str) -> dict[str, object]:
    data = json.loads((EVENTS / name).read_text())["awslogs"]["data"]
    envelope: dict[str, object] = json.loads(gzip.decompress(base64.b64decode(data)))
    return envelope


def test_the_samples_are_those_the_generator_makes(tmp_path: Path) -> None:
    samples.write(tmp_path)
    for name in (
        "flow-log-v2.log",
        "network-interfaces.json",
        "s3.json",
        "sqs-s3.json",
        "eventbridge-s3.json",
    ):
        assert (tmp_path / name).read_text() == (EVENTS / name).read_text()
    assert {path.name for path in EVENTS.iterdir()} == {path.name for path in tmp_path.iterdir()} | BY_HAND


def test_the_readme_names_every_sample() -> None:
    readme = (EVENTS / "README.md").read_text()
    assert all(f"`{path.name}`" in readme for path in EVENTS.iterdir() if path.name != "README.md")


def test_sample_lines_can_be_read() -> None:
    lines = (EVENTS / "flow-log-v2.log").read_bytes().splitlines()
    assert {DEFAULT.read(line)["log_status"] for line in lines} == {"OK", "NODATA", "SKIPDATA"}
    header, *more = gzip.decompress((EVENTS / "flow-log-v5.log.gz").read_bytes()).splitlines()
    v5 = LogFormat.of_header(header)
    assert v5 is not None
    assert all(v5.read(line)["version"] == 5 for line in more)
    assert len(lines) == len(more) == 46


@pytest.mark.parametrize("name", ["cloudwatch-logs.json", "cloudwatch-logs-extracted-fields.json"])
def test_sample_events_carry_lines_in_the_default_format(name: str) -> None:
    events = opened(name)["logEvents"]
    assert isinstance(events, list)
    records = [DEFAULT.read(event["message"].encode()) for event in events]
    assert [event["timestamp"] for event in events] == [1000 * record["start"] for record in records]
    assert len(records) == 12


def test_extracted_fields_are_the_values_of_the_line() -> None:
    events = opened("cloudwatch-logs-extracted-fields.json")["logEvents"]
    assert isinstance(events, list)
    assert all(list(event["extractedFields"].values()) == event["message"].split() for event in events)


def test_the_control_sample_is_a_control_message() -> None:
    assert opened("cloudwatch-logs-control.json")["messageType"] == "CONTROL_MESSAGE"
