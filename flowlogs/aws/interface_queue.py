"""Takes events on network interfaces from the SQS queue in which they wait for the next run of the inventory."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, cast

from botocore.config import Config

from flowlogs.aws.clients import client_of
from flowlogs.aws.failures import FAILURES, code_of
from flowlogs.inventory.interface_changes import InterfaceEvent
from flowlogs.inventory.interface_events import events_of

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})
_MOST_A_CALL = 10
"""Messages that ReceiveMessage gives and DeleteMessageBatch takes at most. Source: SQS API Reference."""
MOST_A_RUN = 20_000
"""Events a run takes; the rest waits for the next."""
_EMPTY_ANSWERS = 2
"""Answers without a message after which the queue counts as empty: SQS asks a part of its servers each time. Source:
SQS Developer Guide, "Amazon SQS short and long polling"."""
_SHARE = 0.3
"""Share of a run's time for what waits; snapshots need the rest, and say the same in the end."""
_ATTEMPTS = 3


class InterfaceQueue:
    """A queue of CloudTrail's events (`flowlogs.inventory.updating.Events`), for one run at a time.

    A message that is no such event is let go with the others: it would come again for ever. `bad` counts them.
    """

    def __init__(self, url: str, client: "SQSClient | None" = None) -> None:
        self._url = url
        self._given = client
        self._receipts: list[str] = []
        self.bad = 0

    @property
    def _client(self) -> "SQSClient":
        return self._given or cast("SQSClient", client_of("sqs", _CONFIG))

    def drain(self, time_left: Callable[[], float]) -> list[InterfaceEvent]:
        """Give what waits, within a share of the seconds left; raise OSError where SQS refuses."""
        self._receipts, self.bad = [], 0
        events: list[InterfaceEvent] = []
        empty = 0
        enough = time_left() * (1 - _SHARE)
        while empty < _EMPTY_ANSWERS and len(self._receipts) < MOST_A_RUN and time_left() > enough:
            messages = self._receive()
            empty = empty + 1 if not messages else 0
            for message in messages:
                events += self._read(message)
        return events

    def done(self) -> None:
        """Delete what was drained; raise OSError where some could not be: they come again, and change nothing then."""
        waiting, self._receipts = iter(self._receipts), []
        left = 0
        while batch := list(islice(waiting, _MOST_A_CALL)):
            left += self._delete(batch)
        if left:
            raise OSError(f"SQS did not delete {left} messages")

    def _receive(self) -> "Sequence[MessageTypeDef]":
        try:
            answer = self._client.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=_MOST_A_CALL, WaitTimeSeconds=0
            )
        except FAILURES as error:
            raise OSError(f"SQS answered {code_of(error)}") from error
        return answer.get("Messages", [])

    def _read(self, message: "MessageTypeDef") -> list[InterfaceEvent]:
        self._receipts.append(message["ReceiptHandle"])
        try:
            return events_of(message["Body"].encode())
        except ValueError:
            self.bad += 1
            return []

    def _delete(self, receipts: list[str]) -> int:
        """Delete up to ten messages; SQS may do some of them and not others: give how many are left in the end."""
        left = dict(enumerate(receipts))
        for _ in range(_ATTEMPTS):
            entries = [{"Id": str(number), "ReceiptHandle": receipt} for number, receipt in left.items()]
            try:
                answer = self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)  # type: ignore[arg-type]
            except FAILURES as error:
                raise OSError(f"SQS answered {code_of(error)}") from error
            failed = {int(one["Id"]) for one in answer.get("Failed", [])}
            left = {number: receipt for number, receipt in left.items() if number in failed}
            if not left:
                break
        return len(left)
