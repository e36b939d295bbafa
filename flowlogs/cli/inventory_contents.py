"""Reads an inventory for people to look at: what `pull` wrote, the AWS CLI prints, or a deployment publishes."""

import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from flowlogs.cli.inventory_published import Published, publication_at, published
from flowlogs.cli.plain_table import printable
from flowlogs.errors import UnusableInventory
from flowlogs.inventory.comparing import ANYWHERE
from flowlogs.inventory.files import documents_in, files_in
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.network_interface import BEGINNING
from flowlogs.inventory.own_form import intervals_of_own_form, is_own_form
from flowlogs.inventory.reading import facts_in

SCOPES, MISSING = "scopes", "missing"
"""Members of what `pull` writes: accounts and regions that were asked, and by kind those that did not answer."""
_EXPECTED = (
    "give what `flowlogs inventory pull` wrote or `aws ec2 describe-network-interfaces` and the like print (.json, "
    ".json.gz), or the place where the inventory function publishes"
)
_INTERFACE = "NetworkInterfaceId"


@dataclass(slots=True)
class Contents:
    """Intervals by kind, and what the files say of themselves."""

    intervals: dict[str, list[Interval]] = field(default_factory=lambda: defaultdict(list))
    taken: list[str] = field(default_factory=list)  # ISO 8601; empty where no file says so
    failed: list[str] = field(default_factory=list)  # accounts and regions that could not be taken, with the reason
    asked: dict[str, set[Scope]] = field(default_factory=lambda: defaultdict(set))  # by kind, who answered
    unbounded: set[str] = field(default_factory=set)  # kinds of which a file does not say whose they all are


def contents_of(places: Sequence[str], at: int | None = None) -> Contents:
    """Read files, folders and publications; `at` (Unix seconds) is when it is asked about, if at one time.

    Raise UnusableInventory where one cannot be read or nothing in them is known, UsageError where nothing is there.
    """
    contents = Contents()
    with _uncollected():
        for place in places:
            store = publication_at(place)
            if store is None:
                _add_files(contents, Path(place))
            else:
                _add_publication(contents, published(store, place, at))
    if not contents.intervals:
        raise UnusableInventory(f"{', '.join(places)} holds nothing of an inventory: {_EXPECTED}")
    return contents


@contextmanager
def _uncollected() -> Iterator[None]:
    """Make millions of objects, all of which stay, without looking for garbage among them: that takes half the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()


def _add_publication(contents: Contents, found: Published) -> None:
    for kind, intervals in found.intervals.items():
        contents.intervals[kind] += intervals
        contents.asked[kind] |= found.asked[kind]
    contents.taken.append(found.taken)
    contents.failed += found.failed


def _add_files(contents: Contents, place: Path) -> None:
    if not place.exists():
        raise click.UsageError(f"{place}: no such file or folder")
    for path in files_in(place):
        try:
            _add_file(contents, path)
        except UnusableInventory as error:
            name = "" if str(error).startswith(path.name) else f"{path.name}: "
            raise UnusableInventory(printable(f"{name}{error}; {_EXPECTED}")) from error


def _add_file(contents: Contents, path: Path) -> None:
    bare = []  # interfaces by themselves, as `--query` gives them, one a line or in one list
    for document in documents_in(path):
        if isinstance(document, dict) and is_own_form(document):
            _add_own_form(contents, document)
        elif _is_interface(document):
            bare.append(document)
        elif isinstance(document, list) and document and all(map(_is_interface, document)):
            bare += document
        else:
            _add_printed(contents, document)
    if bare:
        _add_printed(contents, {"NetworkInterfaces": bare})


def _is_interface(document: object) -> bool:
    return isinstance(document, dict) and _INTERFACE in document


def _add_printed(contents: Contents, document: object) -> None:
    try:
        found = facts_in(document)
    except RecursionError as error:
        raise UnusableInventory("it holds lists in lists without end") from error
    for kind, facts_by_id in found.items():
        contents.intervals[kind] += [Interval(ANYWHERE, id_, facts, BEGINNING) for id_, facts in facts_by_id.items()]
        contents.unbounded.add(kind)


def _add_own_form(contents: Contents, document: Mapping[str, Any]) -> None:
    asked, missing = document.get(SCOPES), document.get(MISSING) or {}
    for kind, intervals in intervals_of_own_form(document).items():
        contents.intervals[kind] += intervals
        if isinstance(asked, list):
            contents.asked[kind] |= _scopes(asked) - _scopes(missing.get(kind) or ())
        else:
            contents.unbounded.add(kind)
    contents.taken.append(str(document.get("taken") or ""))
    contents.failed += [str(sentence) for sentence in document.get("failed") or ()]


def _scopes(names: Iterable[object]) -> set[Scope]:
    return {Scope(*str(name).partition("/")[::2]) for name in names}
