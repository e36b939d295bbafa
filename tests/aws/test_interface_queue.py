import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import orjson
import pytest
from aws_in_moto import AWS, stubbed
from botocore.config import Config
from fake_queue import AwsWithQueue
from moto import mock_aws
from wire import refusal

from flowlogs.aws import interface_queue
from flowlogs.aws.interface_queue import SHARE, InterfaceQueue
from flowlogs.inventory.interface_changes import Deleted

URL = "https://sqs.eu-west-1.amazonaws.com/111111111111/events"
EVENTS = Path(__file__).parents[2] / "events"
DELETION = json.loads((EVENTS / "cloudtrail-delete-network-interface.json").read_text())
CREATION = json.loads((EVENTS / "cloudtrail-create-network-interface.json").read_text())


def deletion(number: int) -> str:
    """Write the event of an interface of its own."""
    detail = {**DELETION["detail"], "requestParameters": {"networkInterfaceId": f"eni-{number}"}}
    return json.dumps({**DELETION, "detail": detail})


@pytest.fixture
def aws() -> AwsWithQueue:
    return AwsWithQueue()


def opened(aws: AwsWithQueue) -> InterfaceQueue:
    once = Config(retries={"total_max_attempts": 1})
    client: Any = aws.session().create_client("sqs", config=once)
    return InterfaceQueue(URL, client)


def drained(queue: InterfaceQueue, time_left: Callable[[], float] = lambda: 60.0) -> list[str]:
    """Drain, and give the interfaces told of."""
    events = queue.drain(time_left)
    assert {event.change for event in events} <= {Deleted()}
    return [event.interface_id for event in events]


def ids(*numbers: int) -> list[str]:
    return [f"eni-{number}" for number in numbers]


@pytest.mark.parametrize("a_call", [10, 7, 1])
def test_everything_that_waits_is_taken_however_few_messages_come_at_a_time(aws: AwsWithQueue, a_call: int) -> None:
    aws.queue.send(*map(deletion, range(23)))
    aws.queue.a_call = a_call
    queue = opened(aws)
    assert drained(queue) == ids(*range(23))
    assert queue.problems == []
    assert len(aws.queue.messages) == 23, "nothing is deleted before it is done"
    queue.done()
    assert aws.queue.messages == []
    assert aws.calls("DeleteMessageBatch") == 3


def test_moto_sees_the_same_calls_as_a_queue_that_is_emptied() -> None:
    with mock_aws():
        client = boto3.client("sqs", **AWS)
        url = client.create_queue(QueueName="events", Attributes={"VisibilityTimeout": "290"})["QueueUrl"]
        for number in range(23):
            client.send_message(QueueUrl=url, MessageBody=deletion(number))
        queue = InterfaceQueue(url, client)
        assert sorted(drained(queue)) == sorted(ids(*range(23)))
        assert counted(client, url) == (0, 23)
        queue.done()
        assert counted(client, url) == (0, 0)


def counted(client: Any, url: str) -> tuple[int, int]:
    """Give how many messages can be received, and how many are hidden."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return int(attributes[names[0]]), int(attributes[names[1]])


def test_an_empty_queue_costs_one_call_and_nothing_is_deleted(aws: AwsWithQueue) -> None:
    queue = opened(aws)
    assert drained(queue) == []
    queue.done()
    assert (aws.calls("ReceiveMessage"), aws.calls("DeleteMessageBatch")) == (1, 0)


def test_a_call_waits_longer_for_its_answer_than_sqs_for_a_message() -> None:
    assert interface_queue._CONFIG.read_timeout > interface_queue._WAIT_SECONDS > 0  # type: ignore[attr-defined]


def test_what_is_not_done_comes_again_when_it_is_visible_again(aws: AwsWithQueue) -> None:
    aws.queue.send(deletion(1), deletion(2))
    queue = opened(aws)
    assert drained(queue) == ids(1, 2)
    aws.time.now += aws.queue.hidden - 1
    assert drained(queue) == []
    queue.done()
    assert len(aws.queue.messages) == 2, "what a run before had drained is not this one's to delete"
    aws.time.now += 1
    assert drained(queue) == ids(1, 2)
    queue.done()
    assert aws.queue.messages == []


def test_a_receipt_that_is_no_longer_the_last_one_is_no_failure(aws: AwsWithQueue) -> None:
    aws.queue.send(deletion(1))
    slow, quick = opened(aws), opened(aws)
    drained(slow)
    aws.time.now += aws.queue.hidden
    assert drained(quick) == ids(1)
    slow.done()
    assert len(aws.queue.messages) == 1
    quick.done()
    assert aws.queue.messages == []


@pytest.mark.parametrize("code", ["QueueDoesNotExist", "AccessDenied", "RequestThrottled"])
def test_where_sqs_refuses_at_once_it_is_an_error_that_names_the_code(aws: AwsWithQueue, code: str) -> None:
    aws.trouble.append(lambda asked: refusal(asked.model, code, 400))
    with pytest.raises(OSError, match=f"SQS answered {code}"):
        opened(aws).drain(lambda: 60.0)


def test_where_sqs_refuses_halfway_what_had_come_is_not_deleted(aws: AwsWithQueue) -> None:
    aws.queue.send(*map(deletion, range(15)))
    calls = iter([None, "RequestThrottled"])
    aws.trouble.append(lambda asked: refusal(asked.model, code, 400) if (code := next(calls, None)) else None)
    queue = opened(aws)
    with pytest.raises(OSError, match="RequestThrottled"):
        queue.drain(lambda: 60.0)
    queue.done()
    assert len(aws.queue.messages) == 15, "the run has none of these events"


def test_a_message_that_sqs_fails_to_delete_is_deleted_again(aws: AwsWithQueue) -> None:
    aws.queue.send(*map(deletion, range(12)))
    failing = {deletion(3): 2, deletion(11): 1}

    def fails(body: str) -> bool:
        failing[body] = failing.get(body, 0) - 1
        return failing[body] >= 0

    aws.queue.fails = fails
    queue = opened(aws)
    drained(queue)
    queue.done()
    assert aws.queue.messages == []


def test_a_message_that_cannot_be_deleted_keeps_no_other(aws: AwsWithQueue) -> None:
    aws.queue.send(*map(deletion, range(35)))
    aws.queue.fails = lambda body: body in (deletion(3), deletion(4), deletion(20))
    queue = opened(aws)
    drained(queue)
    with pytest.raises(OSError, match="SQS did not delete 3 messages"):
        queue.done()
    assert aws.queue.bodies == [deletion(3), deletion(4), deletion(20)]


def test_where_deleting_is_refused_it_is_an_error_and_not_tried_for_each(aws: AwsWithQueue) -> None:
    aws.queue.send(*map(deletion, range(35)))
    queue = opened(aws)
    drained(queue)
    aws.trouble.append(lambda asked: refusal(asked.model, "AccessDenied", 403))
    with pytest.raises(OSError, match="SQS answered AccessDenied"):
        queue.done()
    assert aws.calls("DeleteMessageBatch") == 1


def nested(levels: int) -> str:
    """Write a creation whose interface holds objects in objects: deeper than Python follows, not than JSON allows."""
    within: dict[str, Any] = {}
    for _ in range(levels):
        within = {"deeper": within}
    detail = {**CREATION["detail"], "responseElements": {"networkInterface": within}}
    return orjson.dumps({**CREATION, "detail": detail}).decode()


BAD = {
    "no JSON": "hello",
    "nothing": " ",
    "no object": "[1]",
    "another event": json.dumps({**DELETION, "source": "aws.s3"}),
    "another call": json.dumps({**DELETION, "detail": {**DELETION["detail"], "eventName": "RunTask"}}),
    "without its interface": json.dumps({**DELETION, "detail": {**DELETION["detail"], "requestParameters": None}}),
    "half a character": '{"source": "\ud800"}',
    "objects without end": nested(240),
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_a_message_that_is_no_event_is_let_go_and_told(body: str) -> None:
    def tell(stubber: Any) -> None:
        messages = [{"ReceiptHandle": "1", "Body": body}, {"ReceiptHandle": "2", "Body": deletion(2)}]
        stubber.add_response("receive_message", {"Messages": messages})
        stubber.add_response("receive_message", {})
        deleted = [{"Id": "0", "ReceiptHandle": "1"}, {"Id": "1", "ReceiptHandle": "2"}]
        answer = {"Successful": [{"Id": "0"}, {"Id": "1"}], "Failed": []}
        stubber.add_response("delete_message_batch", answer, {"QueueUrl": URL, "Entries": deleted})

    queue = InterfaceQueue(URL, stubbed("sqs", tell))
    assert drained(queue) == ids(2)
    [problem] = queue.problems
    assert problem.startswith("messages that are no events, which are let go: 1; ")
    assert "\n" not in problem
    assert len(problem) < 200
    assert queue.unread == 1
    queue.done()


def test_what_was_wrong_is_told_once(aws: AwsWithQueue) -> None:
    aws.queue.send("1", "2")
    queue = opened(aws)
    drained(queue)
    assert queue.problems[0].startswith("messages that are no events, which are let go: 2; ")
    assert queue.unread == 2
    drained(queue)
    assert (queue.problems, queue.unread) == ([], 0)


def test_what_was_wrong_is_told_without_saying_what_the_message_was(aws: AwsWithQueue) -> None:
    secret = "hunter2"
    asked = {"networkInterfaceId": {secret: secret}}
    aws.queue.send(
        json.dumps({**DELETION, "detail": {**DELETION["detail"], "requestParameters": asked}}),
        json.dumps({**DELETION, "source": secret}),
        secret,
    )
    queue = opened(aws)
    drained(queue)
    assert queue.unread == 3
    assert secret not in " ".join(queue.problems)


def test_where_sqs_refuses_halfway_what_was_wrong_is_told_when_it_comes_again(aws: AwsWithQueue) -> None:
    queue = opened(aws)
    aws.queue.send("of the run before")
    drained(queue)
    assert queue.problems
    aws.queue.send("1", *map(deletion, range(15)))
    calls = iter([None, "RequestThrottled"])
    aws.trouble.append(lambda asked: refusal(asked.model, code, 400) if (code := next(calls, None)) else None)
    with pytest.raises(OSError, match="RequestThrottled"):
        queue.drain(lambda: 60.0)
    assert (queue.problems, queue.unread) == ([], 0)
    aws.time.now += aws.queue.hidden
    drained(queue)
    assert queue.unread == 2


def test_events_take_a_share_of_the_time_and_no_more(aws: AwsWithQueue) -> None:
    aws.queue.send(*map(deletion, range(100)))
    end = aws.time.now + 40.0

    def passes(_: object) -> None:
        aws.time.now += 2.0

    aws.trouble.append(passes)
    queue = opened(aws)
    taken = drained(queue, lambda: end - aws.time.now)
    assert len(taken) == 40 * SHARE / 2 * 10
    assert queue.problems == ["events may wait that this run had no time for"]
    queue.done()
    assert len(aws.queue.messages) == 100 - len(taken)


def test_without_time_nothing_is_asked(aws: AwsWithQueue) -> None:
    aws.queue.send(deletion(1))
    assert drained(opened(aws), lambda: 0.0) == []
    assert aws.calls() == 0


def test_a_run_takes_only_so_many(aws: AwsWithQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interface_queue, "MOST_A_RUN", 20)
    aws.queue.send(*map(deletion, range(25)))
    queue = opened(aws)
    assert drained(queue) == ids(*range(20))
    assert queue.problems
    queue.done()
    assert drained(queue) == ids(*range(20, 25))
    assert queue.problems == []
