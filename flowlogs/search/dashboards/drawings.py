"""Panels that Vega draws, for what no other kind of panel can show: bands, comparisons, who talks to whom."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flowlogs.search.dashboards.panel import Place, Saved


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A Vega specification; `draw` is given the pattern of the indexes."""

    title: str
    name: str
    draw: Callable[[str], dict[str, Any]]

    def saved(self, place: Place) -> Saved:
        """Give what is saved: JSON, which is HJSON too, the language of the plugin."""
        return Saved("vega", {"spec": json.dumps(self.draw(place.pattern), indent=1, ensure_ascii=False)})
