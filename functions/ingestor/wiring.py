"""Connects the ingestor's settings with what fulfils them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowlogs import metrics
from flowlogs.aws.firehose import FirehoseStreams
from flowlogs.aws.places import objects_at, own_objects
from flowlogs.aws.s3 import S3Objects
from flowlogs.errors import SettingsError
from flowlogs.ingest.dead_letters import DeadLetters
from flowlogs.ingest.forwarding import Forwarder, Targets
from flowlogs.ingest.ingestion import Ingestion, ObjectReader
from flowlogs.ingest.sending import Sender
from flowlogs.ingest.streams import Streams
from flowlogs.invocation import Context, Invocation, Log
from flowlogs.publish import Publish, Publisher
from flowlogs.settings import check_names, narrowing_of, value_of

FUNCTION = "ingestor"


@dataclass(frozen=True)
class Outside:
    """What lies outside the function; a laptop gives its own."""

    streams: Streams = field(default_factory=FirehoseStreams)
    objects: ObjectReader = field(default_factory=S3Objects)
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    publish: Publish | None = None
    """None: to CloudWatch, in the namespace that is set."""


class Ingestor:
    """The function: takes an event of CloudWatch Logs, S3, EventBridge or SQS, answers with the account of lines."""

    def __init__(self, ingestion: Ingestion, clock: Callable[[], float], publish: Publish, log: Log) -> None:
        self._ingestion = ingestion
        self._clock = clock
        self._publish = publish
        self._log = log

    def __call__(self, event: Any, context: Context) -> dict[str, Any]:
        """Forward what the event brings; an exception means that it must be sent again as a whole."""
        ingested = self._ingestion.answer(event, Invocation.of(context, self._clock))
        accounts = {stream: account.as_dict() for stream, account in ingested.accounts.items()}
        for stream, account in accounts.items():
            self._publish(FUNCTION, stream, metrics.of_account(account))
        self._log.info("Forwarding completed.", lines=accounts)
        again = [{"itemIdentifier": message_id} for message_id in ingested.again]
        return {"lines": accounts, "batchItemFailures": again}


def wire(environ: Mapping[str, str], log: Log, outside: Outside | None = None) -> Ingestor:
    """Read the settings and make the function; raise SettingsError where one is wrong."""
    check_names(environ)
    outside = outside or Outside()
    targets = Targets(value_of(environ, "FLOWLOGS_SEARCH_STREAM"), value_of(environ, "FLOWLOGS_LAKE_STREAM"))
    if not targets.names():
        raise SettingsError("FLOWLOGS_SEARCH_STREAM and FLOWLOGS_LAKE_STREAM are both empty: lines would go nowhere")
    if targets.search == targets.lake:
        raise SettingsError("FLOWLOGS_LAKE_STREAM names the same stream as FLOWLOGS_SEARCH_STREAM: give it its own")
    log_format = value_of(environ, "FLOWLOGS_FORMAT")
    forwarder = Forwarder(
        targets,
        log_format=log_format,
        narrowing=narrowing_of(environ),
        sender=Sender(outside.streams, outside.sleep),
    )
    ingestion = Ingestion(
        forwarder,
        log_format=log_format,
        dead_letters=DeadLetters(objects_at(value_of(environ, "FLOWLOGS_DEAD_LETTERS")), FUNCTION),
        objects=outside.objects,
        warn=log.warning,
        is_own=own_objects(value_of(environ, "FLOWLOGS_DEAD_LETTERS")),
    )
    publish = outside.publish or Publisher(value_of(environ, "FLOWLOGS_NAMESPACE"))
    return Ingestor(ingestion, outside.clock, publish, log)
