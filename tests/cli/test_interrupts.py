"""Ctrl-C and SIGTERM that are held off."""

import os
import signal
from collections.abc import Iterator

import pytest

from flowlogs.cli.interrupts import Interrupts

pytestmark = pytest.mark.usefixtures("terminated_by_an_exit")


@pytest.fixture
def terminated_by_an_exit() -> Iterator[None]:
    """Handle SIGTERM as `main` does."""

    def leave(*_: object) -> None:
        raise SystemExit(143)

    before = signal.signal(signal.SIGTERM, leave)
    yield
    signal.signal(signal.SIGTERM, before)


def send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_a_signal_does_at_once_what_it_did_before(number: signal.Signals, raised: type[BaseException]) -> None:
    with pytest.raises(raised), Interrupts():
        send(number)


@pytest.mark.parametrize(("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_a_signal_that_is_held_off_comes_afterwards(number: signal.Signals, raised: type[BaseException]) -> None:
    reached: list[str] = []
    with Interrupts() as interrupts, pytest.raises(raised):  # noqa: PT012 (that both come is what is tested)
        with interrupts.held_off():
            with interrupts.held_off():
                send(number)
            reached.append("the inner one")
            send(number)
            reached.append("the outer one")
        reached.append("behind it")
    assert reached == ["the inner one", "the outer one"]


def test_one_that_came_is_not_raised_twice() -> None:
    with Interrupts() as interrupts:
        with pytest.raises(KeyboardInterrupt), interrupts.held_off():
            send(signal.SIGINT)
        with interrupts.held_off():
            pass


def test_an_error_of_what_is_done_goes_before() -> None:
    with Interrupts() as interrupts, pytest.raises(OSError, match="full"), interrupts.held_off():  # noqa: PT012
        send(signal.SIGINT)
        raise OSError("full")


def test_in_the_end_everything_is_as_it_was() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with Interrupts():
        assert signal.getsignal(signal.SIGINT) != before[0]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_signal_that_was_ignored_is_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interrupts() as interrupts, interrupts.held_off():
            send(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
