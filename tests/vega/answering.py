"""Draws a panel over answers that a test makes up, in the form in which a server gives them."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

from serving import Serving

from vega.rendering import Rendered, rendered

START = datetime(2015, 3, 2, tzinfo=UTC)
"""A Monday, midnight, long ago: a panel knows what is later than now."""
LENGTH = timedelta(days=1)
BEGIN = int(START.timestamp() * 1000)
MINUTE = 60_000


def drawn(
    spec: Mapping[str, Any],
    answer: Callable[[Any], dict[str, Any]],
    *,
    begin: timedelta = timedelta(0),
    length: timedelta = LENGTH,
    **options: Any,
) -> Rendered:
    """Draw a panel whose searches, given as their bodies, are answered by aggregations; `options` are `rendered`'s.

    The selected range begins so long after START, and ends `length` after START.
    """

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            said = {"timed_out": False, "_shards": {"failed": 0}, "aggregations": answer(body)}
            text = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Nothing: the test reads what was drawn."""

    with Serving(Answering) as server:
        return rendered(spec, server.url, START + begin, START + length, **options)


def ranged(body: Any, answer: dict[str, Any]) -> dict[str, Any]:
    """Answer what a panel wants, with the `meta` that it sent, as a server does."""
    sent = body["aggs"]["wanted"].get("meta")
    return {"wanted": answer if sent is None else {"meta": sent, **answer}}


def minutes(values: Mapping[int, float]) -> dict[str, Any]:
    """Give the buckets of values by minute of START; a value is also the number of its records."""
    return {
        "minutes": {
            "buckets": [
                {"key": BEGIN + minute * MINUTE, "doc_count": int(value), "value": {"value": value}}
                for minute, value in sorted(values.items())
            ]
        }
    }


def wanted(values: Mapping[int, float]) -> Callable[[Any], dict[str, Any]]:
    """Answer every search by the values of the records that a panel wants."""
    return lambda body: ranged(body, minutes(values))


def split(values: Mapping[str, Mapping[int, float]]) -> Callable[[Any], dict[str, Any]]:
    """Answer every search by values for each value of the field by which a panel splits."""
    buckets = [{"key": name, **minutes(own)} for name, own in values.items()]
    return lambda body: ranged(body, {"split": {"buckets": buckets}})


def with_tooltips(spec: Mapping[str, Any], mark: str, rows: str) -> dict[str, Any]:
    """Give a panel with one source more, `tooltips`: the rows, with what pointing at them would show as `shown`.

    `mark` is the data of the mark that shows it. A picture has no tooltips, so what makes them works on rows here.
    """
    (shown,) = {each["encode"]["update"]["tooltip"]["signal"] for each in _pointed(spec["marks"], mark)}
    formula = {"type": "formula", "as": "shown", "expr": shown}
    return {**spec, "data": [*spec["data"], {"name": "tooltips", "source": rows, "transform": [formula]}]}


def _pointed(marks: Sequence[dict[str, Any]], data: str) -> Iterator[dict[str, Any]]:
    for mark in marks:
        if mark.get("from", {}).get("data") == data and "tooltip" in mark["encode"]["update"]:
            yield mark
        yield from _pointed(mark.get("marks", []), data)
