"""Overview: who talks to whom, how much, and whether anything is missing from what one sees."""

from flowlogs.search.dashboards.aggregations import BYTES, PACKETS, RECORDS, Queries, Terms, latest
from flowlogs.search.dashboards.charts import Bars, Map, OverTime
from flowlogs.search.dashboards.dashboard import Dashboard, Row
from flowlogs.search.dashboards.drawings import Sankey
from flowlogs.search.dashboards.lists import Figures, Pie, Table
from flowlogs.search.dashboards.navigation import TITLES, about, options
from flowlogs.search.dashboards.panel import Place
from flowlogs.search.dashboards.texts import Text

_ACTION = Terms("action", "Action", 2)
_ALL = 1000
"""More than most organizations have accounts or VPCs: a silent one has few records, and must be in the list."""
_TRAFFIC = "NOT log-status:NODATA AND NOT log-status:SKIPDATA"
"""Records of traffic, also in a log format that leaves out the status."""
_OF_INTERFACES = f"{_TRAFFIC} AND interface-id:*"
_UNKNOWN = f"{_OF_INTERFACES} AND NOT security-group-ids:* AND NOT interface-owner:*"


def _health(_: Place) -> str:
    return (
        "What this page shows has arrived. Lag, failed and requeued records, throttled calls and the age of the "
        "inventory and of the geo databases are metrics: see the CloudWatch dashboard that the stack's output "
        "`HealthDashboard` names, and `flowlogs doctor`, which says what is missing and what to do.\n\n"
        "`NODATA` means that an interface was there and had no traffic; `SKIPDATA` that AWS lost records of it: "
        "then nothing can be called unused for that time. An account or VPC without any record in the time range is in "
        "no list: choose a longer one, and sort by *Last record*.\n"
    )


OVERVIEW = Dashboard(
    title=TITLES["overview"],
    name="overview",
    description="Who talks to whom and how much, what is accepted and rejected, and what is missing from the logs.",
    rows=[
        Row(
            12,
            [
                about(
                    "overview", "**Start here:** who talks to whom, how much of it is rejected, and is it all there?"
                ),
                options(),
            ],
        ),
        Row(
            9,
            [
                Figures(
                    title="How much traffic is there?",
                    name="totals",
                    show=[RECORDS, BYTES, PACKETS],
                    query=_TRAFFIC,
                ),
                Pie(title="How many records are accepted?", name="actions", by=_ACTION),
                Pie(
                    title="Which share has each protocol?",
                    name="protocols",
                    by=Terms("protocol-name", "Protocol", 10, others=True),
                ),
            ],
            widths=[20, 14, 14],
        ),
        Row(
            10,
            [
                OverTime(
                    title="Is anything missing from the logs?",
                    name="coverage",
                    split=Queries(
                        [
                            ("records", _TRAFFIC),
                            ("no traffic (NODATA)", "log-status:NODATA"),
                            ("lost by AWS (SKIPDATA)", "log-status:SKIPDATA"),
                        ]
                    ),
                    interval="auto",
                    roots=True,
                ),
                Figures(title="How fresh is it?", name="newest", show=[latest("Newest record")], size=14),
                Text(title="Is the pipeline itself well?", name="health", write=_health),
            ],
            widths=[22, 10, 16],
        ),
        Row(
            22,
            [
                Sankey(title="Who talks to whom?", name="talkers", source="srcaddr", target="dstaddr"),
                Map(title="Where do the sources sit?", name="map"),
            ],
        ),
        Row(
            14,
            [
                Bars(
                    title="Which 10 sources send most?",
                    name="sources",
                    by=Terms("srcaddr", "Source address"),
                    show=BYTES,
                ),
                Bars(
                    title="Which 10 destinations get most?",
                    name="destinations",
                    by=Terms("dstaddr", "Destination address"),
                    show=BYTES,
                ),
            ],
        ),
        Row(
            12,
            [
                OverTime(title="How many are rejected a minute?", name="rejects", split=_ACTION, query="action:REJECT"),
                OverTime(
                    title="How do accepts and rejects compare?",
                    name="compared",
                    split=_ACTION,
                    interval="auto",
                    stacked=True,
                ),
            ],
        ),
        Row(
            12,
            [
                Table(
                    title="Which interfaces have most records?",
                    name="interfaces",
                    by=[Terms("interface-id", "Interface", 50)],
                    show=[RECORDS, BYTES, PACKETS],
                    query=_TRAFFIC,
                ),
                Table(
                    title="Which protocols are used?",
                    name="protocol-table",
                    by=[Terms("protocol-name", "Protocol", 50)],
                    show=[RECORDS, BYTES, PACKETS],
                ),
            ],
        ),
        Row(
            11,
            [
                Pie(
                    title="How many records have an unknown interface?",
                    name="unknown",
                    by=Queries([("known", f"{_OF_INTERFACES} AND NOT ({_UNKNOWN})"), ("unknown interface", _UNKNOWN)]),
                ),
                Table(
                    title="Which interfaces lost records, or had none?",
                    name="gaps",
                    by=[Terms("log-status", "Status", 3), Terms("interface-id", "Interface", 50)],
                    show=[RECORDS, latest()],
                    query="NOT log-status:OK",
                ),
                Table(
                    title="When was each account last heard of?",
                    name="accounts",
                    by=[Terms("account-id", "Account", _ALL)],
                    show=[RECORDS, latest()],
                ),
                Table(
                    title="When was each VPC last heard of?",
                    name="vpcs",
                    by=[Terms("vpc-id", "VPC", _ALL)],
                    show=[RECORDS, latest()],
                ),
            ],
        ),
    ],
)
