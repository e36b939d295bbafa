"""Security Groups: what each group lets in, which groups talk to each other, and in which VPC and subnet."""

from flowlogs.search.dashboards.aggregations import BYTES, PACKETS, RECORDS, Terms, different, latest
from flowlogs.search.dashboards.charts import Bars, Heat, OverTime
from flowlogs.search.dashboards.dashboard import Dashboard, Row
from flowlogs.search.dashboards.drawings import Amount, OutlierBand
from flowlogs.search.dashboards.lists import Figures, Pie, Table
from flowlogs.search.dashboards.navigation import TITLES, UNUSUAL, about, options

_GROUP = "security-group-ids"
_EPHEMERAL = 32768
"""The first port that Linux opens connections from; Windows takes IANA's dynamic ports, from 49152 on.

NAT gateways, load balancers and functions begin at 1024, and their replies are known by tcp-flags alone.
Source: kernel.org, "IP Sysctl", `ip_local_port_range`; RFC 6335 §6; VPC User Guide, "Ephemeral ports".
"""
_REPLY_BY_PORTS = f"dstport >= {_EPHEMERAL} AND srcport < {_EPHEMERAL} AND NOT initiator:source"
_LET_IN = f"interface-end:destination AND action:ACCEPT AND NOT initiator:destination AND NOT ({_REPLY_BY_PORTS})"
"""What a rule was needed for. Replies need none, and come back to as many ports as there were calls.

Where tcp-flags do not tell who opened the connection, ports do, which is a guess.
"""

SECURITY_GROUPS = Dashboard(
    title=TITLES["security-groups"],
    name="security-groups",
    description="What each security group lets in and from where, and which groups talk to each other.",
    rows=[
        Row(
            17,
            [
                about(
                    "security-groups",
                    "**See what each group is used for,** to close what is not: choose a group, look at its ports and "
                    "at how many different sources use them.",
                    more=[
                        (
                            "**What a group lets in** are accepted records whose destination is its own interface, "
                            "also of traffic that is `internal`. It leaves out what looks like replies: by "
                            f"`initiator`, else from a port below {_EPHEMERAL} to one from there on."
                        ),
                        UNUSUAL,
                    ],
                ),
                options(more=[_GROUP, "subnet-id", "vpc-id"]),
            ],
            widths=[20, 28],
        ),
        Row(
            8,
            [
                Figures(title="How many VPCs?", name="vpc-count", show=[different("vpc-id", "VPCs")]),
                Figures(title="How many subnets?", name="subnet-count", show=[different("subnet-id", "Subnets")]),
                Figures(title="How many security groups?", name="group-count", show=[different(_GROUP, "Groups")]),
            ],
        ),
        Row(
            12,
            [
                Bars(title="Which VPCs carry most?", name="vpcs", by=Terms("vpc-id", "VPC"), show=BYTES),
                Bars(title="Which subnets carry most?", name="subnets", by=Terms("subnet-id", "Subnet"), show=BYTES),
                Bars(
                    title="Which 5 groups have most packets?",
                    name="groups",
                    by=Terms(_GROUP, "Security group", 5),
                    show=PACKETS,
                ),
            ],
        ),
        Row(
            14,
            [
                Table(
                    title="What does each group let in?",
                    name="let-in",
                    by=[
                        Terms(_GROUP, "Security group", 100),
                        Terms("dstport", "Destination port", 20),
                        Terms("protocol-name", "Protocol", 3),
                    ],
                    show=[RECORDS, different("srcaddr", "Different sources"), BYTES, latest("Last used")],
                    query=_LET_IN,
                ),
                Table(
                    title="From which addresses is each group used?",
                    name="let-in-from",
                    by=[Terms(_GROUP, "Security group", 100), Terms("srcaddr", "Source address", 50)],
                    show=[RECORDS, latest("Last seen")],
                    query=_LET_IN,
                ),
            ],
            widths=[28, 20],
        ),
        Row(
            16,
            [
                Heat(
                    title="Which ports does each group let in?",
                    name="ports",
                    across=Terms("dstport", "Destination port", 15),
                    down=Terms(_GROUP, "Security group", 10),
                    query=_LET_IN,
                ),
                Heat(
                    title="Which groups talk to each other?",
                    name="both-ends",
                    across=Terms("peer-security-group-ids", "Group of the other end", 10),
                    down=Terms(_GROUP, "Group of the own end", 10),
                ),
            ],
        ),
        Row(
            12,
            [
                Pie(
                    title="Is it inbound, outbound or internal?",
                    name="directions",
                    by=Terms("direction", "Direction", 3),
                ),
                OverTime(
                    title="How does the direction change over time?",
                    name="directions-over-time",
                    split=Terms("direction", "Direction", 3),
                    interval="auto",
                    stacked=True,
                ),
            ],
            widths=[16, 32],
        ),
        Row(
            24,
            [
                OutlierBand(
                    title="When are a group's bytes unusual?",
                    name="bytes-outliers",
                    of=Amount(unit="bytes", field="bytes"),
                    split=_GROUP,
                ),
                OutlierBand(
                    title="When are a group's packets unusual?",
                    name="packets-outliers",
                    of=Amount(unit="packets", field="packets"),
                    split=_GROUP,
                ),
            ],
        ),
    ],
)
