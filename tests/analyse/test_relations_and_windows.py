from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_lake import answered, row_of, write_lake

from flowlogs.analyse.engines import Engine
from flowlogs.analyse.lake import open_lake, parquet_files
from flowlogs.analyse.named_query import UnknownQuery, queries, query_named, read_query, with_relations
from flowlogs.analyse.relations import columns, known, named_in, seen, texts
from flowlogs.analyse.window import LastDays, Window, lasting
from flowlogs.decorate.document import lake_columns
from flowlogs.errors import SettingsError, UnreadableInput

NOW = 1_795_000_000
DAY = 86_400
FLOW = {"flow": "10.0.0.1:40000 > 10.0.0.2:443"}
HEAD = "-- title: Records\n-- question: How many?\n"


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def starts_seen(folder: Path, window: Window, *, once: bool = False) -> list[object]:
    lake = open_lake([str(folder)])
    text = seen(window.times(), once=once)
    _, rows = answered(lake.execute(f'SELECT "start" FROM ({text}) AS seen ORDER BY "start"'))
    return [start for (start,) in rows]


@pytest.mark.parametrize(("text", "expected"), [("90m", 5400), ("24h", DAY), ("7d", 7 * DAY), ("2w", 14 * DAY)])
def test_a_length_of_time_is_read(text: str, expected: int) -> None:
    assert lasting(f" {text} ") == expected


@pytest.mark.parametrize(
    "text", ["", "h", "0h", "7", "7 d", "-1d", "1.5h", "7D", "7days", "\u0667d", "9999999d", "1d2h"]
)
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="no length of time"):
        lasting(text)


def test_nothing_asked_is_all_time() -> None:
    assert Window.read(None, None, None, NOW) == Window()
    assert (Window().times(), Window().days()) == ("true", "true")


def test_the_last_hours_end_now_and_stay_open_for_clocks_ahead() -> None:
    assert Window.read(None, None, "24h", NOW) == Window(NOW - DAY, None)
    assert Window.read(None, None, "99999w", NOW) == Window(0, None)


@pytest.mark.parametrize(
    ("since", "until", "last"),
    [
        ("2026-11-20", None, "24h"),
        ("2026-11-20", "2026-11-20", None),
        ("2026-11-20", "2026-11-19T23:59", None),
        ("yesterday", None, None),
        (None, "2026-13-01", None),
        (None, "1990-01-01", "24h"),
        ("1960-01-01", None, None),
    ],
)
def test_a_time_that_is_none_or_has_no_length_is_refused(
    since: str | None, until: str | None, last: str | None
) -> None:
    with pytest.raises(SettingsError):
        Window.read(since, until, last, NOW)


def test_a_zone_in_a_time_is_obeyed_and_none_is_utc() -> None:
    assert Window.read("2026-11-20T01:00+01:00", None, None, NOW) == Window.read("2026-11-20", None, None, NOW)


def test_a_window_takes_its_first_second_and_not_its_end(tmp_path: Path) -> None:
    since, until = seconds("2026-11-19T23:00:00"), seconds("2026-11-20T01:00:00")
    starts = [since - 1, since, since + 1, until - 1, until]
    write_lake(tmp_path, [{**FLOW, "start": start} for start in starts])
    assert starts_seen(tmp_path, Window(since, until)) == starts[1:4]


@given(st.integers(DAY * 2, 4_000_000_000), st.integers(1, 3_000_000), st.data())
def test_the_days_named_hold_every_record_that_the_window_asks_for(
    since: int, length: int, data: st.DataObject
) -> None:
    """A record lies in the folder of the day on which it arrived: from a day early (clocks) to two days late."""
    window = Window(since, since + length)
    start = data.draw(st.integers(since, since + length - 1))
    began = datetime.fromtimestamp(start, UTC)
    arrived = data.draw(
        st.datetimes((began - timedelta(days=1)).replace(tzinfo=None), (began + timedelta(days=2)).replace(tzinfo=None))
    )
    ((found,),) = duckdb.execute(
        f'SELECT {window.times()} AND {window.days()} FROM (SELECT make_timestamp_ms(?) AS "timestamp", ? AS "date")',
        [start * 1000, arrived.strftime("%Y-%m-%d")],
    ).fetchall()
    assert found


def test_the_days_named_leave_others_out() -> None:
    window = Window(seconds("2026-11-10T10:00:00"), seconds("2026-11-11T10:00:00"))
    assert window.days() == "\"date\" >= '2026-11-09' AND \"date\" <= '2026-11-13'"


def test_the_last_days_are_said_in_words_of_the_day_on_which_it_runs() -> None:
    (row,) = duckdb.execute(
        f"""SELECT {LastDays(7).times()} AND {LastDays(7).days()} FROM (
            SELECT CAST(current_date - INTERVAL '6' DAY AS TIMESTAMP) AS "timestamp",
                CAST(current_date - INTERVAL '6' DAY AS VARCHAR) AS "date")"""
    ).fetchall()
    assert row == (True,)


def test_copies_of_overlapping_flow_logs_count_once_only_when_asked(tmp_path: Path) -> None:
    begun = row_of(FLOW)["start"]
    write_lake(
        tmp_path,
        [
            FLOW,
            {**FLOW, "version": 5, "vpc_id": "vpc-1"},  # another flow log's copy, with more fields
            {**FLOW, "interface_id": "eni-2"},  # the same flow, seen at the other end
            {**FLOW, "action": "REJECT"},
            {**FLOW, "bytes": 101},
        ],
    )
    assert starts_seen(tmp_path, Window()) == [begun] * 5
    assert starts_seen(tmp_path, Window(), once=True) == [begun] * 4


def test_of_copies_the_one_with_the_most_fields_stays(tmp_path: Path) -> None:
    write_lake(tmp_path, [FLOW, {**FLOW, "version": 5, "vpc_id": "vpc-1"}, FLOW])
    _, rows = answered(open_lake([str(tmp_path)]).execute("SELECT vpc_id FROM flows_once"))
    assert rows == [("vpc-1",)]


def test_messages_of_one_interface_about_one_time_are_copies_too(tmp_path: Path) -> None:
    write_lake(tmp_path, [{"log_status": "NODATA"}, {"log_status": "NODATA"}, {"log_status": "SKIPDATA"}])
    assert len(starts_seen(tmp_path, Window(), once=True)) == 2


def test_relations_that_are_not_named_are_not_put_in_front() -> None:
    assert with_relations("SELECT 1", {"mine": "SELECT 2"}) == "SELECT 1"
    assert with_relations("SELECT 1 -- of conversations, say", {}) == "SELECT 1 -- of conversations, say"


def test_a_relation_stands_behind_those_that_it_names_and_each_once() -> None:
    own = {
        "first": "SELECT 1 AS x",
        "second": "SELECT x FROM first",
        "third": "SELECT x FROM first JOIN second USING (x)",
    }
    assert [name for name, _ in named_in("SELECT x FROM third JOIN second USING (x)", own)] == [
        "first",
        "second",
        "third",
    ]


def test_relations_go_before_the_steps_of_a_text() -> None:
    own = {"numbers": "SELECT 7 AS x"}
    for sql in (
        "WITH twice AS (SELECT x * 2 AS x FROM numbers) SELECT x FROM twice",
        "with\n twice as (select 14 AS x FROM numbers)\nSELECT x FROM twice",
    ):
        assert duckdb.execute(with_relations(sql, own)).fetchall() == [(14,)]
    assert duckdb.execute(with_relations("SELECT x FROM numbers", own)).fetchall() == [(7,)]


def test_every_relation_can_be_selected_from(tmp_path: Path) -> None:
    lake = open_lake([str(write_lake(tmp_path, [FLOW]))])
    for name in texts():
        sql = with_relations(f"SELECT * FROM {name}", {"seen": seen("true"), **known("true")})
        assert len(lake.execute(sql).fetchall()) <= 1, name


def test_the_columns_of_a_lake_are_those_of_athena_and_the_day(tmp_path: Path) -> None:
    lake = open_lake([str(write_lake(tmp_path, [FLOW]))])
    assert [row[0] for row in lake.execute("DESCRIBE flows").fetchall()] == [*lake_columns(), "date"]
    assert columns().startswith('"version", ')


def test_a_lake_is_a_folder_a_file_a_glob_or_several(tmp_path: Path) -> None:
    write_lake(tmp_path / "a's", [FLOW, {**FLOW, "start": "2026-11-21"}])
    write_lake(tmp_path / "b", [FLOW])
    one = parquet_files(str(tmp_path / "b"))[0]
    for places, count in (
        ([str(tmp_path / "a's")], 2),
        ([one], 1),
        ([f"{tmp_path}/*/date=2026-11-20/*.parquet"], 2),
        ([str(tmp_path / "a's"), str(tmp_path / "b")], 3),
        ([str(tmp_path / "b"), one, f"{tmp_path}/b/**", str(tmp_path / "a's" / ".." / "b")], 1),
    ):
        assert open_lake(places).execute("SELECT count(*) FROM flows").fetchall() == [(count,)]


@pytest.mark.parametrize("name", ["a*", "a?", "a[b]", "[", "a]", "a{b,c}", "a\\b", "a'", "**", "[!a]"])
def test_a_file_is_read_once_even_if_its_name_would_be_a_glob(tmp_path: Path, name: str) -> None:
    folder = write_lake(tmp_path, [FLOW]) / "date=2026-11-20"
    (file,) = folder.iterdir()
    for other in (name, "ab", "ac", "\U00010000"):
        (folder / f"{other}.parquet").write_bytes(file.read_bytes())
    file.unlink()
    assert len(starts_seen(folder, Window())) == 4
    assert len(starts_seen(folder / f"{name}.parquet", Window())) == 1


def test_a_lake_uses_no_network_and_not_all_of_the_memory(tmp_path: Path) -> None:
    lake = open_lake([str(write_lake(tmp_path, [FLOW]))])
    settings = dict(
        lake.execute(
            "SELECT name, value FROM duckdb_settings() WHERE name LIKE 'auto%known_extensions' OR name = 'memory_limit'"
        ).fetchall()
    )
    assert settings == {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": "1.8 GiB",
    }
    with pytest.raises(duckdb.Error, match="httpfs"):
        lake.execute("SELECT * FROM 'https://192.0.2.1/flow.parquet'")


def test_unfinished_files_and_those_beside_the_lake_are_left_out(tmp_path: Path) -> None:
    folder = write_lake(tmp_path, [FLOW])
    (folder / "date=2026-11-20" / "part-1.parquet.part").write_bytes(b"PAR1 half")
    (folder / "date=2026-11-20" / ".part-2.parquet").write_bytes(b"PAR1 half")
    (folder / "dead-letters").mkdir()
    (folder / "dead-letters" / "lines.json.gz").write_bytes(b"\x1f\x8b")
    assert len(starts_seen(folder, Window())) == 1


@pytest.mark.parametrize("content", [b"", b"version account-id\n", b"PAR1", b"PAR1" + bytes(40) + b"PAR1"])
def test_a_file_that_is_no_parquet_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "flow.parquet"
    file.write_bytes(content)
    with pytest.raises(UnreadableInput, match=r"flow\.parquet") as refused:
        open_lake([str(file)])
    assert "\n" not in str(refused.value)
    assert "LINE 1" not in str(refused.value)


def test_parquet_of_something_else_is_refused_with_what_it_has(tmp_path: Path) -> None:
    file = tmp_path / "cities.parquet"
    duckdb.execute(f"COPY (SELECT 1 AS city, 2 AS people) TO '{file}' (FORMAT parquet)")
    with pytest.raises(UnreadableInput, match="not of flow records; it has city, people"):
        open_lake([str(file)])


def test_places_with_nothing_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no such file or folder"):
        open_lake([str(tmp_path / "none")])
    with pytest.raises(UnreadableInput, match="no Parquet file there"):
        open_lake([str(tmp_path)])
    with pytest.raises(UnreadableInput, match="no Parquet file there"):
        open_lake([f"{tmp_path}/*.parquet"])


def test_columns_that_older_files_lack_are_empty(tmp_path: Path) -> None:
    file = tmp_path / "old.parquet"
    duckdb.execute(
        f"COPY (SELECT 'eni-1' AS interface_id, 'OK' AS log_status, 7 AS bytes) TO '{file}' (FORMAT parquet)"
    )
    rows = (
        open_lake([str(file)]).execute('SELECT interface_id, bytes, source_country_code, "date" FROM flows').fetchall()
    )
    assert rows == [("eni-1", 7, None, None)]


def test_a_query_is_found_by_its_name_and_one_like_it_is_named() -> None:
    assert query_named("top-talkers") is queries()["top-talkers"]
    with pytest.raises(UnknownQuery, match="did you mean top-talkers"):
        query_named("top-talker")
    with pytest.raises(UnknownQuery, match="--list"):
        query_named("\x1b[2J" * 1000)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{HEAD}-- author: me\nSELECT 1", "not a line of the head"),
        (f"{HEAD}SELECT $limit", "parameters in the text are"),
        (f"{HEAD}-- parameter: limit number = 1: Rows\nSELECT 1", "parameters in the text are"),
        (f"{HEAD}-- parameter: limit number: Rows\nSELECT $limit", "not a parameter"),
        (f"{HEAD}-- parameter: limit amount = 1: Rows\nSELECT $limit", "amount"),
    ],
)
def test_a_file_that_is_not_as_it_must_be_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_query("mine", text)


def test_what_is_put_in_for_one_parameter_is_not_read_as_another() -> None:
    query = read_query(
        "mine", f"{HEAD}-- parameter: a text = x: One\n-- parameter: b text = y: Other\nSELECT $a || $b AS both\n"
    )
    text = query.text(Engine.DUCKDB, {"a": "$b' || '$b"})
    assert duckdb.execute(text).fetchall() == [("$b' || '$by",)]


def test_values_of_no_parameter_and_values_that_lack_are_refused() -> None:
    with pytest.raises(SettingsError, match="top-talkers has no parameter ports; it takes limit"):
        query_named("top-talkers").text(Engine.DUCKDB, {"ports": "22"})
    with pytest.raises(SettingsError, match=r"who-talked-to needs address, .*: --set address=10\.0\.0\.7"):
        query_named("who-talked-to").text(Engine.DUCKDB)


def test_a_text_for_athena_names_the_days_to_read() -> None:
    window = Window(NOW - DAY, NOW)
    assert '"date" >= ' in query_named("top-talkers").text(Engine.ATHENA, {}, window)
    assert '"date" >= ' not in query_named("top-talkers").text(Engine.DUCKDB, {}, window)
