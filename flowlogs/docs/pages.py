"""The generated pages by their file names."""

from collections.abc import Callable, Mapping

from flowlogs.docs.commands_page import commands_page
from flowlogs.docs.fields_page import fields_page
from flowlogs.docs.inventory_calls_page import inventory_calls_page
from flowlogs.docs.inventory_page import inventory_page
from flowlogs.docs.metrics_page import metrics_page
from flowlogs.docs.prices_page import prices_page
from flowlogs.docs.queries_page import queries_page
from flowlogs.docs.settings_page import settings_page
from flowlogs.docs.shapes_page import shapes_page

PAGES: Mapping[str, Callable[[], str]] = {
    "fields.md": fields_page,
    "shapes.md": shapes_page,
    "inventory.md": inventory_page,
    "inventory-calls.md": inventory_calls_page,
    "settings.md": settings_page,
    "metrics.md": metrics_page,
    "commands.md": commands_page,
    "prices.md": prices_page,
    "queries.md": queries_page,
}
