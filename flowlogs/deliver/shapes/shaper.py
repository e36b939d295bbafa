"""Makes a native document one of a shape, and back."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from flowlogs.deliver.shapes.layout import AS_IT_IS, Layout

_Write = Callable[[Any], Any] | None  # None: as it is
_Target = tuple[str, str, _Write]
"""A place: the path of the object it is in, its key there, how a value is written."""


class Shaper:
    """Follows the table of a shape; not tied to a log format, keeps nothing of a document."""

    def __init__(self, layout: Layout) -> None:
        self._targets: dict[str, list[_Target]] = {
            name: [_target(place.path, None if place.conversion is AS_IT_IS else place.conversion.write)]
            for name, place in layout.places.items()
        }
        for derived in layout.derived:
            if derived.name is not None:
                self._targets[derived.name].append(_target(derived.path, derived.of))
        self._derived = [_target(derived.path, derived.of) for derived in layout.derived if derived.name is None]
        self._extra = layout.extra
        self._readers = [(name, place.path.split("."), place.conversion.read) for name, place in layout.places.items()]
        constants: dict[str, Any] = {}
        levels = {"": constants}
        for path, value in layout.constants.items():
            above, last, _ = _target(path, None)
            _level(levels, above)[last] = value
        self._constants = orjson.dumps(constants)

    def shape(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Give a document in the shape; names that the table lacks go into its `extra`."""
        shaped: dict[str, Any] = orjson.loads(self._constants)  # a copy of its own: objects within are added to
        levels = {"": shaped}
        for name, value in document.items():
            for above, last, write in self._targets.get(name) or ((self._extra, name, None),):
                written = value if write is None else write(value)
                if written is not None:
                    (levels.get(above) or _level(levels, above))[last] = written
        for above, last, of in self._derived:
            written = of(document) if of else None
            if written is not None:
                (levels.get(above) or _level(levels, above))[last] = written
        return shaped

    def native(self, shaped: Mapping[str, Any]) -> dict[str, Any]:
        """Give the native document that became this one."""
        found = {name: read(value) for name, path, read in self._readers if (value := _at(shaped, path)) is not None}
        return {**found, **(_at(shaped, self._extra.split(".")) or {})}


def _target(path: str, write: _Write) -> _Target:
    above, _, last = path.rpartition(".")
    return above, last, write


def _level(levels: dict[str, dict[str, Any]], path: str) -> dict[str, Any]:
    """Give the object at a path, made where it is not there."""
    level = levels.get(path)
    if level is None:
        above, _, last = path.rpartition(".")
        level = levels[path] = _level(levels, above).setdefault(last, {})
    return level


def _at(shaped: Any, path: list[str]) -> Any:
    for part in path:
        if not isinstance(shaped, Mapping):
            return None
        shaped = shaped.get(part)
    return shaped
