"""Columns of numbers as a page reads them: byte by byte, gzip, base64."""

import base64
import gzip
import sys
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

_EXACT = 1 << 53  # whole numbers of a page, which are float64, are exact so far
_WIDTH = 8


def typed_array(column: Any) -> dict[str, object]:
    """Encode an Arrow column of numbers that are neither absent nor negative.

    Whole numbers are written in as few bytes as the largest needs, the lowest byte of all numbers first, then the next
    of all: so gzip makes half of what it makes of numbers one behind the other. Beyond 2^53 they are float64.
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    most = pc.max(array).as_py() or 0
    if most >= _EXACT:
        return {"type": "float64", "data": _packed(_bytes_of(array.cast(pa.float64())))}
    data = _bytes_of(array.cast(pa.uint64()))
    width = max(1, -(-int(most).bit_length() // 8))
    return {"type": "planes", "width": width, "data": _packed(b"".join(data[at::_WIDTH] for at in range(width)))}


def packed_text(text: str) -> str:
    """Encode a text."""
    return _packed(text.encode())


def _packed(data: bytes) -> str:
    return base64.b64encode(gzip.compress(data, compresslevel=6, mtime=0)).decode()


def _bytes_of(array: Any) -> bytes:
    if sys.byteorder != "little":
        raise NotImplementedError("typed arrays are little-endian, this machine is not")
    start = array.offset * _WIDTH
    _, values = array.buffers()
    return b"" if values is None else bytes(values.to_pybytes()[start : start + len(array) * _WIDTH])
