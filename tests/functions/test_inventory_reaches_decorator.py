"""The whole chain: the inventory function publishes in S3, the decorator function follows; each in its own process."""

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inventory_in_lambda import (
    MINUTE,
    OTHER,
    OWN,
    QUEUE,
    REGION,
    STORE,
    World,
    eni,
    event_at,
)
from local_runtime import ROOT, LocalLambda

sys.path.append(str(Path(__file__).parents[1] / "aws"))  # where the accounts are that every test of calls uses
from local_bucket import BUCKET

pytestmark = pytest.mark.slow
EVENT: dict[str, Any] = json.loads((ROOT / "events/firehose-lines.json").read_text())
POINTER_KEY = f"{STORE}/pointer.json"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    with world.accounts:
        yield world


def decorator(world: World, **settings: str) -> LocalLambda:
    place = f"s3://{BUCKET}/{POINTER_KEY}"
    return world.function("decorator", FLOWLOGS_INVENTORY=place, FLOWLOGS_LOOKUP_SECONDS="0", **settings)


def line(interface_id: str, start: float, source: str = "10.0.0.2", target: str = "10.0.0.1") -> str:
    """Write a record of the default format that begins at a time."""
    first = int(start)
    return f"2 {OWN} {interface_id} {source} {target} 40000 443 6 5 400 {first} {first + 59} ACCEPT OK"


def decorated(world: World, function: LocalLambda, *lines: str) -> list[dict[str, Any]]:
    records = [
        {
            "recordId": str(number),
            "approximateArrivalTimestamp": int(world.clock.now * 1000),
            "data": base64.b64encode(text.encode()).decode(),
        }
        for number, text in enumerate(lines)
    ]
    answered = world.run(function, EVENT | {"records": records})["records"]
    assert [each["result"] for each in answered] == ["Ok"] * len(lines)
    return [json.loads(base64.b64decode(each["data"])) for each in answered]


def groups(documents: list[dict[str, Any]]) -> list[list[str] | None]:
    return [document.get("security-group-ids") for document in documents]


def test_a_record_is_attributed_to_the_interface_that_was_there_then_and_to_none_before_or_after(world: World) -> None:
    begun = world.clock.now
    with world.function() as inventory:
        world.run(inventory)
        world.clock.move(5 * MINUTE)
        world.has(OWN, 1)  # two of three are deleted
        world.run(inventory)
        after = world.clock.now + 1
    gone, there = eni(1), eni(0)
    with decorator(world) as function:
        times = (begun - 60, begun + 60, begun + 299, after)
        documents = decorated(world, function, *(line(gone, time) for time in times), line(there, after))
        row = function.metrics()[0]
        assert function.logged("WARNING") == []
    assert groups(documents) == [None, ["sg-1"], ["sg-1"], None, ["sg-0"]]
    assert [document.get("subnet-id") for document in documents] == [None, "subnet-1", "subnet-1", None, "subnet-0"]
    assert [document.get("instance-id") for document in documents[1:3]] == [f"i-{1:017x}"] * 2
    assert documents[1]["peer-interface-id"] == eni(2), "the other end, which was there then too"
    assert "peer-interface-id" not in documents[4]
    assert [document.get("direction") for document in documents] == [None, "internal", "internal", None, "internal"]
    assert row["LinesOfUnknownInterface"] == [2]
    assert row["InventoryProblems"] == [0]
    assert row["InventoryAge"][0] < MINUTE


def test_an_address_that_was_given_to_another_interface_is_whose_it_was_then(world: World) -> None:
    begun = world.clock.now
    with world.function(FLOWLOGS_INVENTORY_EVENTS=QUEUE) as inventory:
        world.run(inventory)
        world.clock.move(5 * MINUTE)
        taken_over = {"vpcId": "vpc-1", "privateIpAddress": "10.0.0.1", "subnetId": "subnet-1"}
        taken_over["groupSet"] = {"items": [{"groupId": "sg-after", "groupName": "after"}]}  # type: ignore[assignment]
        world.accounts.queue.send(
            event_at("delete-network-interface", begun + 100, eni(1)),
            event_at("create-network-interface", begun + 130, "eni-after", **taken_over),
            event_at("delete-network-interface", begun + 200, "eni-after"),
        )
        world.has(OWN, 1)
        world.run(inventory)
    with decorator(world) as function:
        peers = [
            document.get("peer-interface-id")
            for document in decorated(
                world, function, *(line(eni(0), begun + after, "10.0.0.0") for after in (60, 110, 140, 210))
            )
        ]
        (after,) = decorated(world, function, line("eni-after", begun + 140))
        warnings = function.logged("WARNING")
    assert peers == [eni(1), None, "eni-after", None]
    assert after["security-group-ids"] == ["sg-after"]
    assert warnings == []


def test_a_warm_decorator_takes_up_a_new_publication_within_a_minute_and_asks_no_more_often(world: World) -> None:
    with world.function() as inventory, decorator(world) as function:
        world.run(inventory)
        world.has(OWN, 4)
        world.clock.move(30)
        assert groups(decorated(world, function, line(eni(3), world.clock.now))) == [None]
        world.run(inventory)
        made = world.clock.now
        world.clock.move(29)
        decorated(world, function, line(eni(3), made))
        asked = [key for method, key, _ in world.bucket.asked if method == "GET"].count(POINTER_KEY)
        world.clock.move(31)
        assert groups(decorated(world, function, line(eni(3), made))) == [["sg-3"]]
        world.clock.move(MINUTE)
        decorated(world, function, line(eni(3), made))
        statuses = [status for method, key, status in world.bucket.asked if (method, key) == ("GET", POINTER_KEY)]
    assert asked == 3, "twice by runs, once by the decorator"
    assert statuses[asked:] == [200, 304]


def test_a_decorator_from_before_the_first_run_goes_on_without_and_says_so_once(world: World) -> None:
    with decorator(world) as function, world.function() as inventory:
        for _ in range(3):
            assert groups(decorated(world, function, line(eni(0), world.clock.now))) == [None]
            world.clock.move(MINUTE)
        warnings = [row["message"] for row in function.logged("WARNING")]
        world.run(inventory)
        assert groups(decorated(world, function, line(eni(0), world.clock.now))) == [["sg-0"]]
        rows = function.metrics()
    assert warnings == [f"the inventory cannot be read: nothing is published yet at s3://{BUCKET}/{POINTER_KEY}"]
    assert [row["InventoryProblems"] for row in rows] == [[1], [1], [1], [0]]


def test_what_cannot_be_fetched_any_more_leaves_the_decorator_with_what_it_has(world: World) -> None:
    with world.function() as inventory, decorator(world) as function:
        world.run(inventory)
        decorated(world, function, line(eni(0), world.clock.now))
        world.clock.move(5 * MINUTE)
        world.run(inventory)
        world.bucket.trouble = lambda method, key: "AccessDenied" if "/lookups/" in key else None
        assert groups(decorated(world, function, line(eni(0), world.clock.now))) == [["sg-0"]]
        warnings = [row["message"] for row in function.logged("WARNING")]
        world.bucket.trouble = lambda *_: None
        world.clock.move(MINUTE)
        decorated(world, function, line(eni(0), world.clock.now))
        problems = [row["InventoryProblems"] for row in function.metrics()]
        ages = [round(row["InventoryAge"][0] / 60) for row in function.metrics()]
    assert warnings == ["the inventory cannot be read: S3 answered AccessDenied to GetObject"]
    assert problems == [[0], [1], [0]]
    assert ages == [0, 5, 1]


def test_the_other_accounts_interfaces_are_known_as_its_own(world: World) -> None:
    with world.function() as inventory, decorator(world) as function:
        world.run(inventory)
        text = line(eni(100), world.clock.now).replace(OWN, OTHER)
        (document,) = decorated(world, function, text)
    assert (document["account-id"], document["aws-region"]) == (OTHER, REGION)
    assert document["security-group-ids"] == ["sg-0"]
