"""Mean and standard deviation of the timeslices before each, as Vega transforms."""

from typing import Any

_IN_ORDER = {"field": "slot"}
_IN_BLOCK = {"field": ["block", "slot"], "order": ["ascending", "ascending"]}
"""By the block too, though that is the group: Vega regroups rows only where a field of their order has changed."""
_BLOCK_BACKWARDS = {"field": ["block", "slot"], "order": ["ascending", "descending"]}


def deviation(before: str, lag: str) -> list[dict[str, Any]]:
    """Give the transforms that add `mean` and `sigma` of the `before` values that end `lag` rows before a row.

    Both names are of signals, `before` at least 2 and `lag` at least 1. The results are null where fewer precede; sigma
    is that of a sample (n - 1). Vega's own moving window does not serve: its frame cannot end before the row, and what
    leaves it is subtracted, so that one large value leaves its rounding behind for good. So rows are cut into blocks of
    `before`: the values asked for are the end of one block and the beginning of the next, each only ever added up, and
    the two are joined by their means and variances (Chan, Golub, LeVeque 1979).
    """
    there = f"datum.row >= {before} + {lag}"
    oldest = {"signal": f"{before} + {lag} - 1"}
    return [
        _window(["row_number"], [None], ["row"]),
        {"type": "formula", "as": "block", "expr": f"floor((datum.row - 1) / {before})"},
        _running(_IN_BLOCK, "head"),
        _running(_BLOCK_BACKWARDS, "tail"),
        {
            **_window(["lag"] * 4, ["head_mean", "head_variance", "tail_mean", "tail_variance"], _JOINED),
            "params": [{"signal": lag}, {"signal": lag}, oldest, oldest],
        },
        {"type": "formula", "as": "share", "expr": f"((datum.row - {lag}) % {before}) / {before}"},
        {"type": "formula", "as": "mean", "expr": f"{there} ? {_MEAN} : null"},
        {"type": "formula", "as": "sigma", "expr": f"{there} ? sqrt(({_VARIANCE}) * {before} / ({before} - 1)) : null"},
    ]


_JOINED = ["own_mean", "own_variance", "last_mean", "last_variance"]
_MEAN = "datum.last_mean + (datum.own_mean - datum.last_mean) * datum.share"
_VARIANCE = (  # of a single value Vega knows no variance
    "(datum.last_variance || 0) * (1 - datum.share) + (datum.own_variance || 0) * datum.share"
    " + pow(datum.own_mean - datum.last_mean, 2) * datum.share * (1 - datum.share)"
)


def _window(ops: list[str], fields: list[str | None], names: list[str]) -> dict[str, Any]:
    return {"type": "window", "groupby": ["series"], "sort": _IN_ORDER, "ops": ops, "fields": fields, "as": names}


def _running(order: dict[str, list[str]], name: str) -> dict[str, Any]:
    """Give the statistics of a block up to and with each row, in an order of its rows."""
    return {
        "type": "window",
        "groupby": ["series", "block"],
        "sort": order,
        "frame": [None, 0],
        "ignorePeers": True,
        "ops": ["mean", "variancep"],
        "fields": ["value", "value"],
        "as": [f"{name}_mean", f"{name}_variance"],
    }
