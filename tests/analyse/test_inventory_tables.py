"""The tables of the inventory beside the flow records: as in Athena, from whatever the project reads one from."""

import gc
import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from small_lake import write_lake

from flowlogs.analyse.inventory_tables import create_inventory, fill_inventory
from flowlogs.analyse.lake import open_lake
from flowlogs.analyse.named_query import with_relations
from flowlogs.analyse.relations import known, seen
from flowlogs.cli.inventory_contents import contents_of
from flowlogs.errors import UnusableInventory
from flowlogs.inventory.history import columns_of, day_table
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.kinds import KINDS, ColumnKind
from flowlogs.inventory.network_interface import BEGINNING, END
from flowlogs.inventory.own_form import own_form

ONE = Scope("123456789012", "eu-west-1")
NINE, TEN, ELEVEN = 1_795_165_200, 1_795_168_800, 1_795_172_400
"""Hours of 2026-11-20, UTC; the record of `lake` is of ten."""
INTERFACES, GROUPS = "network-interfaces", "security-groups"
of_every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@pytest.fixture
def lake(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    return open_lake([str(write_lake(tmp_path / "lake", [{"flow": "10.0.0.1:40000 > 10.0.0.2:443", "start": TEN}]))])


def there(id_: str, facts: dict[str, Any], since: int = BEGINNING, until: int = END, scope: Scope = ONE) -> Interval:
    return Interval(scope, id_, facts, since, until)


def asked(lake: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    """Ask with the relations that queries have."""
    return lake.execute(with_relations(sql, {"seen": seen("true"), **known("true")})).fetchall()


@of_every_kind
def test_without_an_inventory_every_table_is_there_and_empty(kind: Any, lake: duckdb.DuckDBPyConnection) -> None:
    assert lake.execute(f"SELECT count(*) FROM {kind.table}").fetchone() == (0,)
    assert [row[0] for row in lake.execute(f"DESCRIBE {kind.table}").fetchall()] == [*columns_of(kind)]


@of_every_kind
def test_a_table_holds_what_the_history_of_a_deployment_holds(kind: Any, tmp_path: Path) -> None:
    """The same interval, read from Parquet of the history, has the same columns, types and values."""
    values = {ColumnKind.TEXT: "it's", ColumnKind.TEXTS: ["a", "b"], ColumnKind.NUMBER: 7, ColumnKind.FLAG: True}
    whole = there("id-1", {column.name: values[column.kind] for column in kind.columns}, NINE, ELEVEN)
    bare = there("id-2", {})
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    create_inventory(connection)
    fill_inventory(connection, {kind.name: [whole, bare]})
    file = tmp_path / "day.parquet"
    file.write_bytes(day_table(kind, [whole, bare], date(2026, 11, 20)))
    columns = ", ".join(
        f'CAST("{name}" AS TIMESTAMP_MS) AS "{name}"' if type_ == "timestamp" else f'"{name}"'
        for name, type_ in columns_of(kind).items()
    )
    rows = connection.execute(f"SELECT * FROM {kind.table} ORDER BY 1").fetchall()
    assert rows == connection.execute(f"SELECT {columns} FROM '{file}' ORDER BY 1").fetchall()
    assert [row[0] for row in rows] == ["id-1", "id-2"]


def test_what_the_cli_prints_and_what_pull_writes_give_the_same(
    lake: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    printed, pulled = tmp_path / "printed.json", tmp_path / "pulled.json.gz"
    group = {"GroupId": "sg-1", "GroupName": "web", "OwnerId": ONE.account_id, "VpcId": "vpc-1", "Description": "d"}
    printed.write_text(json.dumps({"SecurityGroups": [group]}))
    facts = {"group-name": "web", "owner-id": ONE.account_id, "vpc-id": "vpc-1", "description": "d"}
    written = own_form({GROUPS: [there("sg-1", facts)]}, TEN)
    pulled.write_bytes(
        gzip.compress(json.dumps(written | {"scopes": [str(ONE)], "missing": {}, "failed": []}).encode())
    )
    select = "SELECT security_group_id, group_name, vpc_id, owner_id, description, valid_to FROM security_groups"
    for file in (printed, pulled):
        create_inventory(lake)
        fill_inventory(lake, contents_of([str(file)]).intervals)
        gc.unfreeze()  # what contents_of leaves for the end nanobind would call leaked
        assert lake.execute(select).fetchall() == [("sg-1", "web", "vpc-1", ONE.account_id, "d", None)]


def test_an_inventory_is_added_once_however_many_rows_it_has(lake: duckdb.DuckDBPyConnection) -> None:
    many = [there(f"sg-{number}", {"group-name": "x'; DROP TABLE flows; --\x1b[2J"}) for number in range(70_000)]
    fill_inventory(lake, {GROUPS: many})
    counted = "SELECT count(DISTINCT security_group_id), max(group_name) FROM security_groups"
    assert lake.execute(counted).fetchone() == (70_000, "x'; DROP TABLE flows; --\x1b[2J")
    assert lake.execute("SELECT count(*) FROM flows").fetchone() == (1,)


def test_a_value_of_another_type_than_its_column_is_refused(lake: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(UnusableInventory, match="security-groups cannot be written"):
        fill_inventory(lake, {GROUPS: [there("sg-1", {"group-name": ["web"]})]})
    assert lake.execute("SELECT count(*) FROM security_groups").fetchone() == (0,)


def test_an_interface_is_known_once_as_it_was_when_the_records_end(lake: duckdb.DuckDBPyConnection) -> None:
    was, is_, later = ({"security-group-ids": [group]} for group in ("sg-was", "sg-is", "sg-later"))
    fill_inventory(
        lake,
        {
            INTERFACES: [
                there("eni-1", was, NINE - 7200, NINE),
                there("eni-1", is_, NINE, ELEVEN),
                there("eni-1", later, ELEVEN),
                there("eni-gone", is_, until=NINE),
                there("eni-later", is_, ELEVEN),
            ],
            GROUPS: [there("sg-later", {}, ELEVEN)],
        },
    )
    assert asked(lake, "SELECT interface_id, security_group_ids FROM known_interfaces") == [("eni-1", ["sg-is"])]
    assert asked(lake, "SELECT security_group_id FROM known_groups") == [("sg-is",)]


def test_that_something_ended_is_known_though_the_table_of_an_earlier_day_has_it_open(
    lake: duckdb.DuckDBPyConnection,
) -> None:
    facts = {"security-group-ids": ["sg-1"]}
    fill_inventory(
        lake,
        {
            INTERFACES: [there("eni-1", facts, NINE - 7200), there("eni-1", facts, NINE - 7200, NINE)],
            GROUPS: [there("sg-2", {}, NINE - 7200), there("sg-2", {}, NINE - 7200, NINE)],
        },
    )
    assert asked(lake, "SELECT interface_id FROM known_interfaces") == []
    assert asked(lake, "SELECT security_group_id FROM known_groups") == []


def test_groups_that_only_interfaces_have_are_known_beside_described_ones(lake: duckdb.DuckDBPyConnection) -> None:
    rule = there("sgr-1", {"security-group-id": "sg-own", "peer-security-group-id": "sg-stale"})
    former = there("sgr-2", {"security-group-id": "sg-gone", "peer-security-group-id": "sg-gone-too"}, until=NINE)
    fill_inventory(lake, {"security-group-rules": [rule, former]})
    everything = "SELECT security_group_id, group_name FROM known_groups ORDER BY security_group_id"
    assert asked(lake, everything) == [("sg-own", None), ("sg-stale", None)]
    shared = there("eni-1", {"security-group-ids": ["sg-shared", "sg-own"]})
    fill_inventory(lake, {GROUPS: [there("sg-own", {"group-name": "own"})], INTERFACES: [shared]})
    assert asked(lake, everything) == [("sg-own", "own"), ("sg-shared", None)], "a rule may name one that is gone"


def test_where_no_record_is_asked_about_what_still_is_is_known(lake: duckdb.DuckDBPyConnection) -> None:
    gone = {GROUPS: [there("sg-1", {}), there("sg-2", {}, until=NINE)], INTERFACES: [there("eni-2", {}, until=NINE)]}
    fill_inventory(lake, gone)
    nothing = {"seen": seen("false"), **known("true")}
    for relation, expected in (("known_groups", ["sg-1"]), ("known_interfaces", [])):
        rows = lake.execute(with_relations(f"SELECT * FROM {relation}", nothing)).fetchall()
        assert [row[0] for row in rows] == expected


def test_the_tables_are_read_for_the_days_asked_about() -> None:
    days = "\"date\" >= '2026-11-19'"
    assert {*known(days)} == {f"known_{kind.table}" for kind in KINDS.values()}
    assert all(text.endswith(f"WHERE {days}") for text in known(days).values())
