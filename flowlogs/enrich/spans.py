"""Look-ups that hold for a span of time, for columns of keys and times."""

from bisect import bisect_right
from collections.abc import Callable
from typing import TypeVar

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from flowlogs.enrich.coded import Coded, paired

Key = TypeVar("Key")
Answer = TypeVar("Answer")

LookUp = Callable[[Key, int], Answer]
"""Answers for a key at a time (Unix seconds)."""
Until = Callable[[Answer], int]
"""Says until when (Unix seconds, excluded) an answer holds."""


def at_times(keys: Coded[Key], times: Coded[int], look_up: LookUp[Key, Answer], until: Until[Answer]) -> Coded[Answer]:
    """Look keys up at the times of their rows: once each, and once more where the answer of one changes meanwhile."""
    first, last = min(times.things), max(times.things)
    answers = [look_up(key, first) for key in keys.things]
    ends = list(map(until, answers))
    if min(ends) > last:
        return Coded(keys.codes, answers)
    changing = [end <= last for end in ends]
    edges: set[int] = set()
    for key, answer, changes in zip(keys.things, answers, changing, strict=True):
        if changes:
            edges |= _edges(key, answer, last, look_up, until)
    steps = [first, *sorted(edges)]
    step = times.mapped(lambda time: bisect_right(steps, time) - 1)
    concerns = keys.spread(pa.array(changing, pa.bool_()))  # no step changes the answers of other keys
    codes = pc.if_else(concerns, step.spread(pa.array(step.things, pa.int32())), pa.scalar(0, pa.int32()))
    both = paired(keys, Coded(codes, steps))
    return both.mapped(lambda pair: look_up(*pair))


def _edges(key: Key, answer: Answer, last: int, look_up: LookUp[Key, Answer], until: Until[Answer]) -> set[int]:
    edges = set()
    while (edge := until(answer)) <= last:
        edges.add(edge)
        answer = look_up(key, edge)
    return edges
