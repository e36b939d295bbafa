"""How long indexes are kept: the policy of Index State Management (ISM) that deletes them.

Sources: OpenSearch, "ISM policies"; OpenSearch Service Developer Guide, "Index State Management": a new index gets its
policy by `ism_template`, and ISM looks at each index every five to eight minutes.
"""

from typing import Any

from flowlogs.search.index_template import PRIORITY
from flowlogs.search.prefix import rotated_indexes

KEPT, DELETED = "flowlogs-kept", "flowlogs-deleted"
"""States of our policies, and of nobody else's: by the first one an index is known to be under one of ours."""


def retention_policy(prefix: str, days: int) -> dict[str, Any]:
    """Give the policy that deletes an index so many days after it was made, whenever its last document came.

    So an index that rotates by month and is kept for 30 days is deleted while it is written: `days` has to be more
    than an index covers. Of policies whose patterns overlap the one of the highest priority counts; ISM refuses two of
    the same priority.
    """
    age = {"min_index_age": f"{days}d"}
    states = [
        {"name": KEPT, "actions": [], "transitions": [{"state_name": DELETED, "conditions": age}]},
        {"name": DELETED, "actions": [{"delete": {}}], "transitions": []},
    ]
    return {
        "policy": {
            "description": f"flowlogs: deletes {rotated_indexes(prefix)} {days} days after they were made",
            "default_state": KEPT,
            "states": states,
            "ism_template": [{"index_patterns": [rotated_indexes(prefix)], "priority": PRIORITY}],
        }
    }
