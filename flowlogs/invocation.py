"""What an invocation of a function brings along, whether Lambda or a laptop makes it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

KEPT_BACK = 5.0
"""Seconds of an invocation that sending leaves for dead letters and the answer, at most."""
KEPT_BACK_SHARE = 0.2
"""The share of a short invocation that it leaves instead."""


class Context(Protocol):
    """What is used of Lambda's context object. Source: Lambda Developer Guide, "Python context object"."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Say how long the invocation may still last."""
        ...


class Log(Protocol):
    """What is used of a logger (Powertools' has it): fields go beside the message."""

    def info(self, msg: object, **fields: Any) -> None:
        """Tell what happened."""
        ...

    def warning(self, msg: object, **fields: Any) -> None:
        """Tell what someone should look at."""
        ...


@dataclass(frozen=True, slots=True)
class Invocation:
    """The time (Unix seconds), the seconds left for sending, a name for what the invocation writes."""

    now: float
    time_left: Callable[[], float]
    name: str

    @classmethod
    def of(cls, context: Context, clock: Callable[[], float] = time.time) -> "Invocation":
        """Take it from Lambda's context."""

        def remaining() -> float:
            return context.get_remaining_time_in_millis() / 1000

        kept_back = min(KEPT_BACK, KEPT_BACK_SHARE * remaining())
        return cls(clock(), lambda: remaining() - kept_back, context.aws_request_id)
