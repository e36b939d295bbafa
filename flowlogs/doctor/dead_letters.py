"""Looks where things are kept that could not be passed on: how much there is, and whether a marked line is in it."""

import base64
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from flowlogs.doctor.asked import Buckets, Found

MOST_LISTED = 20_000
"""Objects looked at, so that a bucket full of letters costs seconds and not hours."""
MOST_READ = 200
LARGEST = 20 * 1024 * 1024
"""Bytes of an object that is read, and of what it unpacks to."""
_GZIP = b"\x1f\x8b"
_BASE64 = re.compile(rb'"([A-Za-z0-9+/]{40,}={0,2})\\?"')
_DEEPEST = 3
"""Envelopes in each other: an event of CloudWatch Logs inside Lambda's record of it."""
_DATED = re.compile(r"(.+?)/(?:date=)?\d{4}[-/]")
"""What stands before the date in a key: ours, Firehose's (`…/processing-failed/`), Lambda's (`aws/lambda/async/…/`)."""


class Place(NamedTuple):
    """A bucket, and the beginning of keys in it."""

    bucket: str
    prefix: str = ""


@dataclass(slots=True)
class Letters:
    """Objects by kind, which is the beginning of their keys; `cut` where there may be more."""

    kinds: Counter[str] = field(default_factory=Counter)
    cut: bool = False

    @property
    def count(self) -> int:
        """All of them."""
        return self.kinds.total()


def letters_since(buckets: Buckets, places: Iterable[Place], since: datetime) -> Letters:
    """Count the objects written since a time; raise Refused."""
    letters = Letters()
    for number, (_, found) in enumerate(_first(buckets, places), 1):
        if found.modified >= since:
            letters.kinds[_kind(found.key)] += 1
        letters.cut = number == MOST_LISTED
    return letters


def _kind(key: str) -> str:
    dated = _DATED.match(key)
    return dated[1] if dated else key.partition("/")[0]


def letters_with(buckets: Buckets, places: Iterable[Place], since: datetime, marker: str) -> list[str]:
    """List the addresses of objects written since a time that hold the marker; raise Refused."""
    recent = [(bucket, found) for bucket, found in _first(buckets, places) if found.modified >= since]
    small = [(bucket, found.key) for bucket, found in recent if found.size <= LARGEST][-MOST_READ:]
    return [f"s3://{bucket}/{key}" for bucket, key in small if holds(buckets.read(bucket, key), marker.encode())]


def _first(buckets: Buckets, places: Iterable[Place]) -> Iterator[tuple[str, Found]]:
    every = ((place.bucket, found) for place in places for found in buckets.list(place.bucket, place.prefix))
    return islice(every, MOST_LISTED)


def holds(content: bytes, marker: bytes, depth: int = 0) -> bool:
    """Say whether the marker is in it, also where gzip or base64 is around it, as Firehose and Lambda keep things."""
    text = unpacked(content)
    if marker in text:
        return True
    if depth == _DEEPEST:
        return False
    return any(
        holds(base64.b64decode(found), marker, depth + 1) for found in _BASE64.findall(text) if not len(found) % 4
    )


def unpacked(content: bytes) -> bytes:
    """Unpack gzip, several members of it too, up to LARGEST bytes; what is broken off ends there."""
    text = b""
    while content.startswith(_GZIP) and len(text) < LARGEST:
        reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            text += reader.decompress(content, LARGEST - len(text))
        except zlib.error:
            return text
        content = reader.unused_data
        if not reader.eof:
            return text
    return text + content
