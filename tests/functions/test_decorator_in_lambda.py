"""The decorator as AWS's Python runtime runs it, in a process of its own."""

import base64
import gzip
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from local_runtime import ROOT, LocalLambda

from flowlogs.deliver.local.firehose import LocalFirehose
from flowlogs.deliver.local.http import HttpFront
from flowlogs.deliver.local.lake_files import LakeFiles
from flowlogs.metrics import METRICS, NAMESPACE

pytestmark = pytest.mark.slow
EVENT: dict[str, Any] = json.loads((ROOT / "events/firehose-lines.json").read_text())
STREAM = "VPCFlowLogsToElasticSearch"
INTERFACES = ROOT / "events/network-interfaces.json"
PLAIN = {"FLOWLOGS_LOOKUP_SECONDS": "0", "FLOWLOGS_INVENTORY": str(INTERFACES)}


@pytest.fixture
def firehose(tmp_path: Path) -> Iterator[LocalFirehose]:
    firehose = LocalFirehose(tmp_path)
    firehose.create(STREAM, LakeFiles(tmp_path / "lake"))
    yield firehose
    firehose.discard()


@pytest.fixture
def front(firehose: LocalFirehose) -> Iterator[HttpFront]:
    with HttpFront(firehose) as front:
        yield front


def documents(answer: Any) -> list[dict[str, Any]]:
    return [json.loads(base64.b64decode(record["data"])) for record in answer["records"] if record["result"] == "Ok"]


def event_of(*texts: bytes) -> dict[str, Any]:
    records = [
        {
            "recordId": f"record-{number}",
            "approximateArrivalTimestamp": 1_767_226_500_000,
            "data": base64.b64encode(text).decode(),
        }
        for number, text in enumerate(texts)
    ]
    return EVENT | {"records": records}


LINE = base64.b64decode(EVENT["records"][0]["data"])


def test_answers_the_sample_event_twice_alike_in_one_process(
    tmp_path: Path, firehose: LocalFirehose, front: HttpFront
) -> None:
    with LocalLambda("decorator", PLAIN | {"AWS_ENDPOINT_URL_FIREHOSE": front.url}, tmp_path) as function:
        first, second = function.respond(EVENT), function.respond(EVENT)
        assert first == second
        assert [row["recordId"] for row in first["records"]] == [row["recordId"] for row in EVENT["records"]]
        assert [row["result"] for row in first["records"]] == ["Ok"] * 6 + ["Dropped"] * 2
        assert firehose.counts[STREAM].records == 2 * 17  # the envelope's lines and the packed ones
        assert all(document["security-group-ids"] for document in documents(first))
        assert {document["aws-region"] for document in documents(first)} == {"eu-west-1"}


def test_logs_one_sentence_and_one_row_of_metrics_an_invocation(tmp_path: Path, front: HttpFront) -> None:
    with LocalLambda("decorator", PLAIN | {"AWS_ENDPOINT_URL_FIREHOSE": front.url}, tmp_path) as function:
        function.respond(EVENT)
        function.respond(event_of(LINE, b"2 nonsense"))
        messages = [row["message"] for row in function.logged("INFO")]
        assert messages == [
            "Processing completed. Successful records 6, Failed records 0.",
            "Processing completed. Successful records 1, Failed records 1.",
        ]
        for row in function.metrics():
            (directive,) = row["_aws"]["CloudWatchMetrics"]
            units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
            expected = {name: metric.unit for name, metric in METRICS.items() if "decorator" in metric.functions}
            assert units == {
                name: unit for name, unit in expected.items() if name not in ("GeoDatabaseAge", "InventoryAge")
            }
            assert directive["Namespace"] == NAMESPACE
            assert directive["Dimensions"] == [["function", "stream"]]
            assert (row["function"], row["stream"]) == ("decorator", STREAM)
        lines = [{name: row[f"Lines{name}"] for name in PARTS} for row in function.metrics()]
        assert lines == [
            {"Received": [23], "Delivered": [6], "Dropped": [0], "Failed": [0], "Requeued": [17], "Ignored": [1]},
            {"Received": [2], "Delivered": [1], "Dropped": [0], "Failed": [1], "Requeued": [0], "Ignored": [0]},
        ]
        assert "10.0.80.4" not in function.log()
        assert "nonsense" not in function.log()


def test_publishes_where_it_is_told_and_rejected_ssh_apart(tmp_path: Path) -> None:
    environ = {"FLOWLOGS_NAMESPACE": "second", "FLOWLOGS_SSH_REJECTS": "vpcflowlogs:Rejected SSH"}
    ssh = b" ".join((*LINE.split()[:6], b"22 6 1 40 1767225600 1767225659 REJECT OK"))
    with LocalLambda("decorator", PLAIN | environ, tmp_path) as function:
        function.respond(event_of(LINE, ssh, ssh, b"2 nonsense"))
        table, rejects = function.metrics()
    assert table["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "second"
    (directive,) = rejects["_aws"]["CloudWatchMetrics"]
    assert directive == {
        "Namespace": "vpcflowlogs",
        "Dimensions": [[]],
        "Metrics": [{"Name": "Rejected SSH", "Unit": "Count"}],
    }
    assert rejects["Rejected SSH"] == [2]


PARTS = ("Received", "Delivered", "Dropped", "Failed", "Requeued", "Ignored")


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"FLOWLOGS_DOCUMENTS": "three"}, ("FLOWLOGS_DOCUMENTS", "one or many")),
        ({"FLOWLOGS_SHAPE": "raw"}, ("FLOWLOGS_SHAPE", "opensearch")),
        ({"FLOWLOGS_INVENTROY": "x"}, ("FLOWLOGS_INVENTROY is no setting",)),
        ({"FLOWLOGS_FORMAT": "${version} ${version}"}, ("FLOWLOGS_FORMAT", "twice")),
        ({"FLOWLOGS_DEAD_LETTERS": "s3:///prefix"}, ("s3://bucket/prefix",)),
        ({"FLOWLOGS_INTERNAL": "10.0.0.0/99"}, ("FLOWLOGS_INTERNAL", "CIDR")),
        ({"FLOWLOGS_NAMESPACE": "AWS/Lambda"}, ("FLOWLOGS_NAMESPACE", "AWS")),
        ({"FLOWLOGS_SSH_REJECTS": "a", "FLOWLOGS_FORMAT": "start dstport"}, ("FLOWLOGS_SSH_REJECTS", "action")),
        ({"FLOWLOGS_DESTINATION": "opensearch", "FLOWLOGS_DOCUMENTS": "many"}, ("FLOWLOGS_DOCUMENTS", "one")),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_wrong_setting_stops_it_at_the_start_with_one_sentence(
    tmp_path: Path, environ: dict[str, str], words: tuple[str, ...]
) -> None:
    with LocalLambda("decorator", environ, tmp_path) as function:
        answer = function.answer()
    assert (answer.kind, answer.body["errorType"]) == ("init-error", "SettingsError")
    assert "\n" not in answer.body["errorMessage"]
    assert all(word in answer.body["errorMessage"] for word in words), answer.body["errorMessage"]


def test_answers_without_inventory_and_with_a_corrupt_database_and_says_so_once(tmp_path: Path) -> None:
    broken = tmp_path / "geoip"
    broken.mkdir()
    (broken / "GeoLite2-City.mmdb").write_bytes(b"\x00" * 1000)
    environ = {
        "FLOWLOGS_LOOKUP_SECONDS": "0",
        "FLOWLOGS_INVENTORY": str(tmp_path / "not-there.json"),
        "FLOWLOGS_GEOIP": str(broken),
        "FLOWLOGS_REFRESH_SECONDS": "0",
    }
    with LocalLambda("decorator", environ, tmp_path) as function:
        for _ in range(3):
            (document,) = documents(function.respond(event_of(LINE)))
            assert document["srcaddr"] == "10.0.80.4"
            assert "security-group-ids" not in document
        warnings = [row["message"] for row in function.logged("WARNING")]
        assert len(warnings) == len(set(warnings))
        assert sum("the inventory cannot be read" in warning for warning in warnings) == 1
        assert sum("GeoLite2-City.mmdb" in warning for warning in warnings) == 1
        for row in function.metrics():
            assert row["InventoryProblems"] == [1]
            assert row["GeoDatabaseProblems"][0] >= 1


def test_takes_up_an_inventory_that_changes_while_it_is_warm(tmp_path: Path) -> None:
    inventory = tmp_path / "interfaces.json"
    described = json.loads(INTERFACES.read_text())
    interface_id = LINE.split()[2].decode()
    own = [each for each in described["NetworkInterfaces"] if each["NetworkInterfaceId"] == interface_id]
    inventory.write_text('{"NetworkInterfaces": []}')
    environ = PLAIN | {"FLOWLOGS_INVENTORY": str(inventory), "FLOWLOGS_REFRESH_SECONDS": "0"}
    with LocalLambda("decorator", environ, tmp_path) as function:
        (before,) = documents(function.respond(event_of(LINE)))
        inventory.write_text(json.dumps({"NetworkInterfaces": own}))
        (after,) = documents(function.respond(event_of(LINE)))
        inventory.write_text('{"NetworkInterfaces": [')  # half written
        (kept,) = documents(function.respond(event_of(LINE)))
        inventory.unlink()
        (still,) = documents(function.respond(event_of(LINE)))
        problems = [row["InventoryProblems"] for row in function.metrics()]
    groups = [group["GroupId"] for group in own[0]["Groups"]]
    assert "security-group-ids" not in before
    assert after["security-group-ids"] == groups
    assert kept == after  # what was known stays, until there is something better
    assert still == after
    assert problems == [[0], [0], [1], [1]]


def test_bad_lines_of_a_mixed_record_are_kept_before_the_good_ones_pass(tmp_path: Path) -> None:
    letters = tmp_path / "letters"
    environ = PLAIN | {"FLOWLOGS_DOCUMENTS": "many", "FLOWLOGS_DEAD_LETTERS": str(letters)}
    with LocalLambda("decorator", environ, tmp_path) as function:
        answer = function.respond(event_of(LINE + b"\n2 short\n" + LINE))
    assert [row["result"] for row in answer["records"]] == ["Ok"]
    (file,) = letters.rglob("*.ndjson.gz")
    (letter,) = [json.loads(row) for row in gzip.decompress(file.read_bytes()).splitlines()]
    assert (letter["line"], letter["field"], letter["stream"]) == ("2 short", "line", STREAM)
    assert "request-1" in file.name


def test_a_mixed_record_fails_as_a_whole_where_letters_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    environ = PLAIN | {"FLOWLOGS_DOCUMENTS": "many", "FLOWLOGS_DEAD_LETTERS": str(tmp_path / "file")}
    with LocalLambda("decorator", environ, tmp_path) as function:
        answer = function.respond(event_of(LINE + b"\n2 short", LINE))
        assert [row["result"] for row in answer["records"]] == ["ProcessingFailed", "Ok"]
        (metrics,) = function.metrics()
        assert (metrics["LinesFailed"], metrics["LinesDelivered"]) == ([2], [1])


def test_what_is_no_event_of_firehose_is_an_error_and_the_next_event_is_answered(tmp_path: Path) -> None:
    with LocalLambda("decorator", PLAIN, tmp_path) as function:
        failed = function.invoke({"Records": []})
        assert (failed.kind, failed.body["errorType"]) == ("error", "MalformedEnvelope")
        assert function.respond(event_of(LINE))["records"][0]["result"] == "Ok"


def test_a_dead_stream_fails_what_must_go_back_within_the_time_of_the_invocation(tmp_path: Path) -> None:
    with LocalLambda("decorator", PLAIN, tmp_path) as function:  # its Firehose does not listen
        begun = time.monotonic()
        answer = function.respond(EVENT, seconds=6)  # five are kept back
        assert time.monotonic() - begun < 6
        assert [row["result"] for row in answer["records"]] == ["Ok"] * 6 + ["ProcessingFailed"] * 2


def test_the_log_of_a_generated_day_names_the_age_of_its_databases(tmp_path: Path) -> None:
    from flowlogs.generate import geoip

    folder = tmp_path / "geoip"
    folder.mkdir()
    geoip.write(folder, built=int(datetime.now(UTC).timestamp()) - 40 * 86_400)
    with LocalLambda("decorator", PLAIN | {"FLOWLOGS_GEOIP": str(folder)}, tmp_path) as function:
        function.respond(event_of(LINE))
        (row,) = function.metrics()
        assert row["GeoDatabaseAge"][0] == pytest.approx(40, abs=0.1)
        assert row["GeoDatabaseProblems"] == [2]  # both are stale, and used
        assert sum("40 days ago" in warning["message"] for warning in function.logged("WARNING")) == 2


@pytest.mark.parametrize("function", ["decorator", "ingestor"])
def test_a_function_starts_without_what_only_the_command_line_needs(function: str) -> None:
    heavy = {"pyarrow", "click", "rich", "duckdb", "moto", "zstandard", "geoip2", "mmdb_writer", "pytest", "numpy"}
    code = f"import sys, functions.{function}.handler; print(*{{name.split('.')[0] for name in sys.modules}})"
    environ = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "AWS_REGION": "eu-west-1"}
    done = subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    assert heavy.isdisjoint(done.stdout.split())


def test_functions_and_library_alone_are_enough(tmp_path: Path) -> None:
    """As the asset has them: `flowlogs/` and one function's folder, nothing of the command line."""
    shutil.copytree(ROOT / "flowlogs", tmp_path / "flowlogs", ignore=shutil.ignore_patterns("cli", "__pycache__"))
    shutil.rmtree(tmp_path / "flowlogs/generate", ignore_errors=True)
    for function in ("decorator", "ingestor"):
        asset = tmp_path / "functions"
        shutil.rmtree(asset, ignore_errors=True)
        shutil.copytree(ROOT / f"functions/{function}", asset / function)
        shutil.copy(ROOT / "functions/__init__.py", asset)
        environ = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(tmp_path), "AWS_REGION": "eu-west-1"}
        code = f"import functions.{function}.handler, flowlogs; print(flowlogs.__file__)"
        done = subprocess.run(  # noqa: S603 (our own command)
            [sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
        )
        assert done.stdout.startswith(str(tmp_path))
