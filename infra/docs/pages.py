"""The generated pages, and what else is generated for people, by their places below docs/."""

from collections.abc import Callable, Mapping

from infra.docs.deployment_page import deployment_page
from infra.docs.inventory_role import inventory_role
from infra.docs.permissions_page import EXAMPLES, permissions_page
from infra.docs.synthesis import template_of
from infra.watch.page import watch_page

PAGES: Mapping[str, Callable[[], str]] = {
    "deployment.md": deployment_page,
    "watch.md": watch_page,
    "permissions.md": lambda: permissions_page({name: template_of(given) for name, given in EXAMPLES.items()}),
    "../accounts/inventory-role.yaml": inventory_role,
}
