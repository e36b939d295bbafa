"""The panels of a report: what each asks, and the SQL that answers it."""

from collections.abc import Iterator, Sequence

from flowlogs.analyse.report import coverage_sql
from flowlogs.analyse.report.group_panels import group_panels
from flowlogs.analyse.report.panel import Panel
from flowlogs.analyse.report.panel_sql import ACCEPTED, REJECTED, by_slice, outliers, slice_of, top, totals
from flowlogs.analyse.report.picked import picked, picked_statuses
from flowlogs.analyse.report.span import Span
from flowlogs.analyse.window import Window

_SHIFTS = {86_400: "day_before", 604_800: "week_before"}
_SOURCE, _DESTINATION = "source AS address", "destination AS address"
_PAIR = ("client", "server", "server_port")


def panels(span: Span, interval: int) -> Iterator[Panel]:
    """Give the panels in the order of the page; `interval` is the aggregation interval in seconds."""
    yield from _overview(span)
    for name, where in (("accepts", ACCEPTED), ("rejects", REJECTED)):
        yield from _of_action(name, where, span)
    yield from _traffic(span)
    yield from group_panels(span)
    yield from _outliers(span)
    yield from _coverage(span, interval)


def sql_of(panel: Panel, span: Span, asked: Window) -> str:
    """Write the whole text of a panel, over the relations `seen` and `directed`."""
    before = picked_statuses(span, asked) if panel.is_of_statuses else picked(span, asked, panel.further)
    return f"{before}{'' if panel.select.startswith(',') else chr(10)}{panel.select}"


def _overview(span: Span) -> Iterator[Panel]:
    yield _map("overview-map", "Where sources are", "From which countries did packets come?")
    for name, key in (("sources", _SOURCE), ("destinations", _DESTINATION)):
        title = f"Top 10 {name} by bytes"
        question = f"Which {name} moved most bytes?"
        yield Panel(f"overview-{name}", title, question, top([key], ["bytes", "packets", "flows"], 10))
    yield Panel(
        "overview-rejects-minute",
        "Rejects over time",
        "How many flow records were rejected in each time slice?",
        by_slice(span, "flows", REJECTED),
    )
    yield Panel(
        "overview-actions",
        "Accepted and rejected",
        "How many flow records were accepted, and how many rejected?",
        top(["action"], ["flows", "bytes"], None),
    )
    yield Panel(
        "overview-protocols",
        "Top 10 protocols",
        "Which protocols have most flow records?",
        top(["protocol"], ["flows", "bytes"], 10),
    )
    yield Panel(
        "overview-interfaces",
        "Top 10 interfaces",
        "Which network interfaces recorded most flow records?",
        top(["interface_id"], ["flows", "bytes"], 10),
    )


def _of_action(name: str, where: str, span: Span) -> Iterator[Panel]:
    said = name.removesuffix("s") + "ed"
    yield _map(f"{name}-map", f"Where {said} sources are", f"From which countries did {said} packets come?", where)
    for part, key in (("interfaces", "interface_id"), ("protocols", "protocol"), ("destinations", _DESTINATION)):
        yield Panel(
            f"{name}-{part}",
            f"Top 10 {part} by {name}",
            f"Which {part} have most {said} flow records?",
            top([key], ["flows", "bytes"], 10, where=where),
        )
    if where == REJECTED:
        yield Panel(
            "rejects-sources-ports",
            "Top rejected sources and ports",
            "Which sources were rejected most, on which server ports?",
            top([_SOURCE, "server_port"], ["flows"], 20, where=where),
        )
    yield from _time_lines(name, f"{said.capitalize()} ", where, span)
    yield Panel(
        f"{name}-outliers",
        f"{name.capitalize()} that stand out",
        f"In which time slices were there far more or fewer {said} flow records than in those before?",
        outliers(span, "flows", where),
    )


def _traffic(span: Span) -> Iterator[Panel]:
    for name in ("source", "destination"):
        yield Panel(
            f"traffic-unique-{name}s",
            f"Different {name}s",
            f"How many different {name} addresses are there?",
            f"SELECT count(DISTINCT {name}) AS addresses\nFROM picked",
        )
    for said, where in (("accepted", ACCEPTED), ("rejected", REJECTED)):
        question = f"How many flow records, bytes and packets were {said} in all?"
        yield Panel(f"traffic-{said}", f"Total {said}", question, totals(["flows", "bytes", "packets"], where))
    yield Panel(
        "traffic-ports",
        "Top 10 server ports",
        "Which ports of servers have most flow records, both ways?",
        top(["server_port"], ["flows", "bytes"], 10),
    )
    yield from _time_lines("traffic", "", "true", span)
    ports = _indented(top(["server_port"], ["bytes"], 10))
    busiest = f"(\n    SELECT server_port FROM (\n        {ports}\n    ) AS busiest\n)"
    slice_ = f"{slice_of(span)} AS slice"
    yield Panel(
        "traffic-by-port",
        "Bytes by server port",
        "How many bytes went to and from each of the 10 busiest server ports in each time slice?",
        _in_order(top([slice_, "server_port"], ["bytes"], None, where=f"server_port IN {busiest}")),
    )
    yield Panel(
        "traffic-by-protocol",
        "Bytes by protocol",
        "How many bytes did each protocol move in each time slice?",
        _in_order(top([slice_, "protocol"], ["bytes"], None)),
    )
    yield Panel(
        "traffic-sankey",
        "Who talks to whom",
        "Which clients moved most bytes with which servers, on which server port?",
        top(_PAIR, ["bytes"], 30),
    )
    yield Panel(
        "traffic-pairs",
        "Clients and servers",
        "Which clients, servers and ports moved most bytes, both ways together?",
        top([*_PAIR, "protocol"], ["bytes", "packets", "flows"], 100),
    )


def _outliers(span: Span) -> Iterator[Panel]:
    for name, measure, where, what in (
        ("bytes", "bytes", "true", "bytes"),
        ("packets", "packets", "true", "packets"),
        ("accepts", "flows", ACCEPTED, "accepted flow records"),
        ("rejects", "flows", REJECTED, "rejected flow records"),
        ("inbound", "flows", "interface_end = 'destination'", "flow records that came in to an interface"),
        ("outbound", "flows", "interface_end = 'source'", "flow records that went out of an interface"),
    ):
        question = f"In which time slices were there far more or fewer {what} than in those before?"
        title = f"{name.capitalize()} that stand out"
        yield Panel(f"outliers-{name}", title, question, outliers(span, measure, where))


def _coverage(span: Span, interval: int) -> Iterator[Panel]:
    yield Panel(
        "coverage-strip",
        "What was recorded when",
        "For each interface and time slice: are there records, is it known that there were none, or were some lost?",
        coverage_sql.strip(span),
        is_of_statuses=True,
    )
    yield Panel(
        "coverage-table",
        "Gaps in what was recorded",
        f"How often does each interface say OK, NODATA or SKIPDATA, and pause for more than {2 * interval} s?",
        coverage_sql.gaps(interval),
        is_of_statuses=True,
    )
    yield Panel(
        "coverage-unknown",
        "Records whose groups are unknown",
        "Of how many flow records is no security group of the interface known, and how many have several?",
        _UNKNOWN,
    )


def _map(name: str, title: str, question: str, where: str = "") -> Panel:
    select = top(["source_country_code AS country"], ["flows", "bytes"], None, where=where)
    return Panel(name, title, question, select, further=("source_country_code",))


def _time_lines(name: str, said: str, where: str, span: Span) -> Iterator[Panel]:
    shifts: Sequence[tuple[str, int]] = [(_SHIFTS[seconds], seconds) for seconds in span.shifts()]
    for measure in ("bytes", "packets"):
        yield Panel(
            f"{name}-{measure}-time",
            f"{said}{measure} over time".capitalize(),
            f"How many {said.lower()}{measure} were there in each time slice, and a day and a week before?",
            by_slice(span, measure, where, shifts),
        )


def _in_order(select: str) -> str:
    """Order by time, not by sum."""
    head, _, _ = select.rpartition("ORDER BY")
    return f"{head}ORDER BY 1, 2"


def _indented(text: str) -> str:
    return text.replace("\n", "\n" + " " * 8)


_UNKNOWN = """
SELECT
    count(*) AS flows,
    count_if(coalesce(cardinality(security_group_ids), 0) = 0) AS without_groups,
    count_if(cardinality(security_group_ids) > 1) AS with_several_groups
FROM picked
""".strip()
