import base64
import gzip
import json
from collections.abc import Sequence

import pytest
from fake_account import EXPIRED, LOG_FORMAT, NOW, THROTTLED, FakeAccount, denied, deployed

from flowlogs.doctor.asked import Unseen
from flowlogs.doctor.deployment import Deployment
from flowlogs.doctor.refused import Refused
from flowlogs.doctor.smoke import PAUSE, QUIET, Arrival, Outcome, Progress, Smoke
from flowlogs.errors import SettingsError
from flowlogs.generate.smoke import marked_lines, new_marker, rejected_ssh
from flowlogs.record.log_format import LogFormat

MARKER = "eni-00000000000000abc"
LINES = marked_lines(MARKER, 20, NOW, LOG_FORMAT, "123456789012")


@pytest.fixture
def account() -> FakeAccount:
    return FakeAccount()


def run(account: FakeAccount, deployment: Deployment | None = None, timeout: float = 900) -> Outcome:
    return Smoke(deployment or deployed(), account.outside(), MARKER, timeout).run(LINES)


def by_name(outcome: Outcome) -> dict[str, Progress]:
    return {one.destination: one for one in outcome.progress}


def test_all_lines_everywhere_is_complete(account: FakeAccount) -> None:
    account.slept = lambda: account.at_destination(account.sent)
    outcome = run(account)
    assert outcome.complete
    assert {one.arrival for one in outcome.progress} == {Arrival.COMPLETE}
    assert {one.seconds for one in outcome.progress} == {PAUSE}
    assert {(one.seen, one.duplicates) for one in outcome.progress} == {(20, 0)}


def test_lines_go_into_the_log_stream_of_their_interface_in_order_of_time(account: FakeAccount) -> None:
    run(account, timeout=1)
    assert account.created == [("Flowlogs", f"{MARKER}-all")]
    times = [event.timestamp for _, _, event in account.log_events]
    assert times == sorted(times)
    assert max(times) <= NOW * 1000
    assert sorted(account.sent) == sorted(line.text for line in LINES)


def test_a_line_that_came_twice_is_a_duplicate_and_no_stand_in_for_one_that_did_not(account: FakeAccount) -> None:
    account.slept = lambda: account.at_destination([*account.sent[1:], account.sent[5]], "once")
    search = by_name(run(account, timeout=PAUSE))["search"]
    assert (search.seen, search.duplicates, search.arrival) == (19, 1, Arrival.INCOMPLETE)


def test_what_comes_in_parts_is_added_up_and_an_object_is_read_once(account: FakeAccount) -> None:
    parts = iter([slice(0, 7), slice(7, 20), slice(0, 0)])

    def deliver() -> None:
        part = next(parts)
        account.at_destination(account.sent[part], f"part-{part.start}")

    account.slept = deliver
    outside = account.outside()
    shown: list[list[int]] = []

    def show(progress: Sequence[Progress]) -> None:
        shown.append([one.seen for one in progress])

    assert Smoke(deployed(), outside, MARKER, 900, show).run(LINES).complete
    assert shown == [[0, 0], [7, 7], [20, 20]]
    assert outside.buckets.reads == [f"flows/date={account.day}/part-{start}.gz" for start in (0, 7)]  # type: ignore[attr-defined]


def test_time_that_is_over_ends_the_wait(account: FakeAccount) -> None:
    account.slept = lambda: account.as_documents(account.sent) if account.time == NOW + PAUSE else None
    outcome = run(account, timeout=95)
    assert account.time == NOW + 95
    assert not outcome.complete
    assert {name: one.arrival for name, one in by_name(outcome).items()} == {
        "search": Arrival.COMPLETE,
        "lake": Arrival.INCOMPLETE,
    }
    assert by_name(outcome)["search"].seconds == PAUSE


def test_lines_that_arrive_after_midnight_are_found_in_the_next_partition(account: FakeAccount) -> None:
    account.time = 1_767_225_600 - 5.0  # five seconds before the year begins
    account.slept = lambda: account.at_destination(account.sent)
    assert run(account).complete
    assert account.day == "2026-01-01"


def unreachable(_: object) -> None:
    raise Unseen("the domain cannot be seen from here")


def test_a_domain_that_is_out_of_sight_is_judged_by_what_firehose_counts(account: FakeAccount) -> None:
    account.searching = unreachable

    def delivers() -> None:
        account.into_lake(account.sent, "once")
        account.brought += 12

    account.slept = delivers
    outcome = run(account)
    search = by_name(outcome)["search"]
    assert outcome.complete
    assert (search.arrival, search.seen, search.seconds) == (Arrival.UNSEEN, 0, 2 * PAUSE)
    assert "cannot be seen from here" in search.note
    assert "24 records" in search.note


def test_a_domain_out_of_sight_into_which_too_little_was_brought_is_incomplete(account: FakeAccount) -> None:
    account.searching, account.brought = unreachable, 19
    account.slept = lambda: account.into_lake(account.sent)
    outcome = run(account)
    assert by_name(outcome)["search"].arrival is Arrival.INCOMPLETE
    assert "19 records" in by_name(outcome)["search"].note
    assert not outcome.complete


def test_a_domain_out_of_sight_without_a_count_is_just_that(account: FakeAccount) -> None:
    account.searching = unreachable
    account.failing["metrics"] = denied("cloudwatch:GetMetricStatistics")
    account.slept = lambda: account.into_lake(account.sent)
    outcome = run(account)
    assert outcome.complete
    assert "cloudwatch:GetMetricStatistics" in by_name(outcome)["search"].note


def test_where_nothing_at_all_can_be_seen_dead_letters_have_time_to_come(account: FakeAccount) -> None:
    account.searching = unreachable
    account.failing["metrics"] = denied("cloudwatch:GetMetricStatistics")
    account.slept = lambda: account.keep("letters", "ingest/x", account.sent[0])
    outcome = run(account, deployed(Destinations="search", LakeStream=None, LakeBucket=None))
    assert account.time == NOW + QUIET
    assert outcome.letters == ["s3://letters/ingest/x"]


def test_a_destination_that_may_not_be_looked_at_is_a_failure_with_the_permission(account: FakeAccount) -> None:
    account.failing["list lake"] = denied("s3:ListBucket")
    account.slept = lambda: account.as_documents(account.sent)
    outcome = run(account)
    assert not outcome.complete
    assert by_name(outcome)["lake"].arrival is Arrival.REFUSED
    assert "s3:ListBucket" in by_name(outcome)["lake"].note
    assert by_name(outcome)["search"].arrival is Arrival.COMPLETE


def test_what_throttles_is_asked_again(account: FakeAccount) -> None:
    account.failing["list lake"] = THROTTLED

    def passes() -> None:
        account.failing.pop("list lake", None)
        account.at_destination(account.sent)

    account.slept = passes
    outcome = run(account)
    assert outcome.complete
    assert by_name(outcome)["lake"].note == ""


def test_credentials_that_expire_meanwhile_end_it(account: FakeAccount) -> None:
    account.slept = lambda: account.failing.update({"search": EXPIRED})
    with pytest.raises(Refused, match="have expired"):
        run(account)


def test_lines_that_are_not_taken_are_not_waited_for(account: FakeAccount) -> None:
    account.failing["put events"] = denied("logs:PutLogEvents")
    with pytest.raises(Refused, match="logs:PutLogEvents"):
        run(account)
    assert account.time == NOW


def test_streams_of_ones_own_are_watched_by_their_dead_letters_only(account: FakeAccount) -> None:
    existing = deployed(Destinations="existing", SearchStream=None, LakeStream=None)
    outcome = run(account, existing)
    assert account.time == NOW + QUIET
    assert outcome.complete
    assert by_name(outcome)["existing"].arrival is Arrival.UNSEEN
    account.keep("letters", "ingest/x", b"\n".join(account.sent))
    assert not run(account, existing).complete


def firehose_failure(data: bytes) -> bytes:
    return json.dumps({"attemptsMade": 4, "rawData": base64.b64encode(data).decode()}).encode()


def envelope(lines: Sequence[bytes]) -> bytes:
    events = [{"message": line.decode()} for line in lines]
    return gzip.compress(json.dumps({"messageType": "DATA_MESSAGE", "logEvents": events}).encode())


@pytest.mark.parametrize(
    "wrap",
    [
        lambda lines: gzip.compress(json.dumps({"schema": 1, "line": lines[0].decode()}).encode()),
        lambda lines: firehose_failure(lines[0]),
        lambda lines: firehose_failure(json.dumps({"message": lines[0].decode()}).encode()),
        lambda lines: gzip.compress(firehose_failure(b"\n".join(lines))),
        lambda lines: json.dumps(
            {"requestPayload": {"awslogs": {"data": base64.b64encode(envelope(lines)).decode()}}}
        ).encode(),
    ],
    ids=["ours", "Firehose's", "with {message}", "packed", "Lambda's"],
)
def test_marked_lines_among_the_dead_letters_are_found_whatever_is_around_them(account: FakeAccount, wrap) -> None:  # type: ignore[no-untyped-def]
    texts = [line.text for line in LINES]
    account.keep("letters", "other", firehose_failure(b"2 eni-1 and so on, long enough to be looked into at all"))
    account.slept = lambda: account.keep("letters", "ours", wrap(texts))
    outcome = run(account, timeout=PAUSE)
    assert outcome.letters == ["s3://letters/ours"]
    assert not outcome.complete


def test_what_firehose_could_not_write_into_the_lake_is_looked_through_too(account: FakeAccount) -> None:
    key = "errors/format-conversion-failed/date=2026-01-01/x"
    account.slept = lambda: account.keep("lake", key, firehose_failure(LINES[0].text))
    assert run(account, timeout=PAUSE).letters == [f"s3://lake/{key}"]


def test_dead_letters_that_may_not_be_looked_at_are_no_good_news(account: FakeAccount) -> None:
    account.failing["list letters"] = denied("s3:ListBucket")
    account.slept = lambda: account.at_destination(account.sent)
    outcome = run(account)
    assert not outcome.complete
    assert "s3:ListBucket" in outcome.letters_note


def test_a_file_goes_where_flow_logs_put_theirs(account: FakeAccount) -> None:
    account.slept = lambda: account.at_destination([line.text for line in LINES])
    s3 = deployed(Source="s3", LogGroup=None, FlowLogBucket="central", FlowLogPrefix="net")
    assert run(account, s3).complete
    ((_, key),) = [place for place in account.objects if place[0] == "central"]
    folder = "net/AWSLogs/123456789012/vpcflowlogs/eu-west-1/2026/01/01/"
    assert key.startswith(f"{folder}123456789012_vpcflowlogs_eu-west-1_fl-00000000000000abc_20260101T0015Z_")
    assert key.endswith(".log.gz")
    header, *lines = gzip.decompress(account.objects["central", key][0]).splitlines()
    assert header == LOG_FORMAT.header
    assert lines == [line.text for line in LINES]


def test_each_stream_gets_every_line_as_flow_logs_put_them(account: FakeAccount) -> None:
    account.slept = lambda: account.at_destination([line.text for line in LINES])
    assert run(account, deployed(Source="firehose", LogGroup=None)).complete
    assert set(account.onto_streams) == {"VPCFlowLogsToElasticSearch", "flowlogs-lake"}
    for records in account.onto_streams.values():
        assert [json.loads(record)["message"].encode() for record in records] == [line.text for line in LINES]


def test_marked_lines_are_rejects_with_ssh_among_them_and_a_port_each() -> None:
    records = [LOG_FORMAT.read(line.text) for line in LINES]
    assert {record["action"] for record in records} == {"REJECT"}
    assert {record["interface_id"] for record in records} == {MARKER}
    assert len({record["srcport"] for record in records}) == len(LINES)
    assert all(NOW - 61 <= record["start"] <= record["end"] <= NOW for record in records)
    ssh = [record for record in records if record["dstport"] == 22 and record["protocol"] == 6]
    assert len(ssh) == rejected_ssh(len(LINES)) > 0
    assert rejected_ssh(1) == 1


def test_a_format_by_which_lines_cannot_be_told_is_refused() -> None:
    for names, lacking in ((["srcport", "start"], "interface-id"), (["interface-id"], "srcport")):
        with pytest.raises(SettingsError, match=f"lacks {lacking}"):
            marked_lines(MARKER, 1, NOW, LogFormat(names), "1")


def test_a_marker_is_an_interface_id_of_its_own() -> None:
    assert new_marker(lambda bits: (1 << bits) - 1) == "eni-fffffffffffffffff"
    assert new_marker(lambda bits: 1) == "eni-00000000000000001"
