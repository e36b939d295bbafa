"""How much of the records a cube tells apart, so that it never has more rows than asked for."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from flowlogs.analyse.report.group_sets import GROUPS_KEPT, GroupSets
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
    *range(1_536, 3_072, 512),
    *range(3_072, 6_144, 1_024),
    *range(6_144, 12_288, 2_048),
    12_288,
    16_384,
    32_768,
)
"""How many addresses may be told apart."""
_PROTOCOLS = 4
"""How many protocols are told apart at least."""
_MANY_SLICES = 16
"""Of so many slices every fourth tells how many rows there are in all: a row is of one slice."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What a cube is for.

    With `enough` addresses told apart, slices are not made longer to tell more apart; nor are they where fewer than
    `fewest_slices` would be left, as long as anything fits.
    """

    enough: int
    fewest_slices: int


TIME_LINES = Aim(enough=128, fewest_slices=48)
ADDRESSES = Aim(enough=2_048, fewest_slices=1)


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

    @property
    def groups(self) -> int:
        """How many security groups are told apart."""
        return GROUPS_KEPT[self.set_level]

    def kept_of(self, name: str) -> int:
        """Give how many entries of a list are told apart."""
        return {
            "address": self.kept,
            "interface": self.interfaces,
            "port": self.ports,
            "protocol": self.protocols,
            "group": self.groups,
        }[name]

    def dimensions(self) -> dict[str, str]:
        """Give the SQL of every dimension of the cube."""
        return {
            "slice": self.slice(),
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
        return f"SELECT {listed}, {sums} FROM report_cells GROUP BY {', '.join(map(str, range(1, len(columns) + 1)))}"

    def slice(self) -> str:
        """Write the number of a cell's slice."""
        later = self.finest.since - self.span.since
        return f"CAST((CAST(slice AS BIGINT) * {self.finest.step} + {later}) // {self.span.step} AS INTEGER)"


def details(
    connection: duckdb.DuckDBPyConnection, finest: Span, sets: GroupSets, aim: Aim, limit: int
) -> Iterator[Detail]:
    """Give details that should fit in so many rows: the best first, then ever coarser ones.

    Rows are estimated here: who takes one must count, and go on to the next where there are too many.
    """

    def fits(detail: Detail) -> bool:
        return _rows(connection, detail) <= limit

    spans = [each for each in _spans(finest) if each.slices >= aim.fewest_slices] or [finest]
    enough = [_detail(each, finest, aim.enough, sets) for each in spans]
    span = spans[min(bisect_left(enough, True, key=fits), len(spans) - 1)]
    tried = [_detail(span, finest, kept, sets) for kept in _KEPT]
    too_many = bisect_left(tried, True, key=lambda detail: not fits(detail))
    most = tried[max(0, too_many - 1)].kept
    for each in _spans(span):
        yield from (_detail(each, finest, kept, sets) for kept in reversed(_KEPT) if kept <= most)


def _rows(connection: duckdb.DuckDBPyConnection, detail: Detail) -> int:
    counted = f"approx_count_distinct(hash({', '.join(detail.dimensions().values())}))"
    part = 4 if detail.span.slices >= _MANY_SLICES else 1
    where = f"{detail.slice()} % {part} = 0"
    ((count,),) = connection.execute(f"SELECT {counted} FROM report_cells WHERE {where}").fetchall()
    return int(count) * part


def _detail(span: Span, finest: Span, kept: int, sets: GroupSets) -> Detail:
    return Detail(span, finest, kept, sets.level(kept))


def _spans(span: Span) -> Iterator[Span]:
    each: Span | None = span
    while each is not None:
        yield each
        each = each.coarser()
