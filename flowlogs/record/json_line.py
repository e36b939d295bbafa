"""A flow record as a JSON object keyed by field name, made a line of its own format."""

from functools import lru_cache

from flowlogs.errors import MalformedFormat, MalformedRecord
from flowlogs.record.fields import known_among
from flowlogs.record.log_format import LogFormat, can_be_header
from flowlogs.record.values import ABSENT


@lru_cache(maxsize=256)
def _format(keys: tuple[str, ...]) -> LogFormat:
    return LogFormat(keys)


def names_fields(keys: object) -> bool:
    """Say whether the keys of an object are those of a flow record: at least half, and one, name its fields.

    The others must be such that a header can name them, as the next stage reads the line behind one.
    """
    names = [str(key) for key in keys] if isinstance(keys, dict) else []
    return can_be_header(names) and 2 * known_among(names) >= len(names)


def line_of(values: dict[str, object]) -> tuple[LogFormat, bytes]:
    """Give the format of an object's keys (AWS's or Parquet's spelling) and its values as a line of it.

    Null, "" and "-" are absent. Raise MalformedRecord where a value cannot stand in a line.
    """
    try:
        log_format = _format(tuple(values))
    except MalformedFormat as error:
        raise MalformedRecord("line", str(error)) from error
    written = [_written(field.name, value) for field, value in zip(log_format.fields, values.values(), strict=True)]
    return log_format, b" ".join(written)


def _written(name: str, value: object) -> bytes:
    if value is None or value == "":
        return ABSENT
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise MalformedRecord(name, "neither text nor a whole number")
    text = str(value).encode()
    if len(text.split()) != 1 or text != text.strip():
        raise MalformedRecord(name, "a blank inside the value")
    return text
