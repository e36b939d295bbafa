import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowlogs.decorate.document import lake_columns
from flowlogs.deliver.local import parquet_file
from flowlogs.deliver.local.lake_parquet import LakeParquet
from flowlogs.deliver.local.stream_record import StreamRecord

NOON = 1_700_049_600_000  # 2023-11-15 12:00:00 UTC
INT64 = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "bigint": INT64,
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "string": TEXT,
    "timestamp": st.integers(0, 4_000_000_000_000),
    "array<string>": st.lists(TEXT, max_size=3),
    "map<string,string>": st.dictionaries(TEXT, TEXT, max_size=3),
}
DOCUMENTS = st.fixed_dictionaries({}, optional={name: VALUES[glue] for name, glue in lake_columns().items()})


def write(folder: Path, *records: bytes) -> tuple[list[dict[str, Any]], list[str]]:
    """Deliver records; give the rows read back without nulls, and the codes of the records given back."""
    destination = LakeParquet(folder)
    failed = destination.write([StreamRecord(str(n), NOON, data) for n, data in enumerate(records)])
    rows = [row for path in destination.close() for row in pq.ParquetFile(path).read().to_pylist()]
    return [{key: value for key, value in row.items() if value is not None} for row in rows], [
        kept.code for kept in failed
    ]


def as_read(document: dict[str, Any]) -> dict[str, Any]:
    """A document as pyarrow gives it back."""
    read = dict(document)
    if "timestamp" in read:
        read["timestamp"] = datetime(1970, 1, 1) + timedelta(milliseconds=read["timestamp"])
    if "extra" in read:
        read["extra"] = list(read["extra"].items())
    return read


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(DOCUMENTS, min_size=1, max_size=5), st.sampled_from(["\n", "", " ", "\r\n"]))
def test_what_is_read_back_equals_the_documents(documents: list[dict[str, Any]], between: str) -> None:
    data = between.join(json.dumps(document) for document in documents).encode()
    with TemporaryDirectory() as folder:
        rows, failed = write(Path(folder), data)
    assert failed == []
    assert rows == [as_read(document) for document in documents]


def test_the_columns_and_their_types_are_those_of_the_lake(tmp_path: Path) -> None:
    destination = LakeParquet(tmp_path, "flows")
    destination.write([StreamRecord("1", NOON, b"{}")])
    (path,) = destination.close()
    assert path.parent.name == "date=2023-11-15"
    assert path.name.startswith("flows-1-2023-11-15-12-00-00-")
    schema = pq.ParquetFile(path).schema_arrow
    assert schema.names == list(lake_columns())
    assert {str(schema.field(name).type) for name in ("start", "action", "timestamp")} == {
        "int64",
        "string",
        "timestamp[ms]",
    }
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "SNAPPY"


def test_time_is_milliseconds_in_utc(tmp_path: Path) -> None:
    ((row,), _) = write(tmp_path, b'{"timestamp":1700049600123}')
    assert row["timestamp"].replace(tzinfo=UTC).timestamp() == 1700049600.123


@pytest.mark.parametrize(
    "document",
    [
        b'{"start":"1700000000"}',
        b'{"start":1.5}',
        b'{"start":1.0}',
        b'{"start":true}',
        b'{"start":9223372036854775808}',
        b'{"start":99999999999999999999999}',
        b'{"action":5}',
        b'{"action":{"a":1}}',
        b'{"timestamp":"2023-11-15T12:00:00Z"}',
        b'{"security_group_ids":"sg-1"}',
        b'{"security_group_ids":["sg-1",5]}',
        b'{"extra":{"a":5}}',
        b'{"extra":[["a","b"]]}',
        b'{"action":"\\ud800"}',
        b'[{"start":1}]',
        b"null",
        b"5",
        b"",
        b" \r\n ",
    ],
)
def test_a_value_that_does_not_fit_fails_its_record(tmp_path: Path, document: bytes) -> None:
    rows, failed = write(tmp_path, b'{"start":1}\n', document, b'{"start":2}\n')
    assert [row["start"] for row in rows] == [1, 2]
    assert len(failed) == 1
    assert failed[0].startswith("DataFormatConversion.")


@pytest.mark.parametrize(
    "data",
    [b'{"start":', b'{"start":1}x', b'{"start":NaN}', b"{'start':1}", b'{"action":"\xff"}', b"[" * 100_000],
)
def test_what_is_no_json_is_a_parse_error(tmp_path: Path, data: bytes) -> None:
    assert write(tmp_path, data) == ([], ["DataFormatConversion.ParseError"])


def test_two_broken_records_are_never_read_as_one_good_one(tmp_path: Path) -> None:
    rows, failed = write(tmp_path, b'{"start":1', b',"end":2}')
    assert (rows, len(failed)) == ([], 2)


def test_one_bad_document_fails_its_whole_record_and_no_other(tmp_path: Path) -> None:
    rows, failed = write(
        tmp_path, b'{"start":1}\n{"start":2}\n', b'{"start":3}\n{"start":"x"}\n{"start":5}', b'{"start":6}\n'
    )
    assert [row["start"] for row in rows] == [1, 2, 6]
    assert failed == ["DataFormatConversion.MalformedData"]


def test_keys_that_are_no_column_are_left_out(tmp_path: Path) -> None:
    assert write(tmp_path, b'{"start":1,"tgw-id":"x","deep":{"a":[1,{}]},"":null}') == ([{"start": 1}], [])


def test_a_null_is_an_absent_value(tmp_path: Path) -> None:
    assert write(tmp_path, b'{"start":1,"end":null,"extra":null,"security_group_ids":null}') == (
        [{"start": 1}],
        [],
    )


def test_a_failed_line_has_firehose_s_keys(tmp_path: Path) -> None:
    (failed,) = LakeParquet(tmp_path).write([StreamRecord("r", NOON, b"null")])
    line = failed.line(NOON)
    assert line["lastErrorCode"] == "DataFormatConversion.MalformedData"
    assert line["rawData"] == "bnVsbA=="
    assert set(line) == {
        "attemptsMade",
        "arrivalTimestamp",
        "lastErrorCode",
        "lastErrorMessage",
        "attemptEndingTimestamp",
        "rawData",
        "sequenceNumber",
        "subSequenceNumber",
        "dataCatalogTable",
    }


def test_rows_are_written_in_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_file, "ROW_GROUP", 10)
    destination = LakeParquet(tmp_path)
    for number in range(6):
        destination.write([StreamRecord(str(number), NOON, b'{"start":1}\n' * 4)])
    (path,) = destination.close()
    metadata = pq.ParquetFile(path).metadata
    groups = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    assert sum(groups) == 24
    assert max(groups) <= 10
