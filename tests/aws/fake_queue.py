"""A standard queue of SQS, as far as a consumer notices.

What it stands for: a call gives at most ten messages, often fewer; one that does not wait asks some servers only and
may give none while messages are there (here: each time). What was given is hidden for the visibility timeout, then
given again under a new receipt; deleting by an old receipt succeeds and deletes nothing. Of the entries of a batch some
may fail. Source: SQS API Reference, ReceiveMessage, DeleteMessage, DeleteMessageBatch.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from fake_ec2 import FakeAws, Request
from wire import Written, answer

_MOST = 10


@dataclass
class Message:
    """A message, and until when (Unix seconds) it is hidden from everyone who asks."""

    body: str
    receipt: str = ""
    hidden_until: float = 0.0


@dataclass
class FakeQueue:
    """Messages that wait; `fails` says of a message's body whether SQS fails over its deletion this time."""

    clock: Callable[[], float]
    hidden: float = 290.0
    a_call: int = _MOST
    fails: Callable[[str], bool] = lambda _: False
    messages: list[Message] = field(default_factory=list)
    waited: list[int] = field(default_factory=list)
    _numbers: Any = field(default_factory=count)

    def send(self, *bodies: str) -> None:
        """Put messages into it."""
        self.messages += map(Message, bodies)

    @property
    def bodies(self) -> list[str]:
        """Give what is in it, hidden or not."""
        return [message.body for message in self.messages]

    def answer(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Answer ReceiveMessage or DeleteMessageBatch."""
        return {"ReceiveMessage": self._received, "DeleteMessageBatch": self._deleted}[operation](parameters)

    def _received(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        most, waits = parameters["MaxNumberOfMessages"], parameters.get("WaitTimeSeconds", 0)
        assert 1 <= most <= _MOST
        self.waited.append(waits)
        now = self.clock()
        visible = [message for message in self.messages if message.hidden_until <= now] if waits else []
        given = visible[: min(most, self.a_call)]
        for message in given:
            message.receipt, message.hidden_until = f"receipt-{next(self._numbers)}", now + self.hidden
        rows = [{"MessageId": "m", "ReceiptHandle": one.receipt, "Body": one.body} for one in given]
        return {"Messages": rows} if rows else {}

    def _deleted(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        entries = parameters["Entries"]
        ids = [entry["Id"] for entry in entries]
        assert 1 <= len(entries) <= _MOST
        assert len(set(ids)) == len(ids)
        told: dict[str, list[dict[str, Any]]] = {"Successful": [], "Failed": []}
        for entry in entries:
            found = next((one for one in self.messages if one.receipt == entry["ReceiptHandle"]), None)
            if found is not None and self.fails(found.body):
                told["Failed"].append({"Id": entry["Id"], "SenderFault": False, "Code": "InternalError"})
                continue
            told["Successful"].append({"Id": entry["Id"]})
            if found is not None:
                self.messages.remove(found)
        return told


class AwsWithQueue(FakeAws):
    """The AWS of `fake_ec2` and one queue, whatever its URL."""

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self.queue = FakeQueue(lambda: self.time.now)

    def _answered(self, asked: Request) -> Written:
        if asked.service != "sqs":
            return super()._answered(asked)
        return answer(asked.model, self.queue.answer(asked.model.name, asked.parameters))
