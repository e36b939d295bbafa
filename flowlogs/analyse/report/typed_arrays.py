"""Columns of numbers as a page reads them: typed arrays, little-endian, gzip, base64."""

import base64
import gzip
import sys
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

_WHOLE = (("uint8", pa.uint8(), 1 << 8), ("uint16", pa.uint16(), 1 << 16), ("uint32", pa.uint32(), 1 << 32))
_FLOAT = ("float64", pa.float64())


def typed_array(column: Any) -> dict[str, object]:
    """Encode an Arrow column of numbers that are neither absent nor negative, in the smallest type that holds them.

    What needs more than 32 bits becomes float64, which is exact up to 2^53.
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    most = pc.max(array).as_py() or 0
    fits = ((name, arrow) for name, arrow, limit in _WHOLE if most < limit)
    name, arrow = next(fits, _FLOAT)
    data = _bytes_of(array.cast(arrow))
    packed = gzip.compress(data, mtime=0)
    return {"type": name, "gzip": True, "data": base64.b64encode(packed).decode()}


def _bytes_of(array: Any) -> bytes:
    if sys.byteorder != "little":
        raise NotImplementedError("typed arrays are little-endian, this machine is not")
    width = array.type.bit_width // 8
    start = array.offset * width
    _, values = array.buffers()
    return b"" if values is None else bytes(values.to_pybytes()[start : start + len(array) * width])
