"""How many requests the inventory takes in an hour: for what there is, and of STS and Organizations to get there."""

from collections import Counter
from dataclasses import dataclass

from flowlogs.aws.account_scopes import ACCOUNTS_A_PAGE
from flowlogs.aws.accounts import BEFORE_EXPIRY, HOLD_SECONDS
from flowlogs.inventory.calls import CALLS
from flowlogs.inventory.kinds import Rhythm
from flowlogs.inventory.size import Size

HOUR = 60
"""Minutes."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Accounts, the own one among them, in each of which so many regions are of this size; a run every `minutes`."""

    accounts: int
    size: Size
    regions: int = 1
    minutes: int = 5
    organization: bool = True
    """Whether the accounts are those of an organization, which are listed."""

    @property
    def runs(self) -> int:
        """Count the runs of an hour, at most."""
        return -(-HOUR // self.minutes)


def requests_an_hour(fleet: Fleet) -> Counter[str]:
    """Count requests by IAM's names for them, where nothing fails: of the first hour of a function that stays warm.

    One of the runs takes the hourly kinds too. A function that starts anew asks again who it is, for the accounts, and
    for the credentials of each.
    """
    counted: Counter[str] = Counter()
    for call in CALLS:
        times = fleet.runs if call.rhythm is Rhythm.EVERY_RUN else 1
        counted[call.action] += fleet.accounts * fleet.regions * times * call.calls(fleet.size)
    counted["sts:GetCallerIdentity"] = 1
    counted["sts:AssumeRole"] = (fleet.accounts - 1) * -(-fleet.runs // _runs_on_credentials(fleet.minutes))
    counted["organizations:ListAccounts"] = max(1, -(-fleet.accounts // ACCOUNTS_A_PAGE)) if fleet.organization else 0
    return +counted


def _runs_on_credentials(minutes: int) -> int:
    """Count the runs that are made with the same credentials of another account."""
    return (HOLD_SECONDS - BEFORE_EXPIRY) // (60 * minutes) + 1
