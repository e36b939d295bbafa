"""What a panel of the dashboards answers: by its own query on a server, and counted once more in plain Python."""

import json
import re
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowlogs.search.dashboards.aggregations import Metric, Terms
from flowlogs.search.dashboards.all import DASHBOARDS
from flowlogs.search.dashboards.lists import Table
from flowlogs.search.dashboards.navigation import TITLES
from flowlogs.search.dashboards.panel import Place
from flowlogs.search.index_template import index_template

Row = tuple[Any, ...]
_CONDITION = re.compile(r'([\w@-]+): ?"?([\w.-]+)"?')
_CARDINALITY_IS_EXACT = 3000
"""Below that many values. Source: OpenSearch, "Cardinality", `precision_threshold`'s default."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A panel, what is typed into the search bar above it, and the time range (ISO, UTC)."""

    panel: Table
    typed: str
    since: str
    until: str

    @property
    def conditions(self) -> dict[str, str]:
        """Give the panel's own conditions and those typed, by field."""
        return {**_conditions(self.panel.query), **_conditions(self.typed)}


def panel(dashboard: str, title: str) -> Table:
    """Find a panel by its dashboard's title, without what all begin with, and its own."""
    (found,) = (each for each in DASHBOARDS if each.title == TITLES[each.name] and each.title.endswith(dashboard))
    (one,) = (each for row in found.rows for each in row.panels if each.title == title)
    assert isinstance(one, Table)
    return one


def _conditions(text: str) -> dict[str, str]:
    """Read the part of Dashboards' language that the pages use: `field: value AND …`; refuse anything else."""
    found = {}
    for part in text.split(" AND ") if text else ():
        match = _CONDITION.fullmatch(part)
        assert match, f"{part!r} is no condition"
        found[match[1]] = match[2]
    return found


def counted(asked: Asked, records: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Answer in plain Python, from records that carry the names of the documents."""
    chosen = [
        record
        for record in records
        if asked.since <= record["@timestamp"] < asked.until
        and all(value in _values(record, field) for field, value in asked.conditions.items())
    ]
    return list(_rows(asked.panel, [each for each in asked.panel.by if isinstance(each, Terms)], chosen))


def _values(record: Mapping[str, Any], field: str) -> list[str]:
    value = record.get(field, [])
    return [str(each) for each in (value if isinstance(value, list) else [value])]


def _rows(table: Table, by: Sequence[Terms], records: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    if not by:
        yield tuple(_METRICS[metric.kind](metric, records) for metric in table.show)
        return
    terms, *rest = by
    sizes = Counter({key: len(found) for key, found in _by_value(terms.field, records).items()})
    for key in sorted(sizes, key=lambda key: (-sizes[key], _as_key(key)))[: terms.size]:
        yield from ((key, *row) for row in _rows(table, rest, _by_value(terms.field, records)[key]))


def _by_value(field: str, records: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        for value in _values(record, field):
            found.setdefault(value, []).append(record)
    return found


def _as_key(value: str) -> tuple[int, str]:
    return (int(value), "") if value.isdigit() else (0, value)


def _different(metric: Metric, records: Sequence[Mapping[str, Any]]) -> int:
    number = len({value for record in records for value in _values(record, str(metric.field))})
    assert number < _CARDINALITY_IS_EXACT
    return number


_METRICS: dict[str, Callable[[Metric, Sequence[Mapping[str, Any]]], Any]] = {
    "count": lambda _, records: len(records),
    "cardinality": _different,
    "sum": lambda metric, records: sum(record.get(str(metric.field), 0) for record in records),
    "max": lambda metric, records: max(record[str(metric.field)] for record in records),
}


@dataclass(frozen=True, slots=True)
class Server:
    """Indexes of one prefix on a server of the tests."""

    url: str
    prefix: str

    def load(self, documents: Sequence[bytes]) -> None:
        """Put the index template, and the documents into one index."""
        self._send("PUT", f"/_index_template/{self.prefix}", json.dumps(index_template(self.prefix, replicas=0)))
        lines = b"".join(b'{"create":{}}\n' + document + b"\n" for document in documents)
        answer = self._send("POST", f"/{self.prefix}-all/_bulk?refresh=true", lines)
        assert not answer["errors"]

    def answer(self, asked: Asked) -> list[Row]:
        """Ask as the panel does: its saved aggregations, and the conditions as filters."""
        span = {"range": {"@timestamp": {"gte": asked.since, "lt": asked.until, "format": "yyyy-MM-dd HH:mm:ss"}}}
        filters = [span, *({"term": {field: value}} for field, value in asked.conditions.items())]
        body = {"size": 0, "query": {"bool": {"filter": filters}}, "aggs": _aggs(asked.panel)}
        answer = self._send("POST", f"/{self.prefix}-*/_search", json.dumps(body))
        assert not answer["_shards"]["failed"]
        return list(_flat(asked.panel, answer["aggregations"]))

    def _send(self, method: str, path: str, body: str | bytes) -> Any:
        data = body.encode() if isinstance(body, str) else body
        head = {"Content-Type": "application/x-ndjson" if "_bulk" in path else "application/json"}
        request = urllib.request.Request(self.url + path, data, head, method=method)  # noqa: S310 (the test's own)
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return json.load(answer)


def _aggs(table: Table) -> dict[str, Any]:
    saved = table.saved(Place("any")).aggs
    metrics = {each["id"]: {each["type"]: {"field": each["params"]["field"]}} for each in saved if _is_metric(each)}
    inner = {id_: metric for id_, metric in metrics.items() if "count" not in metric}
    for each in reversed([each for each in saved if each["schema"] == "bucket"]):
        params = each["params"]
        assert (params["orderBy"], params["order"]) == ("1", "desc")
        order = {"_count": "desc"} if table.show[0].kind == "count" else {"1": "desc"}
        terms = {"field": params["field"], "size": params["size"], "order": order}
        first = {} if table.show[0].kind == "count" else {"1": metrics["1"]}
        inner = {"by": {"terms": terms, "aggs": {**first, **inner}}}
    return inner


def _is_metric(agg: Mapping[str, Any]) -> bool:
    return (agg["schema"], agg["type"] == "count") == ("metric", False)


def _flat(table: Table, answer: Mapping[str, Any]) -> Iterator[Row]:
    if "by" in answer:
        for bucket in answer["by"]["buckets"]:
            yield from ((str(bucket["key"]), *row) for row in _flat(table, bucket))
    else:
        yield tuple(_value(metric, answer, str(number)) for number, metric in enumerate(table.show, 1))


def _value(metric: Metric, bucket: Mapping[str, Any], id_: str) -> Any:
    if metric.kind == "count":
        return bucket["doc_count"]
    if metric.kind == "max":
        return bucket[id_]["value_as_string"].replace("T", " ").removesuffix(".000Z")
    return int(bucket[id_]["value"])
