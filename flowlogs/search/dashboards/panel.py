"""What every kind of panel is: a question, and how it is answered as a saved visualization."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from flowlogs.deliver.shapes.layouts import paths
from flowlogs.search.prefix import rotated_indexes
from flowlogs.setting_kinds import Shape


@dataclass(frozen=True, slots=True)
class Place:
    """Where the documents are, and in which shape; with it, where the other dashboards are.

    Panels ask by native names, for which the index template of another shape has aliases. Without rotation there is
    one index, of the prefix's name.
    """

    prefix: str
    shape: Shape = Shape.JSON
    rotates: bool = True

    @property
    def pattern(self) -> str:
        """Name the indexes as a pattern; also the index pattern's title."""
        return rotated_indexes(self.prefix) if self.rotates else self.prefix

    def id_of(self, name: str) -> str:
        """Give the id of a saved object of this prefix: stable, so that an import replaces it."""
        return f"flowlogs-{self.prefix}-{name}"

    def column(self, name: str) -> str:
        """Give where a document itself has a native name's value: a list of records shows no aliases."""
        return paths(self.shape).get(name, name)


@dataclass(frozen=True, slots=True)
class Saved:
    """How a panel is saved: its kind and parameters, what it aggregates, and its query (DQL).

    `colours` fixes a colour by a value's label, `controls` is how many option lists refer to the index pattern.
    """

    kind: str
    params: dict[str, Any]
    aggs: list[dict[str, Any]] = field(default_factory=list)
    query: str = ""
    colours: dict[str, str] = field(default_factory=dict)
    controls: int = 0

    @property
    def is_aggregated(self) -> bool:
        """Whether Dashboards itself asks the index."""
        return bool(self.aggs)


class Panel(Protocol):
    """One panel; its title is the question that it answers, "" where it shows none."""

    @property
    def title(self) -> str:
        """The question."""
        ...

    @property
    def name(self) -> str:
        """A short name, unique in its dashboard: the end of the saved object's id."""
        ...

    def saved(self, place: Place) -> Saved:
        """Give what is saved."""
        ...
