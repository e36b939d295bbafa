from collections.abc import Callable
from typing import Any

import pytest
from fake_account import EXPIRED, FORMAT, FakeAccount, denied, deployed, flow_log, stack_of

from flowlogs.doctor.checks import checked
from flowlogs.doctor.dead_letters import MOST_LISTED
from flowlogs.doctor.deployment import NoDeployment, deployment_of, found, why_incomplete
from flowlogs.doctor.refused import Refused
from flowlogs.doctor.row import Row, State


@pytest.fixture
def account() -> FakeAccount:
    return FakeAccount()


def rows(account: FakeAccount, **changed: Any) -> dict[str, Row]:
    every = list(checked(deployed(**changed), account.outside()))
    assert len({row.check for row in every}) == len(every)
    assert all(row.next_step or row.state in (State.OK, State.UNSEEN) for row in every)
    return {row.check: row for row in every}


def test_a_deployment_that_is_whole_has_nothing_to_be_done(account: FakeAccount) -> None:
    found = rows(account)
    assert list(found) == ["stack", "flow log fl-1", "subscription", "search stream", "lake stream", "dead letters"]
    assert {row.state for row in found.values()} == {State.OK}


def change(name: str, value: object) -> Callable[[FakeAccount], None]:
    return lambda account: setattr(account, name, value)


@pytest.mark.parametrize(
    ("breaks", "check", "says"),
    [
        (change("into_group", []), "flow log", "none writes"),
        (
            change("into_group", [flow_log(delivery="FAILED", error="Access error")]),
            "flow log fl-1",
            "Access error",
        ),
        (change("into_group", [flow_log(log_format="${srcaddr} ${dstaddr}")]), "flow log fl-1", "another order"),
        (change("filters", []), "subscription", "not subscribed to flowlogs-ingestor"),
        (
            change("filters", ["arn:aws:lambda:eu-west-1:123456789012:function:other"]),
            "subscription",
            "but to other",
        ),
        (change("states", {"flowlogs-lake": "ACTIVE"}), "search stream", "ResourceNotFoundException"),
        (
            change("states", {"VPCFlowLogsToElasticSearch": "ACTIVE", "flowlogs-lake": "CREATING_FAILED"}),
            "lake stream",
            "CREATING_FAILED",
        ),
    ],
)
def test_what_is_missing_is_named_with_a_next_step(
    account: FakeAccount, breaks: Callable[[FakeAccount], None], check: str, says: str
) -> None:
    breaks(account)
    every = rows(account)
    assert says in every[check].found
    assert every[check].state is State.MISSING
    assert [row.check for row in every.values() if not row.stands] == [check]


@pytest.mark.parametrize(
    ("imported", "state", "said"),
    [("done", State.OK, "imported into"), ("left out", State.OK, "left out"), ("failed", State.UNSEEN, "could not be")],
)
def test_dashboards_that_could_not_be_imported_are_told_and_are_no_failure(
    account: FakeAccount, imported: str, state: State, said: str
) -> None:
    row = rows(account, DashboardsImport=imported, SearchSecret="arn:secret")["dashboards"]
    assert (row.state, row.stands, said in row.found) == (state, True, True)
    command = "flowlogs search setup --url https://search.example.org, and who you sign in as (--secret arn:secret)"
    assert row.next_step == (f"import them: {command}" if imported == "failed" else "")


def test_a_flow_log_that_has_not_delivered_yet_is_no_failure(account: FakeAccount) -> None:
    account.into_group = [flow_log(delivery="")]
    row = rows(account)["flow log fl-1"]
    assert (row.state, row.stands) == (State.UNSEEN, True)


def test_todays_dead_letters_are_counted_by_kind_and_older_ones_are_not(account: FakeAccount) -> None:
    account.time -= 24 * 3600
    account.keep("letters", "processing-failed/old", b"")
    account.time += 24 * 3600
    for key in ("search/processing-failed/2026/01/01/1", "ingest/ingestor/2026/01/2", "ingest/ingestor/2026/01/3"):
        account.keep("letters", key, b"")
    account.keep("letters", "aws/lambda/async/f/2026/01/01/4", b"")
    account.keep("lake", "errors/format-conversion-failed/date=2026-01-01/5", b"")
    account.keep("lake", "flows/date=2026-01-01/6", b"")
    row = rows(account)["dead letters"]
    assert row.state is State.MISSING
    kinds = "1 aws/lambda/async/f, 1 errors/format-conversion-failed, 2 ingest/ingestor, 1 search/processing-failed"
    assert row.found == f"5 objects today: {kinds}"


def test_a_bucket_full_of_letters_is_not_listed_to_its_end(account: FakeAccount) -> None:
    for number in range(MOST_LISTED + 5):
        account.keep("letters", f"ingest/{number}", b"")
    assert f"{MOST_LISTED:,} or more objects" in rows(account)["dead letters"].found


@pytest.mark.parametrize(
    ("call", "check"),
    [
        ("flow logs", "flow log"),
        ("subscriptions", "subscription"),
        ("state", "search stream"),
        ("list letters", "dead letters"),
    ],
)
def test_a_look_that_is_not_allowed_names_the_permission_and_the_others_go_on(
    account: FakeAccount, call: str, check: str
) -> None:
    account.failing[call] = denied("some:Action")
    row = rows(account)[check]
    assert row.state is State.REFUSED
    assert "lack the permission some:Action" in row.found
    assert not row.stands


def test_expired_credentials_end_the_checks_at_once(account: FakeAccount) -> None:
    account.failing["subscriptions"] = EXPIRED
    with pytest.raises(Refused, match="have expired"):
        rows(account)


S3 = {"Source": "s3", "LogGroup": None, "FlowLogBucket": "central", "FlowLogPrefix": "net"}


@pytest.mark.parametrize("destination", ["arn:aws:s3:::central", "arn:aws:s3:::central/net"])
def test_a_flow_log_into_the_bucket_is_found(account: FakeAccount, destination: str) -> None:
    other = flow_log(flow_log_id="fl-2", destination="arn:aws:s3:::central-other")
    account.into_others = [flow_log(destination=destination, log_format="${srcaddr}"), other]
    found = rows(account, **S3)
    assert found["flow log fl-1"].state is State.OK  # files say their order themselves
    assert "flow log fl-2" not in found
    assert "subscription" not in found


def test_flow_logs_into_a_log_group_and_a_bucket_are_both_looked_at(account: FakeAccount) -> None:
    account.into_others = [flow_log(flow_log_id="fl-2", destination="arn:aws:s3:::central", delivery="FAILED")]
    found = rows(account, FlowLogBucket="central")
    assert found["flow log fl-1"].state is State.OK
    assert found["flow log fl-2"].state is State.MISSING


def test_a_bucket_that_others_fill_is_no_failure(account: FakeAccount) -> None:
    row = rows(account, **S3)["flow log"]
    assert (row.state, row.stands) == (State.UNSEEN, True)
    assert "other accounts" in row.next_step


def test_a_flow_log_onto_a_stream_is_found_by_the_streams_name(account: FakeAccount) -> None:
    arn = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/"
    account.into_others = [flow_log(destination=f"{arn}flowlogs-lake"), flow_log(destination=f"{arn}another")]
    found = rows(account, Source="firehose", LogGroup=None)
    assert found["flow log fl-1"].state is State.OK


def test_streams_of_ones_own_are_said_to_be_out_of_sight(account: FakeAccount) -> None:
    found = rows(account, Destinations="existing", SearchStream=None, LakeStream=None)
    assert found["existing streams"].state is State.UNSEEN


def test_no_stack_says_how_to_find_it(account: FakeAccount) -> None:
    account.stack = None
    with pytest.raises(NoDeployment, match=r"there is no stack Flowlogs .* --stack"):
        found(account, "Flowlogs")


@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_FAILED", "UPDATE_FAILED"])
def test_a_stack_that_is_not_complete_says_its_status(status: str) -> None:
    assert status in str(why_incomplete(stack_of(status=status)))


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_stack_that_stands_is_complete(status: str) -> None:
    assert why_incomplete(stack_of(status=status)) is None


@pytest.mark.parametrize("name", ["Source", "RecordFormat", "Destinations", "LogGroup", "LakeBucket", "IndexPrefix"])
def test_an_output_that_lacks_is_named(name: str) -> None:
    absent: dict[str, Any] = {name: None}
    with pytest.raises(NoDeployment, match=f"lacks the outputs .*{name}"):
        deployment_of(stack_of(**absent))


@pytest.mark.parametrize(("name", "value"), [("RecordFormat", "${version} $$"), ("Source", "kafka")])
def test_an_output_that_makes_no_sense_is_refused(name: str, value: str) -> None:
    with pytest.raises(NoDeployment, match=r"Flowlogs"):
        deployment_of(stack_of(**{name: value}))


def test_only_the_outputs_of_the_own_destinations_are_needed() -> None:
    lake_only = {"Destinations": "lake", "SearchStream": None, "SearchEndpoint": None, "IndexPrefix": None}
    assert deployed(**lake_only).streams == {"lake": "flowlogs-lake"}
    assert deployed().log_format.header.decode().split()[:2] == ["version", "account-id"]
    assert FORMAT.startswith("${version}")
