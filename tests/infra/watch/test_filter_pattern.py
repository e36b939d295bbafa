import re
from pathlib import Path

import pytest
from filter_pattern_reading import NotAPattern, matches
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.ingest.lines import Line, LineReader
from flowlogs.record.fields import FIELDS
from flowlogs.record.log_format import DEFAULT, LogFormat, fields_up_to
from infra.watch.filter_pattern import LONGEST_PATTERN, REJECTED_SSH, missing_fields, rejected_ssh_pattern

TESTS = Path(__file__).parents[2]
LOGS = [*sorted((TESTS.parent / "events").glob("*.log")), *sorted((TESTS / "golden").glob("*.log"))]
REJECTED = "2 123456789010 eni-1235b8ca123456789 203.0.113.12 172.31.16.21 49761 22 6 20 4249 1418530010 1418530070 "
# as AWS percent-encodes tag values: no blank, quote or bracket
TEXTS = st.text("abcXYZ0189%._:/-", min_size=1, max_size=8).filter(lambda text: text != "-")
WORDS = {
    "dstport": st.sampled_from(["22", "22", "2222", "220", "3389", "0", "-"]),
    "protocol": st.sampled_from(["6", "6", "17", "66", "-"]),
    "action": st.sampled_from(["REJECT", "REJECT", "ACCEPT", "reject", "-"]),
    "srcport": st.sampled_from(["22", "6", "49152"]),
    "log-status": st.sampled_from(["OK", "NODATA", "SKIPDATA"]),
}
UNKNOWN = ["a-new-field", "next-new-field"]


def lines(names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.tuples(*(WORDS.get(name, TEXTS) for name in names)).map(list)


FORMATS = (
    st.lists(st.sampled_from([*FIELDS, *UNKNOWN]), unique=True)
    .map(lambda names: list(dict.fromkeys([*names, *REJECTED_SSH])))
    .flatmap(st.permutations)
)


def is_rejected_ssh(log_format: LogFormat, line: str) -> bool:
    """Ask our own reader, which knows nothing of patterns."""
    record = log_format.read(line.encode())
    return (record.get("action"), record.get("protocol"), record.get("dstport")) == ("REJECT", 6, 22)


def test_the_default_pattern_is_the_one_people_know_from_aws() -> None:
    assert rejected_ssh_pattern(DEFAULT) == (
        '[version, account, eni, source, destination, srcport, dstport="22", protocol="6", packets, bytes, '
        'windowstart, windowend, action="REJECT", flowlogstatus]'
    )


@pytest.mark.parametrize(
    ("line", "counted"),
    [
        (f"{REJECTED}REJECT OK", True),
        (f"{REJECTED}ACCEPT OK", False),
        (REJECTED.replace(" 22 6 ", " 22 17 ") + "REJECT OK", False),
        (REJECTED.replace(" 22 6 ", " 3389 6 ") + "REJECT OK", False),
        (REJECTED.replace(" 49761 22 ", " 22 49761 ") + "REJECT OK", False),
        ("2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA", False),
        ("2 123456789010 eni-11111111aaaaaaaaa - - - - - - - 1431280876 1431280934 - SKIPDATA", False),
        (f"{REJECTED}REJECT OK vpc-1", False),
        (
            "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action x",
            False,
        ),
    ],
)
def test_only_rejected_ssh_is_counted(line: str, counted: bool) -> None:
    assert matches(rejected_ssh_pattern(DEFAULT), line) is counted


@pytest.mark.parametrize("log", LOGS, ids=lambda path: path.stem)
def test_samples_are_counted_as_our_reader_reads_them(log: Path) -> None:
    found = [line for line in LineReader(DEFAULT).read(log.read_bytes()) if isinstance(line, Line)]
    assert found
    for line in found:
        if missing_fields(line.log_format):
            continue
        text = line.text.decode()
        assert matches(rejected_ssh_pattern(line.log_format), text) == is_rejected_ssh(line.log_format, text)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_in_any_format_exactly_rejected_ssh_is_counted(data: st.DataObject) -> None:
    names = data.draw(FORMATS)
    words = data.draw(lines(names))
    said = dict(zip(names, words, strict=True))
    pattern = rejected_ssh_pattern(LogFormat(names))
    assert matches(pattern, " ".join(words)) == all(said[key] == value for key, value in REJECTED_SSH.items())


@settings(deadline=None, max_examples=100)
@given(FORMATS, st.sampled_from(["NODATA", "SKIPDATA"]))
def test_records_without_traffic_are_not_counted(names: list[str], status: str) -> None:
    kept = {"version": "11", "account-id": "123456789012", "interface-id": "eni-1", "log-status": status}
    assert not matches(rejected_ssh_pattern(LogFormat(names)), " ".join(kept.get(name, "-") for name in names))


@settings(deadline=None, max_examples=100)
@given(st.permutations([*FIELDS, *UNKNOWN]))
def test_a_pattern_for_every_field_is_short_enough_in_any_order(names: list[str]) -> None:
    pattern = rejected_ssh_pattern(LogFormat(names))
    assert len(pattern) <= LONGEST_PATTERN
    assert "interface_tag" in pattern


def test_names_are_shortened_where_a_pattern_would_be_too_long() -> None:
    names = [*FIELDS, *(f"a-field-that-comes-later-{number}" for number in range(20))]
    pattern = rejected_ssh_pattern(LogFormat(names))
    assert len(pattern) <= LONGEST_PATTERN
    assert pattern.startswith("[f1, f2, ")
    assert all(f'{key}="{value}"' in pattern for key, value in REJECTED_SSH.items())
    words = [REJECTED_SSH.get(name, "-") for name in names]
    assert matches(pattern, " ".join(words))


def test_names_that_look_alike_without_hyphens_are_told_apart() -> None:
    pattern = rejected_ssh_pattern(LogFormat(["odd-name", "odd_name", *REJECTED_SSH]))
    assert matches(pattern, "a b 22 6 REJECT")


def test_a_format_of_too_many_fields_is_refused() -> None:
    names = [*REJECTED_SSH, *(f"field-{number}" for number in range(400))]
    with pytest.raises(ValueError, match="longer than 1024"):
        rejected_ssh_pattern(LogFormat(names))


@pytest.mark.parametrize("lacking", REJECTED_SSH)
def test_a_format_that_cannot_tell_says_what_it_lacks(lacking: str) -> None:
    log_format = LogFormat(name for name in fields_up_to(2) if name != lacking)
    assert missing_fields(log_format) == [lacking]
    with pytest.raises(ValueError, match=f"lacks {lacking}$"):
        rejected_ssh_pattern(log_format)


@pytest.mark.parametrize(
    ("pattern", "line", "counted"),
    [
        ("[w1=ERROR, w2]", "ERROR message", True),
        ("[w1=ERROR, w2]", "ERROR WARN message", False),
        ("[w1=ERROR, w2]", "WARN message", False),
        ("[w1=ERROR, ...]", "ERROR WARN message", True),
        ("[..., code=4*, bytes]", '203.0.113.1 - me [1/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" 404 12', True),
        ("[ip, id, user, time, request, code=4*, bytes]", '::1 - me [1/Jan 0:00] "GET / HTTP/1.1" 200 12', False),
        ("[ip, id, user, time, request, code=4*, bytes]", '::1 - me [1/Jan 0:00] "GET / HTTP/1.1" 403 12', True),
        ("[code!=403, rest]", "404 x", True),
    ],
)
def test_patterns_are_read_here_as_the_guide_says(pattern: str, line: str, counted: bool) -> None:
    assert matches(pattern, line) is counted


@pytest.mark.parametrize("pattern", ["dstport=22", "[a b]", "[a, a]", "[a=b.c]"])
def test_what_cloudwatch_refuses_is_refused_here(pattern: str) -> None:
    with pytest.raises(NotAPattern):
        matches(pattern, "22")


def test_golden_logs_hold_formats_that_the_pattern_is_tried_on() -> None:
    assert len(LOGS) > 5
    assert any(re.search("shuffled", log.stem) for log in LOGS)
