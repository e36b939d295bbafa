"""Interfaces that come and go and addresses that change hands, written down by hand, as documents tell of them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from inventories import WAYS, Make, makes
from memory_store import MemoryStore

from flowlogs.decorate.encoder import Encoder
from flowlogs.decorate.knowledge import Knowledge
from flowlogs.decorate.places import Places
from flowlogs.decorate.spelling import NATIVE
from flowlogs.inventory.asking_ec2 import LookUp
from flowlogs.inventory.files import read_inventory
from flowlogs.inventory.in_memory import InterfacesInMemory
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.inventory import Inventory
from flowlogs.inventory.kinds import INTERFACES
from flowlogs.inventory.network_interface import BEGINNING, END
from flowlogs.inventory.network_interfaces import network_interface, once_each
from flowlogs.inventory.own_form import own_form
from flowlogs.inventory.publication import Publication
from flowlogs.published_copy import PublishedCopy, StoreOrigin
from flowlogs.record.log_format import LogFormat

OWNER, PARTICIPANT = "111111111111", "222222222222"
NOON = 1_700_000_000
"""Times below are minutes after it."""
FORMAT = LogFormat(["interface-id", "srcaddr", "dstaddr", "start", "end"])
PEER = {"peer-interface-id", "peer-security-group-ids"}


def lived(name: str, since: float, until: float | None, address: str = "10.0.0.5", **facts: Any) -> Interval:
    """Write down an interface of vpc-1 as it was for a span of time; None: it still is."""
    kept = {"vpc-id": "vpc-1", "addresses": [address], "security-group-ids": [f"sg-{name}"], "owner-id": OWNER}
    given = {key.replace("_", "-"): value for key, value in facts.items() if key != "account_id"}
    scope = Scope(facts.get("account_id", OWNER), "eu-west-1")
    end = END if until is None else NOON + int(60 * until)
    return Interval(scope, f"eni-{name}", kept | given, NOON + int(60 * since), end)


WATCHER = lived("watcher", -10_000, None, "10.0.0.200")
"""An interface that was always there, and whose records name the others as peers."""


@dataclass
class Decorated:
    """What documents say of records, and how many records were counted as ambiguous and as unknown."""

    inventory: Inventory
    ambiguous: int = 0
    unknown: int = 0
    _knowledge: Knowledge = field(init=False)

    def __post_init__(self) -> None:
        self._knowledge = Knowledge(self.inventory, Places())
        self._encoder = Encoder(FORMAT, NATIVE, self._knowledge)

    def document(self, interface: str, source: str, destination: str, at: float, minutes: float = 1) -> dict[str, Any]:
        start = NOON + int(60 * at)
        line = f"eni-{interface} {source} {destination} {start} {start + int(60 * minutes)}"
        found = dict(json.loads(self._encoder.encode(line.encode())))
        noticed = self._knowledge.take_notices()
        self.ambiguous += noticed.ambiguous_records
        self.unknown += noticed.unknown_records
        return found

    def peer(self, at: float, address: str = "10.0.0.5", watcher: str = "watcher") -> str | None:
        """Say who the watcher's traffic was with."""
        found = self.document(watcher, address, "10.0.0.200", at).get("peer-interface-id")
        return None if found is None else str(found).removeprefix("eni-")

    def groups(self, interface: str, at: float, minutes: float = 1) -> list[str] | None:
        """Say which groups an interface had."""
        return self.document(interface, "198.51.100.7", "10.0.0.5", at, minutes).get("security-group-ids")


Tell = Callable[..., Decorated]


@pytest.fixture(params=WAYS)
def tell(request: pytest.FixtureRequest, tmp_path: Path) -> Tell:
    make: Make = makes(tmp_path)[request.param]

    def told(*intervals: Interval) -> Decorated:
        return Decorated(make([network_interface(found) for found in once_each([WATCHER, *intervals])]))

    return told


def test_before_it_was_seen_first_an_interface_is_unknown_and_so_is_who_had_its_address(tell: Tell) -> None:
    decorated = tell(lived("a", 0, None))
    assert decorated.groups("a", -1) is None
    assert decorated.peer(-1) is None
    assert (decorated.unknown, decorated.ambiguous) == (1, 0)
    assert decorated.groups("a", 0) == ["sg-a"]
    assert decorated.peer(0) == "a"
    assert decorated.unknown == 1


def test_a_deleted_interface_is_told_of_at_its_time_and_never_after(tell: Tell) -> None:
    decorated = tell(lived("a", 0, 30))
    assert [decorated.groups("a", at) for at in (29.9, 30, 600)] == [["sg-a"], None, None]
    assert [decorated.peer(at) for at in (29.9, 30, 600)] == ["a", None, None]


def test_between_two_owners_an_address_is_nobodys(tell: Tell) -> None:
    decorated = tell(lived("a", 0, 30), lived("b", 40, 50), lived("c", 50, None))
    owners = {at: decorated.peer(at) for at in (-1, 0, 29, 30, 39, 40, 49, 50, 1000)}
    assert owners == {-1: None, 0: "a", 29: "a", 30: None, 39: None, 40: "b", 49: "b", 50: "c", 1000: "c"}
    assert decorated.ambiguous == 0


def test_two_that_seem_to_have_an_address_at_once_are_none_and_are_counted(tell: Tell) -> None:
    """As of two snapshots in which EC2's answers were of different ages."""
    decorated = tell(lived("a", 0, 30), lived("b", 25, None))
    assert [decorated.peer(at) for at in (24, 25, 29, 30)] == ["a", None, None, "b"]
    assert decorated.ambiguous == 2
    assert not PEER & decorated.document("watcher", "10.0.0.5", "10.0.0.200", 26).keys()


def test_one_that_lived_for_a_minute_between_two_snapshots_has_its_minute(tell: Tell) -> None:
    """Created and deleted by CloudTrail's events, to the second."""
    decorated = tell(lived("a", 0, 1.05), lived("b", 1.05, 1.1))
    assert [decorated.peer(at) for at in (1.04, 1.05, 1.09, 1.1)] == ["a", "b", "b", None]


def test_a_secondary_address_that_moves_takes_nothing_else_with_it(tell: Tell) -> None:
    decorated = tell(
        lived("a", 0, 30, addresses=["10.0.0.5", "10.0.0.6"]),
        lived("a", 30, None, addresses=["10.0.0.5"]),
        lived("b", 0, 31, addresses=["10.0.0.7"]),
        lived("b", 31, None, addresses=["10.0.0.7", "10.0.0.6"]),
    )
    assert [decorated.peer(at, "10.0.0.6") for at in (29, 30, 31)] == ["a", None, "b"]
    assert {decorated.peer(at, "10.0.0.5") for at in (29, 30, 31)} == {"a"}
    assert {decorated.peer(at, "10.0.0.7") for at in (29, 30, 31)} == {"b"}


def test_a_delegated_prefix_that_moves_is_whose_it_was(tell: Tell) -> None:
    decorated = tell(
        lived("a", 0, 30, "10.0.0.6", prefixes=["10.0.1.16/28"]),
        lived("a", 30, None, "10.0.0.6"),
        lived("b", 40, None, "10.0.0.7", prefixes=["10.0.1.16/28", "2001:db8::/80"]),
    )
    for address in ("10.0.1.16", "10.0.1.31"):
        assert [decorated.peer(at, address) for at in (29, 30, 40)] == ["a", None, "b"]
    assert [decorated.peer(at, "2001:db8::ffff:1") for at in (29, 40)] == [None, "b"]
    assert decorated.peer(40, "10.0.1.32") is None


@pytest.mark.parametrize("text", ["2001:db8::5", "2001:0db8:0:0:0:0:0:5", "2001:DB8::0005", "2001:db8::0.0.0.5"])
def test_an_ipv6_address_is_the_same_however_it_is_spelt(tell: Tell, text: str) -> None:
    decorated = tell(lived("a", 0, 30, "2001:db8::5"), lived("b", 30, None, "2001:0DB8:0::0:5"))
    assert [decorated.peer(at, text) for at in (29, 30)] == ["a", "b"]
    own = decorated.document("b", "198.51.100.7", text, 31)
    assert (own["interface-end"], own["direction"]) == ("destination", "inbound")


def test_an_address_in_another_vpc_is_anothers(tell: Tell) -> None:
    decorated = tell(
        lived("a", 0, 30),
        lived("b", 0, None, vpc_id="vpc-2"),
        lived("other-watcher", 0, None, "10.0.0.200", vpc_id="vpc-2"),
        lived("third-watcher", 0, None, "10.0.0.200", vpc_id="vpc-3"),
    )
    assert [decorated.peer(at) for at in (29, 30)] == ["a", None]
    assert [decorated.peer(at, watcher="other-watcher") for at in (29, 30)] == ["b", "b"]
    assert decorated.peer(29, watcher="third-watcher") is None
    assert decorated.ambiguous == 0


def test_in_a_shared_vpc_the_account_that_owns_the_interface_is_believed(tell: Tell) -> None:
    """Owner and participant were asked at different times, so their intervals have different edges.

    Before the participant was asked for the first time, what the VPC's owner saw counts.
    """
    decorated = tell(
        lived("a", 0, None, owner_id=PARTICIPANT, security_group_ids=[], instance_id="i-seen-by-the-vpcs-owner"),
        lived("a", 2, 30, owner_id=PARTICIPANT, account_id=PARTICIPANT),
        lived("b", 32, None, owner_id=PARTICIPANT, account_id=PARTICIPANT),
    )
    assert [decorated.peer(at) for at in (-1, 1, 2, 29, 30, 32)] == [None, "a", "a", "a", None, "b"]
    assert decorated.groups("a", 3) == ["sg-a"]
    assert decorated.ambiguous == 0


def test_a_record_that_lies_across_a_change_is_told_of_as_it_began(tell: Tell) -> None:
    decorated = tell(
        lived("a", 0, 30), lived("a", 30, 40, security_group_ids=["sg-new"]), lived("b", 40, None, "10.0.0.5")
    )
    assert decorated.groups("a", 29.5, minutes=10) == ["sg-a"]
    assert decorated.groups("a", 30, minutes=10) == ["sg-new"]
    assert decorated.groups("a", 39.5, minutes=10) == ["sg-new"]
    crossing = decorated.document("watcher", "10.0.0.5", "10.0.0.200", 39.5, minutes=10)
    assert (crossing["peer-interface-id"], crossing["peer-security-group-ids"]) == ("eni-a", ["sg-new"])
    assert decorated.groups("a", -0.5, minutes=10) is None


def test_records_that_come_in_any_order_are_each_told_of_at_their_own_time(tell: Tell) -> None:
    """A warm function keeps what it looked up; a late record must not be given a later one's answer."""
    decorated = tell(lived("a", 0, 30), lived("b", 30, None))
    assert [decorated.peer(at) for at in (45, 15, -5, 30, 29, 45)] == ["b", "a", None, "b", "a", "b"]
    assert [decorated.groups("a", at) for at in (45, 15, -5, 29)] == [None, ["sg-a"], None, ["sg-a"]]


def test_what_ec2_says_now_makes_nobody_of_yesterday_ambiguous(tell: Tell) -> None:
    """An address was handed over since the last snapshot: the inventory does not know yet, EC2 was asked."""
    before = tell(lived("a", -2000, None))
    now = replace(network_interface(lived("b", 0, None)), since=BEGINNING)
    told = InterfacesInMemory(LookUp(lambda _: [now], 30).find({"eni-b"}, NOON))
    decorated = Decorated(before.inventory.followed_by(told))
    assert [decorated.peer(at) for at in (-1440, -61)] == ["a", "a"]
    assert decorated.ambiguous == 0
    assert decorated.peer(0) is None
    assert decorated.ambiguous == 1
    assert decorated.groups("b", 0) == ["sg-b"]
    assert decorated.groups("b", -1440) is None


DAY = 1440  # minutes
LIVES = [
    lived("old", -3 * DAY, -2 * DAY),
    lived("gone", -2 * DAY, -DAY),
    lived("late", -DAY, -DAY + 1),
    lived("now", -DAY + 1, None),
    lived("changed", -3 * DAY, -2 * DAY, "10.0.0.9", security_group_ids=["sg-before"]),
    lived("changed", -2 * DAY, None, "10.0.0.9", security_group_ids=["sg-after"]),
]


def test_what_a_decorator_is_given_reaches_back_a_day_and_older_records_are_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is still so is known from its beginning on, however long ago."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = MemoryStore()
    publication = Publication(store, "run")
    publication.put(INTERFACES, [WATCHER, *LIVES])
    assert publication.publish({}, NOON, hourly=True)
    decorated = Decorated(read_inventory(*PublishedCopy(StoreOrigin(store), "memory").files()))
    assert [decorated.peer(at) for at in (-2.5 * DAY, -1.5 * DAY, -DAY, -DAY + 1, 0)] == [
        None,
        None,
        "late",
        "now",
        "now",
    ]
    assert [decorated.groups("changed", at) for at in (-2.5 * DAY, -1.5 * DAY)] == [None, ["sg-after"]]
    assert (decorated.unknown, decorated.ambiguous) == (1, 0)


def test_an_inventory_in_the_own_form_reaches_back_as_far_as_it_says(tmp_path: Path) -> None:
    (tmp_path / "inventory.json").write_text(json.dumps(own_form({INTERFACES.name: [WATCHER, *LIVES]}, NOON)))
    decorated = Decorated(read_inventory(tmp_path / "inventory.json"))
    assert [decorated.peer(at) for at in (-2.5 * DAY, -1.5 * DAY, -DAY, 0)] == ["old", "gone", "late", "now"]
    assert decorated.groups("changed", -2.5 * DAY) == ["sg-before"]
    assert decorated.peer(-3 * DAY - 1) is None
