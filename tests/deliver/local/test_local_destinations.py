"""What every destination promises, whichever it is."""

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from flowlogs.deliver.local.destination import Destination
from flowlogs.deliver.local.faults import Faults
from flowlogs.deliver.local.firehose import LocalFirehose
from flowlogs.deliver.local.lake_files import LakeFiles
from flowlogs.deliver.local.lake_parquet import LakeParquet
from flowlogs.deliver.local.search_files import SearchFiles
from flowlogs.deliver.local.stream_record import StreamRecord

NOON = 1_700_049_600_000  # 2023-11-15 12:00:00 UTC
HOUR = 60 * 60 * 1000
ODD = b"\nnot json\n"
Make = Callable[[Path], Destination]

pytestmark = pytest.mark.parametrize("make", [SearchFiles, LakeFiles, LakeParquet])


def numbered(first: int, count: int, arrived: int = NOON) -> list[StreamRecord]:
    ending = b"\n" if first % 2 else b""
    return [
        StreamRecord(str(number), arrived, b'{"srcport":%d}' % number + ending)
        for number in range(first, first + count)
    ]


def ports(paths: list[Path]) -> list[int]:
    """All source ports in finished files, sorted."""
    found: list[int] = []
    for path in paths:
        if path.suffix == ".parquet":
            found += pq.ParquetFile(path).read(["srcport"])["srcport"].to_pylist()
        else:
            text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            documents = text.replace(b"}{", b"}\n{").splitlines()
            found += [json.loads(line)["srcport"] for line in documents if line not in (b"", b"not json")]
    return sorted(found)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_every_record_is_delivered_or_given_back(make: Make, tmp_path: Path) -> None:
    destination = make(tmp_path)
    records = numbered(0, 50)
    records[7:7] = [StreamRecord("odd", NOON, ODD), StreamRecord("nothing", NOON, b"")]
    failed = [kept.record.record_id for kept in destination.write(records)]
    paths = destination.close()
    assert ports(paths) == list(range(50))
    if make is not LakeFiles:  # S3 takes anything
        assert failed == ["odd", "nothing"]


def test_files_are_complete_after_closing_and_have_other_names_before(make: Make, tmp_path: Path) -> None:
    destination = make(tmp_path)
    destination.write(numbered(0, 10))
    assert files(tmp_path)
    assert all(path.suffix == ".part" for path in files(tmp_path))
    paths = destination.close()
    assert files(tmp_path) == sorted(paths)
    assert ports(paths) == list(range(10))


def test_discarding_leaves_nothing(make: Make, tmp_path: Path) -> None:
    destination = make(tmp_path)
    destination.write(numbered(0, 10))
    destination.discard()
    assert files(tmp_path) == []


def test_nothing_written_makes_no_file(make: Make, tmp_path: Path) -> None:
    destination = make(tmp_path)
    assert list(destination.write([])) == []
    assert destination.close() == []
    assert files(tmp_path) == []


def test_a_file_holds_the_arrivals_of_one_day_in_utc(make: Make, tmp_path: Path) -> None:
    destination = make(tmp_path)
    destination.write([*numbered(0, 3, NOON + 12 * HOUR - 1), *numbered(4, 2, NOON + 12 * HOUR)])
    before, after = sorted(destination.close())
    assert "2023-11-15" in before.relative_to(tmp_path).parts[0]
    assert "2023-11-16" in after.relative_to(tmp_path).parts[0]
    assert (ports([before]), ports([after])) == ([0, 1, 2], [4, 5])


def test_a_second_run_loses_nothing_of_the_first(make: Make, tmp_path: Path) -> None:
    for first in (0, 100):
        destination = make(tmp_path)
        destination.write(numbered(first, 10))
        destination.close()
    assert ports(files(tmp_path)) == [*range(10), *range(100, 110)]


def test_a_second_run_that_is_interrupted_leaves_the_first_as_it_was(make: Make, tmp_path: Path) -> None:
    destination = make(tmp_path)
    destination.write(numbered(0, 10))
    destination.close()
    before = {path: path.read_bytes() for path in files(tmp_path)}
    destination = make(tmp_path)
    destination.write(numbered(100, 10))
    destination.discard()
    assert {path: path.read_bytes() for path in files(tmp_path)} == before


def test_a_destination_goes_on_after_closing(make: Make, tmp_path: Path) -> None:
    destination = make(tmp_path)
    for first in (0, 100):
        destination.write(numbered(first, 10))
        destination.close()
    assert ports(files(tmp_path)) == [*range(10), *range(100, 110)]


def test_behind_a_stream_with_faults_nothing_is_lost(make: Make, tmp_path: Path) -> None:
    def refuse_tens(event: dict[str, Any]) -> dict[str, Any]:
        records = [{**record, "result": "Ok"} for record in event["records"]]
        for record in records:
            if base64.b64decode(record["data"]).endswith(b"0}"):
                record["result"] = "ProcessingFailed"
        return {"records": records}

    faults = Faults(fail_transforms=0.4, kill_transforms=0.4, seed=5)
    shown: dict[str, list[bytes]] = {"delivered": [], "failed": []}
    with LocalFirehose(tmp_path, faults=faults) as firehose:
        firehose.create(
            "stream",
            make(tmp_path / "files"),
            refuse_tens,
            buffer_bytes=100,
            on_delivered=shown["delivered"].append,
            on_failed=shown["failed"].append,
        )
        firehose.put("stream", [b'{"srcport":%d}' % number for number in range(100)] + [ODD])
    kept = [path for path in tmp_path.glob("*-failed/**/*") if path.is_file()]
    lines = [json.loads(line) for path in kept for line in path.read_text().splitlines()]
    raw = [base64.b64decode(line["rawData"]) for line in lines]
    assert sorted(raw) == sorted(shown["failed"])
    assert len(raw) > 10  # the tens, and buffers whose every invocation failed
    assert len(shown["delivered"]) + len(raw) == 101
    in_files = ports(files(tmp_path / "files"))
    in_failed = [json.loads(data)["srcport"] for data in raw if data != ODD]
    assert sorted(in_files + in_failed) == list(range(100))
    assert list(tmp_path.rglob("*.part")) == []
