from typing import Any

import pytest

from flowlogs.inventory.comparing import ANYWHERE, What, changes
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.network_interface import BEGINNING, END

ONE, TWO = Scope("111111111111", "eu-west-1"), Scope("222222222222", "eu-west-1")
GROUPS = "security-groups"


def group(id_: str, name: str, scope: Scope = ONE, until: int = END) -> Interval:
    return Interval(scope, id_, {"group-name": name}, BEGINNING, until)


def told(before: list[Interval], after: list[Interval]) -> list[tuple[What, str, dict[str, Any]]]:
    found = changes({GROUPS: before}, {GROUPS: after})
    return [(change.what, change.id, dict(change.columns)) for change in found]


def test_what_is_in_one_only_was_added_or_removed_and_what_is_other_was_changed() -> None:
    before = [group("sg-1", "web"), group("sg-2", "db"), group("sg-3", "same")]
    after = [group("sg-1", "www"), group("sg-3", "same"), group("sg-4", "new")]
    assert told(before, after) == [
        (What.CHANGED, "sg-1", {"group-name": ("web", "www")}),
        (What.REMOVED, "sg-2", {}),
        (What.ADDED, "sg-4", {}),
    ]


def test_a_column_that_appears_or_goes_is_a_change() -> None:
    bare = Interval(ONE, "sg-1", {}, BEGINNING)
    assert told([bare], [group("sg-1", "web")]) == [(What.CHANGED, "sg-1", {"group-name": (None, "web")})]
    assert told([group("sg-1", "web")], [bare]) == [(What.CHANGED, "sg-1", {"group-name": ("web", None)})]


def test_what_has_ended_counts_as_gone() -> None:
    assert told([group("sg-1", "web")], [group("sg-1", "web", until=1)]) == [(What.REMOVED, "sg-1", {})]


def test_ids_of_two_accounts_are_two_resources() -> None:
    assert told([group("use", "a"), group("use", "b", TWO)], [group("use", "a")]) == [(What.REMOVED, "use", {})]


@pytest.mark.parametrize("nameless", [ANYWHERE, Scope("", "eu-west-1")])
def test_a_file_that_names_no_account_is_compared_by_ids_alone(nameless: Scope) -> None:
    assert told([group("sg-1", "web", nameless)], [group("sg-1", "web")]) == []


def test_a_kind_that_one_side_was_not_asked_for_is_no_difference() -> None:
    assert list(changes({GROUPS: [group("sg-1", "web")]}, {"subnets": []})) == []


def test_a_change_as_json_names_the_resource_by_its_own_column() -> None:
    [change] = changes({GROUPS: [group("sg-1", "web")]}, {GROUPS: [group("sg-1", "www")]})
    assert change.as_dict() == {
        "change": "changed",
        "kind": GROUPS,
        "security-group-id": "sg-1",
        "account-id": "111111111111",
        "aws-region": "eu-west-1",
        "columns": {"group-name": {"from": "web", "to": "www"}},
    }
