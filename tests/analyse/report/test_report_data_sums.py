"""What the page sums up is what the SQL beside it answers, whatever is folded."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_lake import NOON, SUMS, Document, asked_sql, data_of, lake, record, rows, silence, told_apart, totals

_ADDRESSES = [f"10.0.0.{number}" for number in range(1, 40)] + [f"203.0.113.{number}" for number in range(1, 60)]
_PORTS = [22, 53, 80, 443, 5432, 8080, *range(30_000, 30_040)]
_COUNTRIES = ["DE", "FR", "US", None]
_SETS = [None, [], ["sg-a"], ["sg-b"], ["sg-a", "sg-b"], ["sg-c", "sg-d", "sg-e"], [f"sg-{n}" for n in range(16)]]


@st.composite
def _records(draw: st.DrawFn) -> Document:
    source, destination = draw(st.sampled_from(_ADDRESSES)), draw(st.sampled_from(_ADDRESSES))
    number = draw(st.integers(1, 12))
    return record(
        NOON + draw(st.integers(0, 40_000)),
        interface_id=draw(st.sampled_from([None, f"eni-{number}"])),
        vpc_id=f"vpc-{number % 3}",
        srcaddr=source,
        dstaddr=draw(st.sampled_from([None, destination])),
        pkt_srcaddr=draw(st.sampled_from([None, *_ADDRESSES[:3]])),
        srcport=draw(st.sampled_from([None, *_PORTS])),
        dstport=draw(st.sampled_from([None, *_PORTS])),
        protocol=draw(st.sampled_from([None, 0, 1, 6, 17, 47, 50, 132])),
        action=draw(st.sampled_from([None, "ACCEPT", "REJECT"])),
        direction=draw(st.sampled_from([None, "inbound", "outbound", "internal"])),
        interface_end=draw(st.sampled_from([None, "source", "destination"])),
        security_group_ids=draw(st.sampled_from(_SETS)),
        source_country_code=_COUNTRIES[len(source) % 4],
        packets=draw(st.sampled_from([None, 0, 1, 7])),
        bytes=draw(st.sampled_from([None, 0, 40, 2**40])),
    )


def _sql(value: str | int | None) -> str:
    return "NULL" if value is None else repr(value)


def _is(name: str, value: object) -> Callable[[dict[str, Any]], bool]:
    return lambda row: row[name] == value


def _conditions(data: Any, at: int) -> list[tuple[str, Any]]:
    """Give filters on everything that is told apart, in SQL and as a test of a row of the cube."""
    told: list[tuple[str, Any]] = [("true", lambda row: True)]
    apart = {name: slice(*bounds) for name, bounds in data["cubes"][at]["told"].items()}
    for text in told_apart(data, at):
        for name in ("source", "destination", "client", "server"):
            told.append((f"{name} = '{text}'", lambda row, name=name, text=text: row[name] == text))
            told.append((f"{name} IS DISTINCT FROM '{text}'", lambda row, name=name, text=text: row[name] != text))
    for name, values in (
        ("server_port", [None, *data["ports"][apart["port"]]]),
        ("protocol", [None, *(each["number"] for each in data["protocols"][apart["protocol"]])]),
        ("action", [None, "ACCEPT", "REJECT"]),
        ("direction", [None, "inbound", "outbound", "internal"]),
        ("interface_end", [None, "source", "destination"]),
    ):
        told += [(f"{name} IS NOT DISTINCT FROM {_sql(value)}", _is(name, value)) for value in values]
    for group in data["groups"][apart["group"]]:
        told.append((f"contains(security_group_ids, '{group}')", lambda row, group=group: group in row["groups"]))
    told.append(("cardinality(security_group_ids) > 1", lambda row: len(row["groups"]) > 1))
    cube = data["cubes"][at]
    middle = cube["from"] + cube["slices"] // 2 * cube["step"]
    told.append((f"start < {middle}", lambda row: row["start"] < middle))
    return told


@settings(deadline=None, max_examples=8)
@given(st.lists(_records(), min_size=1, max_size=150), st.sampled_from([5, 40, 120, 100_000]))
def test_every_filter_on_what_is_told_apart_gives_the_sums_of_the_sql(documents: list[Document], most: int) -> None:
    with TemporaryDirectory() as folder, lake(Path(folder), documents) as connection:
        data = data_of(connection, most_rows=most)
        picked, _, _ = data["panels"]["traffic-accepted"]["sql"].partition(")\nSELECT")
        data["panels"]["sums"] = {"sql": f"{picked})\nSELECT count(*), sum(packets), sum(bytes) FROM picked"}
        for at, cube in enumerate(data["cubes"]):
            found = rows(data, at)
            assert len(found) <= (3 if at else 1) * most or cube["slices"] == 1
            told = _conditions(data, at)
            for condition, holds in told[:: max(1, len(told) // 60)]:
                ((flows, packets, octets),) = asked_sql(connection, data, "sums", condition)
                expected = (flows, packets or 0, octets or 0)
                assert totals([row for row in found if holds(row)]) == expected, condition


@settings(deadline=None, max_examples=8)
@given(st.lists(_records(), min_size=1, max_size=150))
def test_nothing_is_folded_where_all_fits(documents: list[Document]) -> None:
    with TemporaryDirectory() as folder, lake(Path(folder), documents) as connection:
        data = data_of(connection)
    assert not data["about"]["folded"]
    assert not any("others" in str(row[name]) for row in rows(data) for name in ("source", "destination"))
    (cube,) = data["cubes"]
    lengths = {"address": len(data["addresses"]["text"]), "interface": len(data["interfaces"]["id"])}
    lengths |= {name: len(data[f"{name}s"]) for name in ("port", "protocol", "group")}
    assert cube["told"] == {name: (1 if name == "group" else 2, length) for name, length in lengths.items()}


def test_silence_is_no_flow_record(tmp_path: Path) -> None:
    documents = [record(), silence("NODATA", NOON), silence("SKIPDATA", NOON + 60), record(NOON + 61, log_status=None)]
    data = data_of(lake(tmp_path, documents))
    assert totals(rows(data)) == (2, 4, 200)
    assert (data["about"]["records"], data["about"]["bytes"]) == (2, 200)


@pytest.mark.parametrize("most", [50, 400, 1_500])
def test_sums_per_country_and_vpc_stay_exact_where_addresses_are_folded(tmp_path: Path, most: int) -> None:
    documents = [
        record(
            NOON + number * 7,
            srcaddr=f"198.51.{number % 250}.{number // 250}",
            interface_id=f"eni-{number % 90}",
            vpc_id=f"vpc-{number % 90 % 2}",
            source_country_code=("DE", "FR")[number % 2],
            bytes=number,
        )
        for number in range(3_000)
    ]
    with lake(tmp_path, documents) as connection:
        data = data_of(connection, most_rows=most)
        found = rows(data)
        assert len(found) <= most
        assert data["about"]["folded"] == (most < 1_500)
        assert len(told_apart(data)) < len(told_apart(data, 1)) <= 3_001
        assert totals(rows(data, 1)) == totals(found)
        if most >= 1_500:
            for country, flows, octets in asked_sql(connection, data, "overview-map"):
                of_it = [row for row in found if row["country"] == country]
                assert (len(of_it) > 0, totals(of_it)) == (True, (flows, 2 * flows, octets))
            for vpc, octets, _, flows in asked_sql(connection, data, "groups-vpcs"):
                assert totals([row for row in found if row["vpc_id"] == vpc])[::2] == (flows, octets)
        assert totals(found) == (3_000, 6_000, sum(range(3_000)))
        assert SUMS == ("flows", "packets", "bytes")


def test_interfaces_that_change_their_subnet_are_said_to_be_counted_at_one(tmp_path: Path) -> None:
    steady = [record(NOON, interface_id="eni-1", subnet_id="subnet-1", vpc_id="vpc-1") for _ in range(2)]
    moved = [record(NOON, interface_id="eni-2", subnet_id=subnet) for subnet in ("subnet-1", "subnet-2")]
    forgotten = [record(NOON, interface_id="eni-3", vpc_id=vpc) for vpc in ("vpc-1", None)]
    unnamed = record(NOON, interface_id=None, vpc_id="vpc-1")
    with lake(tmp_path / "all", [*steady, *moved, *forgotten, unnamed, silence("NODATA", NOON, "eni-1")]) as connection:
        said = " ".join(data_of(connection)["about"]["notes"])
    assert "2 interfaces say another VPC or subnet" in said
    assert "1 flow records say a VPC, but no interface" in said
    with lake(tmp_path / "steady", [*steady, silence("NODATA", NOON, "eni-1")]) as connection:
        assert "subnet" not in " ".join(data_of(connection)["about"]["notes"])


def told_twice(folder: Path, documents: list[dict[str, Any]]) -> list[str]:
    with lake(folder, documents) as connection:
        about = data_of(connection)["about"]
    assert about["notes"][len(about["notes"]) - len(about["counted_twice"]) :] == about["counted_twice"]
    return list(about["counted_twice"])


def test_what_several_interfaces_recorded_is_said_to_be_counted_again(tmp_path: Path) -> None:
    once = [record(NOON, srcaddr="10.0.0.9", bytes=500), record(NOON, dstaddr="10.0.0.6", bytes=500)]
    other_end = record(NOON + 1, srcaddr="10.0.0.9", interface_id="eni-2", interface_end="source", bytes=500)
    nat = record(NOON + 2, srcaddr="10.0.0.8", interface_id="eni-3", interface_owner="nat-gateway/nat-1", bytes=500)
    assert told_twice(tmp_path / "once", once) == []
    (said,) = told_twice(tmp_path / "ends", [*once, other_end])
    assert said.startswith("33% of all bytes are counted again")
    assert "`flowlogs query top-talkers` counts" in said
    (said,) = told_twice(tmp_path / "nat", [*once, nat])
    assert said.startswith("33% of all bytes were recorded by NAT gateways")


def test_copies_by_overlapping_flow_logs_are_said(tmp_path: Path) -> None:
    documents = [record(NOON + number, srcport=number) for number in range(300)]
    assert told_twice(tmp_path / "once", documents) == []
    (said,) = told_twice(tmp_path / "copies", [*documents, *documents[:100]])
    assert said.startswith("About 25% of the records are copies")
