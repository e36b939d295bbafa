"""What Accepts and Rejects have in common: the same questions, asked of one action."""

from collections.abc import Sequence
from dataclasses import dataclass

from flowlogs.search.dashboards.aggregations import Terms
from flowlogs.search.dashboards.charts import Bars, Map
from flowlogs.search.dashboards.dashboard import Dashboard, Row
from flowlogs.search.dashboards.drawings import Amount, Comparison, Filter, OutlierBand
from flowlogs.search.dashboards.navigation import TITLES, UNUSUAL, about, options


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionWords:
    """An action, and how it is spoken of."""

    name: str
    filter: Filter
    is_done: str
    are_done: str
    use: str
    description: str

    @property
    def query(self) -> str:
        """Ask for the records of the action."""
        return f"action:{self.filter['term']['action']}"


def action_dashboard(words: ActionWords, more: Sequence[Row] = ()) -> Dashboard:
    """Give the dashboard of an action, with rows of its own before the comparisons."""
    done, query = words.is_done, words.query
    colour = Amount(unit="records", only=[words.filter]).colour
    return Dashboard(
        title=TITLES[words.name],
        name=words.name,
        description=words.description,
        rows=[
            Row(13, [about(words.name, words.use, more=[UNUSUAL]), options("action")]),
            Row(20, [Map(title=f"Where do {done} sources sit?", name="map", query=query)]),
            Row(
                13,
                [
                    Bars(
                        title=f"Which 10 interfaces have most {words.are_done}?",
                        name="interfaces",
                        by=Terms("interface-id", "Interface"),
                        query=query,
                        colour=colour,
                    ),
                    Bars(
                        title=f"Which 10 protocols are {done}?",
                        name="protocols",
                        by=Terms("protocol-name", "Protocol"),
                        query=query,
                        colour=colour,
                    ),
                    Bars(
                        title=f"Which 10 destinations are {done} most?",
                        name="destinations",
                        by=Terms("dstaddr", "Destination address"),
                        query=query,
                        colour=colour,
                    ),
                ],
            ),
            *more,
            Row(
                13,
                [
                    Comparison(
                        title=f"Are {done} bytes like yesterday's and last week's?",
                        name="bytes-compared",
                        of=Amount(unit="bytes", field="bytes", only=[words.filter]),
                    ),
                    Comparison(
                        title=f"Are {done} packets like yesterday's and last week's?",
                        name="packets-compared",
                        of=Amount(unit="packets", field="packets", only=[words.filter]),
                    ),
                ],
            ),
            Row(
                15,
                [
                    OutlierBand(
                        title=f"When are {words.are_done} unusual?",
                        name="outliers",
                        of=Amount(unit=f"{done} records", only=[words.filter]),
                    )
                ],
            ),
        ],
    )
