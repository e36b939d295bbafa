"""Outliers: minutes that are unlike those before them."""

from flowlogs.search.dashboards.dashboard import Dashboard, Row
from flowlogs.search.dashboards.drawings import ACCEPTED, INBOUND, OUTBOUND, REJECTED, Amount, OutlierBand
from flowlogs.search.dashboards.navigation import TITLES, about, options

_GROUP = "security-group-ids"
HOW = (
    "The **band** is the mean of `window` timeslices, give or take `threshold` standard deviations; a point is marked "
    "where at least `consecutive` timeslices in a row lie outside. Those of the mean end `consecutive` before the one "
    "judged, so that a run is judged by what preceded it. The four inputs in a panel are yours to turn. Where records "
    "end before the range does, the panel says since when. More than 45 days of minutes, or 9 by group, OpenSearch "
    "refuses."
)


def _band(title: str, name: str, amount: Amount, split: str | None = None) -> OutlierBand:
    return OutlierBand(title=title, name=name, of=amount, split=split)


OUTLIERS = Dashboard(
    title=TITLES["outliers"],
    name="outliers",
    description="Minutes whose bytes, packets, accepts or rejects are unlike those before, also by security group.",
    rows=[
        Row(
            16,
            [
                about("outliers", "**See what is unusual:** a scan, an exfiltration, a failed release.", more=[HOW]),
                options(more=[_GROUP]),
            ],
            widths=[22, 26],
        ),
        Row(
            15,
            [
                _band("When are bytes unusual?", "bytes", Amount(unit="bytes", field="bytes")),
                _band("When are packets unusual?", "packets", Amount(unit="packets", field="packets")),
            ],
        ),
        Row(
            15,
            [
                _band("When are accepts unusual?", "accepts", Amount(unit="accepted records", only=[ACCEPTED])),
                _band("When are rejects unusual?", "rejects", Amount(unit="rejected records", only=[REJECTED])),
            ],
        ),
        Row(
            24,
            [
                _band(
                    "When is a group's inbound traffic unusual?",
                    "groups-inbound",
                    Amount(unit="bytes", field="bytes", only=[INBOUND]),
                    _GROUP,
                ),
                _band(
                    "When is a group's outbound traffic unusual?",
                    "groups-outbound",
                    Amount(unit="bytes", field="bytes", only=[OUTBOUND]),
                    _GROUP,
                ),
            ],
        ),
    ],
)
