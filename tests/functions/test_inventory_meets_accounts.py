"""The inventory function against what real accounts do: many pages, throttling, answers cut off, closed regions."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from inventory_in_lambda import MINUTE, OTHER, OWN, QUEUE, REGION, World, eni, event_at, look_up, owner

sys.path.append(str(Path(__file__).parents[1] / "aws"))  # where the accounts are that every test of calls uses
from fake_ec2 import Request
from wire import Written, answer, refusal

pytestmark = pytest.mark.slow
ELSEWHERE = "ap-east-1"
Trouble = Callable[[Request], Written | Exception | None]
INTERFACES = "DescribeNetworkInterfaces"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    with world.accounts:
        yield world


def times(number: int, make: Trouble, operation: str = INTERFACES, account: str = OTHER) -> Trouble:
    """Make trouble with the next requests of an operation in an account."""
    left = [number]

    def trouble(asked: Request) -> Written | Exception | None:
        if (asked.model.name, asked.account) != (operation, account) or not left[0]:
            return None
        left[0] -= 1
        return make(asked)

    return trouble


def cut(asked: Request) -> Written:
    """Give half an answer as if it were whole."""
    status, headers, body = answer(asked.model, {"NetworkInterfaces": [{"NetworkInterfaceId": eni(7)}] * 50})
    return status, headers, body[: len(body) // 2]


def broken_off(asked: Request) -> Written:
    """Give half an answer, then end the connection."""
    status, headers, body = cut(asked)
    return status, {**headers, "Content-Length": str(2 * len(body))}, body


def throttled(asked: Request) -> Written:
    return refusal(asked.model, "RequestLimitExceeded", 503)


def test_pages_of_a_thousand_are_all_taken_and_every_listing_of_the_store_too(world: World) -> None:
    world.has(OWN, 3_500)
    for number in range(1_200):
        world.store.write(f"inventory/lookups/crashed-{number}.sqlite.gz", b"left by a run that died")
    world.clock.move(61 * MINUTE)
    with world.function() as function:
        assert world.run(function)["taken"] == 2
        assert function.metrics()[0]["InterfacesKnown"] == [3_502]
    assert world.accounts.counted[OWN, REGION, INTERFACES] == 4
    inventory = look_up(world)
    assert owner(inventory.with_id(eni(3_499), int(world.clock.now))) == eni(3_499)
    assert not [key for key in world.store.objects if "crashed" in key]


@pytest.mark.parametrize(
    "make", [throttled, cut, broken_off, lambda _: OSError()], ids=["throttled", "cut", "off", "nothing"]
)
def test_what_goes_wrong_once_is_asked_again_and_nobody_hears_of_it(world: World, make: Trouble) -> None:
    world.accounts.trouble.append(times(1, make))
    with world.function() as function:
        assert world.run(function) == {"discarded": False, "taken": 2, "failed": 0}
        assert function.logged("WARNING") == []


def test_an_answer_that_is_cut_off_again_and_again_never_closes_an_interface(world: World) -> None:
    with world.function() as function:
        world.run(function)
        world.accounts.trouble.append(times(99, cut))
        world.clock.move(5 * MINUTE)
        assert world.run(function) == {"discarded": False, "taken": 1, "failed": 1}
        (warning,) = [row["message"] for row in function.logged("WARNING")]
    assert warning == (
        f"{OTHER}/{REGION}: the answer to ec2:DescribeNetworkInterfaces cannot be read: "
        "it was cut off, or did not come from AWS"
    )
    assert owner(look_up(world).with_id(eni(100), int(world.clock.now))) == eni(100)


def test_an_account_that_throttles_without_end_takes_its_share_of_the_time_and_stops_no_other(world: World) -> None:
    with world.function() as function:
        world.run(function)
        world.accounts.trouble.append(times(10_000, throttled))
        world.has(OWN, 2)
        world.clock.move(5 * MINUTE)
        assert world.run(function, seconds=12) == {"discarded": False, "taken": 1, "failed": 1}
        (warning,) = [row["message"] for row in function.logged("WARNING")]
    assert warning.startswith(f"{OTHER}/{REGION}: ")
    assert "no time left" in warning or "RequestLimitExceeded" in warning
    inventory, now = look_up(world), int(world.clock.now)
    assert [owner(inventory.with_id(each, now)) for each in (eni(1), eni(2), eni(100))] == [eni(1), None, eni(100)]


def test_an_account_that_never_answers_is_left_and_asked_anew_by_the_next_run(world: World) -> None:
    never = Event()
    world.accounts.delay = lambda asked: never.wait(30) if asked.account == OTHER else None
    with world.function() as function:
        assert world.run(function, seconds=6) == {"discarded": False, "taken": 1, "failed": 1}
        (warning,) = [row["message"] for row in function.logged("WARNING")]
        world.accounts.delay = lambda _: None
        never.set()
        world.clock.move(5 * MINUTE)
        assert world.run(function) == {"discarded": False, "taken": 2, "failed": 0}
    assert warning == f"{OTHER}/{REGION}: there was no time left for the answer"


def test_a_region_that_is_not_enabled_is_said_once_a_run_and_the_others_are_taken(world: World) -> None:
    world.accounts.disabled = {ELSEWHERE}
    with world.function(FLOWLOGS_REGIONS=f"{REGION} {ELSEWHERE}", FLOWLOGS_ACCOUNTS="own") as function:
        assert world.run(function) == {"discarded": False, "taken": 1, "failed": 1}
        (warning,) = [row["message"] for row in function.logged("WARNING")]
    there = f"{OWN}/{ELSEWHERE}"
    assert f"{there}: ec2:DescribeNetworkInterfaces got AuthFailure: is this region enabled in that account?" in warning
    assert len(warning) < 2_000


def test_an_organization_is_listed_and_its_suspended_accounts_are_left_alone(world: World) -> None:
    others = [{"Id": f"{number:012}", "Status": "ACTIVE"} for number in range(300_000_000_000, 300_000_000_045)]
    suspended = {"Id": "999999999999", "Status": "SUSPENDED"}
    world.accounts.organization = [{"Id": OWN, "Status": "ACTIVE"}, suspended, *others]
    with world.function(FLOWLOGS_ACCOUNTS="organization") as function:
        assert world.run(function) == {"discarded": False, "taken": 46, "failed": 0}
    assert not [account for account, _, _ in world.accounts.counted if account == "999999999999"]
    assert world.accounts.calls("AssumeRole") == 45


def test_where_nothing_at_all_may_be_asked_it_is_an_error_and_the_last_publication_stands(world: World) -> None:
    denied: list[str] = []

    def deny(asked: Request) -> Written | None:
        return refusal(asked.model, "AccessDenied", 403) if denied and asked.model.name == denied[0] else None

    world.accounts.trouble.append(deny)
    denied.append("GetCallerIdentity")
    with world.function() as function:
        answered = world.invoke(function)
        assert (answered.kind, answered.body["errorType"]) == ("error", "OSError")
        assert "sts:GetCallerIdentity got AccessDenied" in answered.body["errorMessage"]
        assert world.store.objects == {}
        denied.clear()
        assert world.run(function)["taken"] == 2


@pytest.mark.parametrize("code", ["QueueDoesNotExist", "AccessDenied"])
def test_a_queue_that_cannot_be_read_is_told_and_the_snapshots_are_published(world: World, code: str) -> None:
    world.accounts.trouble.append(times(1, lambda asked: refusal(asked.model, code, 400), "ReceiveMessage", OWN))
    with world.function(FLOWLOGS_INVENTORY_EVENTS=QUEUE) as function:
        assert world.run(function)["taken"] == 2
        warnings = [row["message"] for row in function.logged("WARNING")]
    assert warnings == [f"events on interfaces cannot be read: SQS answered {code}"]


@pytest.mark.parametrize("runs_before", [0, 1])
def test_a_pointer_that_was_written_without_an_answer_is_no_lost_race(world: World, runs_before: int) -> None:
    lost: list[str] = []

    def lose(method: str, key: str) -> str | None:
        if method != "PUT" or not key.endswith("pointer.json") or lost:
            return None
        lost.append(key)
        return "Lost"

    with world.function() as function:
        for _ in range(runs_before):
            world.run(function)
            world.clock.move(MINUTE)
        world.bucket.trouble = lose
        assert world.run(function) == {"discarded": False, "taken": 2, "failed": 0}
    assert len(lost) == 1
    statuses = [status for method, key, status in world.bucket.asked if method == "PUT" and key == lost[0]]
    assert statuses[-2:] == [200, 412]
    assert world.pointer().files
    assert all(world.published().values())


def test_s3_that_is_busy_for_a_moment_is_asked_again(world: World) -> None:
    busy = {"GET": 1, "PUT": 1}

    def slow_down(method: str, _: str) -> str | None:
        busy[method] = busy.get(method, 0) - 1
        return "SlowDown" if busy[method] >= 0 else None

    world.bucket.trouble = slow_down
    with world.function() as function:
        assert world.run(function) == {"discarded": False, "taken": 2, "failed": 0}
        assert function.logged("WARNING") == []
    assert [status for _, _, status in world.bucket.asked].count(503) == 2


def test_where_messages_may_not_be_deleted_it_is_told_and_their_events_change_nothing_twice(world: World) -> None:
    denied: Trouble = lambda asked: refusal(asked.model, "AccessDenied", 403)  # noqa: E731
    world.accounts.trouble.append(times(99, denied, "DeleteMessageBatch", OWN))
    with world.function(FLOWLOGS_INVENTORY_EVENTS=QUEUE) as function:
        world.run(function)
        begun = world.clock.now
        world.clock.move(5 * MINUTE)
        world.accounts.queue.send(event_at("delete-network-interface", begun + 100, eni(1)))
        world.has(OWN, 1)
        world.run(function)
        states = world.pointer().about["states"]
        world.clock.move(5 * MINUTE)
        world.run(function)
        warnings = [row["message"] for row in function.logged("WARNING")]
    assert warnings == ["the inventory is published, but not all is settled: SQS answered AccessDenied"] * 2
    assert world.pointer().about["states"] == states
    found = look_up(world).with_id(eni(1), int(begun) + 99)
    assert (owner(found), found.until) == (eni(1), int(begun + 100))


def test_messages_that_may_not_be_deleted_do_not_keep_the_history_from_being_written(world: World) -> None:
    denied: Trouble = lambda asked: refusal(asked.model, "AccessDenied", 403)  # noqa: E731
    world.accounts.trouble.append(times(99, denied, "DeleteMessageBatch", OWN))
    world.accounts.queue.send(event_at("delete-network-interface", world.clock.now, eni(1)))
    with world.function(FLOWLOGS_INVENTORY_EVENTS=QUEUE) as function:
        world.run(function)
        (warning,) = [row["message"] for row in function.logged("WARNING")]
    assert warning == "the inventory is published, but not all is settled: SQS answered AccessDenied"
    assert [key for key in world.store.objects if key.endswith("network_interfaces.parquet")]


def test_an_organization_that_may_not_be_listed_any_more_is_asked_as_it_was(world: World) -> None:
    world.accounts.organization = [{"Id": each, "Status": "ACTIVE"} for each in (OWN, OTHER)]
    with world.function(FLOWLOGS_ACCOUNTS="organization") as function:
        world.run(function)
        denied: Trouble = lambda asked: refusal(asked.model, "AccessDeniedException", 400)  # noqa: E731
        world.accounts.trouble.append(times(1, denied, "ListAccounts", OWN))
        world.clock.move(61 * MINUTE)
        assert world.run(function) == {"discarded": False, "taken": 2, "failed": 0}
        (warning,) = [row["message"] for row in function.logged("WARNING")]
    assert warning.startswith("the accounts cannot be listed, those known before are asked: ")
    assert "organizations:ListAccounts got AccessDeniedException" in warning


def test_a_container_that_is_killed_leaves_the_last_publication_and_the_next_run_goes_on(world: World) -> None:
    with world.function() as function:
        world.run(function)
        before = world.published()
        killed = [False]

        def kill(method: str, key: str) -> None:
            if method == "PUT" and "/lookups/" in key and not killed[0]:
                killed[0] = True
                function.process.kill()

        world.bucket.trouble = kill
        world.has(OWN, 1)
        world.clock.move(MINUTE)
        world.start(function)
        function.process.wait(30)
    assert killed == [True]
    assert world.published() == before
    with world.function() as function:
        world.clock.move(MINUTE)
        assert world.run(function) == {"discarded": False, "taken": 2, "failed": 0}
    assert owner(look_up(world).with_id(eni(1), int(world.clock.now))) is None
