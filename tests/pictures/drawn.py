"""Draws the pictures: `PYTHONPATH=tests python -m pictures.drawn` writes docs/pictures anew."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from java_node.node import folder_of_run, running
from opensearch_node.program import OPENSEARCH
from vega.rendering import rendered

from flowlogs.search.dashboards.all import DASHBOARDS
from flowlogs.search.dashboards.panel import Place
from pictures.days_of_documents import DAY, load

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
PICTURES = {
    "rejects-outliers": (13, 4),
    "accepts-bytes-compared": (0, 24),
    "traffic-bytes-trend": (0, 24),
    "overview-talkers": (0, 24),
    "outliers-groups-outbound": (10, 3),
}
"""Panels by dashboard and name, with the hour of the day and the hours that are drawn."""
_COLUMN, _ROW = 25, 20
"""Pixels of the grid in a window of 1,200."""
_TITLE = 36
"""Pixels of a panel's height that its title takes."""


def pictures(url: str, prefix: str) -> Iterator[tuple[str, str]]:
    """Give each picture's name and its SVG, on light ground."""
    for name, (hour, hours) in PICTURES.items():
        specification, size = panel(name, prefix)
        start = DAY + timedelta(hours=hour)
        svg = rendered(json.loads(specification), url, start, start + timedelta(hours=hours), size=size).svg
        head, _, rest = svg.partition(">")
        yield name, f'{head}>\n{mark(name)}\n<rect width="100%" height="100%" fill="#fff"/>{rest}\n'


def panel(name: str, prefix: str = "cwl") -> tuple[str, tuple[int, int]]:
    """Give a panel's specification (JSON) and its size in pixels."""
    for dashboard in DASHBOARDS:
        for each, cell in dashboard.cells():
            if f"{dashboard.name}-{each.name}" == name:
                specification: str = each.saved(Place(prefix)).params["spec"]
                return specification, (cell.w * _COLUMN, cell.h * _ROW - _TITLE)
    raise LookupError(name)


def mark(name: str) -> str:
    """Say of which specification a picture is, so that a test sees when it is of an old one."""
    return f"<!-- {name} of specification {hashlib.sha256(panel(name)[0].encode()).hexdigest()[:16]} -->"


def main() -> None:
    """Start a server, load the days, draw."""
    with folder_of_run() as run, TemporaryDirectory() as folder:
        url = running(OPENSEARCH, run).url
        load(url, "pictures", Path(folder))
        FOLDER.mkdir(exist_ok=True)
        for name, svg in pictures(url, "pictures"):
            (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
