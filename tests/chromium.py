"""Debian's Chromium under Playwright, for tests of pages; none is downloaded."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from not_installed import cannot_run
from playwright.sync_api import Browser, sync_playwright

LACKING = "the tests of the report's page take Chromium: apt-get install chromium"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser; skip where it is not installed (fail where CI is set)."""
    program = shutil.which("chromium")
    if program is None:
        cannot_run(LACKING)
    as_root = os.geteuid() == 0  # whom Chromium's sandbox refuses
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"] if as_root else [])
        try:
            yield browser
        finally:
            browser.close()
