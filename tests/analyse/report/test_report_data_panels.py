"""Every panel of a report asks what its question says, and the answers are right by hand."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from report_lake import NOON, asked_sql, data_of, lake, record, silence

from flowlogs.analyse.report.contents import NothingToReport
from flowlogs.analyse.report.picked import FILTER
from flowlogs.analyse.window import Window

_NIGHT = {"srcaddr": "10.0.0.5", "dstaddr": "203.0.113.7", "srcport": 443, "dstport": 40_000}
_DOCUMENTS = [
    record(NOON, bytes=100, security_group_ids=["sg-a", "sg-b"], vpc_id="vpc-1", subnet_id="subnet-1"),
    record(NOON + 1, **_NIGHT, bytes=5_000, interface_end="source", direction="outbound", security_group_ids=["sg-a"]),
    record(
        NOON + 120, srcaddr="198.51.100.1", dstport=22, action="REJECT", bytes=40, packets=1, source_country_code="DE"
    ),
    record(
        NOON + 121, srcaddr="198.51.100.1", dstport=22, action="REJECT", bytes=40, packets=1, source_country_code="DE"
    ),
    record(
        NOON + 180, srcaddr="10.0.0.9", srcport=50_000, dstport=5_432, direction="internal", bytes=7, vpc_id="vpc-2"
    ),
    silence("NODATA", NOON, "eni-2"),
    silence("SKIPDATA", NOON + 60, "eni-2"),
]
_ANSWERS: dict[str, list[Any]] = {
    "overview-map": [("DE", 2, 80)],
    "overview-sources": [
        ("10.0.0.5", 5_000, 2, 1),
        ("203.0.113.7", 100, 2, 1),
        ("198.51.100.1", 80, 2, 2),
        ("10.0.0.9", 7, 2, 1),
    ],
    "overview-destinations": [("203.0.113.7", 5_000, 2, 1), ("10.0.0.5", 187, 6, 4)],
    "overview-rejects-minute": [(NOON, 0), (NOON + 60, 0), (NOON + 120, 2), (NOON + 180, 0)],
    "overview-actions": [("ACCEPT", 3, 5_107), ("REJECT", 2, 80)],
    "overview-protocols": [(6, 5, 5_187)],
    "overview-interfaces": [("eni-1", 5, 5_187)],
    "accepts-map": [],
    "accepts-destinations": [("10.0.0.5", 2, 107), ("203.0.113.7", 1, 5_000)],
    "accepts-bytes-time": [(NOON, 5_100), (NOON + 60, 0), (NOON + 120, 0), (NOON + 180, 7)],
    "rejects-packets-time": [(NOON, 0), (NOON + 60, 0), (NOON + 120, 2), (NOON + 180, 0)],
    "rejects-sources-ports": [("198.51.100.1", 22, 2)],
    "traffic-unique-sources": [(4,)],
    "traffic-unique-destinations": [(2,)],
    "traffic-accepted": [(3, 5_107, 6)],
    "traffic-rejected": [(2, 80, 2)],
    "traffic-ports": [(22, 2, 80), (443, 2, 5_100), (5_432, 1, 7)],
    "traffic-by-port": [(NOON, 443, 5_100), (NOON + 120, 22, 80), (NOON + 180, 5_432, 7)],
    "traffic-by-protocol": [(NOON, 6, 5_100), (NOON + 120, 6, 80), (NOON + 180, 6, 7)],
    "traffic-sankey": [
        ("203.0.113.7", "10.0.0.5", 443, 5_100),
        ("198.51.100.1", "10.0.0.5", 22, 80),
        ("10.0.0.9", "10.0.0.5", 5_432, 7),
    ],
    "groups-vpcs": [("vpc-1", 100, 2, 1), ("vpc-2", 7, 2, 1)],
    "groups-subnets": [("subnet-1", 100, 2, 1)],
    "groups-packets": [("sg-a", 4, 5_100, 2), ("sg-b", 2, 100, 1)],
    "groups-counts": [(2, 1, 2)],
    "groups-ports": [("sg-a", 443, 1), ("sg-b", 443, 1)],
    "groups-directions": [("inbound", 3, 180), ("internal", 1, 7), ("outbound", 1, 5_000)],
    "groups-usage": [("sg-a", 1, 100, 1, 1, NOON), ("sg-b", 1, 100, 1, 1, NOON)],
    "coverage-unknown": [(5, 3, 1)],
    "coverage-table": [
        ("eni-2", 0, 1, 1, 0, 0, NOON, NOON + 120),
        ("eni-1", 5, 0, 0, 0, 0, NOON, NOON + 239),
    ],
}
_PANELS = {
    "accepts-bytes-time",
    "accepts-destinations",
    "accepts-interfaces",
    "accepts-map",
    "accepts-outliers",
    "accepts-packets-time",
    "accepts-protocols",
    "coverage-strip",
    "coverage-table",
    "coverage-unknown",
    "groups-counts",
    "groups-directions",
    "groups-packets",
    "groups-ports",
    "groups-subnets",
    "groups-usage",
    "groups-vpcs",
    "outliers-accepts",
    "outliers-bytes",
    "outliers-inbound",
    "outliers-outbound",
    "outliers-packets",
    "outliers-rejects",
    "overview-actions",
    "overview-destinations",
    "overview-interfaces",
    "overview-map",
    "overview-protocols",
    "overview-rejects-minute",
    "overview-sources",
    "records",
    "rejects-bytes-time",
    "rejects-destinations",
    "rejects-interfaces",
    "rejects-map",
    "rejects-outliers",
    "rejects-packets-time",
    "rejects-protocols",
    "rejects-sources-ports",
    "traffic-accepted",
    "traffic-by-port",
    "traffic-by-protocol",
    "traffic-bytes-time",
    "traffic-packets-time",
    "traffic-pairs",
    "traffic-ports",
    "traffic-rejected",
    "traffic-sankey",
    "traffic-unique-destinations",
    "traffic-unique-sources",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[duckdb.DuckDBPyConnection, Any]]:
    """Give a small lake, and what a report says of it."""
    with lake(tmp_path_factory.mktemp("lake"), _DOCUMENTS) as connection:
        yield connection, data_of(connection)


def test_there_is_every_panel_and_each_text_takes_one_filter(tmp_path: Path) -> None:
    with lake(tmp_path, _DOCUMENTS) as connection:
        data = data_of(connection)
        assert set(data["panels"]) == _PANELS
        for name, panel in data["panels"].items():
            assert panel["sql"].count(FILTER) == 1
            assert re.fullmatch(r"[A-Z].*\?( [A-Z].*\.)?", panel["question"]), name
            assert panel["title"]
            assert asked_sql(connection, data, name, "start >= 0") == asked_sql(connection, data, name), name


@pytest.mark.parametrize("panel", sorted(_ANSWERS))
def test_a_panel_answers_what_it_asks(panel: str, small: tuple[duckdb.DuckDBPyConnection, Any]) -> None:
    assert asked_sql(*small, panel) == _ANSWERS[panel]


def test_a_filter_narrows_what_a_panel_answers(tmp_path: Path) -> None:
    with lake(tmp_path, _DOCUMENTS) as connection:
        data = data_of(connection)
        found = asked_sql(connection, data, "overview-sources", "contains(security_group_ids, 'sg-b')")
        assert found == [("203.0.113.7", 100, 2, 1)]


@pytest.mark.parametrize(
    ("counts", "last"),
    [
        ([3, 5] * 5 + [8], (8, 1.0, 7.0, True)),
        ([3, 5] * 5 + [7], (7, 1.0, 7.0, False)),
        ([3, 5] * 5 + [0], (0, 1.0, 7.0, True)),
        ([1, 9] * 5 + [0], (0, 0.0, 17.0, False)),
        ([3] * 9 + [30], (30, None, None, False)),
    ],
)
def test_an_outlier_is_far_from_the_ten_slices_before(tmp_path: Path, counts: list[int], last: tuple[Any, ...]) -> None:
    documents = [record(NOON + 60 * place) for place, count in enumerate(counts) for _ in range(count)]
    documents.append(silence("NODATA", NOON + 60 * (len(counts) - 1)))
    with lake(tmp_path, documents) as connection:
        found = asked_sql(connection, data_of(connection), "outliers-accepts")
    assert found[-1] == (NOON + 60 * (len(counts) - 1), *last)


def test_a_time_line_has_the_day_before_beside_it(tmp_path: Path) -> None:
    with lake(tmp_path, [record(NOON, bytes=1), record(NOON + 86_400, bytes=2)]) as connection:
        data = data_of(connection)
        found = asked_sql(connection, data, "traffic-bytes-time")
    assert data["comparison"] == {"step": 300, "shifts": [86_400]} or data["about"]["step"] == 300
    assert found[-1] == (NOON + 86_400, 2, 1)
    assert found[0] == (NOON, 1, None)


def test_coverage_tells_silence_loss_and_gaps_apart(tmp_path: Path) -> None:
    documents = [
        record(NOON, end=NOON + 59),
        silence("NODATA", NOON + 60),
        record(NOON + 360, end=NOON + 430),
        silence("SKIPDATA", NOON + 420),
        record(NOON + 480, interface_id="eni-2", end=NOON + 500),
    ]
    with lake(tmp_path, documents) as connection:
        data = data_of(connection)
    covered = {each["id"]: each for each in data["coverage"]["interfaces"]}
    assert covered["eni-1"]["slices"] == "120000130"
    assert covered["eni-2"]["slices"] == "000000001"
    assert [covered["eni-1"][name] for name in ("ok", "nodata", "skipdata", "gaps", "gap_seconds")] == [2, 1, 1, 1, 240]
    assert [each["id"] for each in data["coverage"]["interfaces"]] == ["eni-1", "eni-2"]
    assert data["interfaces"]["id"][covered["eni-2"]["interface"]] == "eni-2"
    assert data["coverage"]["total"] == 2


def test_an_end_in_the_far_future_covers_no_more_than_the_report_shows(tmp_path: Path) -> None:
    with lake(tmp_path, [record(NOON, end=2**62), record(NOON + 120, interface_id="eni-2")]) as connection:
        data = data_of(connection)
    assert {each["id"]: each["slices"] for each in data["coverage"]["interfaces"]} == {"eni-1": "111", "eni-2": "001"}


def test_an_interface_that_only_says_there_was_nothing_is_covered_too(tmp_path: Path) -> None:
    with lake(tmp_path, [silence("NODATA", NOON)]) as connection:
        data = data_of(connection)
    assert data["cubes"][0]["length"] == 0
    assert [(each["id"], each["slices"], each["interface"]) for each in data["coverage"]["interfaces"]] == [
        ("eni-1", "2", -1)
    ]


def test_raw_records_are_the_heaviest_first_without_empty_columns(tmp_path: Path) -> None:
    documents = [record(NOON + number, bytes=number) for number in range(2_100)]
    with lake(tmp_path, documents) as connection:
        data = data_of(connection)
        found = asked_sql(connection, data, "records")
    columns, listed = data["records"]["columns"], data["records"]["rows"]
    assert [row[columns.index("bytes")] for row in listed] == list(range(2_099, 99, -1))
    assert "tcp_flags" not in columns
    assert [tuple(row) for row in listed] == found


def test_raw_records_never_weigh_more_than_a_megabyte(tmp_path: Path) -> None:
    tags = {f"instance_tag{end}": "<" * 10_000 for end in ("", "_2")}
    with lake(tmp_path, [record(NOON + number, **tags) for number in range(2_000)]) as connection:
        data = data_of(connection)
    assert 100 < len(data["records"]["rows"]) < 500


def test_a_report_of_a_part_of_the_time_is_about_that_part(tmp_path: Path) -> None:
    with lake(tmp_path, _DOCUMENTS) as connection:
        data = data_of(connection, Window(NOON + 1, NOON + 121))
        assert asked_sql(connection, data, "overview-actions") == [("ACCEPT", 1, 5_000), ("REJECT", 1, 40)]
        assert data["about"]["records"] == 2
        assert data["about"]["asked"] == {"from": "2026-11-21T12:00:01Z", "to": "2026-11-21T12:02:01Z"}
        with pytest.raises(NothingToReport, match="no records of that time"):
            data_of(connection, Window(NOON + 10**6))


@pytest.mark.parametrize(
    ("documents", "told", "untold"),
    [
        (
            [*_DOCUMENTS, record(sample_rate=10, end=NOON + 599)],
            ["1 records say SKIPDATA", "samples", "TCP flags", "10 min"],
            ["inventory", "geo", "rejected records", "ports:", "which end"],
        ),
        (
            [record(dstport=None, srcport=None, direction=None, interface_end=None, tcp_flags=2)],
            ["inventory", "geo databases", "which end", "No record has ports", "no rejected", "1 min"],
            ["SKIPDATA", "samples", "TCP flags", "no accepted"],
        ),
    ],
    ids=["full", "bare"],
)
def test_a_reader_is_told_what_the_data_lack(
    tmp_path: Path, documents: list[Any], told: list[str], untold: list[str]
) -> None:
    with lake(tmp_path, documents) as connection:
        notes = " ".join(data_of(connection)["about"]["notes"])
    assert [word for word in told if word not in notes] == []
    assert [word for word in untold if word in notes] == []
