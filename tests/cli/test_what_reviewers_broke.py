"""Inputs that once broke a run: each costs only itself."""

import json
from pathlib import Path

import pytest
from command_line import line, ran

from flowlogs.aws.places import own_objects
from flowlogs.deliver.local.reckoning import Reckoning
from flowlogs.errors import SettingsError
from flowlogs.ingest.events import messages_of
from flowlogs.ingest.lines import Line
from flowlogs.record.log_format import DEFAULT
from functions.ingestor.wiring import wire

ODD = b"2 1 eni-a 10.0.0.1 8.8.8.8 1 2 6 1 1 1767225600 1767225660 ACCEPT "


def counts(out: str, stream: str = "search") -> tuple[int, int, int, int]:
    account = json.loads(out)[stream]
    return account["received"], account["delivered"], account["failed"], account["duplicates"]


@pytest.mark.parametrize(
    "odd",
    [
        ODD + "O\u0085K".encode(),
        ODD + "O\u00a0K".encode(),
        ODD.replace(b"eni-a", b"7" * 5000) + b"OK",
        ODD.replace(b" 6 1 1 ", b" 6 1 " + b"0" * 5000 + b"1 ") + b"OK",
    ],
    ids=["next line", "no-break space", "an id of digits", "a number with zeros before it"],
)
def test_a_line_that_parse_accepts_adds_up_in_run(odd: bytes, tmp_path: Path) -> None:
    (tmp_path / "odd.log").write_bytes(odd + b"\n")
    done = ran("run", str(tmp_path / "odd.log"), "--out", str(tmp_path / "out"), "--json")
    assert (done.code, counts(done.out)) == (0, (1, 1, 0, 0))


def test_a_message_nested_too_deep_is_one_failed_line(tmp_path: Path) -> None:
    text = line(1).decode()
    for _ in range(8):
        text = json.dumps({"message": text})
    (tmp_path / "deep.ndjson").write_text(text)
    done = ran("run", str(tmp_path / "deep.ndjson"), "--out", str(tmp_path / "out"), "--json")
    assert (done.code, counts(done.out)) == (0, (1, 0, 1, 0))


@pytest.mark.parametrize("bad", ['{"records": null}', '{"records": [{"data": ""}]}'])
def test_an_event_that_cannot_be_run_costs_only_itself(bad: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.log").write_bytes(line(1))
    (tmp_path / "in/b.json").write_text(bad)
    (tmp_path / "in/c.log").write_bytes(line(2))
    done = ran("run", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--json")
    assert (done.code, counts(done.out)) == (1, (2, 2, 0, 0))
    assert "b.json" in done.only_line


def test_parse_reads_on_behind_a_broken_file(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(line(1))
    (tmp_path / "b.log.gz").write_bytes(b"\x1f\x8bbroken")
    (tmp_path / "c.log").write_bytes(line(2))
    done = ran("parse", str(tmp_path))
    assert (done.code, [row["srcport"] for row in done.rows()]) == (1, [1, 2])
    assert "b.log.gz" in done.only_line


@pytest.mark.parametrize("option", ["--inventory", "--geoip"])
def test_a_path_that_is_not_there_is_wrong_use(option: str, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(line(1))
    done = ran("run", str(tmp_path / "a.log"), option, str(tmp_path / "nowhere"), "--out", str(tmp_path / "out"))
    assert done.code == 2
    assert "nowhere" in done.err


@pytest.mark.parametrize("first", ["failed", "delivered"])
def test_a_line_that_failed_once_and_came_out_once_is_delivered_and_a_duplicate(first: str) -> None:
    reckoning, document = Reckoning(), DEFAULT.read(line(1))
    data = json.dumps({field.name: document[field.key] for field in DEFAULT.fields}).encode()  # type: ignore[literal-required]
    reckoning.came(Line(DEFAULT, line(1)))
    if first == "failed":
        reckoning.failed(line(1), DEFAULT)
    reckoning.delivered(data)
    if first == "delivered":
        reckoning.failed(line(1), DEFAULT)
    account = reckoning.result(0)
    assert (account.delivered, account.failed, account.duplicates) == (1, 0, 1)
    assert account.adds_up()


def test_only_events_of_new_objects_are_read() -> None:
    described = {"bucket": {"name": "b"}, "object": {"key": "k"}}
    events = [
        {"Records": [{"eventSource": "aws:s3", "eventName": name, "s3": described}]}
        for name in ("ObjectRemoved:Delete", "ObjectCreated:Put", "s3:ObjectCreated:Copy")
    ] + [
        {"source": "aws.s3", "detail-type": kind, "detail": described} for kind in ("Object Deleted", "Object Created")
    ]
    assert [len(messages_of(event)[0].objects) for event in events] == [0, 1, 1, 0, 1]


def test_the_ingestor_passes_over_its_own_dead_letters() -> None:
    is_own = own_objects("s3://logs/ingest")
    record = {"eventSource": "aws:s3", "s3": {"bucket": {"name": "logs"}, "object": {"key": "ingest/ingestor/x.gz"}}}
    (message,) = messages_of({"Records": [record]})
    assert [is_own(found) for found in message.objects] == [True]
    assert not is_own(message.objects[0]._replace(key="ingestion/x.gz"))
    assert not own_objects("folder")(message.objects[0])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLOWLOGS_DEAD_LETTERS", "s3:/bucket"),
        ("FLOWLOGS_DEAD_LETTERS", "https://example.com/x"),
        ("FLOWLOGS_SEARCH_KEEP", "sample:99999999999999999999999"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_before_anything_is_done(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        wire({name: value}, log=None)  # type: ignore[arg-type]
