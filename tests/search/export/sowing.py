"""An export to sow defects into: its lines by id, and the JSON that is kept in them as text."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from saved_export import Object

Objects = dict[str, Object]
"""The lines of an export by their ids, without the prefix."""
Defect = tuple[Callable[[Objects], None], str]
"""Sows a defect; and what has to be said about it."""


def objects_of(text: str) -> Objects:
    """Read the lines of an export of the prefix `cwl`."""
    lines = [json.loads(line) for line in text.splitlines()]
    return {line["id"].removeprefix("flowlogs-cwl-"): line for line in lines}


def written(objects: Objects) -> str:
    """Write an export."""
    return "".join(json.dumps(each) + "\n" for each in objects.values())


@contextmanager
def inside(holder: Object, key: str) -> Iterator[Any]:
    """Change the JSON that is kept as a text."""
    value = json.loads(holder[key])
    yield value
    holder[key] = json.dumps(value)


def state(objects: Objects, name: str) -> Any:
    return inside(objects[name]["attributes"], "visState")


def panels(objects: Objects, name: str) -> Any:
    return inside(objects[name]["attributes"], "panelsJSON")


def records(objects: Objects) -> str:
    return str(objects["records"]["id"])
