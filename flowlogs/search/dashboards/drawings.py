"""Panels that Vega draws: bands, comparisons, forecasts, who talks to whom; no other kind of panel can show these."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flowlogs.search.dashboards.colours import ACCEPT, REJECT, SERIES
from flowlogs.search.dashboards.panel import Place, Saved
from flowlogs.search.dashboards.vega.comparison import comparison
from flowlogs.search.dashboards.vega.outlier_band import outlier_band
from flowlogs.search.dashboards.vega.sankey import sankey
from flowlogs.search.dashboards.vega.trend import trend

Filter = dict[str, Any]
ACCEPTED: Filter = {"term": {"action": "ACCEPT"}}
REJECTED: Filter = {"term": {"action": "REJECT"}}
INBOUND: Filter = {"term": {"direction": "inbound"}}
OUTBOUND: Filter = {"term": {"direction": "outbound"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """What is drawn over time: a field's sum, or without one the number of records; `unit` is its word."""

    unit: str
    field: str | None = None
    only: Sequence[Filter] = ()

    @property
    def colour(self) -> str:
        """Accepts and rejects have their colours in every panel."""
        if ACCEPTED in self.only:
            return ACCEPT
        return REJECT if REJECTED in self.only else SERIES[0]

    def asked(self, place: Place) -> dict[str, Any]:
        """Give what every specification over time is told."""
        return {"index": place.pattern, "field": self.field, "query": list(self.only), "unit": self.unit}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlierBand:
    """Timeslices outside of what those before let expect; `split` has a row for each of a field's largest values."""

    title: str
    name: str
    of: Amount
    split: str | None = None

    def saved(self, place: Place) -> Saved:
        """Give what is saved."""
        return _drawn(outlier_band(**self.of.asked(place), split=self.split, colour=self.of.colour))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The time range beside yesterday's and last week's."""

    title: str
    name: str
    of: Amount

    def saved(self, place: Place) -> Saved:
        """Give what is saved."""
        return _drawn(comparison(**self.of.asked(place)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The moving average, and a forecast."""

    title: str
    name: str
    of: Amount

    def saved(self, place: Place) -> Saved:
        """Give what is saved."""
        return _drawn(trend(**self.of.asked(place), colour=self.of.colour))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sankey:
    """From whom to whom the bytes go."""

    title: str
    name: str
    source: str
    target: str

    def saved(self, place: Place) -> Saved:
        """Give what is saved."""
        return _drawn(sankey(index=place.pattern, source=self.source, target=self.target, field="bytes"))


def _drawn(specification: dict[str, Any]) -> Saved:
    """Write a specification as JSON, which is HJSON too, the language of Dashboards' Vega plugin."""
    return Saved("vega", {"spec": json.dumps(specification, indent=1, ensure_ascii=False)})
