"""One panel drawn by render.mjs: the picture, and what is in it."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from not_installed import cannot_run

ROOT = Path(__file__).parent.parent.parent
RENDERER = Path(__file__).with_name("render.mjs")
PACKAGES = ROOT / "node_modules"
SECONDS = 120


class CannotRender(Exception):
    """The panel was not drawn: a wrong specification, or a search that the server refused; the text says which."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A panel after its first drawing, or after its inputs were turned when signals were given."""

    svg: str
    marks: dict[str, int]
    """How many items each mark has, by its name or else its type; axes and legends are not counted."""
    texts: list[str]
    """Every text that stands in the picture, those of axes, legends and titles too."""
    rows: dict[str, int]
    """How many rows each data source of the specification has, after its transforms."""
    data: dict[str, list[dict[str, Any]]]
    """The rows of the sources that were asked for."""
    signals: dict[str, Any]
    requests: list[dict[str, Any]]
    """`name`, `index` and `body` of each search, as it was sent."""
    warnings: list[str]


def missing() -> str | None:
    """Say in one line what has to be installed before a panel can be drawn; None when nothing has to."""
    wanted = "drawing Vega panels takes Node.js (20 or newer) with npm, and `make node_modules/.ready`"
    if shutil.which("node") is None:
        return f"{wanted}; not installed: node"
    absent = [name for name in ("vega", "vega-interpreter") if not (PACKAGES / name).is_dir()]
    return f"{wanted}; not installed: {', '.join(absent)}" if absent else None


def rendered(
    spec: Mapping[str, Any],
    url: str,
    start: datetime,
    end: datetime,
    *,
    signals: Mapping[str, Any] | None = None,
    filters: Sequence[Mapping[str, Any]] = (),
    must_not: Sequence[Mapping[str, Any]] = (),
    data: Sequence[str] = (),
    size: tuple[int, int] = (800, 400),
) -> Rendered:
    """Draw the panel as a dashboard would whose time range is [start, end] and whose filters are given.

    `url` is the server's; `signals` are set after the first drawing, as by the inputs of the panel; `data` names the
    sources whose rows are wanted; `size` is the panel's, in pixels. Raises CannotRender. Skips the test where Node.js
    is not installed.
    """
    lacking = missing()
    if lacking:
        cannot_run(lacking)
    times = ["--start", start.isoformat(), "--end", end.isoformat()]
    options = [
        *(f"--signal={name}={json.dumps(value)}" for name, value in (signals or {}).items()),
        *(f"--filter={json.dumps(clause)}" for clause in filters),
        *(f"--must-not={json.dumps(clause)}" for clause in must_not),
        *(f"--data={name}" for name in data),
    ]
    ended = subprocess.run(  # noqa: S603 (our own command)
        ["node", RENDERER, "--url", url, *times, f"--width={size[0]}", f"--height={size[1]}", *options],  # noqa: S607
        input=json.dumps(spec),
        env={"PATH": _path_of_node(), "TZ": "UTC"},  # Vega writes times in the zone of who looks
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    report = _report(ended)
    if report.pop("errors"):
        raise CannotRender(json.loads(ended.stdout)["errors"])
    return Rendered(**report)


def _path_of_node() -> str:
    return str(Path(shutil.which("node") or "node").parent)


def _report(ended: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    try:
        report: dict[str, Any] = json.loads(ended.stdout)
    except ValueError:
        raise CannotRender(f"node ended with {ended.returncode}: {ended.stderr[-2000:]}") from None
    return report
