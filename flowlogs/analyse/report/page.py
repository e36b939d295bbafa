"""The report's page: one HTML file that opens from disk and asks no network for anything."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from itables.utils import read_package_file
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from flowlogs.analyse.report.script_json import script_json
from flowlogs.analyse.report.typed_arrays import packed_text
from flowlogs.analyse.report.vega import scripts

_ASSETS = files("flowlogs.analyse.report") / "assets"
_CHARTS = files("flowlogs.analyse.report") / "charts"
_KINDS = ("arc", "band", "bars", "config", "heat", "lines", "map", "sankey", "spark", "stack", "strip")
_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""No connection, no frame, no form, no eval: a text of the data that got into the page as HTML could still do nothing.

Styles are free because Vega and DataTables set them on elements. Source: W3C, "Content Security Policy Level 3".
"""


def page(data: Mapping[str, Any], vega: Callable[[], str] = scripts) -> str:
    """Give the whole page of what `contents` gives, with what `vega` gives. The same data makes the same page."""
    json_of_data = script_json(data)
    nonce = hashlib.sha256(json_of_data.encode()).hexdigest()[:32]  # who writes a part of the data cannot foresee it
    template = _templates().get_template("page.html.j2")
    return template.render(
        about=data["about"],
        sections=list(_sections(data["panels"])),
        policy=_POLICY.format(nonce=nonce),
        nonce=nonce,
        data=packed_text(json_of_data),
        vega=Markup(vega()),  # noqa: S704
        **_own_parts(),
    )


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("flowlogs.analyse.report", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    templates.filters["utc"] = lambda seconds: f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    return templates


def _sections(panels: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give each section with its panels; one that the data does not know has its name for a title, and no SQL."""
    for section in json.loads((_ASSETS / "sections.json").read_text("utf-8")):
        placed = [
            {
                "title": name,
                "question": "",
                "sql": "",
                **panels.get(name, {}),
                "name": name,
                "width": width,
                "kind": kind,
            }
            for name, width, kind in section["panels"]
        ]
        yield {**section, "panels": placed}


@cache
def _own_parts() -> dict[str, Markup]:
    """Give what is the same in every report; all of it is ours or a library's, none of it from data."""
    charts: dict[str, Any] = {kind: json.loads((_CHARTS / f"{kind}.json").read_text("utf-8")) for kind in _KINDS}
    charts["world"] = json.loads((_ASSETS / "world.json").read_text("utf-8"))
    own = sorted((_ASSETS / "styles").iterdir(), key=lambda path: path.name)  # numbered: a later one wins
    styles = [read_package_file("html/dt_bundle.css"), *(path.read_text("utf-8") for path in own)]
    return {
        "styles": Markup("\n".join(styles)),  # noqa: S704
        "charts": Markup(script_json(charts)),  # noqa: S704
        "modules": Markup(script_json({"imports": dict(_modules())})),  # noqa: S704
    }


def _modules() -> Iterator[tuple[str, str]]:
    """Give each module by the name that others import it by: the text stands in the address, nothing is fetched."""
    yield "datatables", _address(read_package_file("html/dt_bundle.js"))
    for path in sorted((_ASSETS / "modules").iterdir(), key=lambda path: path.name):
        if path.name.endswith(".js"):
            yield f"report/{path.name.removesuffix('.js')}", _address(path.read_text("utf-8"))


def _address(script: str) -> str:
    return f"data:text/javascript;base64,{base64.b64encode(script.encode()).decode()}"
