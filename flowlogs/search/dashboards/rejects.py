"""Rejects: what is refused, from where, and whether it is more or less than usual."""

from flowlogs.search.dashboards.action_dashboard import ActionWords, action_dashboard
from flowlogs.search.dashboards.aggregations import RECORDS, Terms, different
from flowlogs.search.dashboards.dashboard import Row
from flowlogs.search.dashboards.drawings import REJECTED
from flowlogs.search.dashboards.lists import Table

REJECTS = action_dashboard(
    ActionWords(
        name="rejects",
        filter=REJECTED,
        is_done="rejected",
        are_done="rejects",
        use="**See what is refused:** who knocks on which port, and whether something that ought to work is among it.",
        description="What security groups and network ACLs refuse: from where, on which ports, is it more than usual.",
    ),
    more=[
        Row(
            14,
            [
                Table(
                    title="Which sources are rejected, and on which ports?",
                    name="sources-ports",
                    by=[Terms("srcaddr", "Source address", 20), Terms("dstport", "Destination port", 10)],
                    query="action:REJECT",
                ),
                Table(
                    title="From which source ports are they rejected?",
                    name="sources-srcports",
                    by=[Terms("srcaddr", "Source address", 20), Terms("srcport", "Source port", 3)],
                    query="action:REJECT",
                ),
                Table(
                    title="Who tries many ports or many addresses?",
                    name="scanners",
                    by=[Terms("srcaddr", "Source address", 100)],
                    show=[
                        different("dstport", "Different ports"),
                        different("dstaddr", "Different destinations"),
                        RECORDS,
                    ],
                    query="action:REJECT",
                ),
            ],
        )
    ],
)
