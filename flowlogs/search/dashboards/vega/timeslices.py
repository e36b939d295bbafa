"""Timeslices: minutes added up, and 0 where there was nothing between the first and the last."""

from typing import Any

from flowlogs.search.dashboards.vega.source import MINUTE

TIMESLICES = {
    "1m": MINUTE,
    "2m": 2 * MINUTE,
    "5m": 5 * MINUTE,
    "10m": 10 * MINUTE,
    "15m": 15 * MINUTE,
    "30m": 30 * MINUTE,
    "1h": 60 * MINUTE,
}
"""What a reader may choose, in milliseconds; each divides a day, so that all begin at the day's start in UTC."""
_LONGER = {"3h": 180 * MINUTE, "6h": 360 * MINUTE, "12h": 720 * MINUTE, "1d": 1440 * MINUTE}
_ALL = TIMESLICES | _LONGER
_WORDS = {"m": "minute", "h": "hour", "d": "day"}


def length_of(timeslice: str) -> str:
    """Give the expression of a chosen timeslice's milliseconds."""
    return f"({_table(TIMESLICES)})[{timeslice}]"


def fitting(span: str, *, most: int) -> str:
    """Give the expression of the shortest timeslice, in milliseconds, of which a span has at most so many."""
    *lengths, longest = _ALL.values()
    chosen = str(longest)
    for length in reversed(lengths):
        chosen = f"{span}[1] - {span}[0] <= {length * most} ? {length} : {chosen}"
    return f"({chosen})"


def per(length: str) -> str:
    """Give the expression that ends `Bytes per …`, of a timeslice of so many milliseconds: `minute`, `5 minutes`."""
    return _chosen(length, {name: _WORDS[name[-1]] if name[:-1] == "1" else _counted(name) for name in _ALL})


def mean_of(length: str) -> str:
    """Give the expression that ends `mean of …`: `5 minutes`, `1 hour`."""
    return _chosen(length, {name: _counted(name) for name in _ALL})


def _counted(name: str) -> str:
    return f"{name[:-1]} {_WORDS[name[-1]]}" + ("s" if name[:-1] != "1" else "")


def _chosen(length: str, names: dict[str, str]) -> str:
    return f"({_table({str(_ALL[name]): words for name, words in names.items()})})[{length}]"


def sliced(source: str, *, name: str, span: str, length: str) -> list[dict[str, Any]]:
    """Give rows of `series`, `slot` (where the timeslice begins, in milliseconds) and `value`.

    `length` and `span` are signals: the timeslice's milliseconds, and the first and the last slot, the same for every
    series: `spanning` gives it of the rows `<name>_ends`.
    """
    return [
        {
            "name": f"{name}_sums",
            "source": source,
            "transform": [
                {"type": "formula", "as": "slot", "expr": f"floor(datum.at / {length}) * {length}"},
                {
                    "type": "aggregate",
                    "groupby": ["series", "slot"],
                    "ops": ["sum"],
                    "fields": ["value"],
                    "as": ["value"],
                },
            ],
        },
        ends(f"{name}_sums", name=f"{name}_ends", field="slot"),
        {
            "name": name,
            "source": f"{name}_sums",
            "transform": [
                {
                    "type": "impute",
                    "groupby": ["series"],
                    "key": "slot",
                    "keyvals": {"signal": f"sequence({span}[0], {span}[1] + {length}, {length})"},
                    "field": "value",
                    "method": "value",
                    "value": 0,
                }
            ],
        },
    ]


def ends(source: str, *, name: str, field: str) -> dict[str, Any]:
    """Give the one row with the `first` and the `last` of a field, for `spanning`."""
    least_and_most = {"ops": ["min", "max"], "fields": [field, field], "as": ["first", "last"]}
    return {"name": name, "source": source, "transform": [{"type": "aggregate", **least_and_most}]}


def spanning(rows: str, *, span: str) -> dict[str, Any]:
    """Give the signal of the first and the last that `ends` found; both are 0 where there was nothing.

    Not by the transform `extent`, whose warning Dashboards would write across a panel that has nothing to show.
    """
    row = f"data('{rows}')[0]"
    return {
        "name": span,
        "update": f"length(data('{rows}')) && isValid({row}.first) ? [{row}.first, {row}.last] : [0, 0]",
    }


def _table(entries: dict[str, Any]) -> str:
    return "{" + ", ".join(f"'{key}': {value!r}" for key, value in entries.items()) + "}"
