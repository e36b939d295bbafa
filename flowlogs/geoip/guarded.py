"""Answers that are read no longer than there is time for, and never all at once.

urllib3's timeouts are those of one read: a server that sends a byte now and then is within them for days.
"""

import http.client
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import urllib3

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LONGEST_LINE = 1 << 16
"""Bytes of a line of headers, or of a chunk's size, which urllib3 1.26 reads to its end."""


def guard(pool: urllib3.PoolManager, look: Callable[[], None]) -> urllib3.PoolManager:
    """Have `look` called after each piece that comes, of headers as of bodies; what it raises ends the request."""

    class Guarded(http.client.HTTPResponse):
        def __init__(self, sock: Any, *args: Any, **more: Any) -> None:
            super().__init__(sock, *args, **more)
            self.fp: io.BufferedReader = _Bounded(_Watched(self.fp, look))

    kinds: dict[str, Any] = pool.pool_classes_by_scheme
    pool.pool_classes_by_scheme = {scheme: _answering_by(Guarded, kind) for scheme, kind in kinds.items()}
    return pool


def _answering_by(response: type[http.client.HTTPResponse], kind: Any) -> Any:
    """Make another kind of pool, whose connections make such responses."""
    connection = type("_Connection", (kind.ConnectionCls,), {"response_class": response})
    return type("_Pool", (kind,), {"ConnectionCls": connection})


class _Watched(io.RawIOBase):
    """What comes from a socket, piece by piece."""

    def __init__(self, stream: io.BufferedReader, look: Callable[[], None]) -> None:
        self._stream, self._look = stream, look

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        number = self._stream.readinto1(buffer)
        self._look()
        return number

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Bounded(io.BufferedReader):
    """Reads so much and no more: a chunk of -1 bytes is all that a server will ever send."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            raise http.client.HTTPException("a chunk of a negative size")
        return super().read(size)

    def readline(self, size: int | None = -1, /) -> bytes:
        return super().readline(_LONGEST_LINE if size is None or size < 0 else size)
