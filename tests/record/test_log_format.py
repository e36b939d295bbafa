import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.errors import MalformedFormat, MalformedRecord
from flowlogs.record.fields import FIELDS, FlowRecord, Kind, field_named
from flowlogs.record.log_format import DEFAULT, LogFormat, fields_up_to
from flowlogs.record.values import LARGEST

EVERY_FIELD = LogFormat(FIELDS)
WORDS = st.text(st.characters(exclude_characters=" \t\n\r\x0b\x0c", exclude_categories=["Cs"]), min_size=1)
VALUES: dict[Kind, st.SearchStrategy[object]] = {
    Kind.NUMBER: st.integers(0, LARGEST),
    Kind.TIME: st.integers(0, 10**11),
    Kind.ADDRESS: st.ip_addresses().map(str).filter(lambda address: "%" not in address),
    Kind.TEXT: WORDS.filter(lambda text: text != "-"),
}


def refused_field(log_format: LogFormat, line: bytes) -> str | None:
    try:
        log_format.read(line)
    except MalformedRecord as error:
        return error.field
    return None


RECORDS = st.fixed_dictionaries({}, optional={field.key: VALUES[field.kind] for field in FIELDS.values()})


@pytest.mark.parametrize(
    ("version", "fields"),
    [(2, 14), (3, 21), (4, 25), (5, 29), (6, 29), (7, 39), (8, 40), (9, 41), (10, 42), (11, 54)],
)
def test_each_version_has_as_many_fields_as_aws_lists(version: int, fields: int) -> None:
    assert len(fields_up_to(version)) == fields


def test_the_default_order_is_that_of_the_user_guide() -> None:
    assert DEFAULT.header == (
        b"version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end "
        b"action log-status"
    )


def test_every_field_says_what_it_means() -> None:
    assert all(field.meaning and field.name == field.key.replace("_", "-") for field in FIELDS.values())


@settings(deadline=None, max_examples=150)
@given(RECORDS)
def test_reading_undoes_writing(record: FlowRecord) -> None:
    assert EVERY_FIELD.read(EVERY_FIELD.write(record)) == record


@settings(deadline=None, max_examples=150)
@given(RECORDS, st.permutations(list(FIELDS)))
def test_no_order_of_the_fields_changes_a_record(record: FlowRecord, names: list[str]) -> None:
    shuffled = LogFormat(names)
    assert shuffled.read(shuffled.write(record)) == record


@settings(deadline=None, max_examples=300)
@given(st.binary())
def test_whatever_comes_is_a_record_or_refused(line: bytes) -> None:
    for log_format in (DEFAULT, EVERY_FIELD, LogFormat(["srcaddr"]), LogFormat(["end"])):
        assert refused_field(log_format, line) in {None, "line", *FIELDS}


@settings(deadline=None, max_examples=300)
@given(st.lists(st.binary(min_size=1).filter(lambda value: len(value.split()) == 1), min_size=14, max_size=14))
def test_fourteen_values_of_anything_are_a_record_or_refused_for_a_field(values: list[bytes]) -> None:
    assert refused_field(DEFAULT, b" ".join(values)) in {None, *FIELDS}


@pytest.mark.parametrize(
    "text",
    [
        "${version} ${account-id} ${srcaddr}",
        "${version}${account-id}${srcaddr}",
        "version account-id srcaddr",
        "  version\taccount_id srcaddr ",
        "${version} ${account_id} ${srcaddr}",
    ],
)
def test_a_format_is_read_in_every_spelling(text: str) -> None:
    assert LogFormat.parse(text) == LogFormat(["version", "account-id", "srcaddr"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "at least one field"),
        ("${}", "no field name"),
        ("${version} account-id", "'account-id' is no field name"),
        ("${version", "no field name"),
        ("Version account-id", "'Version' is no field name"),
        ("version, account-id", "'version,' is no field name"),
        ("version srcaddr version", "version stands twice"),
        ("account-id account_id", "account-id stands twice"),
        ("${version}\n${Start}", "'Start' is no field name"),
    ],
)
def test_what_is_no_format_is_refused_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(MalformedFormat, match=words.replace("$", r"\$")):
        LogFormat.parse(text)


def test_an_unknown_field_is_kept_as_text_under_its_own_name() -> None:
    log_format = LogFormat.parse("${version} ${tgw-id} ${new_field}")
    assert log_format.read(b"6 tgw-1 007") == {"version": 6, "tgw-id": "tgw-1", "new_field": "007"}
    assert field_named("tgw-id").since == 0


@pytest.mark.parametrize(
    "line",
    [
        b"2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 1 1 ACCEPT OK",
        b"- - - -",
        b"version ACCEPT",
        b"version version",
        b"account-id account_id",
        b"version brand-new other-new",
        b"eni-1 vpc-2",
        b"",
        "versión account-id".encode(),
    ],
)
def test_what_is_no_header_is_not_taken_for_one(line: bytes) -> None:
    assert LogFormat.of_header(line) is None


def test_a_header_with_some_unknown_fields_is_a_header() -> None:
    assert LogFormat.of_header(b"  version\tbrand-new  ") == LogFormat(["version", "brand-new"])


@pytest.mark.parametrize(("values", "width"), [(13, 14), (15, 14), (0, 14)])
def test_a_line_with_too_few_or_too_many_values_is_refused_as_a_line(values: int, width: int) -> None:
    with pytest.raises(MalformedRecord) as refused:
        DEFAULT.read(b" ".join([b"-"] * values))
    assert refused.value.field == "line"
    assert refused.value.reason == f"{values} values for {width} fields"


def test_blanks_may_repeat_lead_and_trail() -> None:
    line = b"  2\t123456789010   eni-1 10.0.0.1 10.0.0.2 1 2 6 1 1 1 1 ACCEPT   OK \r"
    assert DEFAULT.read(line) == DEFAULT.read(b" ".join(line.split()))


def test_the_refusal_names_the_field_and_never_holds_the_line() -> None:
    with pytest.raises(MalformedRecord) as refused:
        DEFAULT.read(b"2 123456789010 eni-1 10.0.0.1 999.0.0.2 1 2 6 1 1 1 1 ACCEPT OK")
    assert (refused.value.field, refused.value.reason) == ("dstaddr", "not an address")
    assert "999" not in str(refused.value)


def test_equal_formats_are_one_key_of_a_map() -> None:
    assert {LogFormat(["srcaddr", "account_id"]): 1}[LogFormat.parse("${srcaddr} ${account-id}")] == 1
    assert LogFormat(["srcaddr", "dstaddr"]) != LogFormat(["dstaddr", "srcaddr"])
