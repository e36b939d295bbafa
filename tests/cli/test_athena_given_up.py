"""`flowlogs query --athena` interrupted while Athena does not answer: over HTTP, in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from played_athena import PlayedAthena

import flowlogs

pytestmark = pytest.mark.slow
ROOT = Path(flowlogs.__file__).parents[1]
SIGNALS = pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
WAITING = "Note: waiting for Athena to say which query it started, to cancel it; a second Ctrl-C leaves it\n"
UNKNOWN = (
    "Note: the query may have been started, and go on and cost: Athena has not said its id (interrupted); "
    "`aws athena list-query-executions --work-group our-workgroup --region eu-west-1` lists the last\n"
)
KNOWN = (
    "Note: query of-the-query may go on and cost, for it is not known to be cancelled (interrupted): "
    "`aws athena stop-query-execution --query-execution-id of-the-query --region eu-west-1`\n"
)
CANCELLED = "Note: the query was cancelled in Athena; what it had read by then is paid for\n"
ENDS = {130: "\nError: interrupted\n", 143: ""}


class Asking:
    """The command, asking a played Athena."""

    def __init__(self, played: PlayedAthena, url: str) -> None:
        self._played = played
        keys = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "eu-west-1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flowlogs", "query", "--athena", "--sql", "SELECT 1"],
            env={**os.environ, **keys, "PYTHONPATH": str(ROOT), "AWS_ENDPOINT_URL": url},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def send_at(self, operation: str, number: signal.Signals) -> None:
        """Send a signal when Athena has been asked for this."""
        self._wait(lambda: any(name == operation for name, _ in self._played.calls))
        self.process.send_signal(number)

    def said(self) -> str:
        """Read a line of what it says on stderr."""
        assert self.process.stderr is not None
        return self.process.stderr.readline()

    def _wait(self, done: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not done():
            assert self.process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.01)

    def ended(self) -> tuple[int, str]:
        """Give the exit code, and what was said on stderr that was not read before."""
        out, err = self.process.communicate(timeout=8)  # less than it waits for an answer
        assert out == ""
        return self.process.returncode, err


@contextmanager
def asking(played: PlayedAthena) -> Iterator[Asking]:
    with played.serving() as url:
        started = Asking(played, url)
        try:
            yield started
        finally:
            started.process.kill()
            started.process.communicate()


@SIGNALS
def test_a_second_interrupt_leaves_a_query_that_is_being_started(number: signal.Signals, code: int) -> None:
    with asking(PlayedAthena(hangs=frozenset({"StartQueryExecution"}))) as command:
        command.send_at("StartQueryExecution", number)
        assert command.said() == WAITING
        command.process.send_signal(number)
        expected = UNKNOWN + ENDS[code]
        assert command.ended() == (code, expected)


@SIGNALS
def test_a_query_that_was_started_after_all_is_cancelled(number: signal.Signals, code: int) -> None:
    played = PlayedAthena(hangs=frozenset({"StartQueryExecution"}))
    with asking(played) as command:
        command.send_at("StartQueryExecution", number)
        assert command.said() == WAITING
        played.let_go.set()
        expected = CANCELLED + ENDS[code]
        assert command.ended() == (code, expected)
    assert played.names() == ["StartQueryExecution", "StopQueryExecution"]


@SIGNALS
def test_a_second_interrupt_leaves_a_query_that_is_being_cancelled(number: signal.Signals, code: int) -> None:
    played = PlayedAthena(hangs=frozenset({"StopQueryExecution"}), looks=10**9)
    with asking(played) as command:
        command.send_at("GetQueryExecution", number)
        command.send_at("StopQueryExecution", number)
        expected = KNOWN + ENDS[code]
        assert command.ended() == (code, expected)


@pytest.mark.parametrize("operation", ["GetQueryExecution", "GetQueryResults"])
def test_an_answer_that_does_not_come_is_interrupted_at_once(operation: str) -> None:
    played = PlayedAthena(hangs=frozenset({operation}), looks=0)
    with asking(played) as command:
        command.send_at(operation, signal.SIGINT)
        code, said = command.ended()
    assert code == 130
    assert said.endswith("Error: interrupted\n")
    assert (CANCELLED in said) == played.stopped == (operation == "GetQueryExecution")
