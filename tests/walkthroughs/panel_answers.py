"""What a panel of a page shows: by its own search on a server, and counted once more in plain Python from raw lines."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import ge, gt, le, lt
from typing import Any

from asked_panels import Panels, changed
from expected_panels import EXPECTED
from kql import as_search
from panel_numbers import Shown
from panel_queries import metrics
from plain_counts import Number, Record, Split, values_of
from saved_export import Object
from time_slices import Span

from flowlogs.search.dashboards.all import DASHBOARDS
from flowlogs.search.dashboards.navigation import TITLES

Row = tuple[str, ...]
_BOUNDS: Mapping[str, Callable[[Any, Any], bool]] = {"gte": ge, "gt": gt, "lte": le, "lt": lt}


@dataclass(frozen=True, slots=True)
class Question:
    """A panel by its dashboard's name and its own, what is typed into the search bar above it, and the time range."""

    panel: str
    typed: str
    span: Span


def panel_named(dashboard: str, title: str) -> str:
    """Find a panel by its dashboard's title, without what all begin with, and its own."""
    (found,) = (each for each in DASHBOARDS if each.title == TITLES[each.name] and each.title.endswith(dashboard))
    (one,) = (each for row in found.rows for each in row.panels if each.title == title)
    return f"{found.name}-{one.name}"


def on_server(asked: Question, panels: Panels) -> list[Row]:
    """Ask as the panel does; Dashboards searches for what fits both its own query and the one above it."""
    saved = panels.objects[asked.panel]
    both = [text for text in (saved.source["query"]["query"], asked.typed) if text]
    typed = changed(saved, lambda _, query: query.update(query=" and ".join(f"({text})" for text in both)))
    return _texts(_flat(panels.answer_to(typed, asked.span)), asked, panels)


def in_plain_python(asked: Question, records: Iterable[Record], panels: Panels) -> list[Row]:
    """Count records that carry the names of the documents; of `panels` only the fields' types matter, and the units."""
    count, query = EXPECTED[asked.panel], as_search(asked.typed, panels.pattern.types)
    chosen = [each for each in records if _is_within(each, asked.span) and count.of(each) and fits(query, each)]
    return _texts(_counted(count.numbers, count.by, chosen), asked, panels)


def fits(query: Object, record: Record) -> bool:
    """Say whether a record is found by a query that `kql` made."""
    ((kind, what),) = query.items()
    if kind == "match_all":
        return True
    if kind == "bool":
        any_of, none_of = what.get("should"), what.get("must_not")
        return (
            all(fits(each, record) for each in what.get("filter", ()))
            and (any_of is None or any(fits(each, record) for each in any_of))
            and (none_of is None or not fits(none_of, record))
        )
    ((field, wanted),) = what.items()
    if kind == "range":
        ((bound, limit),) = wanted.items()
        return any(_BOUNDS[bound](value, limit) for value in values_of(record, field))
    assert kind in ("match", "match_phrase"), kind
    return str(wanted) in map(str, values_of(record, field))


def _is_within(record: Record, span: Span) -> bool:
    return span.since <= datetime.fromisoformat(record["@timestamp"]) <= span.until


def _flat(shown: Shown) -> Iterator[Sequence[Hashable]]:
    if shown.numbers:
        yield tuple(shown.numbers)
    for key, inside in shown.below.items():
        yield from ((key, *row) for row in _flat(inside))


def _counted(numbers: Sequence[Number], by: Sequence[Split], records: Sequence[Record]) -> Iterator[Sequence[Hashable]]:
    """Give rows in the order of OpenSearch: the largest first, equal ones by their key."""
    if not by:
        yield tuple(each(records) for each in numbers)
        return
    split, *rest = by
    found: dict[Any, list[Record]] = {}
    for record in records:
        for value in split.values(record):
            found.setdefault(value, []).append(record)
    for key in sorted(found, key=lambda key: (-numbers[0](found[key]), key))[: split.most]:
        yield from ((key, *row) for row in _counted(numbers, rest, found[key]))


def _texts(rows: Iterable[Sequence[Hashable]], asked: Question, panels: Panels) -> list[Row]:
    """Write rows as the pages do: numbers with commas, times by UTC, keys as they are."""
    shown = [metric["type"] for metric in metrics(panels.objects[asked.panel].state["aggs"])]
    return [(*map(str, row[: -len(shown)]), *map(_text, row[-len(shown) :], shown)) for row in rows]


def _text(number: Any, kind: str) -> str:
    if kind == "max":
        return f"{datetime.fromtimestamp(number / 1000, UTC):%Y-%m-%d %H:%M:%S}"
    return f"{number:,.0f}"
