"""Makes what a user names events of the functions, and reads the lines they carry apart from the functions."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO
from urllib.parse import quote

import orjson

from flowlogs.cli.inputs import Input, open_input
from flowlogs.deliver.firehose import is_transformation_event, open_transformation_event
from flowlogs.errors import MalformedEnvelope, UnreadableInput
from flowlogs.ingest.cloudwatch_logs import open_subscription_event
from flowlogs.ingest.events import S3Object, is_subscription, messages_of
from flowlogs.ingest.forwarding import fitting
from flowlogs.ingest.ingestion import lines_of_object, text_of
from flowlogs.ingest.lines import Line, LineReader, Refused
from flowlogs.record.log_format import LogFormat

_BUCKET = "files-of-this-machine"
_LARGEST_EVENT = 16 * 1024 * 1024
"""Bytes of a JSON file that may be an event; Lambda takes 6 MB."""


class LocalObjects:
    """Opens files of this machine as objects of S3, and S3's own with the user's credentials."""

    def open(self, bucket: str, key: str) -> BinaryIO:
        """Open an object; raise OSError or UnreadableInput where that fails."""
        place = key if bucket == _BUCKET else f"s3://{bucket}/{key}"
        return open_input(Input(place, place))


def event_of(found: Input) -> Any:
    """Give the event in a JSON file; for any other file one of S3 that names it."""
    if (event := event_in(found)) is not None:
        return event
    if found.place.startswith("s3://"):
        bucket, _, key = found.place.removeprefix("s3://").partition("/")
    else:
        bucket, key = _BUCKET, found.place
    described = {"bucket": {"name": bucket}, "object": {"key": quote(key)}}
    return {"Records": [{"eventSource": "aws:s3", "s3": described}]}


def event_in(found: Input) -> Any:
    """Give the event of a function that a JSON file holds; None for any other file, which may be records.

    Raise UnreadableInput for an inventory, which is no log.
    """
    if not found.place.endswith(".json"):
        return None
    with open_input(found) as stream:
        text = stream.read(_LARGEST_EVENT + 1)
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if isinstance(content, dict) and not _INVENTORY.isdisjoint(content):
        raise UnreadableInput(f"{found.name} is an inventory, not a log: name it with --inventory")
    return content if isinstance(content, dict) and not _EVENT.isdisjoint(content) else None


def check(event: Any, name: str) -> None:
    """Raise UnreadableInput, with the name of the input, for an event that the functions could not answer."""
    if is_transformation_event(event):
        try:
            open_transformation_event(event)
        except MalformedEnvelope as error:
            raise UnreadableInput(f"{name}: {error}") from error
    elif not is_subscription(event):
        with suppress(MalformedEnvelope):  # of which the ingestor makes a dead letter
            for message in messages_of(event):
                for found in message.objects:
                    _check_object(found, name)


def _check_object(found: S3Object, name: str) -> None:
    try:
        LocalObjects().open(found.bucket, found.key).close()
    except OSError as error:
        raise UnreadableInput(f"{name}: s3://{found.bucket}/{found.key}: {error.strerror or error}") from error


_EVENT = frozenset({"awslogs", "Records", "records", "detail"})
_INVENTORY = frozenset({"NetworkInterfaces", "Subnets", "SecurityGroupRules", "interfaces"})


class lines_of_event:  # noqa: N801 (called like a function; iterated, it counts what it passes over)
    """The lines that an event carries, as a reader of its own sees them; `ignored` counts the others."""

    def __init__(self, event: Any, log_format: LogFormat) -> None:
        self._event = event
        self._reader = LineReader(log_format)

    @property
    def ignored(self) -> int:
        """Headers, blank and "#" lines, control messages so far."""
        return self._reader.ignored

    def __iter__(self) -> Iterator[Line | Refused]:
        try:
            yield from map(fitting, self._lines())
        except MalformedEnvelope as error:
            yield Refused(text_of(self._event), "envelope", str(error), b"")

    def _lines(self) -> Iterator[Line | Refused]:
        if is_subscription(self._event):
            yield from self._reader.read_envelope(open_subscription_event(self._event))
        elif is_transformation_event(self._event):
            for record in open_transformation_event(self._event).records:
                self._reader = _continued(self._reader)
                yield from self._reader.read(record.data.removesuffix(b"\n")) if record.data is not None else ()
        else:
            yield from self._lines_of_objects()

    def _lines_of_objects(self) -> Iterator[Line | Refused]:
        for message in messages_of(self._event):
            if message.problem is not None:
                yield Refused(message.body, "envelope", message.problem, b"")
            for found in message.objects:
                self._reader = _continued(self._reader)
                try:
                    yield from lines_of_object(LocalObjects(), found, self._reader)
                except OSError as error:
                    raise UnreadableInput(f"s3://{found.bucket}/{found.key}: {error}") from error


def _continued(reader: LineReader) -> LineReader:
    """Give a reader for the next object or record, in the configured order again, that counts on."""
    following = LineReader(reader.configured)
    following.ignored = reader.ignored
    return following
