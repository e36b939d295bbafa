"""Connects the inventory function's settings with what fulfils them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flowlogs.aws.account_scopes import AccountScopes, Wanted
from flowlogs.aws.accounts import Accounts, Role
from flowlogs.aws.interface_queue import InterfaceQueue
from flowlogs.aws.s3 import address_of
from flowlogs.aws.s3_store import S3Store
from flowlogs.aws.scope_calls import TakeScope
from flowlogs.errors import SettingsError
from flowlogs.inventory.publication import Publication
from flowlogs.inventory.taking import take_all
from flowlogs.inventory.updating import Events, Outcome, Sources, Update
from flowlogs.invocation import Context, Log
from flowlogs.publish import Publish, Publisher
from flowlogs.published import Store
from flowlogs.record.timestamps import iso_utc
from flowlogs.setting_kinds import ORGANIZATION, OWN
from flowlogs.settings import check_names, value_of

FUNCTION = "inventory"
ASKING_SHARE = 0.75
"""Share of an invocation's time for asking AWS; the rest is for merging and writing, which take some 30 s where 200,000
interfaces are known (benchmarks/README.md)."""


@dataclass(frozen=True)
class Outside:
    """What lies outside the function; a test gives its own."""

    store: Callable[[str], Store] = lambda place: S3Store(address_of(place))
    accounts: Callable[[Role], Accounts] = Accounts
    queue: Callable[[str], Events] = InterfaceQueue
    clock: Callable[[], float] = time.time
    publish: Publish | None = None
    """None: to CloudWatch, in the namespace that is set."""


@dataclass(frozen=True, slots=True)
class InventoryFunction:
    """The function: one run at each invocation, whatever the event says."""

    store: Store
    sources: Sources
    clock: Callable[[], float]
    publish: Publish
    log: Log

    def __call__(self, context: Context) -> dict[str, Any]:
        """Take, merge and publish; raise OSError or UnusableInventory where there is no going on."""
        now = self.clock()
        asking_until = now + ASKING_SHARE * context.get_remaining_time_in_millis() / 1000
        name = f"{iso_utc(int(now)).replace(':', '')}-{context.aws_request_id}"
        update = Update(Publication(self.store, name), self.sources, now, lambda: asking_until - self.clock())
        return self._report(update.run())

    def _report(self, outcome: Outcome) -> dict[str, Any]:
        for sentence in (*outcome.failed.values(), *outcome.problems):
            self.log.warning(sentence)
        told = {
            "ScopesTaken": outcome.taken,
            "ScopesFailed": len(outcome.failed),
            "StalestScope": outcome.stalest,
            "InterfacesKnown": outcome.interfaces,
            "InterfaceEvents": outcome.events,
            "InterfaceEventsUnread": outcome.unread,
            "InventoryRunsDiscarded": int(outcome.discarded),
        }
        self.publish(FUNCTION, "", told)
        what = "Another run was quicker; this one is discarded." if outcome.discarded else "The inventory is published."
        self.log.info(what, history=[day.isoformat() for day in outcome.days], **told)
        return {"discarded": outcome.discarded, "taken": outcome.taken, "failed": len(outcome.failed)}


def wire(environ: Mapping[str, str], log: Log, outside: Outside | None = None) -> InventoryFunction:
    """Read the settings and make the function; raise SettingsError where one is wrong."""
    check_names(environ)
    outside = outside or Outside()
    place = value_of(environ, "FLOWLOGS_INVENTORY_STORE")
    if place is None:
        raise SettingsError("FLOWLOGS_INVENTORY_STORE is not set: it takes s3://bucket/prefix")
    accounts = outside.accounts(
        Role(value_of(environ, "FLOWLOGS_ACCOUNT_ROLE"), value_of(environ, "FLOWLOGS_EXTERNAL_ID") or "")
    )
    queue = value_of(environ, "FLOWLOGS_INVENTORY_EVENTS")
    sources = Sources(
        AccountScopes(
            accounts, wanted(value_of(environ, "FLOWLOGS_ACCOUNTS")), value_of(environ, "FLOWLOGS_REGIONS") or ()
        ),
        partial(take_all, take=TakeScope(accounts, outside.clock)),
        None if queue is None else outside.queue(queue),
    )
    publish = outside.publish or Publisher(value_of(environ, "FLOWLOGS_NAMESPACE"))
    return InventoryFunction(outside.store(place), sources, outside.clock, publish, log)


def wanted(accounts: tuple[str, ...]) -> Wanted:
    """Say which accounts a setting means."""
    ids = [account for account in accounts if account not in (OWN, ORGANIZATION)]
    return Wanted(own=OWN in accounts, organization=ORGANIZATION in accounts, ids=ids)
