"""Names of objects as Firehose gives them."""

from datetime import UTC, datetime
from functools import lru_cache
from itertools import count
from uuid import NAMESPACE_URL, uuid5

from flowlogs.deliver.local.behaviours import Behaviour, acts_on

_DAY_MS = 24 * 60 * 60 * 1000


def arrival(milliseconds: int) -> datetime:
    """Give the instant of an arrival in UTC."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC)


def arrival_day(milliseconds: int) -> str:
    """Give the day of an arrival in UTC, as YYYY-MM-DD."""
    return _day(milliseconds // _DAY_MS)


@lru_cache(maxsize=16)
def _day(days: int) -> str:
    return f"{arrival(days * _DAY_MS):%Y-%m-%d}"


class ObjectNames:
    """Names the objects of one stream; the UUID follows from the stream and a count, so that runs repeat."""

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._numbers = count()

    @acts_on(Behaviour.S3_KEY)
    def next(self, arrived: int) -> str:
        """Name an object by the arrival of its oldest record, in milliseconds since 1970."""
        number = uuid5(NAMESPACE_URL, f"{self._stream}/{arrived}/{next(self._numbers)}")
        return f"{self._stream}-1-{arrival(arrived):%Y-%m-%d-%H-%M-%S}-{number}"
