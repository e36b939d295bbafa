import json
from typing import Any

import pytest

from flowlogs.errors import SettingsError
from flowlogs.metrics import NAMESPACE, SSH_REJECTS, MetricName
from flowlogs.publish import Publisher, publish
from flowlogs.settings import value_of


def rows(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(row) for row in capsys.readouterr().out.splitlines()]


def named(row: dict[str, Any]) -> tuple[str, list[str], list[dict[str, str]]]:
    (directive,) = row["_aws"]["CloudWatchMetrics"]
    (dimensions,) = directive["Dimensions"]
    return directive["Namespace"], dimensions, directive["Metrics"]


def test_metrics_go_into_the_namespace_that_is_set(capsys: pytest.CaptureFixture[str]) -> None:
    Publisher("second-flowlogs")("ingestor", "search", {"LinesReceived": 3})
    publish("ingestor", "search", {"LinesReceived": 3})
    expected = (["function", "stream"], [{"Name": "LinesReceived", "Unit": "Count"}])
    assert [named(row) for row in rows(capsys)] == [("second-flowlogs", *expected), (NAMESPACE, *expected)]


def test_rejected_ssh_has_a_namespace_of_its_own_and_no_dimensions(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "would-be-a-dimension")
    publisher = Publisher(ssh_rejects=MetricName("vpcflowlogs", "SSH Rejects"))
    publisher("decorator", "lake", {"LinesReceived": 3, SSH_REJECTS: 0})
    table, alone = rows(capsys)
    assert named(table)[:2] == (NAMESPACE, ["function", "stream"])
    assert named(alone) == ("vpcflowlogs", [], [{"Name": "SSH Rejects", "Unit": "Count"}])
    assert (alone["SSH Rejects"], "function" in alone) == ([0], False)


def test_rejected_ssh_is_left_out_where_no_place_is_set(capsys: pytest.CaptureFixture[str]) -> None:
    publish("decorator", "lake", {"LinesReceived": 3, SSH_REJECTS: 1})
    assert [named(row)[0] for row in rows(capsys)] == [NAMESPACE]


def test_a_metric_outside_the_table_is_an_error() -> None:
    with pytest.raises(KeyError):
        publish("decorator", "lake", {"LinesRecieved": 3})


@pytest.mark.parametrize(
    ("text", "namespace", "name"),
    [
        ("vpcflowlogs", "vpcflowlogs", "SSH Rejects"),
        ("prod/vpc flowlogs", "prod/vpc flowlogs", "SSH Rejects"),
        ("prod/vpcflowlogs:Rejected SSH/day", "prod/vpcflowlogs", "Rejected SSH/day"),
        (" vpcflowlogs : Rejected SSH ", "vpcflowlogs", "Rejected SSH"),
        ("AWS", "AWS", "SSH Rejects"),
    ],
)
def test_the_setting_of_rejected_ssh_is_a_namespace_and_perhaps_a_name(text: str, namespace: str, name: str) -> None:
    assert value_of({"FLOWLOGS_SSH_REJECTS": text}, "FLOWLOGS_SSH_REJECTS") == MetricName(namespace, name)


@pytest.mark.parametrize(
    "text", ["AWS/EC2", ":SSH", "vpc:", "vpc:a:b", "vpc*", "vpc:a*", "vpc:$a", "v" * 256, "vpc:" + "n" * 256, "fluß"]
)
def test_what_cloudwatch_would_refuse_is_refused_at_once(text: str) -> None:
    with pytest.raises(SettingsError, match=r"FLOWLOGS_SSH_REJECTS is .*: it takes a CloudWatch namespace"):
        value_of({"FLOWLOGS_SSH_REJECTS": text}, "FLOWLOGS_SSH_REJECTS")


@pytest.mark.parametrize("text", ["AWS/Lambda", "a:b", "a$", "a\tb", "n" * 256])
def test_a_namespace_that_cloudwatch_would_refuse_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="FLOWLOGS_NAMESPACE"):
        value_of({"FLOWLOGS_NAMESPACE": text}, "FLOWLOGS_NAMESPACE")


def test_the_namespace_is_ours_unless_set() -> None:
    assert value_of({}, "FLOWLOGS_NAMESPACE") == NAMESPACE
    assert value_of({"FLOWLOGS_NAMESPACE": "n" * 255}, "FLOWLOGS_NAMESPACE") == "n" * 255
