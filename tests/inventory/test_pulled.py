from pathlib import Path
from typing import Any

import orjson
import pytest

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.files import read_inventory
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.inventory import Found, Inventory
from flowlogs.inventory.kinds import INTERFACES
from flowlogs.inventory.network_interface import BEGINNING
from flowlogs.inventory.own_form import Asked, own_form
from flowlogs.record.values import packed

DAY = 86_400
MONDAY = 1_767_571_200  # 2026-01-05
ONE, TWO = Scope("111111111111", "eu-west-1"), Scope("222222222222", "eu-west-1")


def facts(*groups: str, address: str = "10.0.0.5") -> dict[str, Any]:
    return {"vpc-id": "vpc-1", "addresses": [address], "security-group-ids": list(groups)}


def pulled(path: Path, day: int, scope: Scope = ONE, failed: bool = False, **facts_by_name: dict[str, Any]) -> None:
    """Write what `flowlogs inventory pull` does on a day after Monday."""
    found = [Interval(scope, f"eni-{name}", facts, BEGINNING) for name, facts in facts_by_name.items()]
    asked = Asked([scope], {(scope, INTERFACES.name): "denied"} if failed else {})
    path.write_bytes(orjson.dumps(own_form({INTERFACES.name: found}, MONDAY + day * DAY, asked)))


def groups(found: Found) -> tuple[str, ...] | None:
    return None if found.interface is None else found.interface.security_group_ids


def at(inventory: Inventory, *days: float) -> list[tuple[str, ...] | None]:
    return [groups(inventory.with_id("eni-a", int(MONDAY + day * DAY))) for day in days]


def test_of_two_pulls_each_counts_from_its_own_time_on_whatever_their_names(tmp_path: Path) -> None:
    pulled(tmp_path / "b.json", 0, a=facts("sg-monday"))
    pulled(tmp_path / "a.json", 4, a=facts("sg-friday"))
    known = read_inventory(tmp_path)
    assert at(known, -9, 0, 3.9, 4, 9) == [("sg-monday",)] * 3 + [("sg-friday",)] * 2
    assert at(read_inventory(tmp_path / "a.json", tmp_path / "b.json"), 3, 5) == [("sg-monday",), ("sg-friday",)]


def test_what_a_later_pull_lacks_is_gone_by_then_and_what_it_has_anew_came_since_the_one_before(tmp_path: Path) -> None:
    pulled(tmp_path / "a.json", 0, a=facts("sg-a"))
    pulled(tmp_path / "b.json", 4, b=facts("sg-b", address="10.0.0.6"))
    known = read_inventory(tmp_path)
    assert at(known, 3, 4) == [("sg-a",), None]
    assert known.with_id("eni-b", MONDAY).interface is None
    assert groups(known.with_address("vpc-1", packed("10.0.0.6"), MONDAY + DAY)) == ("sg-b",)


def test_an_account_that_a_later_pull_did_not_reach_stays_as_it_was(tmp_path: Path) -> None:
    pulled(tmp_path / "a.json", 0, a=facts("sg-a"))
    pulled(tmp_path / "b.json", 1, TWO, b=facts("sg-b"))
    pulled(tmp_path / "c.json", 2, failed=True)
    assert at(read_inventory(tmp_path), 0, 9) == [("sg-a",)] * 2


def test_one_pull_is_taken_for_all_of_time(tmp_path: Path) -> None:
    pulled(tmp_path / "a.json", 4, a=facts("sg-a"))
    assert at(read_inventory(tmp_path), -900, 4, 900) == [("sg-a",)] * 3


def test_rows_that_say_their_times_are_taken_by_them(tmp_path: Path) -> None:
    pulled(tmp_path / "a.json", 4, a=facts("sg-now"))
    content = own_form({INTERFACES.name: [Interval(ONE, "eni-a", facts("sg-old"), MONDAY, MONDAY + DAY)]}, MONDAY)
    (tmp_path / "b.json").write_bytes(orjson.dumps(content))
    (tmp_path / "a.json").unlink()
    assert at(read_inventory(tmp_path), -1, 0.5, 2) == [None, ("sg-old",), None]


def test_a_time_that_is_none_is_refused_by_the_name_of_its_file(tmp_path: Path) -> None:
    content = own_form({INTERFACES.name: []}, MONDAY) | {"taken": "on Monday"}
    (tmp_path / "a.json").write_bytes(orjson.dumps(content))
    with pytest.raises(UnusableInventory, match=r"^a\.json: 'on Monday' is no time at which it was taken; give "):
        read_inventory(tmp_path)
