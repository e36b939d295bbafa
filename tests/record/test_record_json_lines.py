import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.errors import MalformedRecord
from flowlogs.record.fields import FIELDS
from flowlogs.record.json_line import line_of, names_fields
from flowlogs.record.log_format import LogFormat

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


def test_an_object_becomes_a_line_of_its_own_order() -> None:
    log_format, line = line_of({"version": "2", "account_id": "007", "srcport": 0, "action": None, "end": "", "x": "-"})
    assert log_format.header == b"version account-id srcport action end x"
    assert line == b"2 007 0 - - -"


@pytest.mark.parametrize("value", [True, 1.5, [], {}, "a b", " a", "a\n", "\t"])
def test_a_value_that_cannot_stand_in_a_line_is_refused_by_name(value: object) -> None:
    with pytest.raises(MalformedRecord) as refused:
        line_of({"version": 2, "account-id": value})
    assert refused.value.field == "account-id"


def test_one_field_in_two_spellings_is_refused() -> None:
    with pytest.raises(MalformedRecord, match="account-id stands twice"):
        line_of({"account-id": "1", "account_id": "2"})


@pytest.mark.parametrize(
    ("keys", "are_fields"),
    [
        ({}, False),
        (None, False),
        (["version"], False),
        ({"version": 1}, True),
        ({"version": 1, "tgw-id": 2}, True),
        ({"version": 1, "tgw-id": 2, "tgw-x": 3}, True),
        ({"version": 1, "colour": 2, "size": 3}, False),
        ({"message": 1}, False),
        ({"version": 1, "Upper": 2}, False),
        ({"version": 1, "srcaddr": 1, "a b": 2}, False),
        ({"version": 1, "srcaddr": 1, "a\nb": 2}, False),
        ({"version": 1, "": 2}, False),
    ],
)
def test_an_object_is_a_record_only_where_a_header_can_name_its_keys(keys: object, are_fields: bool) -> None:
    assert names_fields(keys) is are_fields


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from([*FIELDS, "account_id", "brand-new"]) | st.text(max_size=5), SCALARS))
def test_the_line_of_an_object_is_read_behind_its_own_header(values: dict[str, object]) -> None:
    if not names_fields(values):
        return
    try:
        log_format, line = line_of(values)
    except MalformedRecord:
        return
    assert LogFormat.of_header(log_format.header) == log_format
    assert len(line.split()) == len(log_format.fields)
    assert b"\n" not in line
