"""How much of the records a report tells apart, so that it never has more rows than asked for."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import duckdb

from flowlogs.analyse.report.group_sets import GroupSets
from flowlogs.analyse.report.span import Span

ABSENT, OTHERS = 0, -1
"""What the number of a rank becomes where nothing is known, and where it is one of many; of area n it is -1 - n."""

_KEPT = (
    *range(0, 48, 8),
    *range(48, 96, 16),
    *range(96, 192, 32),
    *range(192, 384, 64),
    *range(384, 768, 128),
    *range(768, 1_536, 256),
    1_536,
    2_048,
    3_072,
    4_096,
    8_192,
)
"""How many addresses may be told apart."""
_ENOUGH = 128
"""With so many, slices are not made longer to tell more apart."""
_FEWEST_SLICES = 48
"""Nor are they where fewer than these would be left, as long as anything fits."""
_PROTOCOLS = 4
"""How many protocols are told apart at least."""
_RANKED = """(
    SELECT report_cells.*, coalesce(ports.rank, 0) AS port_rank, coalesce(protocols.rank, 0) AS protocol_rank, sets.*
    FROM report_cells
    LEFT JOIN report_ports AS ports USING (server_port)
    LEFT JOIN report_protocols AS protocols USING (protocol)
    JOIN report_folded_sets AS sets USING (set)
) AS ranked"""


@dataclass(frozen=True, slots=True)
class Detail:
    """So many addresses and interfaces are told apart in slices of `span`, and fewer of all else.

    `finest` is the span by which the cells are cut; a slice of `span` is one or more of its slices.
    """

    span: Span
    finest: Span
    kept: int
    set_level: int

    @property
    def areas(self) -> int:
        """How many countries and subnets are told apart, of those left out."""
        return self.kept // 4

    @property
    def interfaces(self) -> int:
        """How many interfaces are told apart: mostly an address tells which it is."""
        return self.kept // 2

    @property
    def ports(self) -> int:
        """How many server ports are told apart."""
        return self.kept // 4

    @property
    def protocols(self) -> int:
        """How many protocols are told apart."""
        return max(self.kept, _PROTOCOLS)

    def dimensions(self) -> dict[str, str]:
        """Give the SQL of every dimension of the cube."""
        return {
            "slice": self._slice(),
            "interface": self.folded(self.interfaces, "interface", "interface_area"),
            "source": self.folded(self.kept, "source", "source_area"),
            "destination": self.folded(self.kept, "destination", "destination_area"),
            "port": self.folded(self.ports, "port_rank"),
            "protocol": self.folded(self.protocols, "protocol_rank"),
            "action": "action",
            "direction": "direction",
            "end": '"end"',
            "set": f"level{self.set_level}",
            "reply": "reply",
        }

    def folded(self, kept: int, rank: str, area: str = "0") -> str:
        """Write what a rank becomes: itself where it is among those kept, else its area, else one of many."""
        return (
            f"CASE WHEN {rank} <= {kept} THEN {rank} "
            f"WHEN {area} BETWEEN 1 AND {self.areas} THEN {OTHERS} - {area} ELSE {OTHERS} END"
        )

    def cube(self) -> str:
        """Write the query of the cube's rows."""
        columns = self.dimensions()
        listed = ", ".join(f'{sql} AS "{name}"' for name, sql in columns.items())
        sums = "sum(flows) AS flows, sum(packets) AS packets, sum(bytes) AS bytes"
        return f"SELECT {listed}, {sums} FROM {_RANKED} GROUP BY {', '.join(map(str, range(1, len(columns) + 1)))}"

    def _slice(self) -> str:
        later = self.finest.since - self.span.since
        return f"CAST((CAST(slice AS BIGINT) * {self.finest.step} + {later}) // {self.span.step} AS INTEGER)"


def details(connection: duckdb.DuckDBPyConnection, finest: Span, sets: GroupSets, limit: int) -> Iterator[Detail]:
    """Give details that should fit in so many rows: the best first, then ever coarser ones.

    Rows are estimated here: who takes one must count, and go on to the next where there are too many.
    """

    def rows(detail: Detail) -> int:
        counted = f"approx_count_distinct(hash({', '.join(detail.dimensions().values())}))"
        ((count,),) = connection.execute(f"SELECT {counted} FROM {_RANKED}").fetchall()
        return int(count)

    span = _span_of_enough(finest, lambda each: rows(_detail(each, finest, _ENOUGH, sets)) <= limit)
    tried = [_detail(span, finest, kept, sets) for kept in _KEPT]
    fitting = len(tried) if rows(tried[-1]) <= limit else max(1, bisect_right(tried, limit, key=rows))
    most = tried[fitting - 1].kept
    for each in _spans(span):
        yield from (_detail(each, finest, kept, sets) for kept in reversed(_KEPT) if kept <= most)


def _span_of_enough(finest: Span, fits: Callable[[Span], bool]) -> Span:
    """Give the finest span in which enough is told apart, else the coarsest that still is a time line."""
    spans = [finest, *(span for span in _spans(finest.coarser()) if span.slices >= _FEWEST_SLICES)]
    return next((span for span in spans[:-1] if fits(span)), spans[-1])


def _detail(span: Span, finest: Span, kept: int, sets: GroupSets) -> Detail:
    return Detail(span, finest, kept, sets.level(kept))


def _spans(span: Span | None) -> Iterator[Span]:
    while span is not None:
        yield span
        span = span.coarser()
