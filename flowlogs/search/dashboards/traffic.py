"""Traffic: how many talk, on which ports, and whether it becomes more or less."""

from flowlogs.search.dashboards.aggregations import BYTES, PACKETS, RECORDS, Terms, different
from flowlogs.search.dashboards.charts import Bars, OverTime
from flowlogs.search.dashboards.dashboard import Dashboard, Row
from flowlogs.search.dashboards.drawings import Amount, OutlierBand, Trend
from flowlogs.search.dashboards.lists import Figures
from flowlogs.search.dashboards.navigation import TITLES, UNUSUAL, about, options

_ACTION = Terms("action", "Action", 2)

TRAFFIC = Dashboard(
    title=TITLES["traffic"],
    name="traffic",
    description="How many sources and destinations there are, on which ports, and whether bytes and packets rise.",
    rows=[
        Row(
            12,
            [
                about(
                    "traffic",
                    "**See the amounts:** how many talk, on which ports, and whether it becomes more.",
                    more=[UNUSUAL],
                ),
                options(),
            ],
        ),
        Row(
            8,
            [
                Figures(
                    title="How many different sources?",
                    name="sources",
                    show=[different("srcaddr", "Sources")],
                ),
                Figures(
                    title="How many different destinations?",
                    name="destinations",
                    show=[different("dstaddr", "Destinations")],
                ),
                Figures(
                    title="How much is accepted?",
                    name="accepted",
                    show=[RECORDS, BYTES],
                    query="action:ACCEPT",
                ),
                Figures(
                    title="How much is rejected?",
                    name="rejected",
                    show=[RECORDS, BYTES],
                    query="action:REJECT",
                ),
            ],
        ),
        Row(
            13,
            [
                Bars(
                    title="Which 10 source ports?", name="srcports", by=Terms("srcport", "Source port"), split=_ACTION
                ),
                Bars(
                    title="Which 10 destination ports?",
                    name="dstports",
                    by=Terms("dstport", "Destination port"),
                    split=_ACTION,
                ),
            ],
        ),
        Row(
            14,
            [
                Trend(title="Are bytes rising or falling?", name="bytes-trend", of=Amount(unit="bytes", field="bytes")),
                Trend(
                    title="Are packets rising or falling?",
                    name="packets-trend",
                    of=Amount(unit="packets", field="packets"),
                ),
            ],
        ),
        Row(
            12,
            [
                OverTime(
                    title="Which protocols carry the bytes?",
                    name="protocols",
                    show=[BYTES],
                    split=Terms("protocol-name", "Protocol", 5),
                    interval="auto",
                    stacked=True,
                ),
                OverTime(
                    title="Which interfaces carry the packets?",
                    name="interfaces",
                    show=[PACKETS],
                    split=Terms("interface-id", "Interface", 5),
                    interval="auto",
                    stacked=True,
                ),
            ],
        ),
        Row(
            11,
            [
                OverTime(
                    title="How do accepted and rejected records compare?",
                    name="actions",
                    split=_ACTION,
                    interval="auto",
                    stacked=True,
                ),
            ],
        ),
        Row(
            15,
            [
                OutlierBand(
                    title="When are bytes unusual?", name="bytes-outliers", of=Amount(unit="bytes", field="bytes")
                ),
                OutlierBand(
                    title="When are packets unusual?",
                    name="packets-outliers",
                    of=Amount(unit="packets", field="packets"),
                ),
            ],
        ),
    ],
)
