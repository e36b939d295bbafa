"""Makes the calls of the inventory in one account and region."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from typing import Any

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from flowlogs.aws.account_clients import Credentials
from flowlogs.aws.accounts import Accounts
from flowlogs.aws.clients import understood
from flowlogs.aws.failures import code_of
from flowlogs.aws.refused_calls import REFUSALS, refused_call
from flowlogs.aws_codes import EXPIRED
from flowlogs.errors import UnusableInventory
from flowlogs.inventory.answers import Answer, Given
from flowlogs.inventory.call import Call
from flowlogs.inventory.calls import asked_for
from flowlogs.inventory.interval import Scope, Snapshot
from flowlogs.inventory.kinds import Kind
from flowlogs.inventory.reading import FactsByKind, facts_of

ATTEMPTS = 8
"""How often a call is made before it has failed, the first time counted."""
CONFIG = Config(
    connect_timeout=3,
    read_timeout=20,  # seconds; a page of 1000 interfaces is 2 MB
    retries={"mode": "adaptive", "total_max_attempts": ATTEMPTS},
    max_pool_connections=1,  # a scope is asked by one thread
)
MOST_SERIES = 5_000
"""How often an operation is asked for in one scope at most: for the entries of each prefix list, and so on."""
_TOKENS = ("NextToken", "nextToken", "NextMarker", "Marker")
"""What services call the way to the next page in their answers."""


class TakeScope:
    """Asks a scope for kinds (`flowlogs.inventory.taking.Take`); several threads may ask, each another scope."""

    def __init__(self, accounts: Accounts, clock: Callable[[], float] = time.time, config: Config = CONFIG) -> None:
        self._accounts = accounts
        self._clock = clock
        self._config = config

    def __call__(self, scope: Scope, kinds: Sequence[Kind]) -> Iterator[tuple[str, Snapshot | str]]:
        """Give by kind what was taken, or why it was not; raise OSError where there are no credentials for it."""
        try:
            credentials = self._accounts.credentials(scope.account_id)
        except OSError as error:
            raise OSError(f"{scope}: {error}") from error
        wanted = {kind.name for kind in kinds}
        with _Asking(scope, self._accounts, credentials, self._config) as asking:
            for fed, calls in asked_for(kinds):
                taken = int(self._clock())
                found = asking.facts(calls)
                for kind in fed:
                    if kind in wanted:
                        yield kind, found if isinstance(found, str) else Snapshot(scope, taken, found.get(kind, {}))


class _Asking(ExitStack):
    """The clients of a scope, made when they are first needed and let go with it."""

    def __init__(self, scope: Scope, accounts: Accounts, credentials: Credentials | None, config: Config) -> None:
        super().__init__()
        self._scope = scope
        self._accounts = accounts
        self._credentials = credentials
        self._config = config
        self._made: dict[str, Any] = {}

    def facts(self, calls: Sequence[Call]) -> FactsByKind | str:
        """Make calls that feed the same kinds; give what they say, or the sentence on the first that failed."""
        answers: list[Answer] = []
        try:
            for call in calls:
                for given in self._asked(call, answers):
                    items = self._items(call, given)
                    if items is not None:
                        answers.append(Answer(call.operation, items, given))
            return facts_of(answers)
        except OSError as error:
            return str(error)
        except UnusableInventory as error:
            return f"{self._scope}: {error}"

    def _asked(self, call: Call, answers: Sequence[Answer]) -> list[Given]:
        asked = list(call.asked(answers))
        if len(asked) > MOST_SERIES:
            raise UnusableInventory(f"{call.action} would have to be asked for {len(asked)} times")
        return asked

    def _items(self, call: Call, given: Given) -> list[Any] | None:
        """Ask for all pages; None where what was asked about is gone. Raise OSError where AWS refuses."""
        try:
            try:
                return self._pages(call, given)
            except ResponseParserError:  # cut off on the way: botocore does not ask again
                return self._pages(call, given)
        except REFUSALS as error:
            if isinstance(error, ClientError) and code_of(error) in call.gone:
                return None
            if isinstance(error, ClientError) and code_of(error) in EXPIRED:
                self._accounts.forget(self._scope.account_id)
            raise OSError(refused_call(self._scope, call.action, error)) from error

    def _pages(self, call: Call, given: Given) -> list[Any]:
        client = self._client(call.service)
        method = xform_name(call.operation)
        given = {**given, **understood(client, call.operation, call.extra)}
        if not client.can_paginate(method):
            return _member(call, getattr(client, method)(**given))
        size = {"PageSize": call.page} if call.limit else {}
        items: list[Any] = []
        tokens = set[str]()
        for page in client.get_paginator(method).paginate(**given, PaginationConfig=size):
            items += _member(call, page)
            token = next((str(page[name]) for name in _TOKENS if page.get(name)), None)
            if token in tokens:
                raise UnusableInventory(f"{call.action} gives the same pages again and again")
            tokens.add(token or "")
        return items

    def _client(self, service: str) -> Any:
        if service not in self._made:
            client = self._accounts.clients.make(service, self._scope.region, self._config, self._credentials)
            self._made[service] = self.enter_context(closing(client))
        return self._made[service]


def _member(call: Call, page: dict[str, Any]) -> list[Any]:
    """Give the items of a page. *Assumed*: an empty list is written, never left out.

    So an answer without it is not taken for an empty one: botocore reads JSON that was cut off as nothing at all.
    """
    if call.member not in page:
        raise UnusableInventory(f"the answer to {call.action} has no {call.member}")
    items: list[Any] = page[call.member]
    return items
