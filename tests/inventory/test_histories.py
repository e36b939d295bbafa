import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import SCOPE, World, facts, unhurried, worlds

from flowlogs.errors import UnusableInventory
from flowlogs.inventory import history
from flowlogs.inventory.history import columns_of, day_table, history_key, intervals_of
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.kinds import INTERFACES, KINDS, Kind
from flowlogs.inventory.network_interface import BEGINNING, END

DAY = date(2026, 1, 1)
FIRST = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
LAST = FIRST + 86_399
HIVE = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "array<string>": pa.list_(pa.string()),
    "timestamp": pa.timestamp("ms", tz="UTC"),
}


def read(kind: Kind, intervals: list[Interval], day: date = DAY) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(day_table(kind, intervals, day))).to_pylist()
    return rows


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_the_columns_of_glue_are_those_of_the_file(kind: Kind) -> None:
    schema = pq.read_schema(io.BytesIO(day_table(kind, [], DAY)))
    assert {field.name: field.type for field in schema} == {name: HIVE[hive] for name, hive in columns_of(kind).items()}
    assert schema.names == list(columns_of(kind))


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_column_has_a_name_of_its_own(kind: Kind) -> None:
    spans = 5  # its id, account, region, from and to
    assert len(columns_of(kind)) == spans + len(kind.columns)
    assert not {"date"} & columns_of(kind).keys()
    assert all(name.replace("_", "").isalnum() and name.islower() for name in columns_of(kind))


@unhurried
@given(st.sampled_from(list(KINDS.values())), st.data())
def test_every_value_is_read_as_it_was(kind: Kind, data: st.DataObject) -> None:
    known = data.draw(facts(kind))
    [row] = read(kind, [Interval(SCOPE, "id-1", known, FIRST)])
    columns = {column.name.replace("-", "_"): known.get(column.name) for column in kind.columns}
    common = {"account_id": "123456789012", "region": "eu-west-1", "valid_from": at(FIRST), "valid_to": None}
    assert row == {kind.id_column.replace("-", "_"): "id-1", **common, **columns}


@unhurried
@given(st.sampled_from(list(KINDS.values())), st.data())
def test_reading_undoes_writing(kind: Kind, data: st.DataObject) -> None:
    since, until = data.draw(st.just(BEGINNING) | st.integers(0, LAST)), data.draw(st.integers(LAST, LAST + 9))
    found = Interval(SCOPE, "id-1", data.draw(facts(kind)), since, data.draw(st.sampled_from([until, END])))
    assert intervals_of(kind, day_table(kind, [found], DAY)) == [found]


@pytest.mark.parametrize("damaged", [b"", b"PAR1damagedPAR1", day_table(KINDS["vpcs"], [], DAY)[:-9]])
def test_what_is_no_history_is_refused(damaged: bytes) -> None:
    with pytest.raises(UnusableInventory, match="the history of subnets is damaged"):
        intervals_of(KINDS["subnets"], damaged)


def test_the_history_of_another_kind_is_refused() -> None:
    vpcs = day_table(KINDS["vpcs"], [Interval(SCOPE, "vpc-1", {}, FIRST)], DAY)
    with pytest.raises(UnusableInventory, match="the history of subnets is damaged"):
        intervals_of(KINDS["subnets"], vpcs)


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("since", "until", "there"),
    [
        (FIRST - 9, FIRST, False),
        (FIRST - 9, FIRST + 1, True),
        (FIRST, FIRST + 1, True),
        (LAST, LAST + 1, True),
        (LAST, END, True),
        (LAST + 1, END, False),
        (BEGINNING, END, True),
        (BEGINNING, FIRST, False),
    ],
)
def test_a_day_has_what_was_there_at_some_time_of_it(since: int, until: int, there: bool) -> None:
    rows = read(INTERFACES, [Interval(SCOPE, "eni-1", {}, since, until)])
    assert len(rows) == there
    for row in rows:
        assert row["valid_from"] == (None if since == BEGINNING else at(since))
        assert row["valid_to"] == (None if until == END else at(until))


@unhurried
@given(worlds(), st.integers(-70, 10))
def test_a_day_of_a_world_has_exactly_the_intervals_that_touch_it(world: World, shift: int) -> None:
    """The world lies around midnight."""
    moved = [
        replace(found, since=FIRST + shift + found.since, until=END if found.is_open else FIRST + shift + found.until)
        for found in world.truth()
    ]
    around = range(FIRST - 100, FIRST + 100)
    for day, seconds in ((DAY - timedelta(days=1), around[:100]), (DAY, around[100:])):
        wanted = [found for found in moved if any(found.since <= second < found.until for second in seconds)]
        rows = [(row["interface_id"], row["valid_from"]) for row in read(INTERFACES, moved, day)]
        assert rows == [(found.id, at(found.since)) for found in wanted]


def test_rows_are_sorted_so_that_a_look_up_reads_little_and_the_same_day_is_the_same_file() -> None:
    scopes = [SCOPE, Scope("000000000001", "eu-west-1")]
    intervals = [
        Interval(scope, f"eni-{id_}", {}, FIRST + since) for scope in scopes for id_ in "ba" for since in (2, 1)
    ]
    rows = read(INTERFACES, intervals)
    order = [(row["interface_id"], row["valid_from"], row["account_id"]) for row in rows]
    assert order == sorted(order)
    assert day_table(INTERFACES, reversed(intervals), DAY) == day_table(INTERFACES, intervals, DAY)


def laid_out(kind: Kind, intervals: list[Interval]) -> Any:
    """Give what the file says of itself, as an engine reads it."""
    return pq.ParquetFile(io.BytesIO(day_table(kind, intervals, DAY)))


@unhurried
@given(st.integers(1, 4), st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 99)), unique=True, max_size=12))
def test_rows_are_written_a_few_at_a_time_and_all_of_them(most: int, found: list[tuple[str, int]]) -> None:
    intervals = [
        Interval(SCOPE, id_, {"name": f"{id_}{since}"}, FIRST + since, FIRST + since + 1) for id_, since in found
    ]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(history, "_ROWS", most)
        file = laid_out(INTERFACES, intervals)
    groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
    assert [group.num_rows for group in groups] == [most] * (len(found) // most) + [len(found) % most] * bool(
        len(found) % most
    )
    assert [row["name"] for row in file.read().to_pylist()] == [f"{id_}{since}" for id_, since in sorted(found)]
    ends = [group.column(0).statistics for group in groups]
    assert all(one.max <= other.min for one, other in pairwise(ends)), "an id is in few groups"


def test_a_kind_without_rows_is_a_table_that_is_read_as_one() -> None:
    file = laid_out(INTERFACES, [])
    assert (file.metadata.num_rows, file.read().to_pylist()) == (0, [])


def test_values_are_laid_out_as_athena_reads_them() -> None:
    """Times as 64-bit milliseconds in UTC, lists in three levels. Source: Parquet's LogicalTypes.md."""
    known = {"addresses": ["10.0.0.5", "2001:db8::5"], "attached": 5}
    schema = laid_out(INTERFACES, [Interval(SCOPE, "eni-1", known, FIRST)]).schema
    columns = {schema.column(number).path: schema.column(number) for number in range(len(schema))}
    for name in ("valid_from", "valid_to"):
        assert columns[name].physical_type == "INT64"
        told = str(columns[name].logical_type)
        assert "isAdjustedToUTC=true" in told
        assert "timeUnit=milliseconds" in told
    assert columns["addresses.list.element"].physical_type == "BYTE_ARRAY"
    assert str(columns["addresses.list.element"].logical_type) == "String"
    assert columns["attached"].physical_type == "INT64"
    assert columns["account_id"].physical_type == "BYTE_ARRAY", "an account id keeps its leading zeros"


def test_every_file_is_compressed_by_zstandard() -> None:
    group = laid_out(INTERFACES, [Interval(SCOPE, "eni-1", {}, FIRST)]).metadata.row_group(0)
    assert {group.column(number).compression for number in range(group.num_columns)} == {"ZSTD"}


@pytest.mark.parametrize("value", [[], ["a"], ["a", "é", ""]])
def test_a_list_without_members_is_no_null(value: list[str]) -> None:
    [row] = read(INTERFACES, [Interval(SCOPE, "eni-1", {"prefixes": value}, FIRST)])
    assert (row["prefixes"], row["addresses"]) == (value, None)


def test_the_last_second_of_all_is_written_as_a_time() -> None:
    [row] = read(INTERFACES, [Interval(SCOPE, "eni-1", {}, FIRST, 253_402_300_799)])
    assert row["valid_to"] == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_what_a_column_does_not_know_is_not_written() -> None:
    [row] = read(INTERFACES, [Interval(SCOPE, "eni-1", {"of-tomorrow": 1, "name": "a"}, FIRST)])
    assert row.keys() == columns_of(INTERFACES).keys()
    assert row["name"] == "a"


def test_the_key_names_table_and_day() -> None:
    assert history_key(KINDS["security-groups"], DAY) == (
        "history/security_groups/date=2026-01-01/security_groups.parquet"
    )
