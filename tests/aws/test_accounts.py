import gc
import weakref
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fake_ec2 import NOW, OWN, ROLE, FakeAws, Request
from wire import Written, answer, refusal

from flowlogs.aws.account_clients import AccountClients
from flowlogs.aws.account_scopes import KEEP_SECONDS, AccountScopes, Wanted
from flowlogs.aws.accounts import BEFORE_EXPIRY, HOLD_SECONDS, SESSION_NAME, Accounts, Caller, Role
from flowlogs.aws.scope_calls import CONFIG
from flowlogs.inventory.interval import Scope

OTHER = "222222222222"
TRUSTED = Role(ROLE)


def accounts(aws: FakeAws, role: Role = TRUSTED, region: str | None = "eu-west-1") -> Accounts:
    return Accounts(role, AccountClients(aws.session(region)), aws.time.time)


def scopes(
    aws: FakeAws, wanted: Wanted, regions: Sequence[str] = (), region: str | None = "eu-west-1"
) -> AccountScopes:
    return AccountScopes(accounts(aws, region=region), wanted, regions, aws.time.time)


def heard(aws: FakeAws) -> list[tuple[str, Mapping[str, Any], str]]:
    """Give a list that fills with each request: its operation, its parameters, its region."""
    requests: list[tuple[str, Mapping[str, Any], str]] = []
    aws.trouble.append(lambda asked: requests.append((asked.model.name, asked.parameters, asked.region)))
    return requests


def test_the_caller_is_asked_for_once() -> None:
    aws = FakeAws()
    asking = accounts(aws)
    assert asking.caller == asking.caller == Caller("aws", OWN)
    assert aws.calls() == 1


def test_the_own_account_is_read_with_the_callers_credentials() -> None:
    aws = FakeAws()
    assert accounts(aws).credentials(OWN) is None
    assert aws.calls("AssumeRole") == 0


def test_another_account_is_read_with_its_role() -> None:
    aws = FakeAws()
    requests = heard(aws)
    credentials = accounts(aws).credentials(OTHER)
    assert credentials == (f"ASIA{OTHER}", "s", "t")
    assert requests[-1] == (
        "AssumeRole",
        {
            "RoleArn": f"arn:aws:iam::{OTHER}:role/{ROLE}",
            "RoleSessionName": SESSION_NAME,
            "DurationSeconds": HOLD_SECONDS,
        },
        "eu-west-1",
    )


def test_an_external_id_is_sent_where_there_is_one() -> None:
    aws = FakeAws(external_id="secret")
    assert accounts(aws, Role(ROLE, "secret")).credentials(OTHER) is not None
    with pytest.raises(OSError, match="with this external id"):
        accounts(aws, Role(ROLE, "another")).credentials(OTHER)
    with pytest.raises(OSError, match="with this external id"):
        accounts(aws).credentials(OTHER)


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_a_role_is_of_the_partition_of_the_caller(partition: str) -> None:
    aws = FakeAws()

    def elsewhere(asked: Request) -> Written | None:
        if asked.model.name != "GetCallerIdentity":
            return None
        return answer(asked.model, {"Account": OWN, "Arn": f"arn:{partition}:sts::{OWN}:assumed-role/c/1"})

    aws.trouble.append(elsewhere)
    requests = heard(aws)
    accounts(aws).credentials(OTHER)
    assert requests[-1][1]["RoleArn"] == f"arn:{partition}:iam::{OTHER}:role/{ROLE}"


def test_sts_is_asked_in_the_own_region_and_not_at_its_global_endpoint() -> None:
    aws = FakeAws()
    session = aws.session("us-east-1")
    urls: list[str] = []
    session.register("before-send.sts", lambda **sent: urls.append(sent["request"].url))
    Accounts(Role(ROLE), AccountClients(session)).credentials(OTHER)
    assert set(urls) == {"https://sts.us-east-1.amazonaws.com/"}


def test_credentials_are_kept_until_shortly_before_they_expire() -> None:
    aws = FakeAws()
    asking = accounts(aws)
    for now in (NOW, NOW + 1, NOW + 3600 - BEFORE_EXPIRY, NOW + 3601 - BEFORE_EXPIRY):
        aws.time.now = now
        asking.credentials(OTHER)
    assert aws.calls("AssumeRole") == 2
    asking.credentials("333333333333")
    assert aws.calls("AssumeRole") == 3


def test_many_threads_ask_who_the_caller_is_once() -> None:
    aws = FakeAws()
    asking = accounts(aws)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(asking.credentials, [OWN] * 32)) == {None}
    assert aws.calls() == 1


def test_a_role_that_may_not_be_assumed_is_said_with_what_to_look_at() -> None:
    with pytest.raises(OSError, match="got AccessDenied: is the role there") as caught:
        accounts(FakeAws(without_role={OTHER})).credentials(OTHER)
    assert str(caught.value).startswith(f"arn:aws:iam::{OTHER}:role/{ROLE}: sts:AssumeRole got AccessDenied: ")


def test_a_refusal_is_not_kept() -> None:
    aws = FakeAws(without_role={OTHER})
    asking = accounts(aws)
    with pytest.raises(OSError, match="AccessDenied"):
        asking.credentials(OTHER)
    aws.without_role = set()
    assert asking.credentials(OTHER) is not None


def test_without_credentials_the_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    session = FakeAws().session()
    monkeypatch.setattr(session, "get_credentials", lambda: None)
    with pytest.raises(
        OSError, match=r"the own account: sts:GetCallerIdentity got NoCredentialsError: .*sign in again"
    ):
        _ = Accounts(Role(ROLE), AccountClients(session)).caller


def account(number: int, **status: str) -> dict[str, str]:
    return {"Id": f"{number:012}", "Name": f"account {number}", **status}


def test_an_organization_is_its_active_accounts_and_the_own_comes_first() -> None:
    members = [
        account(1, State="ACTIVE", Status="ACTIVE"),
        account(2, State="SUSPENDED", Status="SUSPENDED"),
        account(3, State="PENDING_ACTIVATION", Status="ACTIVE"),
        account(4, State="CLOSED"),
        account(5, Status="PENDING_CLOSURE"),
        account(6, Status="ACTIVE"),
        account(7),
        account(int(OWN), State="ACTIVE"),
    ]
    aws = FakeAws(organization=members)
    found = scopes(aws, Wanted(organization=True, own=True))()
    assert [scope.account_id for scope in found] == [OWN, "000000000001", "000000000006", "000000000007"]


def test_an_organization_is_listed_page_by_page_and_once_an_hour() -> None:
    aws = FakeAws(organization=[account(number, State="ACTIVE") for number in range(45)])
    listing = scopes(aws, Wanted(organization=True))
    for now in (NOW, NOW + KEEP_SECONDS - 1):
        aws.time.now = now
        assert len(listing()) == 45
    assert aws.calls("ListAccounts") == 3
    aws.time.now = NOW + KEEP_SECONDS
    listing()
    assert aws.calls("ListAccounts") == 6


def test_who_may_not_list_the_organization_is_told_who_may() -> None:
    aws = FakeAws()
    aws.trouble.append(lambda asked: refusal(asked.model, "AccessDeniedException", 400))
    with pytest.raises(OSError, match="ListAccounts got AccessDeniedException: only the management account") as caught:
        scopes(aws, Wanted(organization=True))()
    assert "delegated administrators" in str(caught.value)


def test_accounts_by_id_are_not_asked_about() -> None:
    aws = FakeAws()
    found = scopes(aws, Wanted(ids=(OTHER, OWN, OTHER)), ("eu-west-1", "us-east-1"))()
    assert found == [Scope(each, region) for each in (OTHER, OWN) for region in ("eu-west-1", "us-east-1")]
    assert aws.calls() == 0


def test_without_regions_it_is_the_callers() -> None:
    assert scopes(FakeAws(), Wanted(own=True))() == [Scope(OWN, "eu-west-1")]


def test_without_any_region_there_is_nothing_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(OSError, match="no AWS region is set"):
        scopes(FakeAws(), Wanted(own=True), region=None)()


@pytest.mark.slow
def test_clients_that_are_let_go_leave_nothing_behind() -> None:
    clients = AccountClients(FakeAws().session())
    made = [clients.make("ec2", "eu-west-1", CONFIG) for _ in range(3)]
    left = [weakref.ref(client) for client in made]
    del made
    gc.collect()
    assert [client() for client in left] == [None] * 3
