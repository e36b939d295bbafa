import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from command_line import ran
from deployed_in_moto import LOG_FORMAT, OUTPUTS, Deployed, connected, deploy, raises, subscribed
from moto import mock_aws

from flowlogs.cli import aws_account, doctor, plain_table, smoke_progress
from flowlogs.doctor.asked import Unseen
from flowlogs.doctor.refused import refused
from flowlogs.doctor.row import Row, State
from flowlogs.doctor.smoke import Arrival, Outcome, Progress
from flowlogs.errors import FlowlogsError

INGESTOR = "arn:aws:lambda:eu-west-1:123456789012:function:flowlogs-ingestor"
EXPIRED = refused("ExpiredTokenException", "any:Thing")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    connected(monkeypatch)
    with mock_aws():
        yield


@pytest.fixture
def deployed(aws: None, monkeypatch: pytest.MonkeyPatch) -> Deployed:
    return deploy(monkeypatch)


@pytest.fixture
def whole(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Deployed:
    """Give a deployment where nothing is missing; moto wants a function to subscribe, which takes Docker."""
    subscribed(deployed)
    monkeypatch.setattr("flowlogs.aws.log_groups.CloudWatchLogGroups.subscriptions", lambda *_: [INGESTOR])
    return deployed


def test_a_whole_deployment_is_fine(whole: Deployed) -> None:
    result = ran("doctor")
    assert (result.code, result.err) == (0, "")
    assert "missing" not in result.out
    for check in ("stack", "flow log fl-", "subscription", "search stream", "lake stream", "dead letters"):
        assert check in result.out


def test_what_is_missing_comes_with_the_next_step(deployed: Deployed) -> None:
    result = ran("doctor", "--json")
    assert result.code == 1
    rows = {row["check"]: row for row in json.loads(result.out)}
    assert rows["flow log"]["state"] == rows["subscription"]["state"] == "missing"
    assert rows["flow log"]["next_step"]
    assert rows["stack"]["state"] == rows["search stream"]["state"] == "ok"
    table = ran("doctor").out
    assert "Next step for the subscription:" in table


HOSTILE = "[/] [x]y[/x] \x1b]0;owned\x07 https://" + "long" * 60
SHOWN = ("[/]", "[x]y[/x]", r"\x1b]0;owned\x07", "https://" + "long" * 60)
WIDTHS = pytest.mark.parametrize("width", [40, 80, 200, None])


def on_a_terminal(width: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tables take standard output for a terminal of `width` columns; None: for a pipe."""
    streams = SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: width is not None), stderr=sys.stderr)
    monkeypatch.setattr(plain_table, "sys", streams)
    monkeypatch.setenv("COLUMNS", str(width or 1))


@WIDTHS
def test_what_is_found_is_shown_whole_and_does_nothing_to_a_terminal(
    whole: Deployed, width: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [Row("stack", State.OK, "fine"), Row("lake", State.MISSING, HOSTILE, HOSTILE)]
    monkeypatch.setattr(doctor, "checked", lambda *_: rows)
    on_a_terminal(width, monkeypatch)
    result = ran("doctor")
    assert (result.code, result.err) == (1, "")
    assert [result.out.count(each) for each in SHOWN] == [2, 2, 2, 2]
    assert result.out.replace("\n", "").isprintable()
    if width is None:
        assert [line.split()[0] for line in result.out.splitlines()[:3]] == ["state", "ok", "missing"]


@WIDTHS
def test_what_became_of_lines_is_shown_whole_and_does_nothing_to_a_terminal(
    whole: Deployed, width: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = 1_234_567_890
    progress = [Progress(name, many, many, many, 1.0, Arrival.INCOMPLETE, HOSTILE) for name in ("search", "lake")]
    outcome = Outcome("eni-1", many, progress, [f"s3://letters/{HOSTILE}"], HOSTILE)
    monkeypatch.setattr(doctor, "Smoke", lambda *_: SimpleNamespace(run=lambda _: outcome))
    on_a_terminal(width, monkeypatch)
    result = ran("doctor", "--smoke")
    assert result.code == 1
    assert [result.out.count(each) for each in SHOWN] == [4, 4, 4, 4]
    assert result.out.count("1,234,567,890") == 6
    assert result.out.replace("\n", "").isprintable()


@pytest.mark.parametrize("is_terminal", [True, False])
def test_what_is_noted_while_it_is_waited_does_nothing_to_a_terminal(
    is_terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if is_terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes standard error for a terminal then
    monkeypatch.setenv("COLUMNS", "80")
    with smoke_progress.SmokeProgress(900) as progress:
        progress.show([Progress("[/] lake\x1b]0;owned\x07", 1_234_567, note=HOSTILE)])
    shown = capsys.readouterr().err
    assert "1,234,567" in shown
    assert "[/] lake" in shown
    assert "\x1b]" not in shown
    assert r"\x1b]0;owned\x07" in shown
    assert ("up to 900 s" in shown) is is_terminal


def test_an_error_does_nothing_to_a_terminal(whole: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "checked", raises(FlowlogsError(HOSTILE)))
    assert ran("doctor").err == f"Error: {' '.join(SHOWN)}\n"


def test_dead_letters_of_today_are_something_to_be_done(whole: Deployed) -> None:
    whole.s3.put_object(Bucket="the-letters", Key="processing-failed/x", Body=b"{}")
    result = ran("doctor")
    assert result.code == 1
    assert "1 processing-failed" in " ".join(result.out.split())
    assert "aws s3 ls --recursive s3://the-letters/" in result.out


def test_no_stack_is_said_in_one_line(aws: None) -> None:
    result = ran("doctor", "--stack", "Another")
    assert result.code == 1
    assert "there is no stack Another" in result.only_line


def test_a_stack_of_something_else_is_no_deployment(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(monkeypatch, Source=None, RecordFormat=None)
    result = ran("doctor")
    assert result.code == 1
    assert "lacks the outputs Source, RecordFormat" in result.only_line


def test_a_stack_that_is_being_made_is_not_looked_into(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    real = aws_account.outside().stacks.read("Flowlogs")
    assert real
    half = replace(real, status="ROLLBACK_COMPLETE", reason="The following resource(s) failed to create: [Domain]")
    monkeypatch.setattr("flowlogs.aws.stacks.CloudFormationStacks.read", lambda *_: half)
    result = ran("doctor", "--smoke")
    assert result.code == 1
    assert "ROLLBACK_COMPLETE: The following" in result.only_line
    assert "describe-stack-events" in result.only_line


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("ExpiredTokenException", "have expired"),
        ("AccessDenied", "lack the permission cloudformation:DescribeStacks"),
        ("ThrottlingException", "throttles"),
    ],
)
@pytest.mark.parametrize("arguments", [[], ["--smoke"]])
def test_an_account_that_does_not_answer_is_one_line(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, code: str, says: str, arguments: list[str]
) -> None:
    error = refused(code, "cloudformation:DescribeStacks", "Flowlogs")
    monkeypatch.setattr("flowlogs.aws.stacks.CloudFormationStacks.read", raises(error))
    result = ran("doctor", *arguments)
    assert (result.code, result.out) == (1, "")
    assert says in result.only_line


def test_smoke_sends_and_waits_until_every_line_is_everywhere(deployed: Deployed) -> None:
    deployed.sleeps = deployed.deliver
    result = ran("doctor", "--smoke", "--json")
    assert result.code == 0, result.err
    outcome = json.loads(result.out)
    assert outcome["complete"] is True
    assert outcome["next_steps"] == outcome["dead_letters"] == []
    for destination in ("search", "lake"):
        found = outcome["destinations"][destination]
        assert (found["state"], found["seen"], found["expected"], found["duplicates"]) == ("complete", 100, 100, 0)
    ((stream, lines),) = deployed.lines.items()
    assert stream == f"{outcome['marker']}-all"
    assert len(lines) == 100
    ssh = [record for record in map(LOG_FORMAT.read, lines) if record["dstport"] == 22]
    assert len(ssh) == outcome["rejected_ssh"] > 0
    assert {record["action"] for record in ssh} == {"REJECT"}


def test_two_runs_have_two_markers(deployed: Deployed) -> None:
    deployed.sleeps = deployed.deliver
    markers = {json.loads(ran("doctor", "--smoke", "--json", "--lines", "1").out)["marker"] for _ in range(2)}
    assert len(markers) == 2


def test_smoke_shows_how_it_goes_on_and_ends_with_a_table(deployed: Deployed) -> None:
    steps = iter([40, 40, None, None])
    deployed.sleeps = lambda: deployed.deliver(next(steps))
    result = ran("doctor", "--smoke")
    assert result.code == 0, result.err
    assert "search: 0 of 100" in result.err
    assert "search: 40 of 100" in result.err
    assert result.err.count("search: 40 of 100") == 1, "what has not changed is not said again"
    assert "Every line is where it should be." in result.out
    assert "complete" in result.out


def test_smoke_that_runs_out_of_time_says_where_to_look(deployed: Deployed) -> None:
    deployed.sleeps = lambda: deployed.deliver(99)
    result = ran("doctor", "--smoke", "--timeout", "60")
    assert result.code == 1
    assert "incomplete" in result.out
    for hint in ("--function-name flowlogs-ingestor", "aws logs tail", "flowlogs-lake", "the-letters"):
        assert hint in result.out
    assert deployed.skipped == pytest.approx(60, abs=5)


def test_marked_lines_that_were_put_aside_are_named(deployed: Deployed) -> None:
    def put_aside() -> None:
        (lines,) = deployed.lines.values()
        deployed.s3.put_object(Bucket="the-letters", Key="ingest/ours", Body=b"\n".join(lines))
        deployed.deliver(10)

    deployed.sleeps = put_aside
    result = ran("doctor", "--smoke", "--timeout", "30", "--json")
    assert result.code == 1
    outcome = json.loads(result.out)
    assert outcome["dead_letters"] == ["s3://the-letters/ingest/ours"]
    assert "s3://the-letters/ingest/ours" in outcome["next_steps"][0]


def test_a_domain_out_of_sight_is_said(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed.sleeps = deployed.deliver
    monkeypatch.setattr("flowlogs.aws.delivery_streams.DescribeDeliveryStreams.into_search", lambda *_: 100)
    outside = replace(deployed.outside(), search=raises(Unseen("the domain cannot be seen from here (timeout)")))
    monkeypatch.setattr(aws_account, "outside", lambda: outside)
    result = ran("doctor", "--smoke")
    assert result.code == 0
    assert "unseen" in result.out
    assert "search: the domain cannot be seen from here" in result.out
    assert "Every line" not in result.out


def test_streams_of_ones_own_are_said_to_be_out_of_sight(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = dict.fromkeys(name for name in OUTPUTS if name.startswith(("Lake", "Search", "Index")))
    deploy(monkeypatch, **unknown, Destinations="existing")
    result = ran("doctor", "--smoke")
    assert result.code == 0
    assert "cannot be seen from here" in result.out
    assert "Nothing was put aside." in result.out


def test_an_interrupt_says_what_to_look_for(deployed: Deployed) -> None:
    deployed.sleeps = raises(KeyboardInterrupt())
    result = ran("doctor", "--smoke")
    assert result.code == 130
    assert result.only_line == "Error: interrupted"
    (stream,) = deployed.lines
    assert f"look for the interface {stream.removesuffix('-all')}" in result.err


def test_credentials_that_expire_while_waiting_are_said(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed.sleeps = lambda: monkeypatch.setattr("flowlogs.aws.lake_objects.S3Buckets.list", raises(EXPIRED))
    result = ran("doctor", "--smoke")
    assert result.code == 1
    assert "have expired" in result.only_line


def test_a_record_format_without_the_marker_is_refused(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed = deploy(monkeypatch, RecordFormat="${srcaddr} ${dstaddr} ${start} ${end}")
    result = ran("doctor", "--smoke")
    assert result.code == 2
    assert "lacks interface-id" in result.only_line
    assert deployed.lines == {}


def test_the_region_may_be_named_as_other_sdks_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    connected(monkeypatch)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    with mock_aws():
        assert ran("doctor").code == 1
        assert os.environ.pop("AWS_DEFAULT_REGION") == "eu-central-1"


@pytest.mark.usefixtures("nothing_of_aws")
@pytest.mark.parametrize("arguments", [[], ["--smoke"]])
def test_without_credentials_it_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str]
) -> None:
    monkeypatch.setattr("flowlogs.aws.clients._clients", {})
    monkeypatch.setenv("HOME", str(tmp_path))
    result = ran("doctor", *arguments)
    assert (result.code, result.out) == (1, "")
    assert "there are no AWS credentials" in result.only_line
