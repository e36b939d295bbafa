"""Which accounts and regions an inventory asks."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from flowlogs.aws.accounts import CONFIG, Accounts
from flowlogs.aws.refused_calls import REFUSALS, refused_call
from flowlogs.inventory.interval import Scope

KEEP_SECONDS = 3600
"""For how long the organization's accounts are not listed again."""
ACCOUNTS_A_PAGE = 20
"""The most accounts that an answer holds. Source: Organizations API, ListAccounts."""
_DENIED = (
    "only the management account and delegated administrators may list an organization's accounts, with this action"
)
"""Source: Organizations API, ListAccounts."""


class Wanted(NamedTuple):
    """Which accounts to ask: the caller's own, all of its organization, and some by their ids."""

    own: bool = False
    organization: bool = False
    ids: Sequence[str] = ()


class AccountScopes:
    """Every wanted account with every region (`flowlogs.inventory.updating.Scopes`); without regions, the caller's."""

    def __init__(
        self,
        accounts: Accounts,
        wanted: Wanted,
        regions: Sequence[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._accounts = accounts
        self._wanted = wanted
        self._regions = regions
        self._clock = clock
        self._listed: tuple[float, list[str]] | None = None  # when, and the organization's accounts

    def __call__(self) -> list[Scope]:
        """Give the scopes; raise OSError where accounts cannot be listed, or no region is set."""
        own = self._accounts.clients.region
        regions = self._regions or ([own] if own else [])
        if not regions:
            raise OSError("no AWS region is set: set AWS_REGION, or name regions")
        return [Scope(account, region) for account in self._ids() for region in regions]

    def _ids(self) -> list[str]:
        own = [self._accounts.caller.account_id] if self._wanted.own else []
        organization = self._organization() if self._wanted.organization else []
        return list(dict.fromkeys([*own, *organization, *self._wanted.ids]))

    def _organization(self) -> list[str]:
        now = self._clock()
        if self._listed is None or now - self._listed[0] >= KEEP_SECONDS:
            self._listed = now, self._list()
        return self._listed[1]

    def _list(self) -> list[str]:
        """List the organization's active accounts."""
        clients = self._accounts.clients
        try:
            with closing(clients.make("organizations", clients.region, CONFIG)) as client:
                pages = client.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": ACCOUNTS_A_PAGE})
                return [account["Id"] for page in pages for account in page["Accounts"] if _is_active(account)]
        except REFUSALS as error:
            action = "organizations:ListAccounts"
            raise OSError(refused_call("the organization", action, error, denied=_DENIED)) from error


def _is_active(account: Mapping[str, Any]) -> bool:
    """Say whether an account can be asked. AWS says `State` since it took `Status` away on 9 September 2026.

    A botocore that knows only `Status` gives neither: then it is asked. Source: Organizations API, Account.
    """
    return (account.get("State") or account.get("Status") or "ACTIVE") == "ACTIVE"
