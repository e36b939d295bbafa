"""A dashboard: rows of panels on Dashboards' grid of 48 columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flowlogs.search.dashboards.panel import Panel

COLUMNS = 48
"""Width of the grid. Source: OpenSearch Dashboards, `DASHBOARD_GRID_COLUMN_COUNT`; a row unit is 20 pixels high."""


@dataclass(frozen=True, slots=True)
class Row:
    """Panels side by side, of one height; each takes a share of the width, all alike unless `widths` says it."""

    height: int
    panels: Sequence[Panel]
    widths: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a panel lies, in units of the grid."""

    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """Title, what it is for in a sentence, and its rows from above; `since` is the time range it opens with."""

    title: str
    name: str
    description: str
    rows: Sequence[Row]
    since: str = "now-24h"

    def cells(self) -> Iterator[tuple[Panel, Cell]]:
        """Give every panel with its place; raise ValueError where a row does not fill the grid."""
        y = 0
        for row in self.rows:
            x = 0
            for panel, width in zip(row.panels, self._widths(row), strict=True):
                yield panel, Cell(x, y, width, row.height)
                x += width
            y += row.height

    def _widths(self, row: Row) -> Sequence[int]:
        widths = row.widths or [COLUMNS // len(row.panels)] * len(row.panels)
        if sum(widths) != COLUMNS:
            raise ValueError(f"a row of {self.title} is {sum(widths)} columns wide, not {COLUMNS}")
        return widths
