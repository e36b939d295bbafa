"""Whose credentials these are, and credentials for other accounts."""

import time
from collections.abc import Callable
from contextlib import closing
from threading import Lock
from typing import Any, NamedTuple

from botocore.config import Config

from flowlogs.aws.account_clients import AccountClients, Credentials
from flowlogs.aws.refused_calls import REFUSALS, refused_call

CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "adaptive", "total_max_attempts": 5})
"""For the small questions about accounts."""
SESSION_NAME = "flowlogs-inventory"
"""What CloudTrail of the other account shows as the session."""
HOLD_SECONDS = 3600
"""For how long credentials of a role are asked for: the most where a role takes a role. Source: STS API, AssumeRole."""
BEFORE_EXPIRY = 900
"""Seconds before they expire that credentials are made anew: no run of a function lasts longer."""
_DENIED = (
    "is the role there (accounts/inventory-role.yaml), does it trust this one, and with this external id? "
    "Or a service control policy denies it"
)


class Role(NamedTuple):
    """The read-only role of every account but the own (accounts/inventory-role.yaml); without external id: empty."""

    name: str
    external_id: str = ""


class Caller(NamedTuple):
    """Who asks: `partition` is `aws`, `aws-cn` or `aws-us-gov`."""

    partition: str
    account_id: str


class Accounts:
    """The caller and the role of every other account; credentials are kept while they hold. Any thread may ask."""

    def __init__(
        self, role: Role, clients: AccountClients | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.clients = clients or AccountClients()
        self._role = role
        self._clock = clock
        self._identity = _Identity(self._ask)
        self._kept: dict[str, tuple[Credentials, float]] = {}
        self._asking: dict[str, Lock] = {}

    @property
    def caller(self) -> Caller:
        """Say who asks, which STS is asked once; raise OSError where it refuses."""
        return self._identity.caller()

    def credentials(self, account_id: str) -> Credentials | None:
        """Give credentials for an account: None, which is the caller's own, or its role's, which hold for a while.

        Raise OSError where the role cannot be assumed. Of threads that ask for one account at once, one asks STS.
        """
        if account_id == self.caller.account_id:
            return None
        with self._asking.setdefault(account_id, Lock()):
            kept, expiry = self._kept.get(account_id, (None, 0.0))
            if kept is None or expiry - self._clock() < BEFORE_EXPIRY:
                kept, expiry = self._assume(account_id)
                self._kept[account_id] = kept, expiry
            return kept

    def forget(self, account_id: str) -> None:
        """Make new credentials for an account when it is next asked: AWS says that those kept hold no longer."""
        self._kept.pop(account_id, None)

    def _assume(self, account_id: str) -> tuple[Credentials, float]:
        """Take the account's role for as long as that goes; give its credentials and when they expire."""
        arn = f"arn:{self.caller.partition}:iam::{account_id}:role/{self._role.name}"
        external = {"ExternalId": self._role.external_id} if self._role.external_id else {}
        wanted = {"RoleArn": arn, "RoleSessionName": SESSION_NAME, "DurationSeconds": HOLD_SECONDS, **external}
        answer = self._ask("assume_role", arn, **wanted)
        given = answer["Credentials"]
        credentials = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return credentials, given["Expiration"].timestamp()

    def _ask(self, method: str, about: str, **given: object) -> Any:
        try:
            with closing(self.clients.make("sts", self.clients.region, CONFIG)) as client:
                return getattr(client, method)(**given)
        except REFUSALS as error:
            action = "sts:" + method.title().replace("_", "")
            raise OSError(refused_call(about, action, error, denied=_DENIED)) from error


class _Identity:
    """Asks once who the caller is; threads that ask meanwhile wait for the answer."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = ask
        self._asking = Lock()
        self._caller: Caller | None = None

    def caller(self) -> Caller:
        with self._asking:
            if self._caller is None:
                answer = self._ask("get_caller_identity", "the own account")
                self._caller = Caller(str(answer["Arn"]).split(":")[1], str(answer["Account"]))
            return self._caller
