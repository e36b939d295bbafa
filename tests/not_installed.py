"""What a test does when a program that it takes is not installed."""

import os
from typing import NoReturn

import pytest


def cannot_run(lacking: str) -> NoReturn:
    """Skip; where CI is set, fail: nothing may be skipped there. `lacking` is one line and says what to install."""
    if os.environ.get("CI", "").lower() in ("", "0", "false"):
        raise pytest.skip.Exception(lacking)
    pytest.fail(lacking, pytrace=False)


def skipped_here(call: pytest.CallInfo[None]) -> tuple[str, int, str] | None:
    """Give the place in this file and the reason of such a skip; None of anything else."""
    if call.excinfo is None or not call.excinfo.errisinstance(pytest.skip.Exception):
        return None
    raised = call.excinfo.traceback[-1]
    return (__file__, raised.lineno + 1, f"Skipped: {call.excinfo.value}") if str(raised.path) == __file__ else None
