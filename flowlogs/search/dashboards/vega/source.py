"""What a panel asks of the index, as a data source of Dashboards' Vega plugin.

The plugin puts the dashboard's time range and filters where it finds `%context%` and `%timefield%`; both stand beside
the body, which then may have no query of its own, so what a panel itself filters by is an aggregation around the others.
Source: OpenSearch Dashboards, plugin vis_type_vega, `opensearch_query_parser.ts`.
"""

from collections.abc import Sequence
from typing import Any

TIME = "@timestamp"
type Filters = Sequence[dict[str, Any]]
