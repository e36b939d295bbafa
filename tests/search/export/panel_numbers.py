"""What a panel shows: the answer to its search, as numbers by the keys of its buckets."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from panel_queries import Asked, buckets, metrics
from saved_export import Object, Saved

OTHERS = "__other__"


@dataclass(frozen=True, slots=True)
class Shown:
    """The numbers of a bucket, or the buckets in it by their keys; whole panels without buckets have only numbers."""

    numbers: Sequence[float] = ()
    below: Mapping[Hashable, "Shown"] = field(default_factory=dict)

    def rows(self) -> Iterator[Sequence[float]]:
        """Give the numbers of every innermost bucket."""
        if self.numbers:
            yield self.numbers
        for each in self.below.values():
            yield from each.rows()


def shown(saved: Saved, asked: Asked, answer: Object, others: Object | None = None) -> Shown:
    """Read the answer to a panel's search, and to the second one for the others, as Dashboards shows them."""
    aggs = saved.state["aggs"]
    whole = {**answer.get("aggregations", {}), "doc_count": answer["hits"]["total"]["value"]}
    found = _shown(whole, metrics(aggs), buckets(aggs), asked.scale)
    if others is None:
        return found
    rest = others["aggregations"]["other-filter"]["buckets"][""]["doc_count"]
    return Shown(below={**found.below, **({OTHERS: Shown([rest])} if rest else {})})


def _shown(bucket: Object, numbers: Sequence[Object], split: Sequence[Object], scale: float) -> Shown:
    if not split:
        return Shown([_number(bucket, metric, scale) for metric in numbers])
    first, *rest = split
    inside = bucket["filter_agg"] if first["type"] == "geohash_grid" else bucket
    found = inside[first["id"]]["buckets"]
    keyed = found.items() if isinstance(found, dict) else [(each["key"], each) for each in found]
    return Shown(below={key: _shown(each, numbers, rest, scale) for key, each in keyed})


def _number(bucket: Object, metric: Object, scale: float) -> float:
    if metric["type"] == "count":
        return float(bucket["doc_count"]) * scale
    value = bucket[metric["id"]]["value"]
    return float(0 if value is None else value) * scale
