"""Fragments of one field by the value as it stands in the line: made once, checked once."""

from collections.abc import Callable

from flowlogs.errors import MalformedRecord
from flowlogs.record.fields import Field
from flowlogs.record.values import ABSENT, READERS

MOST_FRAGMENTS = 1 << 16
"""Entries a map may hold at the end of a batch: 64 Ki fragments of about 100 bytes are some 15 MB."""


class Fragments(dict[bytes, bytes]):
    """Gives the fragment of a value; raises MalformedRecord, naming the field, where the value is none."""

    def __init__(self, field: Field, write: Callable[[int | str], bytes]) -> None:
        super().__init__()
        self._name = field.name
        self._read = READERS[field.kind]
        self._write = write

    def __missing__(self, value: bytes) -> bytes:
        try:
            fragment = b"" if value == ABSENT else self._write(self._read(value))
        except ValueError as error:
            raise MalformedRecord(self._name, str(error)) from error
        self[value] = fragment
        return fragment

    def trim(self) -> None:
        """Forget all where there are too many."""
        if len(self) > MOST_FRAGMENTS:
            self.clear()
