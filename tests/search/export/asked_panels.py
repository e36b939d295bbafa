"""The panels of an export, asked of a server that has the documents of the export's prefix."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from index_fields import Pattern, fields_of_patterns
from panel_numbers import Shown, shown
from panel_queries import options_asked, others_asked, panel_asked
from real_index import Server
from saved_export import Object, Saved, read_export
from time_slices import Span
from vega_structure import sources

from flowlogs.search.dashboards.export import as_ndjson, saved_objects


@dataclass(frozen=True)
class Panels:
    """The export of a prefix, and the server that has the prefix's documents."""

    server: Server
    prefix: str

    @cached_property
    def objects(self) -> dict[str, Saved]:
        export = read_export(as_ndjson(saved_objects(self.prefix)))
        return {saved.id.removeprefix(f"flowlogs-{self.prefix}-"): saved for saved in export}

    @cached_property
    def pattern(self) -> Pattern:
        (pattern,) = fields_of_patterns(list(self.objects.values())).patterns.values()
        return pattern

    def shown(self, name: str, span: Span) -> Shown:
        return self.answer_to(self.objects[name], span)

    def answer_to(self, saved: Saved, span: Span) -> Shown:
        asked = panel_asked(saved, self.pattern, span)
        answer = self.server.answer(asked)
        others = others_asked(saved, self.pattern, span, answer)
        return shown(saved, asked, answer, None if others is None else self.server.answer(others))

    def sources(self, name: str) -> list[Object]:
        return list(sources(json.loads(self.objects[name].state["params"]["spec"])))

    def options(self, control: Object, span: Span, typed: str = "") -> list[Any]:
        answer = self.server.answer(options_asked(control, self.pattern, span, typed))
        return [bucket["key"] for bucket in answer["aggregations"]["termsAgg"]["buckets"]]


def refreshed(url: str, prefix: str) -> Panels:
    """Give the panels of a prefix, once all of its documents can be found."""
    server = Server(url)
    server.asked("POST", f"{prefix}-*/_refresh")
    return Panels(server, prefix)


Change = Callable[[Object, Object], object]
"""Changes the state of a visualization, and the query that it has."""


def changed(saved: Saved, change: Change) -> Saved:
    """Give a panel that asks something else."""
    parsed = deepcopy(dict(saved.parsed))
    change(parsed["visState"], parsed["searchSourceJSON"]["query"])
    return replace(saved, parsed=parsed)


def reading(agg: int, field: str) -> Change:
    return lambda state, _: state["aggs"][agg]["params"].update(field=field)
