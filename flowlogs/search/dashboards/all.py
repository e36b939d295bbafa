"""Every dashboard, in the order of the links between them."""

from flowlogs.search.dashboards.accepts import ACCEPTS
from flowlogs.search.dashboards.dashboard import Dashboard
from flowlogs.search.dashboards.outliers import OUTLIERS
from flowlogs.search.dashboards.overview import OVERVIEW
from flowlogs.search.dashboards.rejects import REJECTS
from flowlogs.search.dashboards.security_groups import SECURITY_GROUPS
from flowlogs.search.dashboards.sg_dashboard import SG_DASHBOARD
from flowlogs.search.dashboards.traffic import TRAFFIC

DASHBOARDS: tuple[Dashboard, ...] = (SG_DASHBOARD, OVERVIEW, ACCEPTS, REJECTS, TRAFFIC, SECURITY_GROUPS, OUTLIERS)
