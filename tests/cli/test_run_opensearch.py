"""`flowlogs run --opensearch`: the whole pipeline into a server, played in this process or real."""

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran, line, ran
from fake_opensearch import Played
from opensearch_node.plugin import OpenSearch

from flowlogs.aws.opensearch import Domain, anonymous
from flowlogs.cli.local_pipeline import LocalPipeline

EVENTS = Path(__file__).parents[2] / "events"
SAMPLE, LINES = str(EVENTS / "cloudwatch-logs.json"), 12

pytestmark = pytest.mark.usefixtures("nothing_of_aws")


def account(*arguments: str, out: Path) -> dict[str, int]:
    done = ran("run", SAMPLE, "--out", str(out), "--json", *arguments)
    assert done.code == 0, done.err
    return account_of(done)


def account_of(done: Ran) -> dict[str, int]:
    found = json.loads(done.out)
    counts: dict[str, int] = found["search"]
    if "opensearch" in found:
        assert {"indexes", "reasons"} <= set(found["opensearch"]) <= {"indexes", "reasons", "failed_folder"}
    assert counts["received"] == counts["delivered"] + counts["dropped"] + counts["failed"] == LINES
    return counts


def test_documents_go_to_the_server_and_not_to_files(server: Played, tmp_path: Path) -> None:
    done = ran("run", SAMPLE, "--out", str(tmp_path), "--opensearch", server.url)
    assert done.code == 0, done.err
    (index,) = server.documents
    assert index.startswith("cwl-20")
    assert server.count(index) == LINES
    assert not (tmp_path / "search").exists()
    assert list((tmp_path / "lake").iterdir())
    assert f"{LINES} documents added, {LINES} in the index" in done.out
    assert "  lake/" in done.out
    assert "1 file  " in done.out
    assert "1 files" not in done.out
    assert f"Put the index template cwl into {server.url}" in done.err


def test_a_password_of_the_environment_is_no_unknown_setting(
    server: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.sign_in = "Basic YW5uOmhvcnNl"  # ann:horse
    monkeypatch.setenv("FLOWLOGS_SEARCH_PASSWORD", "horse")
    account("--opensearch", server.url, "--user", "ann", out=tmp_path)
    assert sum(map(server.count, server.documents)) == LINES


def test_a_second_run_adds_documents_of_its_own(server: Played, tmp_path: Path) -> None:
    for _ in range(2):
        account("--opensearch", server.url, out=tmp_path)
    assert sum(map(server.count, server.documents)) == 2 * LINES


@pytest.mark.parametrize("shape", ["json", "ecs", "ocsf"])
def test_refused_documents_count_as_failed_and_are_kept_for_a_replay(
    server: Played, tmp_path: Path, shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    seen: list[dict[str, Any]] = []

    def refuses(document: dict[str, Any]) -> tuple[int, str] | None:
        seen.append(document)
        return (400, "mapper_parsing_exception") if len(seen) % 4 == 0 else None

    server.refuses = refuses
    counts = account("--opensearch", server.url, "--shape", shape, out=tmp_path)
    assert (counts["delivered"], counts["failed"], counts["duplicates"]) == (9, 3, 0)
    server.refuses = lambda _: None
    replayed = ran("search", "load", "AmazonOpenSearchService-failed", "--url", server.url, "--json")
    assert json.loads(replayed.out)["indexed"] == 3
    assert sum(map(server.count, server.documents)) == LINES


@pytest.mark.parametrize("rotation", ["none", "hourly", "daily", "weekly", "monthly"])
def test_indexes_and_files_rotate_alike(server: Played, tmp_path: Path, rotation: str) -> None:
    account("--opensearch", server.url, "--rotation", rotation, "--index", "flows", out=tmp_path / "a")
    account("--rotation", rotation, "--index", "flows", out=tmp_path / "b")
    account("--rotation", rotation, "--index", "flows", out=tmp_path / "c")
    files = {path.stem for each in "bc" for path in (tmp_path / each / "search").iterdir()}
    assert files & set(server.documents)
    assert (files == {"flows"}) == (rotation == "none")


def test_faults_of_the_stream_and_of_the_server_lose_nothing(server: Played, tmp_path: Path) -> None:
    server.fault = lambda number: 429 if number == 1 else None
    counts = account("--opensearch", server.url, "--fail-puts", "0.3", "--kill-transforms", "0.4", out=tmp_path)
    assert counts["delivered"] == LINES
    assert sum(map(server.count, server.documents)) == LINES + counts["duplicates"]


def test_files_of_an_earlier_run_are_not_taken_for_this_ones(server: Played, tmp_path: Path) -> None:
    assert "  search/" in ran("run", SAMPLE, "--out", str(tmp_path)).out
    assert "  search/" not in ran("run", SAMPLE, "--out", str(tmp_path), "--opensearch", server.url).out


def test_why_documents_failed_is_said_with_what_to_do(server: Played, tmp_path: Path) -> None:
    seen: list[dict[str, Any]] = []

    def refuses(document: dict[str, Any]) -> tuple[int, str] | None:
        seen.append(document)
        return (400, "mapper_parsing_exception") if len(seen) <= 3 else None

    server.refuses = refuses
    done = ran("run", SAMPLE, "--out", str(tmp_path), "--opensearch", server.url)
    kept = tmp_path / "AmazonOpenSearchService-failed"
    assert done.code == 0
    assert "3 documents failed: 400 mapper_parsing_exception: played mapper_parsing_exception" in done.err
    assert f"They are kept in {kept}. When the cause is mended: flowlogs search load {kept} --url" in done.err
    rows = [row for row in done.out.splitlines() if row.startswith("  ") and "MB" in row]
    assert len(rows) == 2
    assert len({row.index(" MB ") for row in rows}) == 1
    seen.clear()
    found = json.loads(ran("run", SAMPLE, "--out", str(tmp_path), "--opensearch", server.url, "--json").out)
    ((index, counts),) = found["opensearch"].pop("indexes").items()
    assert counts == {"added": LINES - 3, "in_index": 2 * (LINES - 3)}
    assert server.count(index) == counts["in_index"]
    ((reason),) = found["opensearch"].pop("reasons")
    assert (reason["documents"], reason["status"]) == (3, 400)
    assert found["opensearch"] == {"failed_folder": str(kept)}


def test_a_server_that_dies_on_the_way_ends_the_run_and_costs_no_line(server: Played, tmp_path: Path) -> None:
    Path(tmp_path / "logs").mkdir()
    for name in ("a.log", "b.log", "c.log", "d.log"):
        (tmp_path / "logs" / name).write_bytes(b"\n".join(line(port) for port in range(3000)))
    server.fault = lambda number: 504 if number > 1 else None
    command = ["run", str(tmp_path / "logs"), "--out", str(tmp_path / "out"), "--opensearch", server.url]
    done = ran(*command, "--retry", "0", "--json", "--lake", "none")
    counts = json.loads(done.out)["search"]
    assert done.code == 1
    assert f"{server.url} takes nothing any more" in done.only_line
    assert done.only_line.endswith(f"; not run: {tmp_path / 'logs' / 'c.log'} and 1 after it")
    assert 0 < counts["delivered"] < counts["received"] == 6000 == counts["delivered"] + counts["failed"]
    assert len(server.bodies) == 2
    server.fault = lambda _: None
    replayed = ran("search", "load", str(tmp_path / "out" / "AmazonOpenSearchService-failed"), "--url", server.url)
    assert replayed.code == 0
    assert sum(map(server.count, server.documents)) == 6000


def test_a_server_that_takes_none_of_the_documents_is_exit_1(server: Played, tmp_path: Path) -> None:
    server.refuses = lambda _: (400, "mapper_parsing_exception")
    done = ran("run", SAMPLE, "--out", str(tmp_path), "--opensearch", server.url, "--json")
    assert (done.code, account_of(done)["failed"]) == (1, LINES)
    assert done.only_line == f"Error: {server.url} took no document that we know of"


def test_a_run_that_is_interrupted_says_what_was_added_and_keeps_what_failed(
    server: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, Any]] = []

    def refuses(document: dict[str, Any]) -> tuple[int, str] | None:
        seen.append(document)
        return (400, "mapper_parsing_exception") if len(seen) <= 3 else None

    def interrupted(pipeline: LocalPipeline) -> None:
        pipeline._firehose.flush()
        raise KeyboardInterrupt

    server.refuses = refuses
    monkeypatch.setattr(LocalPipeline, "close", interrupted)
    done = ran("run", SAMPLE, "--out", str(tmp_path), "--opensearch", server.url)
    kept = tmp_path / "AmazonOpenSearchService-failed"
    assert (done.code, done.out) == (130, "")
    assert f"Broken off: {LINES - 3} documents were added in {server.url}, and perhaps some of those under" in done.err
    assert "Another run adds them again" in done.err
    assert "3 documents failed: 400 mapper_parsing_exception" in done.err
    assert list(tmp_path.rglob("*.part")) == []
    assert not list((tmp_path / "lake").rglob("*.parquet"))
    server.refuses = lambda _: None
    replayed = ran("search", "load", str(kept), "--url", server.url, "--failed", str(tmp_path / "f"), "--json")
    assert json.loads(replayed.out)["indexed"] == 3


def test_an_interrupted_run_into_files_says_nothing_of_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: LocalPipeline) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(LocalPipeline, "close", interrupted)
    done = ran("run", SAMPLE, "--out", str(tmp_path))
    assert (done.code, done.err.split("\n")) == (130, ["", "Error: interrupted", ""])


def test_an_input_that_is_not_there_is_told_before_anything_is_asked_of_a_server(
    server: Played, tmp_path: Path
) -> None:
    done = ran("run", SAMPLE, "nowhere.log", "--out", str(tmp_path / "out"), "--opensearch", server.url)
    assert (done.code, done.only_line) == (1, "Error: nowhere.log: no such file or folder")
    assert server.templates == {}
    assert not (tmp_path / "out").exists()


def test_a_server_that_is_not_there_is_one_line_before_any_work(tmp_path: Path) -> None:
    done = ran("run", SAMPLE, "--out", str(tmp_path / "out"), "--opensearch", "http://127.0.0.1:9")
    assert (done.code, done.out) == (1, "")
    assert "http://127.0.0.1:9 could not answer" in done.only_line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--user", "ann"],
        ["--sigv4"],
        ["--opensearch", "nonsense"],
        ["--opensearch", "https://host", "--no-search"],
        ["--opensearch", "https://host", "--shape", "raw"],
        ["--opensearch", "https://host", "--index", "x" * 67],
        ["--rotation", "yearly"],
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_wrong_use_is_exit_2_and_writes_nothing(tmp_path: Path, arguments: list[str]) -> None:
    done = ran("run", SAMPLE, "--out", str(tmp_path / "out"), *arguments)
    assert (done.code, "Traceback" in done.err) == (2, False)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("shape", ["json", "ecs", "ocsf"])
def test_on_a_real_server_documents_of_each_shape_are_found_by_their_time(
    opensearch: OpenSearch, tmp_path: Path, shape: str
) -> None:
    prefix = opensearch.prefix()
    counts = account("--opensearch", opensearch.url, "--index", prefix, "--shape", shape, out=tmp_path)
    domain = Domain(opensearch.url, anonymous())
    domain.get(f"/{prefix}-*/_refresh")
    assert domain.count(f"{prefix}-*") == counts["delivered"] == LINES
    in_time = {"range": {"@timestamp": {"gte": 946_684_800_000, "lte": 4_102_444_800_000}}}
    assert domain.count(f"{prefix}-*", in_time) == LINES
