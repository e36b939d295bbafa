"""Accepts: what is let through, and whether it is more or less than usual."""

from flowlogs.search.dashboards.action_dashboard import ActionWords, action_dashboard
from flowlogs.search.dashboards.drawings import ACCEPTED

ACCEPTS = action_dashboard(
    ActionWords(
        name="accepts",
        filter=ACCEPTED,
        is_done="accepted",
        are_done="accepts",
        use="**See what is let through:** from where, to what, and whether today is like yesterday and last week. What "
        "nobody needs can be closed: a source range or a port that is wider than what is used here.",
        description="What security groups and network ACLs let through: from where, to what, is it more than usual.",
    )
)
