"""Connects the decorator's settings with what fulfils them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowlogs import metrics
from flowlogs.aws.ec2 import DescribeInterfaces
from flowlogs.aws.firehose import FirehoseStreams
from flowlogs.aws.places import objects_at, watched_at
from flowlogs.decorate.knowledge_source import KnowledgeSource, Sources
from flowlogs.deliver.decoration import Decoration, Measured, Style
from flowlogs.deliver.ssh_rejects import NEEDED
from flowlogs.errors import SettingsError
from flowlogs.ingest.dead_letters import DeadLetters
from flowlogs.ingest.sending import Sender
from flowlogs.ingest.streams import Streams
from flowlogs.inventory.asking_ec2 import Describe, LookUp
from flowlogs.invocation import Context, Invocation, Log
from flowlogs.publish import Publish, Publisher
from flowlogs.record.log_format import LogFormat
from flowlogs.record.networks import Networks
from flowlogs.setting_kinds import Destination, Documents, Shape
from flowlogs.settings import check_names, narrowing_of, value_of

FUNCTION = "decorator"


@dataclass(frozen=True)
class Outside:
    """What lies outside the function; a laptop gives its own. `describe` is None where EC2 shall not be asked."""

    streams: Streams = field(default_factory=FirehoseStreams)
    describe: Describe | None = field(default_factory=DescribeInterfaces)
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    publish: Publish | None = None
    """None: to CloudWatch, in the namespace that is set."""


class Decorator:
    """The function: takes Firehose's transformation event, answers every record once."""

    def __init__(self, decoration: Decoration, outside: Outside) -> None:
        self._decoration = decoration
        self._outside = outside

    def __call__(self, event: Any, context: Context) -> dict[str, Any]:
        """Answer an event; an exception makes Firehose send it again."""
        return dict(self._decoration.answer(event, Invocation.of(context, self._outside.clock)))


def wire(environ: Mapping[str, str], log: Log, outside: Outside | None = None) -> Decorator:
    """Read the settings and make the function; raise SettingsError where one is wrong."""
    check_names(environ)
    outside = outside or Outside()
    publish = outside.publish or Publisher(
        value_of(environ, "FLOWLOGS_NAMESPACE"), value_of(environ, "FLOWLOGS_SSH_REJECTS")
    )
    decoration = Decoration(
        _style(environ),
        KnowledgeSource(_sources(environ, outside), log.warning),
        sender=Sender(outside.streams, outside.sleep),
        dead_letters=DeadLetters(objects_at(value_of(environ, "FLOWLOGS_DEAD_LETTERS")), FUNCTION),
        report=lambda measured: _report(measured, publish, log),
    )
    return Decorator(decoration, outside)


def _style(environ: Mapping[str, str]) -> Style:
    documents, shape = value_of(environ, "FLOWLOGS_DOCUMENTS"), value_of(environ, "FLOWLOGS_SHAPE")
    destination = value_of(environ, "FLOWLOGS_DESTINATION") or (
        Destination.OPENSEARCH if documents is Documents.ONE else Destination.PARQUET
    )
    if shape is Shape.RAW and destination is not Destination.TEXT:
        raise SettingsError(
            f"FLOWLOGS_SHAPE is raw, but a destination of {destination} takes JSON: "
            "leave it at json, or set FLOWLOGS_DESTINATION to text"
        )
    if shape is not Shape.JSON and destination is Destination.PARQUET:
        raise SettingsError(
            f"FLOWLOGS_SHAPE is {shape}, but a destination of parquet has columns of its own: "
            "leave it at json, or set FLOWLOGS_DESTINATION to text"
        )
    if destination is Destination.OPENSEARCH and documents is Documents.MANY:
        raise SettingsError("FLOWLOGS_DOCUMENTS is many, but OpenSearch takes one document a record: set it to one")
    log_format = value_of(environ, "FLOWLOGS_FORMAT")
    counts_rejects = value_of(environ, "FLOWLOGS_SSH_REJECTS") is not None
    if counts_rejects:
        _check_can_count(log_format)
    return Style(log_format, documents, destination, shape, narrowing_of(environ), counts_rejects)


def _check_can_count(log_format: LogFormat) -> None:
    missing = [key for key in NEEDED if log_format.position(key) is None]
    if missing:
        raise SettingsError(
            f"FLOWLOGS_SSH_REJECTS is set, but FLOWLOGS_FORMAT has no {' and no '.join(missing)}: "
            "add what is missing, or leave the rejects uncounted"
        )


def _sources(environ: Mapping[str, str], outside: Outside) -> Sources:
    return Sources(
        watched_at(value_of(environ, "FLOWLOGS_INVENTORY")),
        watched_at(value_of(environ, "FLOWLOGS_GEOIP")),
        LookUp(outside.describe, value_of(environ, "FLOWLOGS_LOOKUP_SECONDS")),
        value_of(environ, "FLOWLOGS_INTERNAL") or Networks(),
        value_of(environ, "FLOWLOGS_REFRESH_SECONDS"),
        value_of(environ, "FLOWLOGS_GEOIP_MAX_AGE_DAYS"),
    )


def _report(measured: Measured, publish: Publish, log: Log) -> None:
    """Log and publish what an invocation measured."""
    account, noticed, problems = measured.account, measured.noticed, measured.problems
    log.info(
        f"Processing completed. Successful records {account.delivered}, Failed records {account.failed}.",
        lines=account.as_dict(),
    )
    values = metrics.of_account(account.as_dict()) | {
        "LinesOfUnknownInterface": noticed.unknown_records,
        "LinesAmbiguous": noticed.ambiguous_records,
        "GeoMisses": noticed.geo_misses,
        "GeoLookUpsFailed": noticed.corrupt_look_ups,
        "GeoDatabaseProblems": len(problems.databases),
        "GeoReaderSlow": int(measured.has_slow_reader),
        "InventoryProblems": len(problems.inventory),
        "InterfaceLookUpsFailed": len(problems.look_ups),
    }
    optional = {
        "Lag": measured.lag,
        "GeoDatabaseAge": measured.database_age_days,
        "InventoryAge": measured.inventory_age_seconds,
        metrics.SSH_REJECTS: measured.ssh_rejects,
    }
    publish(FUNCTION, measured.stream, values | {name: value for name, value in optional.items() if value is not None})
