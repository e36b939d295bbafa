from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_in_moto import Failing, stubbed
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from flowlogs.aws import interface_queue
from flowlogs.aws.interface_queue import InterfaceQueue
from flowlogs.inventory.interface_events import events_of

URL = "https://sqs.eu-west-1.amazonaws.com/111111111111/events"
EVENT = (Path(__file__).parent.parent.parent / "events" / "cloudtrail-create-network-interface.json").read_text()
ASKED = {"QueueUrl": URL, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 0}


def forever() -> float:
    return 60.0


def message(number: int, body: str = EVENT) -> dict[str, str]:
    return {"MessageId": str(number), "ReceiptHandle": f"receipt-{number}", "Body": body}


def gives(*answers: list[dict[str, str]]) -> Callable[[Stubber], None]:
    """Tell a queue what each ReceiveMessage gives; SQS leaves `Messages` out where there are none."""

    def tell(sqs: Stubber) -> None:
        for messages in answers:
            sqs.add_response("receive_message", {"Messages": messages} if messages else {}, ASKED)

    return tell


def deletes(numbers: list[int], failed: list[int]) -> Callable[[Stubber], None]:
    """Tell a queue which messages it is asked to delete in one call, and which of them it does not.

    A message's id in the call is its place among ten.
    """

    def tell(sqs: Stubber) -> None:
        entries = [{"Id": str(number % 10), "ReceiptHandle": f"receipt-{number}"} for number in numbers]
        answer = {
            "Successful": [{"Id": str(number % 10)} for number in numbers if number not in failed],
            "Failed": [{"Id": str(n % 10), "Code": "InternalError", "SenderFault": False} for n in failed],
        }
        sqs.add_response("delete_message_batch", answer, {"QueueUrl": URL, "Entries": entries})

    return tell


def queue(*told: Callable[[Stubber], None]) -> InterfaceQueue:
    def tell(sqs: Stubber) -> None:
        for each in told:
            each(sqs)

    return InterfaceQueue(URL, stubbed("sqs", tell))


def test_what_waits_is_taken_until_the_queue_was_found_empty_twice() -> None:
    waiting = queue(gives([message(0), message(1)], [], [message(2)], [], []))
    assert waiting.drain(forever) == events_of(EVENT.encode()) * 3
    assert waiting.bad == 0


def test_what_is_no_event_is_counted_and_let_go_with_the_others() -> None:
    waiting = queue(gives([message(0, "no JSON"), message(1), message(2, "{}")], [], []), deletes([0, 1, 2], []))
    assert waiting.drain(forever) == events_of(EVENT.encode())
    assert waiting.bad == 2
    waiting.done()


def test_messages_are_deleted_ten_at_a_time() -> None:
    messages = [message(number) for number in range(12)]
    waiting = queue(gives(messages[:10], messages[10:], [], []), deletes(list(range(10)), []), deletes([10, 11], []))
    waiting.drain(forever)
    waiting.done()
    waiting.done()  # nothing is left to delete


def test_messages_that_were_not_deleted_are_tried_again_and_no_others() -> None:
    waiting = queue(gives([message(0), message(1)], [], []), deletes([0, 1], [1]), deletes([1], []))
    waiting.drain(forever)
    waiting.done()


def test_messages_that_cannot_be_deleted_are_an_error_after_all_others_were() -> None:
    messages = [message(number) for number in range(12)]
    waiting = queue(
        gives(messages[:10], messages[10:], [], []),
        deletes(list(range(10)), [3, 4]),
        deletes([3, 4], [3, 4]),
        deletes([3, 4], [3]),
        deletes([10, 11], []),
    )
    waiting.drain(forever)
    with pytest.raises(OSError, match="SQS did not delete 1 messages"):
        waiting.done()


def test_a_run_takes_so_many_and_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interface_queue, "MOST_A_RUN", 2)
    waiting = queue(gives([message(0), message(1)]))
    assert len(waiting.drain(forever)) == 2


def test_a_full_queue_leaves_time_for_snapshots() -> None:
    left = iter([100.0, 100.0, 90.0, 71.0, 70.0])
    waiting = queue(gives([message(0)], [message(1)], [message(2)]))
    assert len(waiting.drain(lambda: next(left))) == 3


def test_only_what_was_drained_last_is_deleted() -> None:
    waiting = queue(gives([message(0)], [], []), gives([message(10)], [], []), deletes([10], []))
    waiting.drain(forever)
    waiting.drain(forever)
    waiting.done()


REFUSED: Any = ClientError({"Error": {"Code": "AWS.SimpleQueueService.NonExistentQueue"}}, "ReceiveMessage")


def test_a_queue_that_refuses_is_an_error() -> None:
    with pytest.raises(OSError, match=r"SQS answered AWS\.SimpleQueueService\.NonExistentQueue"):
        InterfaceQueue(URL, Failing(REFUSED)).drain(forever)  # type: ignore[arg-type]


def test_a_queue_that_refuses_to_delete_is_an_error() -> None:
    waiting = queue(gives([message(0)], [], []))
    waiting.drain(forever)
    waiting._given = Failing(REFUSED)  # type: ignore[assignment]
    with pytest.raises(OSError, match="SQS answered"):
        waiting.done()
