"""What stands at the top of every dashboard: what it is for, what to keep in mind, links, and lists of options."""

from collections.abc import Sequence

from flowlogs.search.dashboards.panel import Place
from flowlogs.search.dashboards.texts import Options, Text

_TITLE = "Amazon VPC Flow Logs - "
TITLES = {
    "sgdashboard": "SGDashboard",
    "overview": f"{_TITLE}Overview",
    "accepts": f"{_TITLE}Accepts",
    "rejects": f"{_TITLE}Rejects",
    "traffic": f"{_TITLE}Traffic",
    "security-groups": f"{_TITLE}Security Groups",
    "outliers": f"{_TITLE}Outliers",
}
"""Titles by the names that ids end with, in the order of the links."""

_KEEP_IN_MIND = (
    ("An interface with **several groups** counts under each; which of them let a packet in, a flow log does not say."),
    (
        "**Replies** are records too. Leave them out by what they come from, e.g. those of NTP by the search "
        "`NOT srcport:123`."
    ),
    (
        "What two interfaces of yours say to each other is in the logs of **both**, and counts twice. Where the stream "
        "is **sampled**, accepted records are one in `sample-rate`, rejected ones all."
    ),
    (
        "A **secondary address** shows as the interface's primary one in `srcaddr` and `dstaddr`; `pkt-srcaddr` and "
        "`pkt-dstaddr` have it, where the log format does."
    ),
    "For what is **unused** choose *Week to date* or longer in the time picker: a day shows only the day.",
)

UNUSUAL = "**Unusual** is a timeslice outside of what those before it let expect; *Outliers* says how that is reckoned."

_FIELDS = {
    "dstaddr": "Destination address",
    "srcaddr": "Source address",
    "action": "Action",
    "dstport": "Destination port",
    "interface-id": "Interface",
    "protocol": "Protocol (number)",
    "srcport": "Source port",
    "security-group-ids": "Security group",
    "subnet-id": "Subnet",
    "vpc-id": "VPC",
}


def about(name: str, use: str, more: Sequence[str] = ()) -> Text:
    """Give the panel that says what a dashboard is for, and leads to the others."""

    def write(place: Place) -> str:
        here = TITLES[name].removeprefix(_TITLE)
        links = [
            f"**{here}**" if other == name else f"[{title.removeprefix(_TITLE)}](#/view/{place.id_of(other)})"
            for other, title in TITLES.items()
        ]
        remarks = "\n".join(f"- {remark}" for remark in (*more, *_KEEP_IN_MIND))
        return f"{' · '.join(links)}\n\n{use}\n\n{remarks}\n"

    return Text(name="about", write=write)


def options(*without: str, more: Sequence[str] = ()) -> Options:
    """Give the lists of options: of who, where and how, but for some, and of `more` fields."""
    usual = ("dstaddr", "srcaddr", "action", "dstport", "interface-id", "protocol", "srcport")
    fields = [field for field in (*usual, *more) if field not in without]
    return Options(
        title="Which records shall be shown?", name="options", fields=[(field, _FIELDS[field]) for field in fields]
    )
