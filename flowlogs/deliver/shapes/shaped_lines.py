"""Lines as documents of another shape: our own document is made first, and shaped."""

import orjson

from flowlogs.decorate.encoder import Encoder
from flowlogs.deliver.shapes.shaper import Shaper


class ShapedLines:
    """Encodes lines of one log format in a shape; what is remembered is the encoder's, so both are as careful."""

    def __init__(self, encoder: Encoder, shaper: Shaper) -> None:
        self._encoder = encoder
        self._shaper = shaper

    def encode(self, line: bytes, event_time: int | None = None) -> bytes:
        """Give the document of a line; raise MalformedRecord when it does not fit its format."""
        return orjson.dumps(self._shaper.shape(orjson.loads(self._encoder.encode(line, event_time))))

    def trim(self) -> None:
        """Forget what is too much to keep."""
        self._encoder.trim()

    def last_end(self) -> int | None:
        """Give the `end` (Unix seconds) of the line encoded last; None where it has none."""
        return self._encoder.last_end()
