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
_WAIT_SECONDS = 1
"""How long SQS waits for a message before it answers that there is none. A call that waits asks all of the queue's
servers, one that does not asks some, and may find nothing while messages are there. Source: SQS Developer Guide,
"Amazon SQS short and long polling"."""
MOST_A_RUN = 20_000
"""Events a run takes; the rest waits for the next."""
SHARE = 0.25
"""Share of the time left that may go into taking events: interfaces must be asked for too."""
_ATTEMPTS = 3


class InterfaceQueue:
    """A queue of CloudTrail's events (`flowlogs.inventory.updating.Events`), for one run at a time.

    What is drained is hidden from others for the queue's visibility timeout, which must not be shorter than a run
    (infra/knowledge/interface_events.py makes it the function's timeout): else the next run takes it too, and a message
    whose receipt is no longer the last one may outlast its deletion. A message that is no such event is let go with
    the others, for it would come again for ever; `unread` counts it, and `problems` says why, but not what it was.
    """

    def __init__(self, url: str, client: "SQSClient | None" = None) -> None:
        self._url = url
        self._given = client
        self._receipts: list[str] = []
        self._bad: list[str] = []  # why each is no event
        self.problems: list[str] = []

    @property
    def _client(self) -> "SQSClient":
        return self._given or cast("SQSClient", client_of("sqs", _CONFIG))

    @property
    def unread(self) -> int:
        """Count the messages of the last draining that were no events."""
        return len(self._bad)

    def drain(self, time_left: Callable[[], float]) -> list[InterfaceEvent]:
        """Give what waits, within a share of the seconds left; raise OSError where SQS refuses: then all of it stays.

        Some may be given twice, and some only the next time: a queue promises no more.
        """
        self._receipts, self._bad, self.problems = [], [], []
        end = (1 - SHARE) * time_left()
        events: list[InterfaceEvent] = []
        is_empty = False
        try:
            while not is_empty and len(self._receipts) < MOST_A_RUN and time_left() > end:
                messages = self._receive()
                is_empty = not messages
                for message in messages:
                    events += self._read(message)
        except OSError:
            self._receipts, self._bad = [], []  # the caller has none of these events
            raise
        self.problems = [*self._told_of_bad(), *([] if is_empty else ["events may wait that this run had no time for"])]
        return events

    def done(self) -> None:
        """Delete what was drained; raise OSError where some could not be: they come again, and change nothing then."""
        waiting, left = iter(self._receipts), 0
        while batch := list(islice(waiting, _MOST_A_CALL)):
            left += self._delete(batch)
        self._receipts = []
        if left:
            raise OSError(f"SQS did not delete {left} messages")

    def _receive(self) -> "Sequence[MessageTypeDef]":
        try:
            answer = self._client.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=_MOST_A_CALL, WaitTimeSeconds=_WAIT_SECONDS
            )
        except FAILURES as error:
            raise OSError(f"SQS answered {code_of(error)}") from error
        return answer.get("Messages", [])

    def _read(self, message: "MessageTypeDef") -> list[InterfaceEvent]:
        self._receipts.append(message["ReceiptHandle"])
        try:
            return events_of(message["Body"].encode())
        except (ValueError, RecursionError) as error:
            self._bad.append(str(error))
            return []

    def _told_of_bad(self) -> list[str]:
        return [f"messages that are no events, which are let go: {len(self._bad)}; {self._bad[0]}"] if self._bad else []

    def _delete(self, receipts: list[str]) -> int:
        """Delete up to ten messages, of which SQS may do some and not others; give how many stay."""
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
