"""SGDashboard: lists to click on, one a field, and the records behind them."""

from flowlogs.search.dashboards.aggregations import Terms
from flowlogs.search.dashboards.dashboard import Dashboard, Row
from flowlogs.search.dashboards.lists import Records, Table
from flowlogs.search.dashboards.navigation import TITLES, about

_MOST = 500
"""Rows a list has at most: more than the groups of most accounts, of which each is asked for by itself."""


def _list(title: str, field: str, label: str) -> Table:
    return Table(title=title, name=field, by=[Terms(field, label, _MOST)])


SG_DASHBOARD = Dashboard(
    title=TITLES["sgdashboard"],
    name="sgdashboard",
    description="Which security groups, ports, addresses, actions, protocols and directions are in the flow logs.",
    rows=[
        Row(
            12,
            [
                about(
                    "sgdashboard",
                    "**See what a security group is used for.** Click on a group, port or address to see only its "
                    "records; the pill above turns the filter round or takes it away.",
                    more=[
                        (
                            "A group that is **not in the list** had no traffic in this time range, if nothing is "
                            "missing from the logs (Overview)."
                        ),
                        (
                            "A rule whose **port is not in the list** of its group was not used: click on the group "
                            "and look at destination ports."
                        ),
                    ],
                )
            ],
        ),
        Row(
            16,
            [
                _list("Which security groups have traffic?", "security-group-ids", "Security group"),
                _list("To which ports does it go?", "dstport", "Destination port"),
                _list("From which addresses does it come?", "srcaddr", "Source address"),
            ],
        ),
        Row(
            10,
            [
                _list("Was it let through?", "action", "Action"),
                _list("By which protocols?", "protocol", "Protocol"),
                _list("Which way does it go?", "direction", "Direction"),
            ],
        ),
        Row(
            20,
            [
                Records(
                    title="Which records are these?",
                    name="records",
                    columns=[
                        "security-group-ids",
                        "direction",
                        "action",
                        "srcaddr",
                        "srcport",
                        "dstaddr",
                        "dstport",
                        "protocol-name",
                        "bytes",
                        "packets",
                        "interface-id",
                    ],
                )
            ],
        ),
    ],
)
