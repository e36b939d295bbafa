"""Rejected SSH as the decorator counts it: what it answered Ok, whatever carried the line."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from decorator_outside import Tried, envelope, event_of, line
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowlogs.errors import SettingsError, StreamError
from flowlogs.metrics import SSH_REJECTS
from flowlogs.record.log_format import DEFAULT

SSH = line(1, dstport=22, action="REJECT")
OTHERS = [
    line(2),
    line(3, dstport=22),
    line(4, action="REJECT"),
    line(5, dstport=22, action="REJECT", protocol=17),
    line(22, dstport=2222, action="REJECT"),
    line(22, dstport=220, action="REJECT"),
    line(6, dstport=22, action="REJECT", protocol=60),
    b"2 123456789012 eni-1 - - - - - - - 1767225600 1767225659 - NODATA",
]
OWN_ORDER = b"action protocol start dstport srcport interface-id\nREJECT 6 1767225600 22 1 eni-1"
NO_PORT = b"action protocol start srcport\nREJECT 6 1767225600 22"
SHAPES: dict[str, dict[str, str]] = {
    "one": {"FLOWLOGS_DOCUMENTS": "one"},
    "parquet": {"FLOWLOGS_DOCUMENTS": "many"},
    "text": {"FLOWLOGS_DOCUMENTS": "many", "FLOWLOGS_DESTINATION": "text"},
    "raw": {"FLOWLOGS_DOCUMENTS": "many", "FLOWLOGS_DESTINATION": "text", "FLOWLOGS_SHAPE": "raw"},
}
MANY = ["parquet", "text", "raw"]


def counting(folder: Path, **environ: str) -> Tried:
    letters = {"FLOWLOGS_DEAD_LETTERS": str(folder / "letters")}
    return Tried({"FLOWLOGS_SSH_REJECTS": "vpcflowlogs", **letters, **environ})


@pytest.fixture(params=SHAPES)
def tried(request: pytest.FixtureRequest, tmp_path: Path) -> Tried:
    return counting(tmp_path, **SHAPES[request.param])


@pytest.fixture(params=MANY)
def many(request: pytest.FixtureRequest, tmp_path: Path) -> Tried:
    return counting(tmp_path, **SHAPES[request.param])


def counted(tried: Tried, *texts: bytes) -> tuple[set[str], float]:
    """Give the results and the count; raw documents are no JSON, so the answer stays unopened."""
    answer = tried.decorate(event_of(*texts), tried)
    return {record["result"] for record in answer["records"]}, tried.metrics[-1][2][SSH_REJECTS]


def test_rejected_ssh_is_counted_and_nothing_else(tried: Tried) -> None:
    assert counted(tried, *OTHERS, SSH, SSH) == ({"Ok"}, 2)


@pytest.mark.parametrize("text", OTHERS, ids=bytes.decode)
def test_a_line_of_another_kind_is_none(tried: Tried, text: bytes) -> None:
    assert counted(tried, text) == ({"Ok"}, 0)


@pytest.mark.parametrize(
    "text",
    [
        SSH,
        b"  " + SSH.replace(b" ", b"  ") + b"\r\n",
        DEFAULT.header + b"\n" + SSH,
        json.dumps({"message": SSH.decode()}).encode(),
        b"2026-01-01T00:00:00.000Z " + SSH,
        envelope(SSH),
        gzip.compress(SSH, mtime=0),
    ],
)
def test_whatever_carries_the_line_it_counts(tried: Tried, text: bytes) -> None:
    assert counted(tried, text) == ({"Ok"}, 1)


@pytest.mark.parametrize(("text", "count"), [(OWN_ORDER, 1), (NO_PORT, 0)])
def test_a_record_is_counted_in_the_order_of_its_own_header(tried: Tried, text: bytes, count: int) -> None:
    assert counted(tried, text) == ({"Ok"}, count)


def test_a_packed_record_counts_line_by_line_across_its_headers(many: Tried) -> None:
    text = b"\n".join((SSH, OTHERS[0], OWN_ORDER, DEFAULT.header, SSH, b"", *OTHERS))
    assert counted(many, text, SSH) == ({"Ok"}, 4)


def test_bad_lines_beside_good_ones_do_not_count(many: Tried) -> None:
    assert counted(many, b"\n".join((SSH, SSH + b" more", SSH.replace(b" 40 ", b" forty "), SSH))) == ({"Ok"}, 2)
    assert many.metrics[-1][2]["LinesFailed"] == 2


def test_a_record_whose_bad_lines_cannot_be_kept_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("a file in the way")
    many = counting(tmp_path, **SHAPES["parquet"])
    answer = many(SSH + b"\n2 short", SSH)
    assert (answer.results, answer.metrics[SSH_REJECTS]) == (["ProcessingFailed", "Ok"], 1)


def test_what_is_put_back_counts_when_it_returns(tmp_path: Path) -> None:
    one = counting(tmp_path, **SHAPES["one"])
    first, *rest = one.to_the_end(event_of(SSH + b"\n" + SSH, SSH))
    assert first.metrics[SSH_REJECTS] == 1
    assert sum(answer.metrics[SSH_REJECTS] for answer in rest) == 2


def test_what_cannot_be_put_back_does_not_count(tmp_path: Path) -> None:
    one = counting(tmp_path, **SHAPES["one"])
    one.refuses = StreamError("InvalidArgumentException", temporary=False)
    answer = one(SSH + b"\n" + SSH)
    assert (answer.results, answer.metrics[SSH_REJECTS]) == (["ProcessingFailed"], 0)


def test_what_is_left_out_does_not_count(tmp_path: Path) -> None:
    narrowed = counting(tmp_path, FLOWLOGS_DROP_INTERNAL="10.0.0.0/8")
    answer = narrowed(SSH, line(1, dstport=22, action="REJECT", src="198.51.100.7"))
    assert (answer.results, answer.metrics[SSH_REJECTS]) == (["Dropped", "Ok"], 1)


def test_an_event_without_lines_says_nothing(tried: Tried) -> None:
    assert SSH_REJECTS not in tried(DEFAULT.header, b"# a comment").metrics
    assert SSH_REJECTS not in tried().metrics


def test_nothing_is_counted_unless_asked(tmp_path: Path) -> None:
    assert SSH_REJECTS not in counting(tmp_path, FLOWLOGS_SSH_REJECTS="")(SSH).metrics


@pytest.mark.parametrize(
    ("log_format", "missing"),
    [("version srcaddr dstaddr action protocol start", "dstport"), ("version dstport start", "action and no protocol")],
)
def test_a_format_that_cannot_say_it_is_refused(tmp_path: Path, log_format: str, missing: str) -> None:
    with pytest.raises(SettingsError, match=f"FLOWLOGS_SSH_REJECTS .* FLOWLOGS_FORMAT has no {missing}"):
        counting(tmp_path, FLOWLOGS_FORMAT=log_format)


def test_no_text_of_a_line_passes_for_a_field(tmp_path: Path) -> None:
    odd = counting(tmp_path, FLOWLOGS_FORMAT="version dstport protocol action start xdstport reject-reason")
    text = b'2 443 17 ACCEPT 1767225600 22 "dstport":22,"protocol":6,"action":"REJECT",'
    answer = odd(text, b"2 443 6 REJECT 1767225600 22 a")
    assert (answer.results, answer.metrics[SSH_REJECTS]) == (["Ok", "Ok"], 0)


LINES = st.lists(st.sampled_from([SSH, *OTHERS, OWN_ORDER, DEFAULT.header, b"2 short", b""]), max_size=8)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINES.map(b"\n".join), max_size=5))
def test_the_count_is_what_the_documents_say(tmp_path: Path, texts: list[bytes]) -> None:
    answer = counting(tmp_path, **SHAPES["text"])(*texts)
    found = [document for document in answer.documents if is_ssh_reject(document)]
    assert answer.metrics.get(SSH_REJECTS, 0) == len(found)


def is_ssh_reject(document: dict[str, Any]) -> bool:
    return (document.get("action"), document.get("dstport"), document.get("protocol")) == ("REJECT", 22, 6)
