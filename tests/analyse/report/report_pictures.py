"""Draws the pictures of docs/report.md, of a day's generated traffic: needs Chromium, takes a minute.

PYTHONPATH=tests:tests/analyse/report python -m report_pictures
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from chromium import chromium
from opened_report import TIMEOUT, OpenedReport

PICTURES = Path(__file__).parents[3] / "docs" / "pictures"
SHOTS: dict[str, tuple[str, str, int, int]] = {
    "report-overview": ("overview", "light", 1180, 1000),
    "report-traffic": ("traffic", "dark", 1180, 1000),
    "report-groups": ("groups", "light", 1180, 1000),
    "report-phone": ("rejects", "light", 390, 844),
}
"""By name: the section, light or dark, width and height in pixels."""
DAY = "2026-11-02T00:00Z"


def run(*words: str) -> None:
    """Run one command of ours."""
    subprocess.run([sys.executable, "-m", "flowlogs", *words], check=True)  # noqa: S603 (our own program)


def made(folder: Path) -> Path:
    """Generate two days of traffic, enrich them, and make their report."""
    demo, lake, report = (str(folder / name) for name in ("demo", "lake", "report.html"))
    run("generate", demo, "--seed", "7", "--start", DAY, "--minutes", "2880", "--lines", "200000", "--no-events")
    known = ("--inventory", f"{demo}/inventory", "--geoip", f"{demo}/geoip")
    run("enrich", f"{demo}/logs", *known, "--format", "v5", "--out", lake)
    run("report", lake, *known[:2], "--title", "Two days of a generated VPC", "--out", report)
    return Path(report)


def main() -> None:
    """Make a report and write its pictures."""
    with TemporaryDirectory() as folder, chromium() as browser:
        report = made(Path(folder))
        for name, (section, scheme, width, height) in SHOTS.items():
            dark = scheme == "dark"
            with browser.new_context(
                viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
            ) as context:
                opened = OpenedReport(context.new_page(), report.as_uri())
                context.set_default_timeout(2 * TIMEOUT)
                opened.go(section)
                opened.page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
