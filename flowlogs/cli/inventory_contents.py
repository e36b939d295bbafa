"""Reads an inventory for people to look at: what `pull` wrote, and what the AWS CLI prints."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.comparing import ANYWHERE
from flowlogs.inventory.files import documents_in, files_in
from flowlogs.inventory.interval import Interval
from flowlogs.inventory.network_interface import BEGINNING
from flowlogs.inventory.own_form import intervals_of_own_form, is_own_form
from flowlogs.inventory.reading import facts_in


@dataclass(slots=True)
class Contents:
    """Intervals by kind, and what the files say of themselves."""

    intervals: dict[str, list[Interval]] = field(default_factory=lambda: defaultdict(list))
    taken: list[str] = field(default_factory=list)  # ISO 8601; empty where no file says so
    failed: list[str] = field(default_factory=list)  # accounts and regions that could not be taken, with the reason


def contents_of(places: Sequence[str]) -> Contents:
    """Read files and folders; raise UnusableInventory where one cannot be read or nothing in them is known."""
    contents = Contents()
    for path in (path for place in places for path in files_in(Path(place))):
        for document in documents_in(path):
            _add(contents, document)
    if not contents.intervals:
        raise UnusableInventory(
            f"{', '.join(places)} holds nothing of an inventory; give what `flowlogs inventory pull` wrote, or what "
            "`aws ec2 describe-network-interfaces` and the like print"
        )
    return contents


def _add(contents: Contents, document: object) -> None:
    if isinstance(document, dict) and is_own_form(document):
        for kind, intervals in intervals_of_own_form(document).items():
            contents.intervals[kind] += intervals
        contents.taken.append(str(document.get("taken", "")))
        contents.failed += [str(sentence) for sentence in document.get("failed") or ()]
        return
    for kind, found in facts_in(document).items():
        contents.intervals[kind] += [Interval(ANYWHERE, id_, facts, BEGINNING) for id_, facts in found.items()]
