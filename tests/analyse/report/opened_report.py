"""A report opened in a browser: where a test goes in it, and what it reads there."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Locator, Page

from flowlogs.analyse.report.page import page

TIMEOUT = 20_000
Filter = list[tuple[str, str]]
"""Conditions by field as the address has them; `not.` before a field leaves out."""


class OpenedReport:
    """The page, with all that it said on the console and asked a network for."""

    def __init__(self, browser_page: Page, url: str) -> None:
        self.page = browser_page
        self.url = url
        self.said: list[str] = []
        self.asked: list[str] = []
        browser_page.on("console", lambda message: self.said.append(message.text))
        browser_page.on("pageerror", lambda error: self.said.append(str(error)))
        browser_page.on("request", lambda request: self.asked.append(request.url))

    def go(self, section: str = "overview", conditions: Filter | None = None) -> None:
        """Show a section under a filter and wait until all of the page is drawn."""
        text = urlencode(conditions or [])
        self.page.goto(f"{self.url}#{section}" + (f"?{text}" if text else ""))
        self.drawn(text)

    def drawn(self, text: str | None = None) -> None:
        """Wait until all panels show the filter that the address says, or that `text` is."""
        if text is None:
            text = self.filter
        wait = "text => document.documentElement.dataset.allDrawn === text"
        self.page.wait_for_function(wait, arg=text, timeout=TIMEOUT)

    @property
    def filter(self) -> str:
        """The filter in the address."""
        return self.page.url.partition("#")[2].partition("?")[2]

    def after(self, text: str) -> None:
        """Wait until the address has this filter and all panels show it."""
        self.page.wait_for_function("text => location.hash.split('?')[1] === text", arg=text, timeout=TIMEOUT)
        self.drawn(text)

    def panel(self, name: str) -> Locator:
        """Find a panel; of those that stand in two sections, the one that is shown."""
        return self.page.locator(f'section.shown [data-panel="{name}"]')

    def numbers(self, name: str) -> list[list[str]]:
        """Read the numbers of a chart as they are, without units, row by row."""
        details = self.panel(name).locator("details.numbers")
        if details.get_attribute("open") is None:
            details.locator("summary").click()
        if "is-empty" in (self.panel(name).get_attribute("class") or ""):
            return []
        details.locator("td").first.wait_for()
        cells = "rows => rows.map(row => [...row.cells].map(cell => cell.dataset.value))"
        found: list[list[str]] = details.locator("tbody tr").evaluate_all(cells)
        return found

    def table(self, name: str) -> list[list[str]]:
        """Read the shown page of a table as it stands there."""
        rows = "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
        found: list[list[str]] = self.panel(name).locator("table.living > tbody > tr").evaluate_all(rows)
        return found

    def sql(self, name: str) -> str:
        """Read the SQL beside a panel."""
        details = self.panel(name).locator("details.how")
        if details.get_attribute("open") is None:
            details.locator("summary").click()
        details.locator(".sql:not(:empty)").wait_for()
        return details.locator(".sql").inner_text()


@contextmanager
def opened(browser: Browser, folder: Path, data: Mapping[str, Any], **context: Any) -> Iterator[OpenedReport]:
    """Write a report's page into a folder and open it from there."""
    file = folder / "report.html"
    file.write_text(page(data), encoding="utf-8")
    with browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context}) as made:
        made.set_default_timeout(TIMEOUT)
        yield OpenedReport(made.new_page(), file.as_uri())
