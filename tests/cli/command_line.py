"""Runs `flowlogs` in this process as `main` does in its own."""

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

from flowlogs.cli.main import main


def line(port: int, action: str = "ACCEPT") -> bytes:
    """Give a default line, told from others by its source port."""
    return f"2 012345678901 eni-1 10.0.0.1 10.0.0.2 {port} 443 6 1 40 1767225600 1767225659 {action} OK".encode()


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    def rows(self) -> list[Any]:
        """Give standard output as NDJSON."""
        return [json.loads(row) for row in self.out.splitlines()]

    def refused(self) -> list[dict[str, Any]]:
        """Give the refused lines that standard error names."""
        rows = [json.loads(row) for row in self.err.splitlines() if row.startswith('{"file"')]
        assert all(list(row) == ["file", "line", "field", "reason"] for row in rows)
        return rows

    @property
    def only_line(self) -> str:
        """Give the one line of standard error that says what is wrong; the account may stand behind it."""
        assert "Traceback" not in self.err
        (said,) = [row for row in self.err.splitlines() if row.startswith("Error: ")]
        return said


def ran(*arguments: str, stdin: bytes = b"") -> Ran:
    """Run a command line; an exception that would be a traceback is an exception here."""
    with _streams(stdin) as (out, err):
        code = _exit_code(list(arguments))
        sys.stdout.flush()
        sys.stderr.flush()
        return Ran(code, out.getvalue().decode(), err.getvalue().decode())


def _exit_code(arguments: list[str]) -> int:
    try:
        with patch.object(sys, "argv", ["flowlogs", *arguments]):
            main()
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    return 0


@contextmanager
def _streams(stdin: bytes) -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    out, err = io.BytesIO(), io.BytesIO()
    with (
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin))),
        patch.object(sys, "stdout", io.TextIOWrapper(out)),
        patch.object(sys, "stderr", io.TextIOWrapper(err)),
    ):
        yield out, err
