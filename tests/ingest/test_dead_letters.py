import gzip
import json
from pathlib import Path

import pytest

from flowlogs.errors import NotKept
from flowlogs.ingest.dead_letters import SCHEMA, DeadLetter, DeadLetters, Folder, rows_of

NOON = 1_700_049_600.75


class Kept(dict[str, bytes]):
    def put(self, key: str, content: bytes) -> None:
        assert key not in self
        self[key] = content


class Full:
    def put(self, key: str, content: bytes) -> None:
        raise OSError("No space left on device")


LETTERS = [
    DeadLetter("search", "not a number", b"2 x", b"version srcport", "srcport"),
    DeadLetter("lake", "ServiceUnavailableException", b"2 caf\xc3\xa9 \xff\n\r", b"version"),
]


def test_an_invocation_keeps_one_object_that_says_everything() -> None:
    kept = Kept()
    assert DeadLetters(kept, "ingestor").keep(LETTERS, NOON, "request-1") == 2
    ((key, content),) = kept.items()
    assert key == "ingestor/2023/11/15/12/ingestor-1700049600-request-1.ndjson.gz"
    assert [json.loads(row) for row in gzip.decompress(content).splitlines()] == [
        {
            "schema": SCHEMA,
            "stream": "search",
            "reason": "not a number",
            "field": "srcport",
            "line": "2 x",
            "header": "version srcport",
            "first_seen": "2023-11-15T12:00:00Z",
        },
        {
            "schema": SCHEMA,
            "stream": "lake",
            "reason": "ServiceUnavailableException",
            "field": None,
            "line": "2 café \\xff\n\r",
            "header": "version",
            "first_seen": "2023-11-15T12:00:00Z",
        },
    ]
    assert len(rows_of(content)) == 2


def test_two_invocations_of_one_second_keep_two_objects() -> None:
    kept = Kept()
    letters = DeadLetters(kept, "ingestor")
    letters.keep(LETTERS, NOON, "request-1")
    letters.keep(LETTERS, NOON, "request-2")
    assert len(kept) == 2


def test_no_letters_are_no_object() -> None:
    kept = Kept()
    assert DeadLetters(kept, "ingestor").keep([], NOON, "request-1") == 0
    assert DeadLetters(None, "ingestor").keep(iter(()), NOON, "request-1") == 0
    assert not kept


def test_letters_are_written_as_they_come() -> None:
    kept = Kept()
    assert DeadLetters(kept, "decorator").keep((LETTERS[0] for _ in range(1000)), NOON, "r") == 1000


def test_without_a_place_letters_are_not_kept_and_the_caller_learns_it() -> None:
    with pytest.raises(NotKept, match=r"2 lines .* FLOWLOGS_DEAD_LETTERS"):
        DeadLetters(None, "ingestor").keep(LETTERS, NOON, "request-1")


def test_where_the_place_fails_letters_are_not_kept_and_the_caller_learns_it() -> None:
    with pytest.raises(NotKept, match=r"2 lines .* No space left"):
        DeadLetters(Full(), "ingestor").keep(LETTERS, NOON, "request-1")


def test_a_folder_that_cannot_be_made_is_a_place_that_fails(tmp_path: Path) -> None:
    (tmp_path / "ingestor").write_text("in the way")
    with pytest.raises(NotKept):
        DeadLetters(Folder(tmp_path), "ingestor").keep(LETTERS, NOON, "request-1")
