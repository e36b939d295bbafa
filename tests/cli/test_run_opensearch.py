"""`flowlogs run --opensearch`: the whole pipeline into a server, played in this process or real."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import ran
from fake_opensearch import FakeOpenSearch
from opensearch_node.plugin import OpenSearch
from serving import Serving

from flowlogs.aws.opensearch import Domain, anonymous

EVENTS = Path(__file__).parents[2] / "events"
SAMPLE, LINES = str(EVENTS / "cloudwatch-logs.json"), 12

pytestmark = pytest.mark.usefixtures("nothing_of_aws")


class Played(FakeOpenSearch):
    """The fake with its address."""

    url: str


@pytest.fixture
def server() -> Iterator[Played]:
    played = Played()
    with Serving(played.handler()) as serving:
        played.url = serving.url
        yield played


def account(*arguments: str, out: Path) -> dict[str, int]:
    done = ran("run", SAMPLE, "--out", str(out), "--json", *arguments)
    assert done.code == 0, done.err
    counts: dict[str, int] = json.loads(done.out)["search"]
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


def test_a_server_that_dies_on_the_way_costs_no_line(server: Played, tmp_path: Path) -> None:
    server.fault = lambda _: 504
    counts = account("--opensearch", server.url, "--retry", "0", out=tmp_path)
    assert (counts["delivered"], counts["failed"]) == (0, LINES)


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
