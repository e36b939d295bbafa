from collections.abc import Callable, Sequence
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from estates import estate, interface
from fake_ec2 import NOW, OWN, ROLE, FakeAws, Request
from wire import Written, answer, refusal

from flowlogs.aws.account_clients import AccountClients
from flowlogs.aws.accounts import Accounts, Role
from flowlogs.aws.scope_calls import ATTEMPTS, TakeScope
from flowlogs.inventory.calls import CALLS, calls_a_run
from flowlogs.inventory.interval import Scope, Snapshot
from flowlogs.inventory.kinds import INTERFACES, KINDS, Kind, Rhythm
from flowlogs.inventory.size import Size
from flowlogs.inventory.taking import Taken, take_all

Trouble = Callable[[Request], Written | Exception | None]
HERE = Scope(OWN, "eu-west-1")
EVERYTHING = list(KINDS.values())


def taker(aws: FakeAws) -> TakeScope:
    return TakeScope(Accounts(Role(ROLE), AccountClients(aws.session()), aws.time.time), aws.time.time)


def take(aws: FakeAws, kinds: Sequence[Kind] = EVERYTHING, scopes: Sequence[Scope] = (HERE,)) -> Taken:
    return take_all(scopes, kinds, lambda: 60.0, take=taker(aws), workers=3)


def interfaces_of(taken: Taken, scope: Scope = HERE) -> Snapshot:
    return taken.snapshots[scope][INTERFACES.name]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    """Give an AWS with 1,500 interfaces and time that passes only while someone sleeps."""
    fake = FakeAws({HERE: estate(Size(interfaces=1500))})
    fake.time.install(monkeypatch)
    return fake


def times(number: int, make: Trouble, operation: str = "DescribeNetworkInterfaces") -> Trouble:
    """Make trouble with the next requests for an operation."""
    left = [number]

    def trouble(asked: Request) -> Written | Exception | None:
        if asked.model.name != operation or not left[0]:
            return None
        left[0] -= 1
        return make(asked)

    return trouble


def test_every_page_is_taken() -> None:
    aws = FakeAws({HERE: estate(Size(interfaces=5000))})
    snapshot = interfaces_of(take(aws, [INTERFACES]))
    assert len(snapshot.resources) == 5000
    assert aws.calls("DescribeNetworkInterfaces") == 5
    assert snapshot.resources[f"eni-{4321:017x}"]["addresses"] == ["10.0.16.225"]
    assert snapshot.scope == HERE


SIZES = {
    "nothing": Size(),
    "some": Size(
        interfaces=400,
        security_groups=50,
        security_group_rules=300,
        launch_template_versions=8,
        auto_scaling_groups=3,
        pinned_templates=(2,),
        launch_configurations=1,
        functions=20,
        databases=5,
        database_clusters=1,
        clusters=(3, 0),
        task_rules=(2, 0),
        compute_environments=1,
        build_projects=2,
        prefix_lists=(40, 3, 7),
        subnets=12,
        vpcs=2,
        network_acls=2,
        instances=30,
    ),
    "full pages and one more": Size(
        interfaces=2001,
        security_groups=1000,
        security_group_rules=1001,
        launch_template_versions=201,
        auto_scaling_groups=101,
        pinned_templates=(1, 3),
        launch_configurations=100,
        functions=51,
        databases=101,
        database_clusters=100,
        clusters=(101, 10, 11, 0),
        task_rules=(101, 0, 1, 0),
        compute_environments=101,
        build_projects=101,
        prefix_lists=(101, 100, 0) + (1,) * 98,
        subnets=1001,
        vpcs=1001,
        network_acls=1000,
        instances=1001,
    ),
}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_calls_of_an_hour_are_those_that_are_counted(size: Size) -> None:
    aws = FakeAws({HERE: estate(size)})
    every_run = [kind for kind in EVERYTHING if kind.rhythm is Rhythm.EVERY_RUN]
    warm = taker(aws)
    for run in range(12):
        assert not take_all([HERE], EVERYTHING if run == 0 else every_run, lambda: 60.0, take=warm).failed
    assert aws.calls("GetCallerIdentity") == 1
    assert aws.calls() - 1 == calls_a_run(size, hourly=True) + 11 * calls_a_run(size, hourly=False)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_each_operation_is_called_as_often_as_the_table_says(size: Size) -> None:
    aws = FakeAws({HERE: estate(size)})
    take(aws)
    counted = {operation: count for (_, _, operation), count in aws.counted.items() if operation != "GetCallerIdentity"}
    said = {call.operation: 0 for call in CALLS}
    for call in CALLS:
        said[call.operation] += call.calls(size)
    assert counted == {operation: count for operation, count in said.items() if count}
    assert sum(counted.values()) == calls_a_run(size, hourly=True)


def test_everything_that_is_there_is_taken() -> None:
    size = SIZES["full pages and one more"]
    snapshots = take(FakeAws({HERE: estate(size)})).snapshots[HERE]
    counts = {kind: len(snapshot.resources) for kind, snapshot in snapshots.items()}
    assert counts == {
        "network-interfaces": 2001,
        "security-groups": 1000,
        "security-group-rules": 1001,
        "security-group-uses": 101 + 100 + 51 + 101 + 122 + 102 + 101 + 101,
        "prefix-lists": 101,
        "subnets": 1001,
        "vpcs": 1001,
        "network-acls": 1000,
        "network-acl-entries": 1000,
        "instances": 1001,
    }
    assert len(snapshots["prefix-lists"].resources["pl-0"]["entries"]) == 101
    assert snapshots["prefix-lists"].resources["pl-2"]["entries"] == []


def test_a_pinned_version_of_a_launch_template_counts_beside_latest_and_default() -> None:
    aws = FakeAws({HERE: estate(Size(launch_template_versions=2, auto_scaling_groups=1, pinned_templates=(2,)))})
    uses = take(aws).snapshots[HERE]["security-group-uses"].resources
    groups = ["sg-version-1", "sg-version-2", "sg-version-3", "sg-version-4"]
    assert uses["launch-template/lt-0"]["security-group-ids"] == groups


def test_an_interface_that_moves_to_the_next_page_meanwhile_counts_once(aws: FakeAws) -> None:
    drifting = [interface(n) for n in (*range(1000), *range(999, 1500))]
    aws.estates[HERE] = {"DescribeNetworkInterfaces": lambda _: drifting}
    assert len(interfaces_of(take(aws, [INTERFACES])).resources) == 1500


def test_a_snapshot_is_of_the_moment_before_its_first_page(aws: FakeAws) -> None:
    def passes(_: Request) -> None:
        aws.time.now += 100

    aws.trouble.append(passes)
    first, second = (interfaces_of(take(aws, [INTERFACES])).taken for _ in range(2))
    assert first == NOW + 100, "STS was asked before"
    assert second == NOW + 400


def test_of_three_accounts_one_fails_and_the_others_are_taken(aws: FakeAws) -> None:
    scopes = [Scope(account, "eu-west-1") for account in (OWN, "222222222222", "333333333333")]
    aws.estates = {scope: estate(Size(interfaces=3)) for scope in scopes}
    aws.without_role = {"222222222222"}
    taken = take(aws, [INTERFACES], scopes)
    assert {scope.account_id for scope in taken.snapshots} == {OWN, "333333333333"}
    assert taken.failed == {
        (scopes[1], INTERFACES.name): "222222222222/eu-west-1: arn:aws:iam::222222222222:role/flowlogs-inventory: "
        "sts:AssumeRole got AccessDenied: is the role there (accounts/inventory-role.yaml), does it trust this one, "
        "and with this external id? Or a service control policy denies it"
    }


def test_an_account_sees_its_own_interfaces_only(aws: FakeAws) -> None:
    other = Scope("222222222222", "us-east-1")
    aws.estates[other] = {"DescribeNetworkInterfaces": lambda _: [interface(7, other.account_id)]}
    taken = take(aws, [INTERFACES], [HERE, other])
    assert len(interfaces_of(taken).resources) == 1500
    assert list(interfaces_of(taken, other).resources) == [f"eni-{7:017x}"]


def test_a_kind_that_is_refused_stops_no_other(aws: FakeAws) -> None:
    aws.trouble.append(times(99, lambda asked: refusal(asked.model, "AccessDeniedException", 403), "ListFunctions"))
    taken = take(aws)
    assert set(taken.snapshots[HERE]) == set(KINDS) - {"security-group-uses"}
    assert taken.failed == {
        (
            HERE,
            "security-group-uses",
        ): f"{HERE}: lambda:ListFunctions got AccessDeniedException: the role there may not "
        "do this, or a service control policy denies it"
    }


def test_a_region_that_is_not_enabled_is_said_to_be(aws: FakeAws) -> None:
    aws.disabled = {"ap-east-1"}
    there = Scope(OWN, "ap-east-1")
    taken = take(aws, EVERYTHING, [there, HERE])
    assert set(taken.snapshots) == {HERE}
    assert taken.failed[there, INTERFACES.name] == (
        f"{there}: ec2:DescribeNetworkInterfaces got AuthFailure: is this region enabled in that account?"
    )


def test_throttling_that_passes_costs_time_and_nothing_else(aws: FakeAws) -> None:
    aws.estates[HERE] = estate(Size(interfaces=6_000))
    aws.throttles, aws.tokens = True, 2  # others have used the rest
    taken = take(aws, [INTERFACES])
    assert len(interfaces_of(taken).resources) == 6_000
    assert aws.calls("DescribeNetworkInterfaces") > 6
    assert aws.time.slept > 0


def test_throttling_that_does_not_pass_fails_after_some_attempts(aws: FakeAws) -> None:
    aws.trouble.append(times(10**9, lambda asked: refusal(asked.model, "RequestLimitExceeded", 503)))
    taken = take(aws)
    assert aws.calls("DescribeNetworkInterfaces") == ATTEMPTS
    assert taken.failed == {
        (
            HERE,
            INTERFACES.name,
        ): f"{HERE}: ec2:DescribeNetworkInterfaces got RequestLimitExceeded: others ask a lot there "
        "too; the next run asks again"
    }
    assert set(taken.snapshots[HERE]) == set(KINDS) - {INTERFACES.name}


TROUBLES: dict[str, Trouble] = {
    "an internal error": lambda asked: refusal(asked.model, "InternalError", 500),
    "a page of a proxy": lambda _: (502, {}, b"<html><body>Bad Gateway</body></html>"),
    "a connection that breaks off": lambda _: ConnectionClosedError(endpoint_url="https://ec2"),
    "an answer that does not come": lambda _: ReadTimeoutError(endpoint_url="https://ec2"),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_what_fails_now_and_then_is_asked_again(trouble: Trouble, aws: FakeAws) -> None:
    aws.trouble.append(times(3, trouble))
    assert len(interfaces_of(take(aws, [INTERFACES])).resources) == 1500
    assert aws.calls("DescribeNetworkInterfaces") == 2 + 3


def test_where_no_answer_ever_comes_the_sentence_asks_for_the_way(aws: FakeAws) -> None:
    aws.trouble.append(times(10**9, TROUBLES["an answer that does not come"]))
    sentence = take(aws, [INTERFACES]).failed[HERE, INTERFACES.name]
    assert "got ReadTimeoutError: is that a region, and is there a way to it from here?" in sentence


def cut_off(asked: Request) -> Written:
    status, headers, body = answer(asked.model, {"NetworkInterfaces": [interface(n) for n in range(1000)]})
    return status, headers, body[: len(body) // 2]


def test_an_answer_that_was_cut_off_is_asked_for_again_from_the_first_page(aws: FakeAws) -> None:
    aws.trouble.append(times(1, cut_off))
    assert len(interfaces_of(take(aws, [INTERFACES])).resources) == 1500
    assert aws.calls("DescribeNetworkInterfaces") == 1 + 2


def test_an_answer_that_is_always_cut_off_is_no_snapshot(aws: FakeAws) -> None:
    aws.trouble.append(times(10**9, cut_off))
    taken = take(aws, [INTERFACES])
    assert not taken.snapshots
    assert "the answer to ec2:DescribeNetworkInterfaces cannot be read" in taken.failed[HERE, INTERFACES.name]


@pytest.mark.parametrize(
    ("operation", "action"),
    [("ListFunctions", "lambda:ListFunctions"), ("ListClusters", "ecs:ListClusters")],
)
def test_json_that_was_cut_off_is_not_taken_for_nothing(operation: str, action: str, aws: FakeAws) -> None:
    aws.trouble.append(times(10**9, lambda _: (200, {}, b'{"Functions": [{"FunctionName": "f'), operation))
    sentence = take(aws).failed[HERE, "security-group-uses"]
    assert sentence.startswith(f"{HERE}: the answer to {action} has no ")


@pytest.mark.parametrize("pages", [1, 2], ids=["the same token at once", "two tokens in turn"])
def test_pages_that_come_again_and_again_end_in_an_error(pages: int, aws: FakeAws) -> None:
    def again(asked: Request) -> Written:
        token = (int(asked.parameters.get("NextToken") or 0) + 1) % pages
        content = {"NetworkInterfaces": [interface(1)], "NextToken": str(token)}
        return answer(asked.model, content)

    aws.trouble.append(times(10**9, again))
    sentence = take(aws, [INTERFACES]).failed[HERE, INTERFACES.name]
    assert sentence == f"{HERE}: ec2:DescribeNetworkInterfaces gives the same pages again and again"
    assert aws.calls("DescribeNetworkInterfaces") <= pages + 1


GONE = {
    "a prefix list": ("GetManagedPrefixListEntries", "InvalidPrefixListID.NotFound"),
    "a cluster": ("ListServices", "ClusterNotFoundException"),
    "a service's cluster": ("DescribeServices", "ClusterNotFoundException"),
    "a rule": ("ListTargetsByRule", "ResourceNotFoundException"),
}


@pytest.mark.parametrize(("operation", "code"), GONE.values(), ids=GONE)
def test_what_was_deleted_before_it_could_be_asked_about_is_no_failure(operation: str, code: str, aws: FakeAws) -> None:
    aws.estates[HERE] = estate(SIZES["some"])
    aws.trouble.append(times(1, lambda asked: refusal(asked.model, code, 400), operation))
    assert not take(aws).failed


def test_what_aws_manages_and_hides_is_asked_for(aws: FakeAws) -> None:
    asked_with = []
    aws.trouble.append(lambda asked: asked_with.append(dict(asked.parameters)))
    take(aws, [INTERFACES])
    assert {given.get("IncludeManagedResources") for given in asked_with if "MaxResults" in given} == {True}


def test_an_older_botocore_is_not_asked_for_what_it_does_not_know(
    aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = aws.session()
    shapes = session.get_component("data_loader").load_service_model("ec2", "service-2")["shapes"]
    monkeypatch.delitem(shapes["DescribeNetworkInterfacesRequest"]["members"], "IncludeManagedResources")
    take_scope = TakeScope(Accounts(Role(ROLE), AccountClients(session)))
    assert not take_all([HERE], [INTERFACES], lambda: 60.0, take=take_scope).failed


def test_the_table_asks_for_as_much_as_the_services_give() -> None:
    session = FakeAws().session()
    for call in CALLS:
        operation: Any = session.get_service_model(call.service).operation_model(call.operation)
        assert call.member in operation.output_shape.members
        bounds = operation.input_shape.members[call.limit].metadata if call.limit else {}
        if "max" in bounds and call.operation != "ListFunctions":
            assert bounds["max"] == call.page, call.operation
