from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock
from typing import Any

import pytest
from botocore.config import Config
from estates import estate
from fake_ec2 import OWN, ROLE, FakeAws, Request
from test_taking_from_ec2 import SIZES
from wire import Written, refusal

from flowlogs.aws.account_clients import AccountClients, Credentials
from flowlogs.aws.accounts import Accounts, Role
from flowlogs.aws.scope_calls import ATTEMPTS, TakeScope
from flowlogs.inventory.calls import CALLS
from flowlogs.inventory.interval import Scope
from flowlogs.inventory.kinds import INTERFACES, KINDS, Kind
from flowlogs.inventory.size import Size
from flowlogs.inventory.taking import Taken, take_all

OTHER = "222222222222"
HERE, THERE = Scope(OWN, "eu-west-1"), Scope(OTHER, "eu-west-1")
ONE_INTERFACE = estate(Size(interfaces=1))


class CountedClients(AccountClients):
    """Counts the clients that are open, of this test's session and no other's."""

    def __init__(self, aws: FakeAws) -> None:
        super().__init__(aws.session())
        self.made: list[str] = []
        self.open = 0
        self.most_open = 0
        self._counting = Lock()

    def make(self, service: str, region: str | None, config: Config, credentials: Credentials | None = None) -> Any:
        client = super().make(service, region, config, credentials)
        close = client.close
        with self._counting:
            self.made.append(service)
            self.open += 1
            self.most_open = max(self.most_open, self.open)

        def closed() -> None:
            close()
            with self._counting:
                self.open -= 1

        client.close = closed
        return client


def taker(aws: FakeAws, clients: AccountClients | None = None) -> TakeScope:
    known = Accounts(Role(ROLE), clients or AccountClients(aws.session()), aws.time.time)
    return TakeScope(known, aws.time.time)


def take(take_scope: TakeScope, scopes: list[Scope], kinds: list[Kind], workers: int = 4) -> Taken:
    return take_all(scopes, kinds, lambda: 600.0, take=take_scope, workers=workers)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    """Give an AWS with two accounts, and time that passes only while someone sleeps."""
    fake = FakeAws({HERE: ONE_INTERFACE, THERE: ONE_INTERFACE})
    fake.time.install(monkeypatch)
    return fake


def test_clients_are_let_go_with_their_scope(aws: FakeAws) -> None:
    aws.estates[HERE] = estate(SIZES["some"])
    clients = CountedClients(aws)
    assert not take(taker(aws, clients), [HERE], list(KINDS.values())).failed
    assert sorted(clients.made) == sorted([*{call.service for call in CALLS}, "ec2", "sts"]), "EC2 twice"
    assert clients.open == 0


def test_clients_are_let_go_where_a_scope_fails(aws: FakeAws) -> None:
    aws.disabled = {"ap-east-1"}
    clients = CountedClients(aws)
    assert take(taker(aws, clients), [Scope(OWN, "ap-east-1")], list(KINDS.values())).failed
    assert "ec2" in clients.made
    assert clients.open == 0


@pytest.mark.slow
def test_many_accounts_are_asked_by_as_many_clients_at_once_as_there_are_workers() -> None:
    scopes = [Scope(f"{number:012}", "eu-west-1") for number in range(1, 151)]
    aws = FakeAws(dict.fromkeys(scopes, ONE_INTERFACE))
    clients = CountedClients(aws)
    taken = take(taker(aws, clients), scopes, [INTERFACES], workers=16)
    assert not taken.failed
    assert len(taken.snapshots) == 150
    assert clients.made.count("ec2") == 150
    assert clients.most_open <= 16
    assert clients.open == 0


@pytest.mark.parametrize("code", ["RequestLimitExceeded", "Throttling"])
def test_an_account_that_is_throttled_for_good_fails_with_a_sentence_and_the_other_is_taken(
    aws: FakeAws, code: str
) -> None:
    def throttled(asked: Request) -> Written | None:
        busy = asked.account == OTHER and asked.service == "ec2"
        return refusal(asked.model, code, 503) if busy else None

    aws.trouble.append(throttled)
    taken = take(taker(aws), [THERE, HERE], [INTERFACES])
    assert set(taken.snapshots) == {HERE}
    assert taken.failed == {
        (THERE, INTERFACES.name): f"{THERE}: ec2:DescribeNetworkInterfaces got {code}: others ask a lot there too; the "
        "next run asks again"
    }
    assert aws.counted[OTHER, "eu-west-1", "DescribeNetworkInterfaces"] == ATTEMPTS


def test_a_region_that_one_account_has_not_enabled_is_taken_in_the_other(aws: FakeAws) -> None:
    far = [Scope(account, "ap-east-1") for account in (OWN, OTHER)]
    aws.estates |= dict.fromkeys(far, ONE_INTERFACE)
    aws.trouble.append(
        lambda asked: (
            refusal(asked.model, "OptInRequired", 403)
            if (asked.account, asked.region) == far[1] and asked.service == "ec2"
            else None
        )
    )
    taken = take(taker(aws), [*far, HERE, THERE], [INTERFACES])
    assert set(taken.snapshots) == {far[0], HERE, THERE}
    assert taken.failed[far[1], INTERFACES.name].endswith("got OptInRequired: is this region enabled in that account?")


@pytest.mark.parametrize("code", ["RequestExpired", "ExpiredToken"])
def test_credentials_that_expire_meanwhile_are_made_anew_by_the_next_run(aws: FakeAws, code: str) -> None:
    expired = {OTHER}

    def refused(asked: Request) -> Written | None:
        too_late = asked.account in expired and asked.service == "ec2"
        return refusal(asked.model, code, 400) if too_late else None

    aws.trouble.append(refused)
    take_scope = taker(aws)
    taken = take(take_scope, [HERE, THERE], [INTERFACES])
    assert set(taken.snapshots) == {HERE}
    sentence = f"{THERE}: ec2:DescribeNetworkInterfaces got {code}: the credentials hold no longer; the next run makes "
    assert taken.failed[THERE, INTERFACES.name].startswith(sentence)
    expired.clear()
    assert set(take(take_scope, [HERE, THERE], [INTERFACES]).snapshots) == {HERE, THERE}
    assert aws.calls("AssumeRole") == 2


def test_other_refusals_leave_the_credentials_as_they_are(aws: FakeAws) -> None:
    aws.trouble.append(
        lambda asked: refusal(asked.model, "UnauthorizedOperation", 403) if asked.service == "ec2" else None
    )
    take_scope = taker(aws)
    for _ in range(2):
        assert take(take_scope, [THERE], [INTERFACES]).failed
    assert aws.calls("AssumeRole") == 1


def test_all_regions_of_an_account_are_asked_with_the_same_credentials() -> None:
    aws = FakeAws()
    known = Accounts(Role(ROLE), AccountClients(aws.session()), aws.time.time)
    together = Barrier(8)

    def ask(_: int) -> object:
        together.wait(60)
        return known.credentials(OTHER)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert aws.calls("AssumeRole") == 1


def test_a_role_that_is_refused_holds_up_no_other_account(aws: FakeAws) -> None:
    regions = ("eu-west-1", "us-east-1", "eu-north-1")
    refused = [Scope(OTHER, region) for region in regions]
    aws.without_role = {OTHER}
    taken = take(taker(aws), [*refused, HERE], [INTERFACES], workers=2)
    assert set(taken.snapshots) == {HERE}
    assert {scope for scope, _ in taken.failed} == set(refused)
    assert all("sts:AssumeRole got AccessDenied" in sentence for sentence in taken.failed.values())
