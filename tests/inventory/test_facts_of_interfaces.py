import copy
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.describe import facts_of_interface
from flowlogs.inventory.documents import interfaces_in
from flowlogs.inventory.kinds import INTERFACES, ColumnKind
from flowlogs.inventory.network_interface import BEGINNING, END
from flowlogs.record.values import packed

RESPONSES = Path(__file__).parent / "responses"
"""Answers in the shapes that EC2 prints, with invented ids; `flowlogs.inventory.owner` says where each was seen."""
RECORDED: list[dict[str, Any]] = [
    described
    for name in ("aws-services", "customers-own", "shapes")
    for described in json.loads((RESPONSES / f"{name}.json").read_text())["NetworkInterfaces"]
]
GOLDEN: dict[str, dict[str, Any]] = json.loads((RESPONSES / "shapes.facts.json").read_text())
TYPES = {ColumnKind.TEXT: str, ColumnKind.TEXTS: list, ColumnKind.NUMBER: int, ColumnKind.FLAG: bool}
OTHER: dict[str, Any] = {"NetworkInterfaceId": "eni-2"}


def recorded(interface_id: str) -> dict[str, Any]:
    return next(copy.deepcopy(each) for each in RECORDED if each["NetworkInterfaceId"] == interface_id)


@pytest.mark.parametrize("interface_id", GOLDEN)
def test_every_shape_becomes_the_columns_of_its_kind(interface_id: str) -> None:
    assert facts_of_interface(recorded(interface_id)) == GOLDEN[interface_id]


@pytest.mark.parametrize("described", RECORDED, ids=lambda described: described["NetworkInterfaceId"])
def test_facts_and_interface_are_one_reading(described: dict[str, Any]) -> None:
    facts, (interface,) = facts_of_interface(described), interfaces_in([described])
    kinds = {column.name: column.kind for column in INTERFACES.columns}
    assert all(type(value) is TYPES[kinds[name]] for name, value in facts.items())
    assert all(facts.values())
    assert interface.addresses == tuple(packed(address) for address in facts.get("addresses", ()))
    assert [str(prefix) for prefix in interface.prefixes] == facts.get("prefixes", [])
    assert list(interface.security_group_ids) == facts.get("security-group-ids", [])
    assert interface.interface_id == described["NetworkInterfaceId"]
    one_value = (interface.vpc_id, interface.subnet_id, interface.instance_id, interface.owner)
    assert one_value == tuple(map(facts.get, ("vpc-id", "subnet-id", "instance-id", "interface-owner")))
    assert (interface.since, interface.until) == (BEGINNING, END)


@pytest.mark.parametrize(
    ("attach_time", "seconds"),
    [
        ("2026-02-03T04:05:06+00:00", 1_770_091_506),
        ("2026-02-03T04:05:06.000Z", 1_770_091_506),
        ("2026-02-03T05:05:06+01:00", 1_770_091_506),
        (datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC), 1_770_091_506),
        (datetime(2026, 2, 3, 5, 5, 6, tzinfo=timezone(timedelta(hours=1))), 1_770_091_506),
        (1_770_091_506.5, 1_770_091_506),
        (0, 0),
        (None, None),
    ],
    ids=range(8),
)
def test_the_time_of_attachment_is_read_from_text_and_from_what_boto3_gives(
    attach_time: object, seconds: int | None
) -> None:
    assert facts_of_interface(OTHER | {"Attachment": {"AttachTime": attach_time}}).get("attached") == seconds


def test_a_time_without_a_zone_is_utc_wherever_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        for attach_time in (datetime(2026, 2, 3, 4, 5, 6), "2026-02-03T04:05:06"):
            facts = facts_of_interface(OTHER | {"Attachment": {"AttachTime": attach_time}})
            assert facts == {"attached": 1_770_091_506}
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("attach_time", ["yesterday", True, -1, float("nan"), [], {}], ids=range(6))
def test_what_is_no_time_is_refused(attach_time: object) -> None:
    with pytest.raises(UnusableInventory, match="eni-2 is not as EC2 describes it"):
        facts_of_interface(OTHER | {"Attachment": {"AttachTime": attach_time}})


@pytest.mark.parametrize(
    "id_", [{}, {"NetworkInterfaceId": None}, {"NetworkInterfaceId": ""}, {"NetworkInterfaceId": 5}]
)
def test_an_interface_without_an_id_is_refused(id_: dict[str, Any]) -> None:
    with pytest.raises(UnusableInventory, match="no NetworkInterfaceId"):
        interfaces_in([{"NetworkInterfaces": [{**RECORDED[0], "NetworkInterfaceId": None, **id_}]}])


Place = tuple[str | int, ...]


def places(described: Any, here: Place = ()) -> Iterator[Place]:
    """Every key and index of a description, however deep."""
    for key, value in described.items() if isinstance(described, dict) else enumerate(described):
        yield (*here, key)
        if isinstance(value, dict | list):
            yield from places(value, (*here, key))


def without(described: dict[str, Any], place: Place, remove: bool) -> None:
    """Remove a member, or make it null; one that went with another before is gone already."""
    inner: Any = described
    try:
        for key in place[:-1]:
            inner = inner[key]
        if remove and isinstance(inner, dict):
            del inner[place[-1]]
        else:
            inner[place[-1]] = None
    except (KeyError, TypeError, IndexError):
        return


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_whatever_is_missing_or_null_an_interface_with_an_id_is_read(data: st.DataObject) -> None:
    described = copy.deepcopy(data.draw(st.sampled_from(RECORDED)))
    for place in data.draw(st.lists(st.sampled_from(list(places(described))), max_size=12)):
        without(described, place, data.draw(st.booleans()))
    facts = facts_of_interface(described)
    assert facts.keys() <= {column.name for column in INTERFACES.columns}
    if described.get("NetworkInterfaceId"):
        (interface,) = interfaces_in([described])
        assert interface.owner == facts.get("interface-owner")
    else:
        with pytest.raises(UnusableInventory):
            interfaces_in([{"NetworkInterfaces": [described]}])
