"""The inventory function as AWS's Python runtime runs it, in its own process, against accounts and S3 over HTTP."""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from inventory_in_lambda import (
    HOUR,
    MINUTE,
    OTHER,
    OWN,
    QUEUE,
    REGION,
    STORE,
    World,
    eni,
    event_at,
    look_up,
    owner,
)

from flowlogs.inventory.kinds import KINDS
from flowlogs.metrics import METRICS, NAMESPACE
from flowlogs.record.values import packed

pytestmark = pytest.mark.slow
POINTER_WRITTEN = ("PUT", "pointer.json")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    with world.accounts:
        yield world


def measured(row: Mapping[str, Any]) -> dict[str, float]:
    """Give the values of a row of metrics, which must be those of the table."""
    (directive,) = row["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == (NAMESPACE, [["function", "stream"]])
    assert (row["function"], row["stream"]) == ("inventory", "-")
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert units == {name: METRICS[name].unit for name in units}
    return {name: round(row[name][0]) for name in units}


def rows(world: World, table: str) -> list[dict[str, Any]]:
    """Read the Parquet of all days of a table."""
    below = f"{STORE}/history/{table}/date="
    found = [content for key, content in world.store.objects.items() if key.startswith(below)]
    return [row for content in found for row in pq.read_table(io.BytesIO(content)).to_pylist()]


def test_the_first_run_publishes_a_pointer_and_all_that_belongs_to_it(world: World) -> None:
    with world.function() as function:
        assert world.run(function) == {"discarded": False, "taken": 2, "failed": 0}
        (row,) = function.metrics()
        assert function.logged("WARNING") == []
        (told,) = function.logged("INFO")
    assert measured(row) == {
        "ScopesTaken": 2,
        "ScopesFailed": 0,
        "StalestScope": 0,
        "InterfacesKnown": 5,
        "InterfaceEvents": 0,
        "InterfaceEventsUnread": 0,
        "InventoryRunsDiscarded": 0,
    }
    assert (told["message"], len(told["history"])) == ("The inventory is published.", 1)
    pointer = world.pointer()
    assert set(pointer.about["states"]) == set(KINDS)
    assert {row["interface_id"] for row in rows(world, "network_interfaces")} == {*map(eni, (0, 1, 2, 100, 101))}
    tables = {key.split("/")[2] for key in world.store.objects if key.startswith(f"{STORE}/history/")}
    assert tables == {kind.table for kind in KINDS.values()}
    found = look_up(world).with_id(eni(100), int(world.clock.now))
    assert found.interface is not None
    assert found.interface.security_group_ids == ("sg-0",)
    named = {f"{STORE}/{key}" for key in world.published()}
    assert {key for key in world.store.objects if "/history" not in key} == named, "nothing is left beside them"


def test_an_account_that_fails_keeps_its_last_state_is_told_and_grows_stale(world: World) -> None:
    with world.function() as function:
        world.run(function)
        world.accounts.without_role = {OTHER}
        world.has(OWN, 2)
        world.clock.move(2 * HOUR)  # what STS gave for the other account has expired
        assert world.run(function) == {"discarded": False, "taken": 1, "failed": 1}
        world.clock.move(5 * MINUTE)
        assert world.run(function) == {"discarded": False, "taken": 1, "failed": 1}
        now = int(world.clock.now)
        inventory = look_up(world)
        world.accounts.without_role = set()
        world.clock.move(5 * MINUTE)
        assert world.run(function) == {"discarded": False, "taken": 2, "failed": 0}
        measures = [measured(row) for row in function.metrics()]
        warnings = [row["message"] for row in function.logged("WARNING")]
    told = [(row["ScopesFailed"], row["StalestScope"] // 60, row["InterfacesKnown"]) for row in measures]
    assert told == [(0, 0, 5), (1, 120, 4), (1, 125, 4), (0, 0, 4)]
    assert len(set(warnings)) == 1
    assert len(warnings) == 2
    assert warnings[0].startswith(
        f"{OTHER}/{REGION}: arn:aws:iam::{OTHER}:role/flowlogs-inventory: sts:AssumeRole got AccessDenied: "
    )
    assert owner(inventory.with_id(eni(100), now)) == eni(100)
    assert owner(inventory.with_id(eni(0), now)) == eni(0)
    assert owner(inventory.with_id(eni(2), now)) is None


def test_what_lived_two_minutes_between_two_runs_is_published_and_its_events_are_deleted_then(world: World) -> None:
    waiting: list[int] = []
    settings = {"FLOWLOGS_INVENTORY_EVENTS": QUEUE}
    with world.function(**settings) as function:
        world.run(function)
        begun = world.clock.now
        world.clock.move(5 * MINUTE)
        brief = {"vpcId": "vpc-1", "privateIpAddress": "10.0.99.9", "subnetId": "subnet-1"}
        world.accounts.queue.send(
            event_at("delete-network-interface", begun + 200, "eni-brief"),
            event_at("create-network-interface", begun + 80, "eni-brief", **brief),
            "no event",
        )
        world.bucket.trouble = lambda *_: waiting.append(len(world.accounts.queue.messages))
        world.run(function)
        row = measured(function.metrics()[1])
        warnings = [row["message"] for row in function.logged("WARNING")]
    statuses = [(method, key) for method, key, _ in world.bucket.asked[-len(waiting) :]]
    published = statuses.index(("PUT", f"{STORE}/pointer.json"))
    assert set(waiting[: published + 1]) == {3}, "none is deleted before the publication"
    assert world.accounts.queue.messages == []
    assert (row["InterfaceEvents"], row["InterfaceEventsUnread"], row["InterfacesKnown"]) == (2, 1, 5)
    assert [warning.split(";")[0] for warning in warnings] == ["messages that are no events, which are let go: 1"]
    found = look_up(world).with_address("vpc-1", packed("10.0.99.9"), int(begun) + 100)
    assert (owner(found), found.since, found.until) == ("eni-brief", int(begun + 80), int(begun + 200))
    for other in (79, 200):
        assert owner(look_up(world).with_address("vpc-1", packed("10.0.99.9"), int(begun) + other)) is None


def test_events_stay_in_the_queue_where_nothing_could_be_published(world: World) -> None:
    with world.function(FLOWLOGS_INVENTORY_EVENTS=QUEUE) as function:
        world.run(function)
        world.accounts.queue.send(event_at("delete-network-interface", world.clock.now, eni(0)))
        world.bucket.trouble = lambda method, key: "AccessDenied" if (method, key[-12:]) == POINTER_WRITTEN else None
        world.clock.move(MINUTE)
        assert world.invoke(function).kind == "error"
        assert len(world.accounts.queue.messages) == 1
        world.bucket.trouble = lambda *_: None
        world.clock.move(5 * MINUTE)  # the message is visible again
        world.run(function)
        assert world.accounts.queue.messages == []
        assert measured(function.metrics()[-1])["InterfaceEvents"] == 1


@pytest.mark.parametrize("refused", ["states/", "scopes/", "lookups/", "pointer.json"])
def test_where_s3_refuses_a_write_nothing_published_changes_and_the_next_run_heals(world: World, refused: str) -> None:
    with world.function() as function:
        world.run(function)
        before = world.published()
        world.has(OWN, 1)
        world.clock.move(MINUTE)
        world.bucket.trouble = lambda method, key: (
            "AccessDenied" if method == "PUT" and key.startswith(f"{STORE}/{refused}") else None
        )
        answer = world.invoke(function)
        assert (answer.kind, answer.body["errorType"]) == ("error", "OSError")
        assert "S3 answered AccessDenied" in answer.body["errorMessage"]
        assert world.published() == before
        world.bucket.trouble = lambda *_: None
        world.clock.move(MINUTE)
        world.run(function)
    inventory, now = look_up(world), int(world.clock.now)
    assert [owner(inventory.with_id(eni(number), now)) for number in (0, 1)] == [eni(0), None]


def test_where_the_history_cannot_be_written_the_publication_stands_and_the_next_hour_makes_up(world: World) -> None:
    world.bucket.trouble = lambda method, key: "AccessDenied" if method == "PUT" and "/history/" in key else None
    with world.function() as function:
        world.run(function)
        warnings = [row["message"] for row in function.logged("WARNING")]
        (warning,) = warnings
        assert warning.startswith(
            "the inventory is published, but not all is settled: "
            "S3 answered AccessDenied to PutObject of inventory/history/network_interfaces/date="
        )
        assert owner(look_up(world).with_id(eni(0), int(world.clock.now))) == eni(0)
        assert rows(world, "network_interfaces") == []
        world.bucket.trouble = lambda *_: None
        world.clock.move(HOUR)
        world.run(function)
    assert eni(0) in {row["interface_id"] for row in rows(world, "network_interfaces")}


@pytest.mark.parametrize("damaged", ["state", "scopes", "pointer", "gone"])
def test_what_is_damaged_is_an_error_and_nothing_is_written_over_it(world: World, damaged: str) -> None:
    with world.function() as function:
        world.run(function)
        about = world.pointer().about
        keys = {"state": about["states"]["network-interfaces"]["key"], "scopes": about["scopes"]}
        key = f"{STORE}/{keys.get(damaged, 'pointer.json' if damaged == 'pointer' else keys['state'])}"
        good = world.store.objects[key]
        if damaged == "gone":
            world.store.delete(key)
        else:
            world.store.write(key, good[: len(good) // 2])
        before = dict(world.store.objects)
        world.clock.move(MINUTE)
        answer = world.invoke(function)
        assert (answer.kind, answer.body["errorType"]) == ("error", "UnusableInventory")
        assert "\n" not in answer.body["errorMessage"]
        assert world.store.objects == before
        world.store.write(key, good)
        world.clock.move(MINUTE)
        assert world.run(function)["taken"] == 2


@pytest.mark.parametrize("runs_before", [0, 1])
def test_who_is_overtaken_discards_its_work_and_does_not_fail(world: World, runs_before: int) -> None:
    with world.function() as slow, world.function() as quick:
        for _ in range(runs_before):
            world.run(slow)
            world.clock.move(HOUR)
        mine: set[str] = set()
        left: dict[str, bytes] = {}
        begun = len(world.bucket.asked)

        def overtaken(method: str, key: str) -> None:
            if (method, key[-12:]) == POINTER_WRITTEN and not mine:
                mine.update(key for method, key, _ in world.bucket.asked[begun:] if method == "PUT")
                world.clock.move(2)
                world.run(quick)
                left.update((key, content) for key, content in world.store.objects.items() if key not in mine)

        world.bucket.trouble = overtaken
        assert world.run(slow) == {"discarded": True, "taken": 2, "failed": 0}
        assert len(mine) >= 2
        assert world.store.objects == left, "nothing of the loser stays, and all of the winner"
        assert measured(slow.metrics()[-1])["InventoryRunsDiscarded"] == 1
        assert slow.logged("INFO")[-1]["message"] == "Another run was quicker; this one is discarded."
        world.clock.move(MINUTE)
        assert world.run(slow)["discarded"] is False


WRONG = [
    ({"FLOWLOGS_INVENTORY_STORE": ""}, "FLOWLOGS_INVENTORY_STORE is not set: it takes s3://bucket/prefix"),
    ({"FLOWLOGS_INVENTORY_STORE": "folder"}, "'folder' is no address in S3"),
    ({"FLOWLOGS_INVENTORY_STORE": "s3:///prefix"}, "'s3:///prefix' is no address in S3"),
    ({"FLOWLOGS_ACCOUNTS": "12345678901"}, "FLOWLOGS_ACCOUNTS"),
    ({"FLOWLOGS_ACCOUNTS": "everyone"}, "everyone is no account id of twelve digits"),
    ({"FLOWLOGS_INVENTORY_EVENTS": "events"}, "FLOWLOGS_INVENTORY_EVENTS"),
    ({"FLOWLOGS_INVENTORY_EVENTS": "arn:aws:sqs:eu-west-1:111111111111:events"}, "FLOWLOGS_INVENTORY_EVENTS"),
    ({"FLOWLOGS_ACCOUNT_ROLE": "arn:aws:iam::222222222222:role/reader"}, "FLOWLOGS_ACCOUNT_ROLE"),
    ({"FLOWLOGS_REGIONS": "eu-west-1 Ireland"}, "Ireland is no region"),
    ({"FLOWLOGS_INVENTORY_STOER": "s3://kept"}, "FLOWLOGS_INVENTORY_STOER is no setting"),
]


@pytest.mark.parametrize(
    ("settings", "said"), WRONG, ids=[f"{name}={value}" for each, _ in WRONG for name, value in each.items()]
)
def test_a_wrong_setting_is_one_sentence_at_the_start(world: World, settings: dict[str, str], said: str) -> None:
    with world.function(**settings) as function:
        answer = function.answer()
        assert function.rows() == [], "the runtime reports it, and nobody else"
    assert (answer.kind, answer.body["errorType"]) == ("init-error", "SettingsError")
    assert said in answer.body["errorMessage"]
    assert "\n" not in answer.body["errorMessage"]
    assert world.bucket.asked == []
    assert world.accounts.calls() == 0
