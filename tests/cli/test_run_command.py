"""`flowlogs run` and `generate`: the whole pipeline on a laptop, with every line accounted for."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
import zstandard
from command_line import Ran, line, ran
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowlogs.cli.main import flowlogs

EVENTS = Path(__file__).parents[2] / "events"
KEYS = ["received", "delivered", "dropped", "failed", "requeued", "ignored", "duplicates"]
BAD_SHARE = 0.02


pytestmark = pytest.mark.usefixtures("nothing_of_aws")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated") / "demo"
    done = ran(
        "generate", str(folder), "--lines", "1500", "--bad-lines", str(BAD_SHARE), "--start", "2026-01-01", "--json"
    )
    assert done.code == 0
    assert json.loads(done.out) == json.loads((folder / "truth.json").read_text())
    return folder


def ran_on(*arguments: str | Path) -> dict[str, dict[str, int]]:
    done = ran("run", *map(str, arguments), "--json")
    assert done.code == 0, done.err
    accounts: dict[str, dict[str, int]] = json.loads(done.out)
    for account in accounts.values():
        assert list(account) == KEYS
        assert account["received"] == account["delivered"] + account["dropped"] + account["failed"]
        assert account["requeued"] == 0
    return accounts


def options(demo: Path) -> list[str]:
    return ["--inventory", str(demo / "inventory"), "--geoip", str(demo / "geoip"), "--format", "v5"]


def documents(out: Path) -> list[dict[str, Any]]:
    return [json.loads(row) for file in sorted((out / "search").glob("*")) for row in file.read_text().splitlines()]


def half_written(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.endswith((".part", ".tmp"))]


@pytest.mark.parametrize("carrier", ["logs", "events"])
def test_both_carriers_of_a_generated_vpc_deliver_every_good_line(demo: Path, tmp_path: Path, carrier: str) -> None:
    truth = json.loads((demo / "truth.json").read_text())
    accounts = ran_on(demo / carrier, "--out", tmp_path, *options(demo))
    for account in accounts.values():
        assert account["received"] == truth["lines"]
        assert account["failed"] == truth["lines_refused"] > 0
        assert account["duplicates"] == 0
    found = documents(tmp_path)
    assert len(found) == accounts["search"]["delivered"]
    assert pq.read_table(tmp_path / "lake").num_rows == accounts["lake"]["delivered"]
    assert sum("security-group-ids" in document for document in found) > len(found) // 2
    assert sum("source-country-code" in document for document in found) > 10
    assert not half_written(tmp_path)


def test_faults_lose_nothing_and_only_make_duplicates(demo: Path, tmp_path: Path) -> None:
    """Lost answers, killed functions and refused puts: at least once, with bad lines still failing once."""
    truth = json.loads((demo / "truth.json").read_text())
    faults = ["--lose-answers", "0.2", "--kill-transforms", "0.3", "--kill", "0.5", "--seed", "5"]
    accounts = ran_on(demo / "events", "--out", tmp_path, *options(demo), *faults)
    for account in accounts.values():
        assert account["received"] == truth["lines"]
        assert account["delivered"] >= truth["lines"] - truth["lines_refused"]  # a bad line may look like a duplicate
        assert account["duplicates"] > 0


def test_a_stream_that_takes_nothing_makes_everything_a_dead_letter(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("flowlogs.cli.local_pipeline._LAMBDA_SECONDS", 5.3)
    accounts = ran_on(EVENTS / "cloudwatch-logs.json", "--out", tmp_path, "--fail-puts", "1")
    assert {account["failed"] for account in accounts.values()} == {12}
    letters = [row for file in tmp_path.rglob("*.ndjson.gz") for row in gzip.decompress(file.read_bytes()).splitlines()]
    assert len(letters) == 24


@pytest.mark.parametrize(
    ("name", "received", "delivered"),
    [
        ("cloudwatch-logs.json", 12, 12),
        ("cloudwatch-logs-control.json", 0, 0),
        ("cloudwatch-logs-extracted-fields.json", 12, 12),
        ("firehose-lines.json", 23, 23),
        ("flow-log-v2.log", 46, 46),
        ("flow-log-v5.log.gz", 46, 46),
    ],
)
def test_each_sample_runs(tmp_path: Path, name: str, received: int, delivered: int) -> None:
    accounts = ran_on(EVENTS / name, "--out", tmp_path)
    for account in accounts.values():
        assert (account["received"], account["delivered"]) == (received, delivered)
    headers = {"cloudwatch-logs-control.json": 1, "firehose-lines.json": 1, "flow-log-v5.log.gz": 1}
    assert accounts["search"]["ignored"] == headers.get(name, 0)


@pytest.mark.parametrize("name", ["s3.json", "sqs-s3.json", "eventbridge-s3.json"])
def test_a_sample_that_names_an_object_out_of_reach_is_one_line(tmp_path: Path, name: str) -> None:
    done = ran("run", str(EVENTS / name), "--out", str(tmp_path))
    assert done.code == 1
    assert "flowlogs-example" in done.only_line
    assert not half_written(tmp_path)


@pytest.mark.parametrize("lake", ["parquet", "json", "raw", "none"])
@pytest.mark.parametrize("search", ["--search", "--no-search"])
def test_each_choice_of_streams_runs_or_is_wrong_use(tmp_path: Path, lake: str, search: str) -> None:
    arguments: list[str | Path] = [EVENTS / "flow-log-v2.log", "--out", tmp_path, "--lake", lake, search]
    if (lake, search) == ("none", "--no-search"):
        assert ran("run", *map(str, arguments)).code == 2
        return
    accounts = ran_on(*arguments)
    assert set(accounts) == {"search"} - {search.replace("--no-", "")} | {"lake"} - {"lake" if lake == "none" else ""}
    if lake == "raw":
        files = [path for path in (tmp_path / "lake").rglob("*") if path.is_file()]
        kept = b"".join(gzip.decompress(path.read_bytes()) for path in files)
        assert kept == (EVENTS / "flow-log-v2.log").read_bytes()


def test_narrowing_drops_from_the_search_stream_only(tmp_path: Path) -> None:
    (tmp_path / "flow.log").write_bytes(b"\n".join([line(1), line(2, "REJECT"), line(3)]))
    accounts = ran_on(tmp_path / "flow.log", "--out", tmp_path / "out", "--search-keep", "rejects")
    assert (accounts["search"]["delivered"], accounts["search"]["dropped"]) == (1, 2)
    assert (accounts["lake"]["delivered"], accounts["lake"]["dropped"]) == (3, 0)


def test_strict_is_exit_1_where_a_line_has_failed(tmp_path: Path) -> None:
    (tmp_path / "flow.log").write_bytes(line(1) + b"\n2 short")
    assert ran("run", str(tmp_path / "flow.log"), "--out", str(tmp_path / "a")).code == 0
    assert ran("run", str(tmp_path / "flow.log"), "--out", str(tmp_path / "b"), "--strict").code == 1


def test_a_second_run_into_the_same_folder_counts_only_itself(tmp_path: Path) -> None:
    """A search file of the same day exists by then: it is either added to or refused, never overwritten."""
    (tmp_path / "flow.log").write_bytes(line(1) + b"\n2 short")
    first = ran_on(tmp_path / "flow.log", "--out", tmp_path / "out")
    (tmp_path / "flow.log").write_bytes(line(2) + b"\n" + line(3))
    done = ran("run", str(tmp_path / "flow.log"), "--out", str(tmp_path / "out"), "--json")
    if done.code:
        assert done.only_line
        assert [document["srcport"] for document in documents(tmp_path / "out")] == [1]
    else:
        accounts = json.loads(done.out)
        assert {(account["received"], account["failed"]) for account in accounts.values()} == {(2, 0)}
        assert {account["duplicates"] for account in accounts.values()} == {0}
        assert sorted(document["srcport"] for document in documents(tmp_path / "out")) == [1, 2, 3]
    assert first["search"]["received"] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["--fail-puts", "2"],
        ["--fail-puts", "nan"],
        ["--kill", "often"],
        ["--index", "../../elsewhere"],
        ["--index", ""],
        ["--search-keep", "sample:0"],
        ["--search-keep", "some"],
        ["--internal", "10.0.0.0/40"],
        ["--format", "v6"],
        ["--lake", "iceberg"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_exit_2_and_writes_nothing(tmp_path: Path, arguments: list[str]) -> None:
    done = ran("run", str(EVENTS / "flow-log-v2.log"), "--out", str(tmp_path / "out"), *arguments)
    assert done.code == 2
    assert "Error: " in done.err
    assert "Traceback" not in done.err
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        gzip.compress(line(1) + b"\n" + line(2), mtime=0)[:-6],
        zstandard.compress(line(1))[:-3],
        b"PAR1" + b"\x00" * 50,
        b"\x1f\x8b",
        b"\x28\xb5\x2f\xfd",
        b"{" * 10_000,
        b"\xef\xbb\xbf",
        b"version srcaddr\n" * 5,
        line(1) + b"\x00",
    ],
    ids=["empty", "zeros", "cut gzip", "cut zstd", "bad Parquet", "gz", "zst", "braces", "BOM", "headers", "NUL"],
)
def test_a_corrupted_log_file_is_accounted_for(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "flow.log").write_bytes(content)
    ran_on(tmp_path / "flow.log", "--out", tmp_path / "out")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--lines", "0"],
        ["--interval", "90"],
        ["--format", "v6"],
        ["--format", "${srcaddr} ${no-field}"],
        ["--start", "yesterday"],
        ["--bad-lines", "1"],
        ["--bad-lines", "nan"],
        ["--interfaces", "1"],
    ],
    ids=" ".join,
)
def test_wrong_use_of_generate_is_exit_2_and_writes_nothing(tmp_path: Path, arguments: list[str]) -> None:
    done = ran("generate", str(tmp_path / "out"), *arguments)
    assert (done.code, "Traceback" in done.err) == (2, False)
    assert not (tmp_path / "out").exists()


def test_generate_leaves_a_folder_alone_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep")
    done = ran("generate", str(tmp_path), "--lines", "10")
    assert (done.code, [path.name for path in tmp_path.iterdir()]) == (2, ["mine"])


@pytest.mark.parametrize("command", [None, *sorted(flowlogs.commands)])
def test_every_command_explains_itself_with_an_example(command: str | None) -> None:
    done = ran(*([command] if command else []), "--help")
    assert (done.code, done.err) == (0, "")
    assert "$ flowlogs" in done.out
    examples = [row.split()[2] for row in done.out.splitlines() if row.strip().startswith("$ flowlogs")]
    assert set(examples) <= set(flowlogs.commands)
    assert command is None or command in examples
    for row in done.out.splitlines():
        assert len(row) <= 110


# Anything at all: what the run reckons apart must agree with what the functions did.

_LINES = st.one_of(
    st.integers(0, 9).map(line),
    st.integers(0, 9).map(lambda port: line(port, "REJECT")),
    st.sampled_from([b"2 short", b"", b"#", b"version srcaddr dstaddr", b"2 10.0.0.1 10.0.0.2", b"{}", b"\xff", b"\r"]),
    st.integers(0, 9).map(lambda port: json.dumps({"message": line(port).decode()}).encode()),
    st.binary(max_size=20),
)
_TEXTS = st.lists(_LINES, max_size=5).map(b"\n".join)


def _event(kind: str, texts: list[bytes]) -> Any:
    if kind == "firehose":
        records = [
            {"recordId": str(at), "approximateArrivalTimestamp": 1, "data": base64.b64encode(text).decode()}
            for at, text in enumerate(texts)
        ]
        return {"deliveryStreamArn": "arn:aws:firehose:r:1:deliverystream/s", "records": records}
    messages = [{"id": str(at), "timestamp": 1, "message": text.decode("latin-1")} for at, text in enumerate(texts)]
    content = json.dumps({"messageType": "DATA_MESSAGE", "logEvents": messages}).encode()
    return {"awslogs": {"data": base64.b64encode(gzip.compress(content, mtime=0)).decode()}}


@given(st.sampled_from(["firehose", "cloudwatch", "file", "gzip"]), st.lists(_TEXTS, max_size=5), st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_input_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, kind: str, texts: list[bytes], narrowed: bool
) -> None:
    folder = tmp_path_factory.mktemp("any")
    if kind in ("file", "gzip"):
        text = b"\n".join(texts)
        (folder / "in").write_bytes(gzip.compress(text, mtime=0) if kind == "gzip" else text)
    else:
        (folder / "in.json").write_text(json.dumps(_event(kind, texts)))
    keep = ["--search-keep", "rejects"] if narrowed else []
    ran_on(next(folder.glob("in*")), "--out", folder / "out", "--lake", "json", *keep)


def test_what_ran_gives_is_what_a_shell_would_see() -> None:
    assert ran("nonsense").code == 2
    assert isinstance(ran("--version"), Ran)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"x": 1}', "i.json holds no network interfaces; give what `flowlogs inventory pull` writes or `aws ec2"),
        (
            b"2 123456789012 eni-1",
            "i.json is not JSON; give what `flowlogs inventory pull` writes or the AWS CLI prints",
        ),
        (gzip.compress(b"{}", mtime=0)[:-4], "i.json cannot be read: "),
    ],
)
def test_an_inventory_that_cannot_be_read_is_refused_before_anything_is_written(
    content: bytes, said: str, tmp_path: Path
) -> None:
    (tmp_path / "i.json").write_bytes(content)
    done = ran("run", str(EVENTS), "--inventory", str(tmp_path / "i.json"), "--out", str(tmp_path / "out"))
    assert done.code == 1
    assert done.only_line.startswith(f"Error: {said}")
    assert not (tmp_path / "out").exists()
