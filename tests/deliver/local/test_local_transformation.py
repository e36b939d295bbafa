import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowlogs.deliver.local.faults import Faults
from flowlogs.deliver.local.firehose import LocalFirehose
from flowlogs.deliver.local.search_files import SearchFiles

NOON = 1_700_049_600.0  # 2023-11-15 12:00:00 UTC
Event = dict[str, Any]
Transform = Callable[[Event], Event]
KEY = re.compile(r"processing-failed/2023/11/15/12/search-1-2023-11-15-12-00-00-[0-9a-f-]{36}")


def ok(event: Event) -> Event:
    return {"records": [{**record, "result": "Ok"} for record in event["records"]]}


def run(folder: Path, transform: Transform, records: list[bytes], **options: Any) -> LocalFirehose:
    faults = options.pop("faults", None)
    firehose = LocalFirehose(folder, clock=lambda: NOON, region="eu-west-1", faults=faults)
    firehose.create("search", SearchFiles(folder / "search"), transform, **options)
    for start in range(0, len(records), 500):
        firehose.put("search", records[start : start + 500])
    firehose.close()
    return firehose


def kept(folder: Path) -> list[dict[str, Any]]:
    """The lines under processing-failed/, whose object has Firehose's name."""
    paths = [path for path in folder.glob("processing-failed/**/*") if path.is_file()]
    assert all(KEY.fullmatch(path.relative_to(folder).as_posix()) for path in paths)
    return [json.loads(line) for path in paths for line in path.read_text().splitlines()]


def test_the_event_is_shaped_as_firehose_shapes_it(tmp_path: Path) -> None:
    events = []

    def look(event: Event) -> Event:
        events.append(event)
        return ok(event)

    run(tmp_path, look, [b'{"a":1}', b'{"a":2}'])
    (event,) = events
    first, second = event.pop("records")
    assert re.fullmatch(r"[0-9a-f-]{36}", event.pop("invocationId"))
    arn = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/search"
    assert event == {"deliveryStreamArn": arn, "region": "eu-west-1"}
    assert first.pop("recordId") != second["recordId"]
    assert first == {"approximateArrivalTimestamp": 1_700_049_600_000, "data": "eyJhIjoxfQ=="}


def test_a_buffer_holds_no_more_than_its_size_unless_one_record_does(tmp_path: Path) -> None:
    sizes = []

    def look(event: Event) -> Event:
        sizes.append(sum(len(base64.b64decode(record["data"])) for record in event["records"]))
        return ok(event)

    run(tmp_path, look, [b"x" * 90_000] * 5 + [b"x" * 300_000])
    assert sizes == [180_000, 180_000, 90_000, 300_000]


def test_an_event_stays_below_six_megabytes_however_small_its_records(tmp_path: Path) -> None:
    sizes = []

    def look(event: Event) -> Event:
        sizes.append(len(json.dumps(event, separators=(",", ":"))))
        ids = [record["recordId"] for record in event["records"]]
        return {"records": [{"recordId": record_id, "result": "Dropped"} for record_id in ids]}

    firehose = run(tmp_path, look, [b"x"] * 60_000, buffer_bytes=3_000_000)
    assert max(sizes) <= 6_000_000 < sum(sizes)
    assert firehose.counts["search"].dropped == 60_000


def test_an_exception_is_retried_three_times_and_then_every_record_is_kept(tmp_path: Path) -> None:
    def fail(event: Event) -> Event:
        raise KeyError("account")

    firehose = run(tmp_path, fail, [b"one", b"two"])
    assert (firehose.counts["search"].invocations, firehose.counts["search"].retries) == (4, 3)
    assert firehose.counts["search"].failed == 2
    lines = kept(tmp_path)
    assert [base64.b64decode(line.pop("rawData")) for line in lines] == [b"one", b"two"]
    assert lines[0] == {
        "attemptsMade": 4,
        "arrivalTimestamp": 1_700_049_600_000,
        "errorCode": "Lambda.FunctionError",
        "errorMessage": lines[1]["errorMessage"],
        "attemptEndingTimestamp": 1_700_049_600_000,
        "lambdaArn": "arn:aws:lambda:eu-west-1:123456789012:function:decorator",
    }


def test_an_exception_that_passes_costs_nothing_but_a_retry(tmp_path: Path) -> None:
    ids = []

    def fail_once(event: Event) -> Event:
        ids.append((event["invocationId"], [record["recordId"] for record in event["records"]]))
        for record in event["records"]:
            if len(ids) == 1:
                record["data"] = "spoilt"  # a retry is given the records anew
        if len(ids) == 1:
            raise RuntimeError
        return ok(event)

    firehose = run(tmp_path, fail_once, [b'{"a":1}'])
    assert firehose.counts["search"].ok == 1
    assert ids[0][0] != ids[1][0]
    assert ids[0][1] == ids[1][1]


def test_a_time_out_has_its_own_code(tmp_path: Path) -> None:
    def sleep(event: Event) -> Event:
        raise TimeoutError

    run(tmp_path, sleep, [b"one"])
    assert [line["errorCode"] for line in kept(tmp_path)] == ["Lambda.FunctionTimedOut"]


def _without(event: Event) -> Event:
    return {"records": ok(event)["records"][1:]}


def _twice(event: Event) -> Event:
    records = ok(event)["records"]
    return {"records": [records[0], *records]}


def _renamed(event: Event) -> Event:
    records = ok(event)["records"]
    return {"records": [{**records[0], "recordId": "another"}, *records[1:]]}


def _first(**changes: object) -> Transform:
    def transform(event: Event) -> Event:
        records = ok(event)["records"]
        return {"records": [{**records[0], **changes}, *records[1:]]}

    return transform


@pytest.mark.parametrize(
    ("transform", "code", "failed"),
    [
        (_without, "Lambda.MissingRecordId", 1),
        (_renamed, "Lambda.MissingRecordId", 1),
        (_twice, "Lambda.DuplicatedRecordId", 1),
        (_first(result="ProcessingFailed"), "Lambda.ProcessingFailedStatus", 1),
        (_first(result="ok"), "Lambda.FunctionError", 2),
        (_first(result=["Ok"]), "Lambda.FunctionError", 2),
        (_first(recordId=None), "Lambda.FunctionError", 2),
        (_first(data="no base64!"), "Lambda.FunctionError", 2),
        (_first(data="é"), "Lambda.FunctionError", 2),
        (_first(data=None), "Lambda.FunctionError", 2),
        (_first(data=5), "Lambda.FunctionError", 2),
        (lambda _: {"records": None}, "Lambda.JsonProcessingException", 2),
        (lambda _: {"records": ["Ok", "Ok"]}, "Lambda.JsonProcessingException", 2),
        (lambda _: {}, "Lambda.JsonProcessingException", 2),
        (lambda _: None, "Lambda.JsonProcessingException", 2),
    ],
)
def test_an_answer_that_breaks_the_rules_is_failed_without_a_retry(
    tmp_path: Path, transform: Transform, code: str, failed: int
) -> None:
    firehose = run(tmp_path, transform, [b'{"n":1}', b'{"n":2}'])
    assert [(line["errorCode"], line["attemptsMade"]) for line in kept(tmp_path)] == [(code, 1)] * failed
    assert firehose.counts["search"].ok == 2 - failed


def test_an_answer_that_is_no_json_or_too_large_is_an_invocation_error(tmp_path: Path) -> None:
    run(tmp_path / "bytes", _first(data=b"bytes"), [b"{}"])
    run(tmp_path / "large", _first(data="A" * 6_291_500), [b"{}"])
    for folder in ("bytes", "large"):
        (line,) = kept(tmp_path / folder)
        assert (line["errorCode"], line["attemptsMade"]) == ("Lambda.FunctionError", 4)


def test_dropped_and_failed_records_need_no_data(tmp_path: Path) -> None:
    firehose = run(
        tmp_path,
        lambda event: {
            "records": [
                {"recordId": record["recordId"], "result": result}
                for record, result in zip(event["records"], ("Dropped", "ProcessingFailed"), strict=True)
            ]
        },
        [b"{}", b"{}"],
    )
    assert (firehose.counts["search"].dropped, firehose.counts["search"].failed) == (1, 1)


def test_what_a_killed_transformation_did_aside_happens_twice(tmp_path: Path) -> None:
    aside: list[str] = []

    def note(event: Event) -> Event:
        aside.extend(record["recordId"] for record in event["records"])
        return ok(event)

    records = [b'{"n":%d}' % number for number in range(50)]
    faults = Faults(kill_transforms=0.3, seed=3)
    firehose = run(tmp_path, note, records, buffer_bytes=10, faults=faults)
    count = firehose.counts["search"]
    assert count.retries > 0
    assert len(aside) == count.invocations == 50 + count.retries
    assert (count.ok, count.failed) == (50, 0)


def test_an_invocation_that_always_fails_never_runs_the_function(tmp_path: Path) -> None:
    def never(event: Event) -> Event:
        raise AssertionError

    run(tmp_path, never, [b"one"], faults=Faults(fail_transforms=1))
    assert len(kept(tmp_path)) == 1


def test_an_interrupt_is_no_function_error(tmp_path: Path) -> None:
    def interrupt(event: Event) -> Event:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, interrupt, [b"one"])


def test_a_buffer_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="buffer_bytes"):
        run(tmp_path, ok, [], buffer_bytes=0)
