"""An hour of runs, as the function makes them, against an AWS that counts: what docs/inventory-calls.md says."""

import re
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from estates import estate
from fake_ec2 import NOW, OWN, ROLE, FakeAws
from memory_store import MemoryStore

from flowlogs.aws.account_clients import AccountClients
from flowlogs.aws.account_scopes import ACCOUNTS_A_PAGE, AccountScopes, Wanted
from flowlogs.aws.accounts import Accounts, Role
from flowlogs.aws.fleet_calls import Fleet, requests_an_hour
from flowlogs.aws.scope_calls import TakeScope
from flowlogs.costs.volumes import HOURLY_REQUESTS, RUN_REQUESTS
from flowlogs.docs.inventory_calls_page import EMPTY, SIZES, USUAL
from flowlogs.inventory.calls import CALLS
from flowlogs.inventory.daily_tables import MARKER
from flowlogs.inventory.kinds import KINDS
from flowlogs.inventory.publication import Publication
from flowlogs.inventory.size import Size
from flowlogs.inventory.taking import take_all
from flowlogs.inventory.updating import Sources, Update

ROOT = Path(__file__).parent.parent.parent
REGIONS = ("eu-west-1", "us-east-1", "ap-southeast-2")
SMALL = Size(interfaces=3, clusters=(1,), task_rules=(1,), prefix_lists=(2, 0), security_groups=2, build_projects=1)
SERVICES = {call.operation: call.service for call in CALLS} | {
    "GetCallerIdentity": "sts",
    "AssumeRole": "sts",
    "ListAccounts": "organizations",
}


def an_hour(
    fleet: Fleet, store: MemoryStore | None = None, changes: Size | None = None, start: float = NOW
) -> Counter[str]:
    """Run for an hour from `start` on, with a function that has just started; give the requests that AWS counted.

    Where `changes` is given, every other run finds that instead of the fleet's size, in every account.
    """
    others = [f"{number:012}" for number in range(2, fleet.accounts + 1)]
    accounts, regions = [OWN, *others], REGIONS[: fleet.regions]
    aws = FakeAws(organization=[{"Id": each, "State": "ACTIVE"} for each in accounts])
    kept = store or MemoryStore(aws.time.time)
    known = Accounts(Role(ROLE), AccountClients(aws.session()), aws.time.time)
    wanted = Wanted(organization=True) if fleet.organization else Wanted(own=True, ids=others)
    sources = Sources(
        AccountScopes(known, wanted, regions, aws.time.time),
        partial(take_all, take=TakeScope(known, aws.time.time)),
    )
    there = [estate(fleet.size), estate(changes or fleet.size)]
    for run in range(fleet.runs):
        aws.time.now = start + run * 60 * fleet.minutes
        aws.estates = {(account, region): there[run % 2] for account in accounts for region in regions}
        outcome = Update(Publication(kept, f"run-{run}"), sources, aws.time.now, lambda: 600.0).run()
        assert not outcome.failed
        assert not outcome.problems
    counted: Counter[str] = Counter()
    for (_, _, operation), count in aws.counted.items():
        counted[f"{SERVICES[operation]}:{operation}"] += count
    return counted


FLEETS = {
    "the own account": Fleet(1, USUAL, organization=False),
    "two accounts": Fleet(2, SMALL),
    "two accounts by id in two regions": Fleet(2, SMALL, regions=2, organization=False, minutes=20),
    "two accounts, a run every two minutes": Fleet(2, Size(), minutes=2, organization=False),
    "two accounts, a run every 45 minutes": Fleet(2, Size(), minutes=45),
    "an organization of one": Fleet(1, EMPTY, minutes=60),
    "an organization of a page and one": Fleet(ACCOUNTS_A_PAGE + 1, Size(), minutes=60),
}


@pytest.mark.parametrize("fleet", FLEETS.values(), ids=FLEETS)
def test_the_requests_of_an_hour_are_those_that_are_counted(fleet: Fleet) -> None:
    assert an_hour(fleet) == requests_an_hour(fleet)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_sizes_on_the_page_take_what_is_counted(size: Size) -> None:
    fleet = Fleet(1, size, minutes=60)
    assert an_hour(fleet) == requests_an_hour(fleet)


def cell(row: str, column: int) -> int:
    """Read a number of the page: in the row that begins so, in a column."""
    page = (ROOT / "docs" / "inventory-calls.md").read_text()
    (line,) = (line for line in page.splitlines() if line.startswith(f"| {row} |"))
    return int(re.split(r" *\| *", line)[column + 1].replace(",", ""))


@pytest.mark.parametrize(("column", "accounts"), [(1, 1), (2, 50), (3, 500)])
def test_the_page_has_the_figures_of_the_same_function(column: int, accounts: int) -> None:
    said = requests_an_hour(Fleet(accounts, USUAL))
    assert cell("`ec2`", column) == sum(count for action, count in said.items() if action.startswith("ec2:"))
    assert cell("`sts`", column) == said["sts:AssumeRole"] + said["sts:GetCallerIdentity"]
    assert cell("`organizations`", column) == said["organizations:ListAccounts"]
    assert cell("**in all**", column) == said.total() + cell("S3: objects written, and lists", column)


def test_regions_multiply_all_but_what_it_takes_to_get_there() -> None:
    one, three = (requests_an_hour(Fleet(50, USUAL, regions=regions)) for regions in (1, 3))
    before = {"sts:AssumeRole", "sts:GetCallerIdentity", "organizations:ListAccounts"}
    assert three == Counter({action: count * (1 if action in before else 3) for action, count in one.items()})


def one_more(number: Any) -> Any:
    """Make another number of things, or another first of several numbers."""
    if isinstance(number, int):
        return number + 1
    return (number[0] + 1, *number[1:]) if number else (1,)


def test_an_hour_takes_as_many_requests_of_s3_as_the_page_says() -> None:
    size = replace(USUAL, functions=3)
    other = replace(size, **{name: one_more(getattr(size, name)) for name in Size.__dataclass_fields__})
    store, noon = MemoryStore(lambda: NOW), NOW + 12 * 3600
    an_hour(Fleet(1, size, minutes=60), store, start=noon - 3600)
    store.write(MARKER, b'{"unfinished": "2025-12-31"}')  # yesterday
    store.log.clear()
    an_hour(Fleet(1, other), store, size, noon)  # everything is another than before, in every run
    asked = Counter(verb for verb, _ in store.log)
    states, parquet, marker = len(KINDS) - 1, 2 * len(KINDS), 1
    assert asked["write"] + asked["swap"] == 12 * 4 + states + parquet + marker
    assert asked["keys"] == 12 * 4
    billed = asked["write"] + asked["swap"] + asked["keys"]
    assert billed == 12 * RUN_REQUESTS + HOURLY_REQUESTS


def test_the_most_accounts_of_an_answer_are_asked_for() -> None:
    bounds = botocore.session.get_session().get_service_model("organizations").operation_model("ListAccounts")
    limit = bounds.input_shape.members["MaxResults"]  # type: ignore[union-attr]
    assert limit.metadata["max"] == ACCOUNTS_A_PAGE
