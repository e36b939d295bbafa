"""What every kind of panel is: a question, and how it is answered as a saved visualization."""

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Place:
    """Where the documents are, and where the other dashboards: `pattern` is of the indexes, e.g. `cwl-*`."""

    prefix: str

    @property
    def pattern(self) -> str:
        """Name the indexes as a pattern; also the index pattern's title."""
        return f"{self.prefix}-*"

    def id_of(self, name: str) -> str:
        """Give the id of a saved object of this prefix: stable, so that an import replaces it."""
        return f"flowlogs-{self.prefix}-{name}"


@dataclass(frozen=True, slots=True)
class Saved:
    """How a panel is saved. `fields` of the index pattern's references are those of option lists.

    `colours` fixes a colour by a value's label; `query` is DQL; `is_aggregated` where Dashboards itself asks the index.
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
