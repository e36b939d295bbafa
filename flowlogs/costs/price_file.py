"""Reads a price file, ours or yours, and says what is wrong in it."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from flowlogs.costs.price import KNOWN, Price, Tiers
from flowlogs.errors import SettingsError

NODE = ".search"
"""End of the names of OpenSearch nodes: a file may price any of them."""
_ROW = {"tiers", "known", "read", "source", "note"}
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Item:
    """What a price is for, and in which unit."""

    item: str
    unit: str

    @classmethod
    def of_node(cls, name: str) -> "Item":
        """Give the item of a node of OpenSearch, which is named freely."""
        return cls(f"OpenSearch node {name}", "hour")


@dataclass(frozen=True, slots=True)
class PriceFile:
    """The content of a price file: what its prices are for, and the prices of each region by name."""

    dated: str
    items: Mapping[str, Item]
    regions: Mapping[str, Mapping[str, Price]]


def read_price_file(path: Path, items: Mapping[str, Item] | None = None) -> PriceFile:
    """Read a price file; `items` are those that it prices, None: it says so itself.

    Raise SettingsError, naming file and place, for what is no price file.
    """
    try:
        content = json.loads(path.read_bytes(), object_pairs_hook=_once, parse_constant=_refuse_constant)
        return _Reading(content, items).file()
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror or error}") from error
    except RecursionError as error:
        raise SettingsError(f"{path} is no price file: it is nested too deep") from error
    except json.JSONDecodeError as error:
        raise SettingsError(f"{path} is not JSON: line {error.lineno}: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is no text") from error
    except SettingsError as error:
        raise SettingsError(f"{path} is no price file: {error}") from error


class _Reading:
    """Reads the content of a file; each method raises SettingsError with the place of what is wrong."""

    def __init__(self, content: object, items: Mapping[str, Item] | None) -> None:
        self._content = _object(content, "the file")
        self._items = items

    def file(self) -> PriceFile:
        unknown = self._content.keys() - ({"dated", "regions"} | ({"items"} if self._items is None else set()))
        if unknown:
            raise SettingsError(f"{_first(unknown)} is not known there; it has dated and regions")
        dated = _day(self._content.get("dated"), "dated")
        items = _each(self._content.get("items"), "items", _item) if self._items is None else self._items
        regions = _each(
            self._content.get("regions"),
            "regions",
            lambda content, region: _each(content, region, lambda row, at: self._price(row, at, items, dated)),
        )
        return PriceFile(dated, items, regions)

    def _price(self, row: object, at: str, items: Mapping[str, Item], dated: str) -> Price:
        name = at.partition(": ")[2]
        item = items.get(name) or (Item.of_node(name) if name.endswith(NODE) else None)
        if item is None:
            raise SettingsError(f"{at} is no price that is asked for; those are {', '.join(items)}")
        given = _object(row, at) if isinstance(row, Mapping) else {"tiers": row}
        if unknown := given.keys() - _ROW:
            raise SettingsError(f"{at}: {_first(unknown)} is not known there; it has {', '.join(sorted(_ROW))}")
        tiers = _tiers(given.get("tiers"), at)
        known = _text(given.get("known", "given" if tiers else "absent"), f"{at}: known")
        if known not in KNOWN or (known == "absent") == bool(tiers):
            raise SettingsError(
                f"{at}: known is {known[:40]!r}; it is one of {', '.join(KNOWN)}, absent where tiers lack"
            )
        source = "; ".join(_text(given[key], f"{at}: {key}") for key in ("source", "note") if key in given)
        read = _day(given.get("read", dated), f"{at}: read")
        return Price(item.item, item.unit, tiers, known, read, source or "your price file")


def _item(content: object, at: str) -> Item:
    given = _object(content, at)
    return Item(*(_text(given.get(key), f"{at}: {key}") for key in ("item", "unit")))


def _each(content: object, at: str, read: Callable[[object, str], _Value]) -> dict[str, _Value]:
    prefix = "" if at in ("items", "regions") else f"{at}: "
    return {name: read(value, f"{prefix}{name}") for name, value in _object(content, at).items()}


def _tiers(given: object, at: str) -> Tiers:
    """Read a price: a number, tiers of ends and numbers, or nothing where it is not known."""
    if given is None:
        return ()
    if not isinstance(given, Sequence) or isinstance(given, str):
        return ((None, _dollars(given, at)),)
    if not given or any(not isinstance(tier, Sequence) or isinstance(tier, str) or len(tier) != 2 for tier in given):
        raise SettingsError(f"{at}: tiers read like [[500000, 0.029], [null, 0.025]]")
    ends = [None if end is None else _dollars(end, at) for end, _ in given]
    numbers = [0.0, *(end for end in ends[:-1] if end is not None), math.inf if ends[-1] is None else ends[-1]]
    if len(numbers) <= len(ends) or any(after <= before for before, after in pairwise(numbers)):
        raise SettingsError(f"{at}: the ends of tiers rise, and only the last may be null")
    return tuple((end, _dollars(price, at)) for end, (_, price) in zip(ends, given, strict=True))


def _dollars(given: object, at: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < math.inf:
        raise SettingsError(f"{at}: {str(given)[:40]!r} is no number from 0 on")
    return float(given)


def _day(given: object, at: str) -> str:
    text = _text(given, at)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise SettingsError(f"{at} is {text[:40]!r}; it is a day like 2026-01-31") from None


def _text(given: object, at: str) -> str:
    if not isinstance(given, str) or not given.strip():
        raise SettingsError(f"{at} is {'missing' if given is None else 'no text'}")
    return given


def _object(given: object, at: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise SettingsError(f"{at} is {'missing' if given is None else 'no object'}")
    return given


def _first(names: set[str]) -> str:
    return repr(min(names)[:40])


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        raise SettingsError(f"{next(name for name in names if names.count(name) > 1)[:40]!r} stands twice")
    return content


def _refuse_constant(name: str) -> NoReturn:
    raise SettingsError(f"{name} is no number")
