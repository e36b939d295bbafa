"""Reads documents of any shape back as native ones."""

from collections.abc import Callable
from typing import Any

import orjson

from flowlogs.deliver.shapes.layouts import LAYOUTS
from flowlogs.deliver.shapes.shaper import Shaper
from flowlogs.setting_kinds import Shape


def reader_of(shape: Shape) -> Callable[[bytes], Any]:
    """Give what reads a document of a shape; it raises orjson.JSONDecodeError where it is no JSON."""
    if shape not in LAYOUTS:
        return orjson.loads
    shaper = Shaper(LAYOUTS[shape])
    return lambda document: shaper.native(orjson.loads(document))
