"""Panels of text, and of lists of options to filter by.

Source of the parameters: OpenSearch Dashboards, `src/plugins/vis_type_markdown` and `input_control_vis`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flowlogs.search.dashboards.panel import Place, Saved


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Markdown, without a title of its own; `write` is given the place, for links."""

    name: str
    write: Callable[[Place], str]
    title: str = ""

    def saved(self, place: Place) -> Saved:
        """Give what is saved."""
        return Saved("markdown", {"markdown": self.write(place), "openLinksInNewTab": False, "fontSize": 10})


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """A list of options a field, of which several may be chosen; only values in the time range are offered."""

    title: str
    name: str
    fields: Sequence[tuple[str, str]]
    """Field and label."""
    most: int = 500
    """Options that a list has where its values are no text; of text one types a part."""

    def saved(self, _: Place) -> Saved:
        """Give what is saved; the references are made by the dashboard."""
        controls = [
            {
                "id": f"{self.name}-{number}",
                "fieldName": field,
                "parent": "",
                "label": label,
                "type": "list",
                "options": {
                    "type": "terms",
                    "multiselect": True,
                    "dynamicOptions": True,
                    "size": self.most,
                    "order": "desc",
                },
                "indexPatternRefName": f"control_{number}_index_pattern",
            }
            for number, (field, label) in enumerate(self.fields)
        ]
        params = {"controls": controls, "updateFiltersOnChange": True, "useTimeFilter": True, "pinFilters": False}
        return Saved("input_control_vis", params, controls=len(controls))
