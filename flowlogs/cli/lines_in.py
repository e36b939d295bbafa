"""Reads the lines of whatever a user names: text, Parquet, events of functions."""

from collections.abc import Callable, Iterable, Iterator

from flowlogs.account import Account
from flowlogs.cli.inputs import Input, is_parquet, open_input, parquet_rows
from flowlogs.cli.local_inputs import event_in, lines_of_event
from flowlogs.decorate.document import lake_columns
from flowlogs.errors import MalformedEnvelope, MalformedRecord, UnreadableInput
from flowlogs.ingest.lines import Line, LineReader, Refused
from flowlogs.ingest.text_stream import lines_of
from flowlogs.record.fields import FIELDS
from flowlogs.record.json_line import line_of
from flowlogs.record.log_format import LogFormat

_OF_DOCUMENTS = lake_columns().keys() - {field.key for field in FIELDS.values()}
"""Columns that only what the decorator makes has."""


class NamedALake(UnreadableInput):
    """An input is what was made of logs."""


def lines_in(
    found: Input, log_format: LogFormat, account: Account, on_read: Callable[[int], None] | None = None
) -> Iterator[Line | Refused]:
    """Give the lines of an input; `account` counts what is ignored; raise UnreadableInput where it breaks off.

    `on_read` is told how many bytes were read, as they lie there.
    """
    event = event_in(found)
    if event is None:
        yield from _lines_of_file(found, log_format, account, on_read)
    else:
        yield from (lines := lines_of_event(event, log_format))
        account.ignored += lines.ignored


def _lines_of_file(
    found: Input, log_format: LogFormat, account: Account, on_read: Callable[[int], None] | None
) -> Iterator[Line | Refused]:
    reader = LineReader(log_format)
    try:
        with open_input(found, on_read) as opened:
            parquet, stream = is_parquet(opened)
            for raw in lines_of(stream) if not parquet else ():
                yield from reader.read(raw.removesuffix(b"\n"))
    except (MalformedEnvelope, OSError) as error:
        raise UnreadableInput(f"{found.name}: after line {reader.number}: {error}") from error
    finally:
        account.ignored += reader.ignored
    if parquet:
        yield from _rows(found)


def check_is_no_lake(name: str, columns: Iterable[str]) -> None:
    """Raise UnreadableInput where the columns of an input are those of documents."""
    if len(_OF_DOCUMENTS.intersection(columns)) > 1:
        raise a_lake(name)


def a_lake(name: str) -> NamedALake:
    """Give what to raise for an input that was made of logs."""
    return NamedALake(f"{name} is a lake of documents, not a flow log: name the logs that it was made of")


def _rows(found: Input) -> Iterator[Line | Refused]:
    for number, row in enumerate(parquet_rows(found), 1):
        check_is_no_lake(found.name, row)
        try:
            log_format, text = line_of(row)
        except MalformedRecord as error:
            yield Refused(b"", error.field, error.reason, b"", number)
        else:
            yield Line(log_format, text, None, number)
