"""Packs pieces of many inputs into blocks that are worth the work on columns."""

from collections.abc import Iterable, Iterator
from threading import Lock

from flowlogs.enrich.blocks import TextBlock
from flowlogs.enrich.pieces import Piece
from flowlogs.record.log_format import LogFormat

_MOST_KINDS = 16
"""Kinds of pieces that wait: logs have a few formats, hostile headers have many."""

_Kind = tuple[LogFormat, bool]


class Packing:
    """Keeps pieces until there is a block of them; for several threads at once."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._waiting: dict[_Kind, list[Piece]] = {}
        self._bytes: dict[_Kind, int] = {}
        self._lock = Lock()

    def add(self, pieces: Iterable[Piece]) -> Iterator[TextBlock]:
        """Take pieces and give the blocks that are ready."""
        for piece in pieces:
            with self._lock:
                ready = self._add(piece)
            yield from ready

    def _add(self, piece: Piece) -> list[TextBlock]:
        if 2 * len(piece.text) >= self._size:  # to join it with others would be a copy for nothing
            return [TextBlock([piece])]
        kind, ready = (piece.log_format, piece.stamped), []
        if kind not in self._waiting and len(self._waiting) >= _MOST_KINDS:
            ready.append(self._take(next(iter(self._waiting))))
        self._waiting.setdefault(kind, []).append(piece)
        self._bytes[kind] = self._bytes.get(kind, 0) + len(piece.text)
        if self._bytes[kind] >= self._size:
            ready.append(self._take(kind))
        return ready

    def _take(self, kind: _Kind) -> TextBlock:
        del self._bytes[kind]
        return TextBlock(self._waiting.pop(kind))

    def rest(self) -> list[TextBlock]:
        """Give what is left."""
        with self._lock:
            return [self._take(kind) for kind in list(self._waiting)]
