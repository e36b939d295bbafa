from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from memory_store import MemoryStore
from runs import HOUR, MINUTE, NOON, ONE, TWO, WEB, Crashing, FakeAws, interfaces, owner, published

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.interface_changes import InterfaceEvent
from flowlogs.inventory.interface_events import events_of
from flowlogs.inventory.kinds import INTERFACES, KINDS
from flowlogs.published import POINTER, read_pointer
from flowlogs.record.values import packed


def test_an_address_of_yesterday_is_attributed_to_yesterdays_interface(tmp_path: Path) -> None:
    aws, store = FakeAws({ONE: interfaces(old=WEB)}), MemoryStore()
    aws.run(store)
    aws.now += 5 * MINUTE
    aws.world[ONE] = interfaces(new=WEB | {"security-group-ids": ["sg-db"], "attached": aws.now - 60})
    aws.run(store)
    inventory = published(store, tmp_path)
    at = {
        minutes: inventory.with_address("vpc-1", packed("10.0.0.5"), NOON + minutes * MINUTE)
        for minutes in (0, 3, 4, 9)
    }
    assert {minutes: owner(found) for minutes, found in at.items()} == {
        0: "eni-old",
        3: "eni-old",
        4: "eni-new",
        9: "eni-new",
    }
    assert owner(inventory.with_id("eni-old", NOON + 1)) == "eni-old"
    assert owner(inventory.with_address("vpc-1", packed("10.0.0.5"), NOON - 1)) is None, "before the first snapshot"


def test_an_account_that_fails_keeps_its_last_state_and_stops_no_other(tmp_path: Path) -> None:
    two = interfaces(two=WEB | {"addresses": ["10.9.0.1"], "vpc-id": "vpc-2", "owner-id": TWO.account_id})
    aws, store = FakeAws({ONE: interfaces(one=WEB), TWO: two}), MemoryStore()
    aws.run(store)
    aws.now += HOUR
    aws.failing[TWO] = "sts:AssumeRole answered AccessDenied"
    aws.world[ONE] = interfaces()
    outcome = aws.run(store)
    assert outcome.failed == {TWO: "sts:AssumeRole answered AccessDenied"}
    assert (outcome.taken, outcome.stalest, outcome.interfaces) == (1, HOUR, 1)
    inventory = published(store, tmp_path)
    assert owner(inventory.with_id("eni-two", aws.now)) == "eni-two"
    assert owner(inventory.with_id("eni-one", aws.now)) is None
    aws.failing.clear()
    aws.now += 5 * MINUTE
    assert aws.run(store).failed == {}


def test_the_slower_of_two_runs_discards_its_work_and_leaves_the_events(tmp_path: Path) -> None:
    aws, store = FakeAws({ONE: interfaces(one=WEB)}), MemoryStore()
    aws.run(store)
    slow = FakeAws({ONE: interfaces()}, waiting=[deleted("eni-one", NOON + 10)], now=NOON + 60)
    update = slow.update(store, "slow")
    aws.now += 60
    aws.run(store, "quick")
    before = dict(store.objects)
    outcome = update.run()
    assert outcome.discarded
    assert dict(store.objects) == before, "nothing of the loser stays"
    assert len(slow.waiting) == 1, "what it drained is drained again"
    assert owner(published(store, tmp_path).with_id("eni-one", NOON + 120)) == "eni-one"


STEPS = 4 + len(KINDS) + 1
"""State, record of scopes, look-up file, pointer; then a day of Parquet for each kind, and which day that was."""


@pytest.mark.parametrize("survive", range(STEPS + 1))
def test_a_run_that_dies_anywhere_leaves_a_good_publication_for_the_next(survive: int, tmp_path: Path) -> None:
    aws, first = FakeAws({ONE: interfaces(one=WEB)}), MemoryStore()
    aws.run(first)
    store = Crashing(dict(first.objects), survive)
    aws.now += HOUR
    aws.world[ONE] = interfaces(two=WEB | {"addresses": ["10.0.0.6"]})
    died = False
    try:
        aws.run(store)
    except KeyboardInterrupt:
        died = True
    assert died == (survive < STEPS)
    store.left = 10**6
    known = published(store, tmp_path)
    assert known.has_id("eni-one")
    aws.now += HOUR
    outcome = aws.run(store, "after")
    assert not outcome.discarded
    assert not outcome.problems
    after = published(store, tmp_path)
    assert owner(after.with_id("eni-one", NOON + 1)) == "eni-one"
    assert owner(after.with_id("eni-one", aws.now)) is None
    assert owner(after.with_id("eni-two", aws.now)) == "eni-two"


def test_interfaces_are_asked_in_every_run_and_the_rest_hourly() -> None:
    aws, store = FakeAws({ONE: interfaces(one=WEB)}), MemoryStore()
    for run in range(25):
        aws.asked.clear()
        aws.run(store)
        aws.now += 5 * MINUTE
        assert aws.asked == [tuple(KINDS) if run in (0, 12, 24) else (INTERFACES.name,)]


def test_where_time_is_too_short_for_the_rest_the_interfaces_are_there_and_the_rest_is_asked_by_the_next_run(
    tmp_path: Path,
) -> None:
    aws, store = FakeAws({ONE: interfaces(one=WEB)}), MemoryStore()
    aws.failing_kinds = set(KINDS) - {INTERFACES.name}
    assert aws.run(store).taken == 1
    assert owner(published(store, tmp_path).with_id("eni-one", aws.now)) == "eni-one"
    aws.failing_kinds.clear()
    aws.asked.clear()
    aws.now += 5 * MINUTE
    assert not aws.run(store).failed
    assert {name for asked in aws.asked for name in asked} == set(KINDS)


def test_an_account_that_is_asked_no_longer_ends_and_is_not_called_stale(tmp_path: Path) -> None:
    aws, store = FakeAws({ONE: interfaces(one=WEB), TWO: interfaces(two=WEB)}), MemoryStore()
    aws.run(store)
    del aws.world[TWO]
    aws.now += 5 * MINUTE
    outcome = aws.run(store)
    assert outcome.failed == {}
    assert owner(published(store, tmp_path).with_id("eni-two", NOON + 1)) == "eni-two"
    assert owner(published(store, tmp_path).with_id("eni-two", aws.now)) is None


def test_where_accounts_cannot_be_listed_those_known_before_are_asked() -> None:
    aws, store = FakeAws({ONE: interfaces(one=WEB)}), MemoryStore()
    aws.run(store)
    aws.listing_fails = True
    aws.now += 5 * MINUTE
    outcome = aws.run(store)
    assert outcome.taken == 1
    assert "AccessDeniedException" in outcome.problems[0]
    with pytest.raises(OSError, match="AccessDeniedException"):
        aws.run(MemoryStore())


def deleted(interface_id: str, time: int) -> InterfaceEvent:
    return event("DeleteNetworkInterface", time, requestParameters={"networkInterfaceId": interface_id})


def event(name: str, time: int, **more: Any) -> InterfaceEvent:
    at = datetime.fromtimestamp(time, UTC).isoformat().replace("+00:00", "Z")
    detail = {"eventName": name, "eventTime": at, "awsRegion": ONE.region, "recipientAccountId": ONE.account_id, **more}
    message = {
        "source": "aws.ec2",
        "detail-type": "AWS API Call via CloudTrail",
        "account": ONE.account_id,
        "region": ONE.region,
        "time": at,
        "detail": detail,
    }
    [found] = events_of(orjson.dumps(message))
    return found


def test_what_lives_shorter_than_the_schedule_is_caught_by_its_events(tmp_path: Path) -> None:
    aws, store = FakeAws({ONE: interfaces(one=WEB)}), MemoryStore()
    aws.run(store)
    made = {
        "networkInterfaceId": "eni-brief",
        "vpcId": "vpc-1",
        "subnetId": "subnet-1",
        "privateIpAddress": "10.0.0.77",
        "groupSet": {"items": [{"groupId": "sg-brief", "groupName": "brief"}]},
    }
    created = event("CreateNetworkInterface", NOON + 60, responseElements={"networkInterface": made})
    aws.waiting = [deleted("eni-brief", NOON + 120), created]
    aws.now += 5 * MINUTE
    outcome = aws.run(store)
    assert (outcome.events, aws.waiting) == (2, [])
    inventory = published(store, tmp_path)
    found = inventory.with_address("vpc-1", packed("10.0.0.77"), NOON + 90)
    assert found.interface is not None
    assert found.interface.security_group_ids == ("sg-brief",)
    assert (found.since, found.until) == (NOON + 60, NOON + 120)


def test_what_no_pointer_names_is_deleted_an_hour_later_and_nothing_else() -> None:
    aws = FakeAws({ONE: interfaces(one=WEB)})
    store = MemoryStore(lambda: aws.now)
    aws.run(store)
    store.write("lookups/crashed.sqlite.gz", b"left by a run that died")
    for _ in range(30):
        aws.now += 5 * MINUTE
        aws.run(store)
    pointer = read_pointer(store)
    named = {pointer.about["scopes"], *pointer.files.values(), *(s["key"] for s in pointer.about["states"].values())}
    kept = {stored.key for prefix in ("states/", "lookups/", "scopes/") for stored in store.keys(prefix)}
    assert named <= kept
    assert "lookups/crashed.sqlite.gz" not in kept
    assert len([key for key in kept if key.startswith("lookups/")]) == 13, "an hour of runs, and the one before"


@pytest.mark.parametrize("damage", ["pointer", "state", "gone"])
def test_what_cannot_be_read_is_never_taken_for_nothing(damage: str) -> None:
    aws, store = FakeAws({ONE: interfaces(one=WEB)}), MemoryStore()
    aws.run(store)
    key = read_pointer(store).about["states"][INTERFACES.name]["key"]
    if damage == "gone":
        store.delete(key)
    else:
        store.write(POINTER if damage == "pointer" else key, b"{}")
    before = dict(store.objects)
    aws.now += 60
    with pytest.raises(UnusableInventory):
        aws.run(store)
    assert dict(store.objects) == before


def test_an_interface_of_a_shared_vpc_counts_once(tmp_path: Path) -> None:
    shared = WEB | {"owner-id": TWO.account_id}
    aws, store = FakeAws({ONE: interfaces(shared=shared), TWO: interfaces(shared=shared)}), MemoryStore()
    aws.run(store)
    found = published(store, tmp_path).with_address("vpc-1", packed("10.0.0.5"), NOON)
    assert (owner(found), found.ambiguous) == ("eni-shared", False)


def test_a_participant_of_a_shared_vpc_that_fails_does_not_keep_alive_what_the_owner_saw_end(tmp_path: Path) -> None:
    shared = WEB | {"owner-id": TWO.account_id}
    aws, store = FakeAws({ONE: interfaces(shared=shared), TWO: interfaces(shared=shared)}), MemoryStore()
    aws.run(store)
    aws.now += 5 * MINUTE
    aws.failing[TWO] = "denied"
    aws.world[ONE] = interfaces()
    aws.run(store)
    known = published(store, tmp_path)
    assert owner(known.with_id("eni-shared", aws.now - 1)) == "eni-shared"
    assert owner(known.with_id("eni-shared", aws.now)) is None


def test_a_participant_of_a_shared_vpc_that_leaves_or_comes_takes_nothing_with_it(tmp_path: Path) -> None:
    shared = WEB | {"owner-id": TWO.account_id}
    aws, store = FakeAws({ONE: interfaces(shared=shared)}), MemoryStore()
    for asked in ((ONE,), (ONE, TWO), (ONE,)):
        aws.world = {scope: interfaces(shared=shared) for scope in asked}
        aws.run(store)
        aws.now += 5 * MINUTE
    known = published(store, tmp_path)
    times = range(NOON, aws.now, MINUTE)
    assert {owner(known.with_id("eni-shared", time)) for time in times} == {"eni-shared"}
