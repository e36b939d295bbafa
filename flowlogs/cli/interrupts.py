"""Ctrl-C and SIGTERM, held off while something must be done as a whole."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_BY_SIGNAL = 128  # and its number: how a shell tells of it


class Interrupts:
    """As a context, lets the signals do what they did before, but not while they are `held_off`: then afterwards."""

    def __init__(self) -> None:
        self._held = 0
        self._came: tuple[int, FrameType | None] | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Interrupts":
        self._before = {number: signal.getsignal(number) for number in _SIGNALS}
        for number in _SIGNALS:
            signal.signal(number, self._take)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self._held:
            self._came = self._came or (number, frame)
        else:
            self._pass_on(number, frame)

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        handler: Callable[[int, FrameType | None], object] | int | None = self._before[number]
        if callable(handler):
            handler(number, frame)
        elif handler is not signal.SIG_IGN:
            raise KeyboardInterrupt

    @contextmanager
    def held_off(self) -> Iterator[None]:
        """Hold off what comes until the end."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        if self._came and not self._held:
            came, self._came = self._came, None
            self._pass_on(*came)


def leave_at_once(error: BaseException) -> NoReturn:
    """End the process as an interrupt would, but without waiting for its threads: they hang."""
    code = error.code if isinstance(error, SystemExit) else None
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else _BY_SIGNAL + signal.SIGINT)
