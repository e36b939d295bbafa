"""What the decorator asks EC2 for while it is warm: seldom, little, only its own, and at once of use."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from decorator_outside import Tried, line

from flowlogs.inventory.documents import interfaces_in
from flowlogs.inventory.network_interface import NetworkInterface

DESCRIBED: dict[str, Any] = json.loads((Path(__file__).parents[2] / "events/network-interfaces.json").read_text())


class FakeEc2:
    """Has the interfaces it is given, all alike but for their ids."""

    def __init__(self, *interface_ids: str) -> None:
        self._has = set(interface_ids)
        self.calls: list[list[str]] = []
        self.error: OSError | None = None

    def __call__(self, interface_ids: Sequence[str]) -> list[NetworkInterface]:
        self.calls.append(list(interface_ids))
        if self.error:
            raise self.error
        template = DESCRIBED["NetworkInterfaces"][0]
        found = [template | {"NetworkInterfaceId": each} for each in interface_ids if each in self._has]
        return interfaces_in([{"NetworkInterfaces": found}])


GROUPS = [group["GroupId"] for group in DESCRIBED["NetworkInterfaces"][0]["Groups"]]


@pytest.mark.parametrize("documents", ["one", "many"])
def test_an_interface_found_decorates_its_line_in_the_same_invocation(documents: str) -> None:
    ec2 = FakeEc2("eni-new")
    tried = Tried({"FLOWLOGS_DOCUMENTS": documents}, ec2)
    answer = tried(line(1, eni="eni-new"), line(2, eni="eni-gone"))
    key = "security-group-ids" if documents == "one" else "security_group_ids"
    assert [document.get(key) for document in answer.documents] == [GROUPS, None]
    assert ec2.calls == [["eni-gone", "eni-new"]]
    assert answer.metrics["LinesOfUnknownInterface"] == 1
    assert answer.received == 2  # counted once, though read twice


def test_there_is_one_call_in_thirty_seconds_and_none_for_what_ec2_lacks() -> None:
    ec2 = FakeEc2("eni-b")
    tried = Tried({}, ec2)
    tried(line(1, eni="eni-a"))
    tried.now += 29
    tried(line(2, eni="eni-b"))
    assert ec2.calls == [["eni-a"]]
    tried.now += 1
    answer = tried(line(3, eni="eni-a"), line(4, eni="eni-b"))
    assert ec2.calls == [["eni-a"], ["eni-b"]]  # eni-a is known to be missing
    assert [document.get("security-group-ids") for document in answer.documents] == [None, GROUPS]
    tried.now += 31
    tried(line(5, eni="eni-a"), line(6, eni="eni-b"))
    assert len(ec2.calls) == 2
    tried.now += 600
    tried(line(7, eni="eni-a"))
    assert ec2.calls[2:] == [["eni-a"]]  # it may exist by now


def test_a_call_asks_for_200_interfaces_at_most_and_the_next_for_others() -> None:
    ids = [f"eni-{number:03}" for number in range(450)]
    ec2 = FakeEc2(*ids)
    tried = Tried({}, ec2)
    lines = [line(number, eni=each) for number, each in enumerate(ids)]
    decorated = []
    for _ in range(4):
        answer = tried(*lines)
        decorated.append(sum("security-group-ids" in document for document in answer.documents))
        tried.now += 30
    assert [len(call) for call in ec2.calls] == [200, 200, 50]
    assert decorated == [200, 400, 450, 450]
    assert sorted(each for call in ec2.calls for each in call) == ids


@pytest.mark.parametrize("account", [b"999999999999", b"unknown", b"-"])
def test_interfaces_of_other_accounts_are_not_asked_for(account: bytes) -> None:
    ec2 = FakeEc2("eni-1")
    answer = Tried({}, ec2)(line(1).replace(b"123456789012", account))
    assert answer.results == ["Ok"]
    assert ec2.calls == []


def test_nobody_is_asked_where_the_setting_says_never() -> None:
    ec2 = FakeEc2("eni-1")
    Tried({"FLOWLOGS_LOOKUP_SECONDS": "0"}, ec2)(line(1))
    assert ec2.calls == []


def test_a_line_without_interface_and_one_refused_ask_for_nothing() -> None:
    ec2 = FakeEc2()
    Tried({}, ec2)(line(1, eni="-"), b"2 123456789012 eni-bad x", line(2).replace(b" 443 ", b" x "))
    assert ec2.calls == []


def test_documents_flow_while_ec2_refuses_and_a_metric_and_one_warning_say_so() -> None:
    ec2 = FakeEc2("eni-1")
    ec2.error = OSError("EC2 answered RequestLimitExceeded")
    tried = Tried({}, ec2)
    failed = []
    for _ in range(3):
        answer = tried(line(1))
        assert answer.results == ["Ok"]
        failed.append(answer.metrics["InterfaceLookUpsFailed"])
        tried.now += 30
    assert failed == [1, 1, 1]
    assert len(ec2.calls) == 3
    assert len(tried.warnings) == 1
    assert "RequestLimitExceeded" in tried.warnings[0]
    ec2.error = None
    answer = tried(line(1))
    assert answer.documents[0]["security-group-ids"] == GROUPS
    assert answer.metrics["InterfaceLookUpsFailed"] == 0


def test_what_was_asked_for_is_still_known_after_the_inventory_changed(tmp_path: Path) -> None:
    inventory, ec2 = tmp_path / "interfaces.json", FakeEc2("eni-1")
    inventory.write_text('{"NetworkInterfaces": []}')
    tried = Tried({"FLOWLOGS_INVENTORY": str(inventory), "FLOWLOGS_REFRESH_SECONDS": "0"}, ec2)
    assert tried(line(1)).documents[0]["security-group-ids"] == GROUPS
    inventory.write_text('{"NetworkInterfaces": [ ]}')
    tried.now += 1
    assert tried(line(1)).documents[0]["security-group-ids"] == GROUPS
    assert len(ec2.calls) == 1


def test_bad_records_put_back_and_dead_letters_happen_once_though_lines_are_read_twice(tmp_path: Path) -> None:
    ec2 = FakeEc2("eni-1")
    tried = Tried({"FLOWLOGS_DOCUMENTS": "many", "FLOWLOGS_DEAD_LETTERS": str(tmp_path)}, ec2)
    answer = tried(line(1) + b"\n2 short\n" + line(2))
    assert (answer.delivered, answer.failed, answer.received) == (2, 1, 3)
    assert len(list(tmp_path.rglob("*.ndjson.gz"))) == 1
    one = Tried({}, FakeEc2("eni-1"))
    one(line(1) + b"\n" + line(2))
    assert one.back == [line(1), line(2)]
