import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import ran
from deployed_in_moto import FORMAT, GROUP, LOG_FORMAT, SEARCH, Deployed, connected, deploy, raises, subscribed
from moto import mock_aws

from flowlogs.doctor.refused import refused
from flowlogs.errors import StreamError


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    connected(monkeypatch)
    with mock_aws():
        yield deploy(monkeypatch)


def read(deployed: Deployed) -> list[dict[str, object]]:
    return [dict(LOG_FORMAT.read(line)) for lines in deployed.lines.values() for line in lines]


def test_lines_of_now_go_into_a_log_stream_of_each_interface(deployed: Deployed) -> None:
    subscribed(deployed)
    before = time.time()
    result = ran("generate", "--to", GROUP, "--json")
    assert result.code == 0, result.err
    sent = json.loads(result.out)
    records = read(deployed)
    assert len(records) == sent["lines"]
    assert 900 < len(records) < 1200
    assert sent["log_streams"] == len(deployed.lines) > 10
    for stream, lines in deployed.lines.items():
        assert {f"{LOG_FORMAT.read(line)['interface_id']}-all" for line in lines} == {stream}
    assert all(before - 360 <= int(str(record["start"])) <= time.time() for record in records)
    assert all(int(str(record["end"])) <= time.time() for record in records)


def test_the_order_is_the_flow_logs_and_rejected_ssh_is_always_among_them(deployed: Deployed) -> None:
    subscribed(deployed)
    result = ran("generate", "--to", GROUP, "--lines", "1", "--json")
    sent = json.loads(result.out)
    ssh = [
        record
        for record in read(deployed)
        if (record.get("dstport"), record.get("protocol"), record.get("action")) == (22, 6, "REJECT")
    ]
    assert len(ssh) == sent["rejected_ssh"] > 0
    assert sent["format"] == LOG_FORMAT.header.decode()
    assert "Note" not in result.err


def test_without_a_flow_log_it_is_the_order_of_the_stack_whose_log_group_it_is(deployed: Deployed) -> None:
    result = ran("generate", "--to", GROUP, "--lines", "50")
    assert result.code == 0
    assert "Note: the order of fields for the log group Flowlogs is that of the stack Flowlogs" in result.err
    assert read(deployed)
    assert 'the alarm "SSH rejects" goes off' in result.out


def test_a_log_group_of_which_nothing_is_known_is_not_guessed_about(deployed: Deployed) -> None:
    deployed.logs.create_log_group(logGroupName="mine")
    result = ran("generate", "--to", "mine")
    assert result.code == 1
    assert "the log group mine, which is not the stack Flowlogs's: say --stack or --format" in result.only_line
    assert deployed.logs.describe_log_streams(logGroupName="mine")["logStreams"] == []


@pytest.mark.parametrize("target", [["--to", GROUP], ["--to-stream", SEARCH]])
def test_without_a_stack_of_the_usual_name_the_order_has_to_be_said(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, target: list[str]
) -> None:
    monkeypatch.setattr("flowlogs.aws.stacks.CloudFormationStacks.read", lambda *_: None)
    result = ran("generate", *target)
    assert result.code == 1
    assert "there is no stack Flowlogs: say --stack or --format" in result.only_line
    assert deployed.lines == {}
    assert objects(deployed) == []


def test_a_stack_of_the_usual_name_that_is_another_things_is_not_asked_further(monkeypatch: pytest.MonkeyPatch) -> None:
    connected(monkeypatch)
    with mock_aws():
        deploy(monkeypatch, RecordFormat=None)
        result = ran("generate", "--to-stream", SEARCH)
    assert result.code == 1
    assert "RecordFormat of the stack Flowlogs cannot be read" in result.only_line
    assert "say --stack or --format" in result.only_line


def test_a_stack_that_may_not_be_described_leaves_the_format_to_the_caller(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = refused("AccessDenied", "cloudformation:DescribeStacks", "Flowlogs")
    monkeypatch.setattr("flowlogs.aws.stacks.CloudFormationStacks.read", raises(error))
    result = ran("generate", "--to-stream", SEARCH)
    assert result.code == 1
    assert "cloudformation:DescribeStacks on Flowlogs; or say --format" in result.only_line
    assert ran("generate", "--to-stream", SEARCH, "--format", "v2", "--lines", "50").code == 0


def test_the_stack_says_the_order_where_it_is_named(deployed: Deployed) -> None:
    result = ran("generate", "--to", GROUP, "--lines", "50", "--stack", "Flowlogs")
    assert (result.code, result.err) == (0, "")
    assert read(deployed)


def test_a_format_that_is_given_is_asked_of_nobody(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowlogs.aws.flow_logs.DescribeFlowLogs.into_log_group", raises(AssertionError()))
    result = ran("generate", "--to", GROUP, "--lines", "50", "--format", "${interface-id} ${start} ${end}")
    assert result.code == 0
    assert "no alarm" in result.out


def test_flow_logs_of_two_orders_are_not_guessed_between(deployed: Deployed) -> None:
    subscribed(deployed)
    subscribed(deployed, "${version} ${start}")
    result = ran("generate", "--to", GROUP)
    assert result.code == 2
    assert "2 formats" in result.only_line
    assert deployed.lines == {}


def test_the_same_seed_makes_the_same_traffic(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    at = time.time()
    monkeypatch.setattr("flowlogs.cli.aws_account.outside", lambda: replace(deployed.outside(), now=lambda: at))
    for stream in (SEARCH, SEARCH, "flowlogs-lake"):
        assert ran("generate", "--to-stream", stream, "--lines", "50", "--seed", "5").code == 0
    texts = [deployed.s3.get_object(Bucket="the-lake", Key=one["Key"])["Body"].read() for one in objects(deployed)]
    assert len(texts) == 3
    assert len(set(texts)) == 1


def objects(deployed: Deployed) -> list[dict[str, str]]:
    return list(deployed.s3.list_objects_v2(Bucket="the-lake").get("Contents", []))


@pytest.mark.parametrize("stack", [[], ["--stack", "Flowlogs"]])
def test_lines_in_the_order_of_the_stack_go_onto_a_stream_one_a_record(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, stack: list[str]
) -> None:
    put: list[bytes] = []
    outside = replace(deployed.outside(), streams=Taking(put))
    monkeypatch.setattr("flowlogs.cli.aws_account.outside", lambda: outside)
    result = ran("generate", "--to-stream", SEARCH, *stack, "--lines", "5000", "--json")
    sent = json.loads(result.out)
    assert sent["lines"] == len(put) > 4500
    for record in put:
        assert LOG_FORMAT.read(record)["end"] <= time.time()
    assert sent["rejected_ssh"] > 0


class Taking:
    def __init__(self, taken: list[bytes], then: StreamError | None = None) -> None:
        self._taken, self._then = taken, then

    def put(self, stream: str, records: Sequence[bytes]) -> list[str | None]:
        if self._then:
            raise self._then
        self._taken += records
        return [None] * len(records)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("AccessDeniedException", "lack the permission firehose:PutRecordBatch"),
        ("ResourceNotFoundException", "list-delivery-streams"),
        ("InvalidSourceException", "from its own source only"),
        ("ExpiredTokenException", "have expired"),
    ],
)
def test_a_stream_that_does_not_take_lines_says_why(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, code: str, says: str
) -> None:
    outside = replace(deployed.outside(), streams=Taking([], StreamError(code, temporary=False)))
    monkeypatch.setattr("flowlogs.cli.aws_account.outside", lambda: outside)
    result = ran("generate", "--to-stream", SEARCH, "--format", "v2")
    assert result.code == 1
    assert says in result.only_line
    assert "(0 lines were sent)" in result.only_line


def test_a_stream_that_throttles_for_good_is_given_up(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = replace(deployed.outside(), streams=Taking([], StreamError("ThrottlingException", temporary=True)))
    monkeypatch.setattr("flowlogs.cli.aws_account.outside", lambda: outside)
    result = ran("generate", "--to-stream", SEARCH, "--format", "v2", "--lines", "100")
    assert result.code == 1
    assert "throttles" in result.only_line


def test_a_region_that_does_not_exist_is_not_waited_for(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = StreamError("EndpointConnectionError", temporary=True)
    outside = replace(deployed.outside(), streams=Taking([], nobody), sleep=raises(AssertionError()))
    monkeypatch.setattr("flowlogs.cli.aws_account.outside", lambda: outside)
    result = ran("generate", "--to-stream", SEARCH, "--format", "v2")
    assert result.code == 1
    assert "AWS cannot be reached for firehose:PutRecordBatch" in result.only_line
    assert "check network, proxy and AWS_REGION" in result.only_line


def test_a_line_that_breaks_once_is_waited_for(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    put: list[bytes] = []

    class Breaking(Taking):
        calls = 0

        def put(self, stream: str, records: Sequence[bytes]) -> list[str | None]:
            self.calls += 1
            if self.calls == 2:
                raise StreamError("EndpointConnectionError", temporary=True)
            return super().put(stream, records)

    outside = replace(deployed.outside(), streams=Breaking(put))
    monkeypatch.setattr("flowlogs.cli.aws_account.outside", lambda: outside)
    monkeypatch.setattr("flowlogs.cli.samples._AT_ONCE", 50)  # so that the first call has come through before
    result = ran("generate", "--to-stream", SEARCH, "--lines", "200", "--json")
    assert result.code == 0, result.err
    assert len(put) == json.loads(result.out)["lines"]


@pytest.mark.usefixtures("nothing_of_aws")
@pytest.mark.parametrize(
    "target", [["--to", GROUP], ["--to-stream", SEARCH], ["--to-stream", SEARCH, "--format", "v2"]]
)
def test_a_region_that_is_none_is_called_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, target: list[str]) -> None:
    monkeypatch.setattr("flowlogs.aws.clients._clients", {})
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_REGION", "eu west 1")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    result = ran("generate", *target)
    assert result.code == 1
    assert "AWS_REGION (or the region of the profile that AWS_PROFILE names) is no AWS region" in result.only_line
    assert "--format" not in result.only_line


def test_a_log_group_that_is_not_there_says_how_to_list_them(deployed: Deployed) -> None:
    result = ran("generate", "--to", "None", "--format", "v2")
    assert result.code == 1
    assert "there is no log group None" in result.only_line
    assert "describe-log-groups" in result.only_line


def test_flow_logs_that_may_not_be_described_leave_the_format_to_the_caller(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = refused("UnauthorizedOperation", "ec2:DescribeFlowLogs")
    monkeypatch.setattr("flowlogs.aws.flow_logs.DescribeFlowLogs.into_log_group", raises(error))
    result = ran("generate", "--to", GROUP)
    assert result.code == 1
    assert "ec2:DescribeFlowLogs; or say --format" in result.only_line
    assert ran("generate", "--to", GROUP, "--format", "v2").code == 0


def test_no_such_stack_is_said(deployed: Deployed) -> None:
    result = ran("generate", "--to", GROUP, "--stack", "Another")
    assert result.code == 1
    assert "there is no stack Another" in result.only_line


def test_an_interrupt_says_how_far_it_came(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowlogs.aws.log_groups.CloudWatchLogGroups.put", raises(KeyboardInterrupt()))
    result = ran("generate", "--to", GROUP, "--format", "v2")
    assert result.code == 130
    assert result.only_line == "Error: interrupted"
    assert "lines were sent before" in result.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "say where to"),
        (["out", "--to", "g"], "say where to"),
        (["--to", "g", "--to-stream", "s"], "say where to"),
        (["--to", "g", "--start", "2026-01-01"], "--start goes with a folder"),
        (["--to", "g", "--force"], "--force goes with a folder"),
        (["--to", "g", "--no-events"], "--no-events goes with a folder"),
        (["--to", "g", "--minutes", "2000"], "a day"),
        (["out", "--stack", "Flowlogs"], "--stack goes with"),
    ],
)
def test_wrong_use_is_refused_before_anything_is_asked(
    arguments: list[str], says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("flowlogs.cli.aws_account.outside", raises(AssertionError()))
    result = ran("generate", *arguments)
    assert result.code == 2
    assert says in result.only_line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("nothing_of_aws")
def test_without_credentials_it_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("flowlogs.aws.clients._clients", {})
    monkeypatch.setenv("HOME", str(tmp_path))
    result = ran("generate", "--to", GROUP, "--format", "v2")
    assert result.code == 1
    assert "there are no AWS credentials" in result.only_line


def test_a_folder_gets_what_it_always_got(tmp_path: Path) -> None:
    assert ran("generate", str(tmp_path / "out"), "--lines", "200", "--start", "2026-01-01").code == 0
    truth = json.loads((tmp_path / "out" / "truth.json").read_text())
    assert truth["options"]["minutes"] == 60
    assert truth["options"]["format"].split()[-1] == "traffic-path"
    assert FORMAT
