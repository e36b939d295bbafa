"""`flowlogs search load`: documents into a server, played in this process or real, each accounted for."""

import base64
import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import zstandard
from command_line import Ran, ran
from fake_opensearch import FakeOpenSearch, Played
from opensearch_node.plugin import OpenSearch

from flowlogs.aws.opensearch import Domain, anonymous

pytestmark = pytest.mark.usefixtures("nothing_of_aws", "in_a_folder")
KEYS = ["read", "indexed", "duplicates", "failed", "refused"]
MORE = {"indexes", "reasons", "failed_folder", "not_kept", "perhaps_own", "abandoned"}
TIME = b'"@timestamp":"2026-01-01T12:00:00Z"'
INDEX = "cwl-2026-01-01"


@pytest.fixture
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def rows(number: int, first: int = 0) -> bytes:
    return b"".join(b'{%b,"number":%d,"srcaddr":"10.0.0.1"}\n' % (TIME, each) for each in range(first, first + number))


def large_rows(number: int) -> bytes:
    return b"".join(b'{%b,"number":%d,"text":"%b"}\n' % (TIME, each, b"x" * 3000) for each in range(number))


def file_of(number: int, name: str = f"{INDEX}.ndjson") -> str:
    Path(name).write_bytes(rows(number))
    return name


def account(done: Ran) -> dict[str, int]:
    found: dict[str, Any] = json.loads(done.out)
    counts: dict[str, int] = {key: found.pop(key) for key in KEYS}
    assert {"indexes", "reasons"} <= set(found) <= MORE
    assert sum(index["added"] for index in found["indexes"].values()) == counts["indexed"]
    assert sum(reason["documents"] for reason in found["reasons"]) == counts["failed"]
    assert ("failed_folder" in found) == (counts["failed"] > found.get("not_kept", 0))
    assert found.get("not_kept", 0) in (0, counts["failed"])
    assert counts["read"] == sum(counts.values()) - counts["read"]
    return counts


def loaded(*arguments: str, url: str, stdin: bytes = b"") -> dict[str, int]:
    done = ran("search", "load", *arguments, "--url", url, "--json", stdin=stdin)
    assert done.code == 0, done.err
    return account(done)


def numbers(server: FakeOpenSearch, index: str = INDEX) -> list[int]:
    return sorted(json.loads(source)["number"] for source in server.documents.get(index, {}).values())


def test_documents_arrive_and_are_counted(server: Played) -> None:
    done = ran("search", "load", file_of(1000), "--url", server.url)
    assert done.code == 0, done.err
    assert numbers(server) == list(range(1000))
    assert done.out.split()[:10] == [*KEYS, "1,000", "1,000", "0", "0", "0"]
    assert "1,000 documents added, 1,000 in the index" in done.out
    assert "Put the index template cwl" in done.err
    assert server.templates["cwl"]["template"]["settings"]["index"]["number_of_replicas"] == 0


def test_loading_twice_adds_nothing_twice_whatever_it_is_packed_in(server: Played) -> None:
    plain = file_of(500)
    Path(f"{plain}.gz").write_bytes(gzip.compress(rows(500), mtime=0))
    Path(f"{plain}.zst").write_bytes(zstandard.compress(rows(500)))
    assert loaded(plain, url=server.url)["indexed"] == 500
    for packed in (plain, f"{plain}.gz", f"{plain}.zst"):
        assert loaded(packed, url=server.url) == {
            "read": 500,
            "indexed": 0,
            "duplicates": 500,
            "failed": 0,
            "refused": 0,
        }
    assert numbers(server) == list(range(500))


def test_a_template_that_is_there_stays(server: Played) -> None:
    server.templates["cwl"] = "somebody's own"
    loaded(file_of(1), url=server.url)
    assert server.templates == {"cwl": "somebody's own"}


def test_documents_of_no_dated_file_go_to_the_index_of_their_time_on_whichever_day_they_are_loaded(
    server: Played,
) -> None:
    loaded("-", "--index", "flows", "--rotation", "monthly", url=server.url, stdin=rows(3))
    assert {index: len(there) for index, there in server.documents.items()} == {"flows-2026-01": 3}


def test_files_and_kept_documents_of_other_indexes_go_there_and_get_the_templates_of_these(server: Played) -> None:
    server.refuses = lambda document: (400, "mapper_parsing_exception") if document["number"] == 1 else None
    loaded(file_of(2, "team-2026-w01.ndjson"), url=server.url)
    assert (list(server.templates), {name: len(each) for name, each in server.documents.items()}) == (
        ["team"],
        {"team-2026-w01": 1},
    )
    server.refuses = lambda _: None
    server.templates.clear()
    assert loaded("failed", "--failed", "again", url=server.url)["indexed"] == 1
    assert (list(server.templates), server.count("team-2026-w01")) == (["team"], 2)
    moved = loaded("failed", "team-2026-w01.ndjson", "--index", "other", url=server.url)
    assert (moved["indexed"], moved["duplicates"]) == (2, 1)
    assert (list(server.templates), server.count("other-2026-w01")) == (["team", "other"], 2)


def test_a_kept_document_that_fails_again_keeps_its_arrival_and_its_attempts_count_on(server: Played) -> None:
    kept = {
        "attemptsMade": 8,
        "arrivalTimestamp": 1_767_225_600_000,
        "errorCode": "400",
        "rawData": base64.b64encode(b'{"number":1}').decode(),
        "esDocumentId": "49.0",
        "esIndexName": INDEX,
    }
    Path("kept.ndjson").write_text(json.dumps(kept))
    server.refuses = lambda _: (400, "mapper_parsing_exception")
    done = ran("search", "load", "kept.ndjson", "--url", server.url)
    assert done.code == 1
    (file,) = (path for path in Path("failed").rglob("*") if path.is_file())
    assert "2026/01/01/00/" in str(file)
    again = json.loads(file.read_text())
    assert {key: again[key] for key in kept} == kept | {"attemptsMade": 9}


def test_the_largest_record_of_firehose_can_be_kept_and_loaded_again(server: Played) -> None:
    large = b'{%b,"number":1,"text":"%b"}\n' % (TIME, b"x" * 1_000_000)
    Path(f"{INDEX}.ndjson").write_bytes(large)
    server.refuses = lambda _: (400, "mapper_parsing_exception")
    assert ran("search", "load", f"{INDEX}.ndjson", "--url", server.url).code == 1
    server.refuses = lambda _: None
    assert loaded("failed", url=server.url)["indexed"] == 1
    Path("longer.ndjson").write_bytes(b'{"x":"%b"}' % (b"x" * (2 << 20)))
    done = ran("search", "load", "longer.ndjson", "--url", server.url)
    assert [row["reason"] for row in done.refused()] == ["longer than 2,097,152 bytes"]


def test_lines_that_are_no_documents_are_told_with_file_and_line(server: Played) -> None:
    Path("odd.ndjson").write_bytes(rows(2) + b'\n{"cut":\n[1]\n' + rows(1, first=2) + b"\xff\xfe")
    done = ran("search", "load", "odd.ndjson", "--url", server.url, "--json")
    assert (done.code, account(done)["indexed"], account(done)["refused"]) == (0, 3, 3)
    assert [(row["file"], row["line"]) for row in done.refused()] == [
        ("odd.ndjson", 4),
        ("odd.ndjson", 5),
        ("odd.ndjson", 7),
    ]
    assert "more lines" not in done.err
    assert ran("search", "load", "odd.ndjson", "--url", server.url, "--strict").code == 1


def test_what_the_server_refuses_is_kept_and_replayed_when_the_cause_is_repaired(server: Played) -> None:
    server.refuses = lambda document: (400, "mapper_parsing_exception") if document["number"] % 10 == 0 else None
    done = ran("search", "load", file_of(100), "--url", server.url, "--json")
    assert (done.code, account(done)["failed"], account(done)["indexed"]) == (0, 10, 90)
    assert "10 documents failed: 400 mapper_parsing_exception: played" in done.err
    assert (
        f"They are kept in failed. When the cause is mended: flowlogs search load failed --url {server.url}" in done.err
    )
    (reason,) = json.loads(done.out)["reasons"]
    assert (reason["documents"], reason["status"], reason["type"]) == (10, 400, "mapper_parsing_exception")
    assert json.loads(done.out)["indexes"] == {INDEX: {"added": 90, "in_index": 90}}
    assert json.loads(done.out)["failed_folder"] == "failed"
    server.refuses = lambda _: None
    assert loaded("failed", "--failed", "elsewhere", url=server.url)["indexed"] == 10
    assert loaded("failed", "--failed", "elsewhere", url=server.url)["duplicates"] == 10
    assert numbers(server) == list(range(100))
    assert ran("search", "load", file_of(100), "--url", server.url, "--strict").code == 0


def test_a_storm_of_429_is_weathered(server: Played) -> None:
    server.fault = lambda number: 429 if number % 5 == 1 else None
    seen: set[int] = set()

    def refuses(document: dict[str, Any]) -> tuple[int, str] | None:
        if document["number"] % 3 or document["number"] in seen:
            return None
        seen.add(document["number"])
        return (429, "es_rejected_execution_exception")

    server.refuses = refuses
    assert loaded(file_of(3000), url=server.url) == {
        "read": 3000,
        "indexed": 3000,
        "duplicates": 0,
        "failed": 0,
        "refused": 0,
    }


def test_a_server_that_is_lost_in_the_middle_is_told_and_nothing_is_lost(server: Played) -> None:
    Path("large.ndjson").write_bytes(large_rows(20_000))
    server.fault = lambda number: 504 if number > 2 else None
    done = ran("search", "load", "large.ndjson", "--url", server.url, "--index", "cwl", "--json", "--retry", "0")
    assert done.code == 1
    assert "takes nothing any more" in done.only_line
    counts = account(done)
    assert f"Settled until line {counts['read']:,} of large.ndjson. Load again" in done.err
    assert 0 < counts["indexed"] < counts["read"] < 20_000
    assert counts["failed"] == counts["read"] - counts["indexed"]
    server.fault = lambda _: None
    again = loaded("large.ndjson", url=server.url)
    assert (again["indexed"], again["duplicates"]) == (20_000 - counts["indexed"], counts["indexed"])
    assert loaded("failed", url=server.url)["duplicates"] == counts["failed"]


def test_a_server_that_is_not_there_is_one_line_before_any_work() -> None:
    done = ran("search", "load", file_of(1), "--url", "http://127.0.0.1:9")
    assert (done.code, done.out) == (1, "")
    assert "http://127.0.0.1:9 could not answer GET /" in done.only_line


def test_what_is_no_opensearch_is_told(server: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "answer", lambda *_: (200, "<html>"))
    done = ran("search", "load", file_of(1), "--url", server.url)
    assert done.code == 1
    assert "is no OpenSearch and no Elasticsearch" in done.only_line
    assert done.out == ""


def test_an_input_that_cannot_be_read_costs_only_itself(server: Played) -> None:
    Path("a.ndjson.gz").write_bytes(gzip.compress(rows(50), mtime=0)[:-20])
    Path("b.parquet").write_bytes(b"PAR1" + bytes(20))
    done = ran("search", "load", "a.ndjson.gz", "b.parquet", file_of(7), "--url", server.url, "--json")
    assert done.code == 1
    assert account(done)["refused"] == 0
    errors = [row for row in done.err.splitlines() if row.startswith("Error: ")]
    assert ["a.ndjson.gz" in errors[0], "b.parquet is Parquet" in errors[1]] == [True, True]
    assert set(range(7)) <= set(numbers(server))


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--url", "nonsense"],
        ["--url", "https://user:word@host"],
        ["--url", "http://192.0.2.1", "--user", "ann", "--password-file", "word"],
        ["--url", "https://host", "--user", "ann"],
        ["--url", "https://host", "--user", "ann", "--sigv4"],
        ["--url", "https://host", "--password-file", "word"],
        ["--url", "https://host", "--user", "ann", "--password-file", "empty"],
        ["--url", "https://host", "--region", "eu-west-1"],
        ["--url", "https://host", "--parallel", "0"],
        ["--url", "https://host", "--retry", "7201"],
        ["--url", "https://host", "--index", "CWL"],
        ["--url", "https://host", "--index", "x" * 67],
        ["--url", "https://host", "--rotation", "yearly"],
    ],
    ids=lambda arguments: " ".join(arguments)[:50],
)
def test_wrong_use_is_exit_2_and_asks_no_server(arguments: list[str]) -> None:
    Path("word").write_text("secret\n")
    Path("empty").write_text("\n")
    done = ran("search", "load", file_of(1), *arguments)
    assert (done.code, done.out, "Traceback" in done.err) == (2, "", False)


def test_a_password_is_taken_from_a_file_or_the_environment_and_never_shown(
    server: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.sign_in = "Basic YW5uOmNvcnJlY3QgaG9yc2U="  # ann:correct horse
    Path("word").write_text("correct horse\n")
    file = file_of(1)
    assert loaded(file, "--user", "ann", "--password-file", "word", url=server.url)["indexed"] == 1
    monkeypatch.setenv("FLOWLOGS_SEARCH_PASSWORD", "correct horse")
    assert loaded(file, "--user", "ann", url=server.url)["duplicates"] == 1
    monkeypatch.setenv("FLOWLOGS_SEARCH_PASSWORD", "wrong horse")
    done = ran("search", "load", file, "--user", "ann", "--url", server.url)
    assert done.code == 1
    assert "--user and FLOWLOGS_SEARCH_PASSWORD" in done.only_line
    assert "horse" not in done.err


def test_what_is_no_document_is_said_in_one_sentence_or_ten_lines_a_file(server: Played) -> None:
    flow = b"2 012345678901 eni-1 10.0.0.1 10.0.0.2 1 443 6 1 40 1767225600 1767225659 ACCEPT OK\n"
    logs = {
        "plain.log": flow * 1000,
        "headed.log": b"\n\nversion account-id interface-id srcaddr dstaddr\n" + flow * 1000,
        "exported.log": b"2026-01-01T00:00:00.000Z " + flow,
        "custom.log": b"eni-0a1b2c3d 3 vpc-1 10.0.0.1 10.0.0.2 443 6 ACCEPT\n",
    }
    for name, text in logs.items():
        Path(name).write_bytes(text)
    Path("parsed.ndjson").write_bytes(b'{"version":2,"srcaddr":"10.0.0.1"}\n' * 25)
    Path("noise").write_bytes(bytes(range(255, -1, -1)) * 40)
    done = ran("search", "load", *logs, "parsed.ndjson", "noise", file_of(1), "--url", server.url, "--json")
    assert (done.code, account(done)["indexed"]) == (1, 1)
    for name in logs:
        assert f"Error: {name} is a flow log: `flowlogs run` makes documents of it" in done.err
    reasons = [(row["file"], row["reason"][:14]) for row in done.refused()]
    assert reasons == [("parsed.ndjson", "no @timestamp:")] * 10 + [("noise", "not UTF-8 text")] * 10
    assert "Note: parsed.ndjson: 15 more lines were refused" in done.err
    assert account(done)["refused"] == 25 + 41


def test_an_empty_folder_costs_only_itself_and_a_wrong_name_everything(server: Played) -> None:
    Path("empty").mkdir()
    done = ran("search", "load", "empty", file_of(3), "--url", server.url, "--json")
    assert (done.code, account(done)["indexed"]) == (1, 3)
    assert done.only_line == "Error: empty: no file in this folder"
    done = ran("search", "load", "emty", file_of(3), "--url", server.url, "--json")
    assert (done.code, done.out, done.only_line) == (1, "", "Error: emty: no such file or folder")


def test_a_server_of_which_nothing_was_taken_is_exit_1(server: Played) -> None:
    server.refuses = lambda _: (400, "mapper_parsing_exception")
    done = ran("search", "load", file_of(3), "--url", server.url)
    assert done.code == 1
    assert f"Nothing was added in {server.url}." in done.out
    server.fault = lambda _: 504
    done = ran("search", "load", file_of(3), "--url", server.url, "--retry", "0")
    assert f"Nothing is known to have been added in {server.url}." in done.out
    Path("nothing.ndjson").write_bytes(b"\n")
    assert ran("search", "load", "nothing.ndjson", "--url", server.url).code == 0


def test_a_sign_in_that_is_lost_on_the_way_ends_it(server: Played) -> None:
    Path("large.ndjson").write_bytes(large_rows(20_000))
    server.fault = lambda number: 403 if number > 2 else None
    done = ran("search", "load", "large.ndjson", "--url", server.url, "--parallel", "1", "--json")
    counts = account(done)
    assert (done.code, counts["read"] < 10_000, len(server.bodies) < 6) == (1, True, True)
    assert "takes nothing any more" in done.only_line
    assert f"Settled until line {counts['read']:,} of large.ndjson" in done.err


@pytest.mark.parametrize("documents", [100, 20_000], ids=["at the end", "on the way"])
def test_a_full_disk_is_one_line_and_the_account_adds_up(
    server: Played, monkeypatch: pytest.MonkeyPatch, documents: int
) -> None:
    server.refuses = lambda document: (400, "mapper_parsing_exception") if document["number"] % 2 else None

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("flowlogs.deliver.local.failure_files.FailureFiles.write", full)
    Path(f"{INDEX}.ndjson").write_bytes(large_rows(documents))
    done = ran("search", "load", f"{INDEX}.ndjson", "--url", server.url, "--json")
    counts = account(done)
    assert (done.code, counts["indexed"]) == (1, server.count(INDEX))
    assert counts["read"] == 100 == 2 * counts["failed"] or 0 < counts["read"] < documents
    assert done.only_line == "Error: --failed failed cannot keep what fails: No space left on device"
    assert json.loads(done.out)["not_kept"] == counts["failed"]
    assert f"{counts['failed']:,} documents that failed are not kept: load again what was read" in done.err
    assert "They are kept" not in done.err


def test_a_disk_that_is_full_in_the_end_leaves_no_half_a_file(server: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    server.refuses = lambda document: (400, "mapper_parsing_exception") if document["number"] % 2 else None

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("flowlogs.deliver.local.atomic_file.AtomicFile.keep", full)
    done = ran("search", "load", file_of(100), "--url", server.url, "--json")
    assert (done.code, account(done)["failed"], json.loads(done.out)["not_kept"]) == (1, 50, 50)
    assert [path for path in Path("failed").rglob("*") if path.is_file()] == []
    assert "No space left on device" in done.only_line


@pytest.mark.parametrize("folder", ["a-file", "a-file/failed"])
def test_a_folder_that_can_keep_nothing_is_told_before_a_server_is_asked(server: Played, folder: str) -> None:
    Path("a-file").write_bytes(b"")
    done = ran("search", "load", file_of(3), "--url", server.url, "--failed", folder)
    assert (done.code in (1, 2), done.out, server.bodies) == (True, "", [])
    assert folder in done.err


def test_a_full_disk_is_told_before_a_server_is_asked(server: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("flowlogs.cli.search_load_account.TemporaryFile", full)
    done = ran("search", "load", file_of(3), "--url", server.url)
    assert (done.code, done.out, server.bodies) == (1, "", [])
    assert done.only_line == "Error: --failed failed cannot keep what fails: No space left on device"


def test_looking_whether_a_folder_can_keep_something_leaves_nothing(server: Played) -> None:
    loaded(file_of(3), "--failed", "x/y", url=server.url)
    assert not Path("x").exists()


def kept_files() -> list[Path]:
    return [path for path in Path("failed").rglob("*") if path.is_file()]


def test_a_replay_that_fails_again_does_not_make_the_folder_grow_and_one_that_succeeds_empties_it(
    server: Played,
) -> None:
    server.refuses = lambda _: (400, "mapper_parsing_exception")
    ran("search", "load", file_of(3), "--url", server.url)
    for attempts in (2, 3):
        done = ran("search", "load", "failed", "--url", server.url)
        assert "Removed 1 file of failed: each document in it is settled" in done.err
        (file,) = kept_files()
        assert [json.loads(line)["attemptsMade"] for line in file.read_text().splitlines()] == [attempts] * 3
    server.refuses = lambda _: None
    assert loaded("failed", url=server.url)["indexed"] == 3
    assert kept_files() == []


def test_of_a_folder_only_files_are_removed_that_hold_nothing_but_settled_documents(server: Played) -> None:
    server.refuses = lambda _: (400, "mapper_parsing_exception")
    ran("search", "load", file_of(3), "--url", server.url)
    (kept,) = kept_files()
    text = kept.read_bytes()
    Path("failed/odd.ndjson").write_bytes(text + b"odd\n")
    Path("failed/new.ndjson").write_bytes(text + rows(1, first=9))
    Path("outside.ndjson").write_bytes(text)
    server.fault = lambda _: 503
    done = ran("search", "load", "failed", "outside.ndjson", "--url", server.url, "--retry", "0")
    assert (done.code, "Removed" in done.err, kept.exists()) == (1, False, True)
    server.fault = lambda _: None
    server.refuses = lambda _: None
    loaded("failed", "outside.ndjson", url=server.url)
    left = {path.name for path in kept_files()}
    assert {"odd.ndjson", "new.ndjson"} <= left
    assert kept.name not in left
    assert Path("outside.ndjson").exists()


def test_duplicates_after_a_lost_answer_may_be_this_loads_own_and_it_says_so(server: Played) -> None:
    server.loses_answers = lambda number: number == 1
    done = ran("search", "load", file_of(30), "--url", server.url, "--json")
    assert (account(done)["duplicates"], json.loads(done.out)["perhaps_own"], done.code) == (30, 30, 0)
    assert "Note: 30 duplicates may be of this load: an answer was lost" in done.err


def test_one_index_that_takes_nothing_does_not_end_the_load_of_others(server: Played) -> None:
    server.refuses = lambda document: (503, "unavailable_shards_exception") if document["number"] < 100 else None
    Path("cwl-2026-01-01.ndjson").write_bytes(rows(100))
    Path("cwl-2026-01-02.ndjson").write_bytes(rows(100, first=100))
    done = ran(
        "search",
        "load",
        "cwl-2026-01-01.ndjson",
        "cwl-2026-01-02.ndjson",
        "--url",
        server.url,
        "--retry",
        "0",
        "--parallel",
        "1",
        "--json",
    )
    assert (done.code, account(done)["indexed"], account(done)["failed"]) == (0, 100, 100)


def test_an_index_that_cannot_be_counted_costs_only_its_own_count(
    server: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = server.answer

    def answer(method: str, path: str, body: bytes) -> tuple[int, Any]:
        return (403, {}) if "cwl-2026-01-01/_count" in path else real(method, path, body)

    monkeypatch.setattr(server, "answer", answer)
    Path("cwl-2026-01-01.ndjson").write_bytes(rows(2))
    Path("cwl-2026-01-02.ndjson").write_bytes(rows(3))
    done = ran("search", "load", "cwl-2026-01-01.ndjson", "cwl-2026-01-02.ndjson", "--url", server.url, "--json")
    assert json.loads(done.out)["indexes"] == {
        "cwl-2026-01-01": {"added": 2},
        "cwl-2026-01-02": {"added": 3, "in_index": 3},
    }
    assert "Note: what was added to cwl-2026-01-01 could not be counted" in done.err


def test_a_byte_order_mark_is_no_part_of_the_first_document_and_dev_null_is_empty(server: Played) -> None:
    Path(f"{INDEX}.ndjson").write_bytes(b"\xef\xbb\xbf" + rows(2))
    assert loaded(f"{INDEX}.ndjson", "/dev/null", url=server.url)["indexed"] == 2
    assert loaded(file_of(2), url=server.url)["duplicates"] == 2


def test_where_a_server_sends_us_is_told(server: Played) -> None:
    server.moved_to = "https://elsewhere.example/"
    done = ran("search", "load", file_of(1), "--url", server.url)
    assert (done.code, done.out) == (1, "")
    assert "answered 301 to GET /: it sends to https://elsewhere.example/" in done.only_line


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("documents", [30_000, 3_000], ids=["while it reads", "while it waits for the last answers"])
def test_an_interrupt_says_how_far_it_came_and_the_account_adds_up(
    server: Played, tmp_path: Path, documents: int, number: signal.Signals, code: int
) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def fault(request: int) -> int | None:
        if request == 2:
            reached.set()
            assert go_on.wait(30)
            return 429  # it would be sent again, for as long as --retry
        return None

    server.fault = fault
    server.refuses = lambda document: (400, "mapper_parsing_exception") if document["number"] % 1000 == 0 else None
    Path("large.ndjson").write_bytes(large_rows(documents))
    process = begun(server.url, tmp_path)
    assert reached.wait(60)
    time.sleep(0.3)
    process.send_signal(number)
    time.sleep(0.3)
    go_on.set()
    out, err = process.communicate(timeout=60)
    assert (process.returncode, b"Traceback" in err) == (code, False), err
    assert b"documents have no answer yet, which is waited for" in err
    counts = account(Ran(code, out.decode(), err.decode()))
    assert f"Settled until line {counts['read']:,} of large.ndjson." in err.decode()
    assert 0 < counts["indexed"] == server.count(INDEX) < documents
    kept = [line for path in Path("failed").rglob("*") if path.is_file() for line in path.read_text().splitlines()]
    assert len(kept) == counts["failed"] > 0
    assert list(Path("failed").rglob("*.part")) == []


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_second_interrupt_waits_for_no_server_that_hangs(
    server: Played, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def fault(request: int) -> int | None:
        if request == 2:
            reached.set()
            assert go_on.wait(60)
        return None

    server.fault = fault
    Path("large.ndjson").write_bytes(large_rows(3_000))
    process = begun(server.url, tmp_path)
    try:
        assert reached.wait(60)
        for _ in range(2):
            time.sleep(0.5)
            process.send_signal(number)
        out, err = process.communicate(timeout=40)  # the server does not answer before
    finally:
        go_on.set()
    assert (process.returncode, b"Traceback" in err) == (code, False), err
    more = json.loads(out)["abandoned"]
    assert f"Up to {more:,} documents more may be there" in err.decode()
    counts = account(Ran(code, out.decode(), err.decode()))
    assert counts["read"] < 3_000
    assert more > 0


def begun(url: str, folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 (ours)
        [sys.executable, "-m", "flowlogs", "search", "load", "large.ndjson", "--url", url, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def test_on_a_real_server_a_document_that_failed_is_kept_and_replayed_after_the_repair(opensearch: OpenSearch) -> None:
    domain, prefix = Domain(opensearch.url, anonymous()), opensearch.prefix()
    index = f"{prefix}-2026-01-01"
    domain.put(
        f"/{index}",
        {
            "mappings": {
                "dynamic": "strict",
                "properties": {"@timestamp": {"type": "date"}, "number": {"type": "integer"}},
            }
        },
    )
    good = b"".join(b'{%b,"number":%d}\n' % (TIME, each) for each in range(500))
    bad = b"".join(b'{%b,"number":%d,"unknown":1}\n' % (TIME, each) for each in range(20))
    Path(f"{index}.ndjson").write_bytes(good + bad)
    first = loaded(f"{index}.ndjson", "--index", prefix, url=opensearch.url)
    assert first == {"read": 520, "indexed": 500, "duplicates": 0, "failed": 20, "refused": 0}
    kept = [path for path in Path("failed").rglob("*") if path.is_file()]
    (line, *_) = [json.loads(line) for path in kept for line in path.read_text().splitlines()]
    assert (line["esIndexName"], line["errorCode"]) == (index, "400")
    assert json.loads(line["errorMessage"])["type"] == "strict_dynamic_mapping_exception"
    domain.put(f"/{index}/_mapping", {"dynamic": True})
    assert loaded("failed", "--failed", "elsewhere", url=opensearch.url)["indexed"] == 20
    assert loaded("failed", url=opensearch.url)["duplicates"] == 20
    assert loaded(f"{index}.ndjson", "--index", prefix, url=opensearch.url)["duplicates"] == 520
    domain.get(f"/{index}/_refresh")
    assert domain.count(index) == 520
