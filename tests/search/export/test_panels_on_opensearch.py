"""Every panel of every dashboard, asked as Dashboards asks, of the real pipeline's documents on a real server."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asked_panels import Change, Panels, changed, refreshed
from expected_panels import DRAWN, EXPECTED
from opensearch_node.plugin import OpenSearch
from panel_numbers import OTHERS
from panel_queries import panel_asked, records_asked
from plain_counts import Count, by, hold, number, slice_of
from real_index import Server, delivered, generated, known, written
from saved_export import Object, Saved, read_export
from time_slices import Span
from vega_queries import drawn, rows, source_asked

from flowlogs.search.dashboards.export import as_ndjson, saved_objects

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = Span(START, START + timedelta(hours=1))
DAY = Span(START, START + timedelta(days=1))
DEMO = read_export(as_ndjson(saved_objects()))
PREFIX = "flowlogs-cwl-"


def of_type(*types: str) -> list[str]:
    """Give the names of panels of these types; only names are parameters of tests, ids have the run's own prefix."""
    return [saved.id.removeprefix(PREFIX) for saved in DEMO if kind(saved) in types]


def kind(saved: Saved) -> str:
    return str(saved.state["type"]) if saved.type == "visualization" else saved.type


AGGREGATED = [saved.id.removeprefix(PREFIX) for saved in DEMO if saved.type == "visualization" and saved.state["aggs"]]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generated(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def panels(opensearch: OpenSearch, demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Panels:
    prefix = opensearch.prefix()
    delivered(demo, opensearch.url, prefix, tmp_path_factory.mktemp("out"), *known(demo))
    return refreshed(opensearch.url, prefix)


@pytest.fixture(scope="module")
def bare(opensearch: OpenSearch, demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Panels:
    """Give documents of a pipeline that knows neither interfaces nor places."""
    prefix = opensearch.prefix()
    delivered(demo, opensearch.url, prefix, tmp_path_factory.mktemp("out"))
    return refreshed(opensearch.url, prefix)


@pytest.fixture(scope="module")
def short(opensearch: OpenSearch, tmp_path_factory: pytest.TempPathFactory) -> Panels:
    """Give documents of a log format that leaves out all but the essential."""
    prefix, folder = opensearch.prefix(), tmp_path_factory.mktemp("short")
    format_ = "${srcaddr} ${dstaddr} ${dstport} ${protocol} ${bytes} ${action} ${start} ${end}"
    demo = generated(folder / "demo", "--format", format_)
    delivered(demo, opensearch.url, prefix, folder / "out", "--format", format_)
    return refreshed(opensearch.url, prefix)


@pytest.fixture(scope="module")
def records(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Object]:
    return written(demo, tmp_path_factory.mktemp("files"), *known(demo))


def test_all_documents_are_on_the_server(panels: Panels, records: Sequence[Object]) -> None:
    assert panels.server.asked("GET", f"{panels.pattern.indexes}/_count")["count"] == len(records)
    assert {record["log-status"] for record in records} == {"OK", "NODATA", "SKIPDATA"}
    assert {record.get("type") for record in records} == {"IPv4", "IPv6", None}


def test_it_is_known_of_every_panel_what_it_has_to_show() -> None:
    assert set(EXPECTED) == set(AGGREGATED), "a panel is new or gone: say in expected_panels.py what it has to show"


@pytest.mark.parametrize("name", AGGREGATED)
def test_a_panel_shows_what_the_records_say(panels: Panels, records: list[Object], name: str) -> None:
    found = panels.shown(name, HOUR)
    assert any(any(row) for row in found.rows()), "the panel is empty"
    hold(found, EXPECTED[name], records)


def test_what_has_no_slice_of_its_own_is_the_rest(panels: Panels, records: list[Object]) -> None:
    pie = changed(panels.objects["overview-protocols"], lambda state, _: state["aggs"][1]["params"].update(size=1))
    found = panels.answer_to(pie, HOUR)
    assert [key == OTHERS for key in found.below] == [False, True]
    hold(found, Count([number], [by("protocol-name", 1, others=True)]), records)


def reading(agg: int, field: str) -> Change:
    return lambda state, _: state["aggs"][agg]["params"].update(field=field)


WRONG: list[tuple[str, str, Change]] = [
    ("another field", "overview-sources", reading(1, "dstaddr")),
    ("packets for bytes", "overview-totals", reading(1, "packets")),
    ("the fewest", "overview-sources", lambda state, _: state["aggs"][1]["params"].update(order="asc")),
    ("one too few", "traffic-dstports", lambda state, _: state["aggs"][1]["params"].update(size=9)),
    ("accepts too", "rejects-interfaces", lambda _, query: query.update(query="")),
    ("what the group sends", "security-groups-let-in", lambda _, query: query.update(query="action:ACCEPT")),
    ("the ends the wrong way round", "security-groups-both-ends", lambda state, _: state["aggs"].reverse()),
    ("the largest of each minute", "traffic-interfaces", lambda state, _: state["aggs"].reverse()),
]


@pytest.mark.parametrize(("name", "change"), [each[1:] for each in WRONG], ids=[each[0] for each in WRONG])
def test_a_panel_that_asks_something_else_is_caught(
    panels: Panels, records: list[Object], name: str, change: Change
) -> None:
    wrong = panels.answer_to(changed(panels.objects[name], change), HOUR)
    with pytest.raises(AssertionError):
        hold(wrong, EXPECTED[name], records)


def test_rejects_stay_a_number_a_minute_over_a_whole_day(panels: Panels, records: list[Object]) -> None:
    """Dashboards takes slices of ten minutes then; a tenth of what is in them is what a minute has."""
    (line,) = panels.shown("overview-rejects", DAY).below.values()
    rejected: dict[Any, list[Object]] = {}
    for record in records:
        if record.get("action") == "REJECT":
            rejected.setdefault(slice_of(record, timedelta(minutes=10))[0], []).append(record)
    shown_tenths = {at: sum(each.numbers) for at, each in line.below.items()}
    assert shown_tenths == pytest.approx({at: number(found) / 10 for at, found in rejected.items()})
    assert len(rejected) > 3


def test_a_panel_shows_nothing_of_another_time(panels: Panels) -> None:
    before = Span(START - timedelta(hours=1), START - timedelta(milliseconds=1))
    for name in AGGREGATED:
        assert not any(any(row) for row in panels.shown(name, before).rows()), name


@pytest.mark.parametrize("name", of_type("search"))
def test_a_list_of_records_has_its_columns_newest_first(panels: Panels, records: list[Object], name: str) -> None:
    saved = panels.objects[name]
    answer = panels.server.answer(records_asked(saved, panels.pattern, HOUR))
    assert answer["hits"]["total"]["value"] == len(records)
    found = [hit["_source"] for hit in answer["hits"]["hits"]]
    times = [each["@timestamp"] for each in found]
    assert times == sorted((record["@timestamp"] for record in records), reverse=True)[:500]
    for column in saved.attributes["columns"]:
        assert any(column in each for each in found), column


def controls() -> Iterator[tuple[str, int]]:
    for saved in DEMO:
        if kind(saved) == "input_control_vis":
            yield from ((saved.id.removeprefix(PREFIX), at) for at in range(len(saved.state["params"]["controls"])))


@pytest.mark.parametrize(("name", "at"), list(controls()))
def test_a_list_of_options_offers_the_values_there_are(
    panels: Panels, records: list[Object], name: str, at: int
) -> None:
    control = panels.objects[name].state["params"]["controls"][at]
    field = control["fieldName"]
    values = [record[field] for record in records if field in record]
    there = {value for each in values for value in (each if isinstance(each, list) else [each])}
    is_text = panels.pattern.types[field] == "string"
    found = panels.options(control, HOUR)
    assert set(found) <= there
    assert len(found) == min(len(there), 10 if is_text else control["options"]["size"])
    if is_text:
        some = max(there)
        assert panels.options(control, HOUR, typed=some[1:]) == [some], "what is typed is found"


def test_the_server_knows_every_field_as_the_index_pattern_does(panels: Panels) -> None:
    caps = panels.server.asked("GET", f"{panels.pattern.indexes}/_field_caps?fields=*")["fields"]
    for name, field in panels.pattern.fields.items():
        if not name.startswith("_"):
            ((type_, found),) = caps[name].items()
            assert [type_] == field["esTypes"], name
            assert found["searchable"] is field["searchable"], name
            assert found["aggregatable"] is field["aggregatable"], name
    assert {name for name in caps if not name.startswith("_")} <= set(panels.pattern.fields)


WITHOUT_KNOWLEDGE = ("accepts-map", "overview-map", "rejects-map", "sgdashboard-security-group-ids")


def test_without_inventory_and_places_every_panel_still_answers(bare: Panels, panels: Panels) -> None:
    empty = {name for name in AGGREGATED if not any(any(row) for row in bare.shown(name, HOUR).rows())}
    assert set(WITHOUT_KNOWLEDGE) < empty
    assert {name.split("-")[0] for name in set(AGGREGATED) - empty} >= {"accepts", "overview", "rejects", "traffic"}
    unknown = bare.shown("overview-unknown", HOUR).below
    assert unknown["known"].numbers == [0]
    assert sum(unknown["unknown interface"].numbers) == sum(
        sum(each.numbers) for each in panels.shown("overview-unknown", HOUR).below.values()
    )


def test_it_is_known_of_every_drawing_what_it_has_to_show() -> None:
    assert set(DRAWN) == set(of_type("vega")), "a drawing is new or gone: say in expected_panels.py what it has to show"


EARLIER = {"minutes_1": timedelta(days=1), "minutes_7": timedelta(days=7)}


@pytest.mark.parametrize("name", of_type("vega"))
def test_the_sources_of_a_drawing_have_what_the_records_say(panels: Panels, records: list[Object], name: str) -> None:
    for source in panels.sources(name):
        later = EARLIER.get(source["name"], timedelta(0))
        span = Span(HOUR.since + later, HOUR.until + later)
        found = rows(source, panels.server.answer(source_asked(source, span)))
        assert any(any(row) for row in drawn(found).rows()), (source["name"], "is empty")
        hold(drawn(found), DRAWN[name], records)


def test_drawings_of_a_comparison_look_back_a_day_and_a_week(panels: Panels) -> None:
    compared = [name for name in of_type("vega") if name.endswith("-compared")]
    assert len(compared) == 4
    for name in compared:
        assert [source["name"] for source in panels.sources(name)] == ["minutes_0", *EARLIER]


@pytest.mark.parametrize("name", of_type("vega"))
def test_a_drawing_keeps_to_the_filters_of_the_dashboard(panels: Panels, records: list[Object], name: str) -> None:
    address = max(str(record["srcaddr"]) for record in records if DRAWN[name].of(record) and "srcaddr" in record)
    own: dict[str, list[Object]] = {"filter": [{"match_phrase": {"srcaddr": address}}]}
    own["must_not"] = [{"match_phrase": {"protocol": 1}}]
    chosen = [record for record in records if record.get("srcaddr") == address and record["protocol"] != 1]
    for source in panels.sources(name):
        later = EARLIER.get(source["name"], timedelta(0))
        span = Span(HOUR.since + later, HOUR.until + later)
        found = rows(source, panels.server.answer(source_asked(source, span, own)))
        hold(drawn(found), DRAWN[name], chosen)


def test_before_the_first_document_every_drawing_finds_its_rows_empty(opensearch: OpenSearch) -> None:
    nothing = Panels(Server(opensearch.url), opensearch.prefix())
    for name in of_type("vega"):
        for source in nothing.sources(name):
            found = rows(source, nothing.server.answer(source_asked(source, HOUR)))
            assert not any(any(row) for row in drawn(found).rows())


def test_records_without_a_log_status_are_neither_missing_nor_unknown(short: Panels) -> None:
    there = short.server.asked("GET", f"{short.pattern.indexes}/_count")["count"]
    coverage = short.shown("overview-coverage", HOUR).below
    assert there == sum(sum(row) for row in coverage["records"].rows()) > 0
    assert [key for key, each in coverage.items() if any(each.rows())] == ["records"]
    unknown = short.shown("overview-unknown", HOUR).below
    assert [sum(each.numbers) for each in unknown.values()] == [0, 0], "without an interface there is none unknown"
    assert short.shown("overview-totals", HOUR).numbers[0] == there


def test_before_the_first_document_every_panel_is_empty_without_an_error(opensearch: OpenSearch) -> None:
    nothing = Panels(Server(opensearch.url), opensearch.prefix())
    for name in AGGREGATED:
        asked = panel_asked(nothing.objects[name], nothing.pattern, HOUR)
        assert nothing.server.answer(asked)["hits"]["total"]["value"] == 0


def test_another_prefix_has_the_same_panels_over_its_own_indexes(panels: Panels) -> None:
    own = as_ndjson(saved_objects(panels.prefix))
    assert panels.pattern.indexes == f"{panels.prefix}-*"
    assert own.replace(panels.prefix, "cwl") == as_ndjson(saved_objects())
