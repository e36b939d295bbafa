from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import unhurried

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.interval import Scope
from flowlogs.inventory.kinds import INTERFACES, KINDS
from flowlogs.inventory.scope_record import Records, ScopeRecord, decode_records, encode_records, stalest

ONE, TWO = Scope("000000000001", "eu-west-1"), Scope("000000000001", "us-east-1")
NAME = "scopes/run-1.json"
NAMES = st.sampled_from(list(KINDS))
SENTENCES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
RECORDS = st.dictionaries(
    st.builds(Scope, st.sampled_from(["000000000001", "000000000002"]), st.sampled_from(["eu-west-1", "us-east-1"])),
    st.builds(
        ScopeRecord,
        st.dictionaries(NAMES, st.integers(0, 10**10)),
        st.dictionaries(NAMES, SENTENCES),
        st.integers(0, 10**10),
    ),
)


@unhurried
@given(RECORDS)
def test_reading_undoes_writing_whatever_the_order(records: Records) -> None:
    assert decode_records(encode_records(records)) == records
    assert encode_records(dict(reversed(records.items()))) == encode_records(records)


ROW: dict[str, Any] = {
    "account-id": "1",
    "region": "eu-west-1",
    "taken": {"vpcs": 5},
    "failed": {"vpcs": "refused"},
    "since": 4,
}


def test_a_row_is_a_record() -> None:
    assert decode_records(orjson.dumps([ROW])) == {
        Scope("1", "eu-west-1"): ScopeRecord({"vpcs": 5}, {"vpcs": "refused"}, 4)
    }


BAD: list[Any] = [
    {},
    None,
    "text",
    5,
    ROW,
    [[]],
    [None],
    ["text"],
    [ROW, ROW],
    *([{name: value for name, value in ROW.items() if name != gone}] for gone in ROW),
    [ROW | {"format": 2}],
    [ROW | {"account-id": 1}],
    [ROW | {"region": None}],
    [ROW | {"taken": []}],
    [ROW | {"taken": {"vpcs": "5"}}],
    [ROW | {"taken": {"vpcs": True}}],
    [ROW | {"taken": {"vpcs": None}}],
    [ROW | {"failed": None}],
    [ROW | {"failed": {"vpcs": 5}}],
]


@pytest.mark.parametrize("content", BAD, ids=map(str, range(len(BAD))))
def test_what_is_no_list_of_records_is_refused_by_its_name_and_never_taken_for_none(content: object) -> None:
    with pytest.raises(UnusableInventory, match=f"^{NAME} cannot be read: ."):
        decode_records(orjson.dumps(content), NAME)


def test_a_record_that_was_cut_off_anywhere_is_refused() -> None:
    content = encode_records({ONE: ScopeRecord({"vpcs": 5}), TWO: ScopeRecord()})
    for length in range(len(content)):
        with pytest.raises(UnusableInventory, match="the record of scopes cannot be read"):
            decode_records(content[:length])


@pytest.mark.parametrize(
    ("taken", "seconds"),
    [
        ([], 0),
        ([{}], 90),
        ([{"vpcs": 10}], 90),
        ([{INTERFACES.name: 60}], 40),
        ([{INTERFACES.name: 60}, {INTERFACES.name: 30}, {"vpcs": 1}], 90),
        ([{INTERFACES.name: 60}, {INTERFACES.name: 30}], 70),
        ([{INTERFACES.name: 101}], 0),
    ],
)
def test_the_stalest_scope_is_the_one_whose_interfaces_were_taken_or_first_asked_for_longest_ago(
    taken: list[dict[str, int]], seconds: int
) -> None:
    records = {Scope(str(number), "eu-west-1"): ScopeRecord(times, since=10) for number, times in enumerate(taken)}
    assert stalest(records, 100) == seconds
