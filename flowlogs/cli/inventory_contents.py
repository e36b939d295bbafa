"""Reads an inventory for people to look at: what `pull` wrote, the AWS CLI prints, or a deployment publishes."""

import gc
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import click

from flowlogs.cli.inventory_published import Published, publication_at, published
from flowlogs.cli.plain_table import printable
from flowlogs.errors import UnusableInventory
from flowlogs.inventory.documents import intervals_printed, parted
from flowlogs.inventory.files import documents_in, files_in, uncollected
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.own_form import about
from flowlogs.inventory.pulled import Pull, one_history, pull_of

_EXPECTED = (
    "give what `flowlogs inventory pull` wrote or `aws ec2 describe-network-interfaces` and the like print (.json, "
    ".json.gz), or the place where the inventory function publishes"
)


@dataclass(slots=True)
class Contents:
    """Intervals by kind, and what the files say of themselves."""

    intervals: dict[str, list[Interval]] = field(default_factory=lambda: defaultdict(list))
    taken: list[str] = field(default_factory=list)  # ISO 8601; empty where no file says so
    failed: list[str] = field(default_factory=list)  # accounts and regions that could not be taken, with the reason
    asked: dict[str, set[Scope]] = field(default_factory=lambda: defaultdict(set))  # by kind, who answered
    unbounded: set[str] = field(default_factory=set)  # kinds of which a file does not say whose they all are
    days: list[date] = field(default_factory=list)  # of a history, where it was not the last state that was read


def contents_of(places: Sequence[str], at: int | None = None) -> Contents:
    """Read files, folders and publications; `at` (Unix seconds) is when it is asked about, if at one time.

    Raise UnusableInventory where one cannot be read or nothing in them is known, UsageError where nothing is there.
    """
    contents, pulls = Contents(), list[Pull]()
    with uncollected():
        for place in places:
            store = publication_at(place)
            if store is None:
                pulls += _add_files(contents, Path(place))
            else:
                _add_publication(contents, published(store, place, at))
        for kind, intervals in one_history(pulls).items():
            contents.intervals[kind] += intervals
    gc.freeze()  # it stays until the command ends
    if not contents.intervals:
        raise UnusableInventory(f"{', '.join(places)} holds nothing of an inventory: {_EXPECTED}")
    return contents


def _add_publication(contents: Contents, found: Published) -> None:
    for kind, intervals in found.intervals.items():
        contents.intervals[kind] += intervals
        contents.asked[kind] |= found.asked[kind]
    contents.taken.append(found.taken)
    contents.failed += found.failed
    contents.days += [] if found.day is None else [found.day]


def _add_files(contents: Contents, place: Path) -> Iterator[Pull]:
    """Add what the files of a place hold; give the pulls among them, which make one history."""
    if not place.exists():
        raise click.UsageError(f"{place}: no such file or folder")
    for path in files_in(place):
        try:
            yield from _add_file(contents, path)
        except UnusableInventory as error:
            name = "" if str(error).startswith(path.name) else f"{path.name}: "
            raise UnusableInventory(printable(f"{name}{error}; {_EXPECTED}")) from error


def _add_file(contents: Contents, path: Path) -> list[Pull]:
    own, printed = parted(documents_in(path))
    pulls = [_pull(contents, document) for document in own]
    for kind, intervals in intervals_printed(printed).items():
        contents.intervals[kind] += intervals
        contents.unbounded.add(kind)
    return pulls


def _pull(contents: Contents, document: Mapping[str, Any]) -> Pull:
    said = about(document)
    pull = pull_of(document)
    for kind, answered in pull.answered.items():
        if answered is None:
            contents.unbounded.add(kind)
        else:
            contents.asked[kind] |= answered
    contents.taken.append(said.taken)
    contents.failed += said.failed
    return pull
