"""What is said of addresses beside their place: names of networks, AWS's services, threat lists that hold them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from flowlogs.decorate.address_lists import (
    MOST_LINES,
    Add,
    Kind,
    Reading,
    fetched,
    name_of,
    read_aws,
    read_names,
    read_threats,
)
from flowlogs.decorate.address_ranges import Prefixes, Ranges
from flowlogs.decorate.facts import Facts
from flowlogs.record.values import packed

WARN_AFTER_DAYS = 7
"""Age from which a list that was fetched is called stale; names of the user's own do not age."""
_SECONDS_A_DAY = 86_400
_NOTHING: Facts = {}


class _Form(NamedTuple):
    """Lists of one form: where they lie in a place of geo data, how they are read, what is counted in them."""

    folder: str
    suffix: str
    kind: Kind
    read: Callable[[Path, Add], Reading]
    items: tuple[str, str] = ("line", "lines")


_FORMS = (
    _Form("networks", ".txt", Kind.OWN, read_names),
    _Form("networks", ".json", Kind.AWS, read_aws, ("entry", "entries")),
    _Form("threats", ".txt", Kind.THREAT, read_threats),
)


@dataclass(frozen=True, slots=True)
class AddressSet:
    """One list: its file's name without the suffix, how many prefixes it has, how many days ago it was fetched."""

    name: str
    kind: Kind
    count: int
    age_days: float


class AddressSets:
    """All lists together. `problems` has a sentence on each thing that is not as it should be."""

    def __init__(
        self, ranges: Mapping[int, Ranges] | None = None, sets: Iterable[AddressSet] = (), problems: Iterable[str] = ()
    ) -> None:
        self._ranges = dict(ranges or {})  # by bytes of an address
        self.sets = tuple(sets)
        self.problems = list(problems)

    def __len__(self) -> int:
        """Count the prefixes in all lists."""
        return sum(each.count for each in self.sets)

    def facts(self, address: str) -> Facts:
        """Give `network` and `threat` of an address where they are known: the same object for neighbours.

        Raise ValueError where it is no address.
        """
        number = packed(address)
        ranges = self._ranges.get(len(number))
        return _NOTHING if ranges is None else ranges.at(int.from_bytes(number))


def open_address_sets(paths: Iterable[Path], now: float) -> AddressSets:
    """Open the lists in places of geo data, or named one by one; `now` is Unix seconds.

    A place has `networks/*.txt`, `networks/*.json` and `threats/*.txt`. What cannot be used of them is left out, and
    named among the problems.
    """
    prefixes = {size: Prefixes(size) for size in (4, 16)}
    sets: list[AddressSet] = []
    problems: list[str] = []
    for form, path in _lists(paths):
        where = f"{form.folder}/{path.name}"
        try:
            reading, time = _read(form, path, lambda prefix, label: prefixes[prefix.size].add(prefix, label))
        except (OSError, ValueError) as error:
            problems.append(f"{where} cannot be read: {error}")
        else:
            age = (now - time) / _SECONDS_A_DAY
            sets.append(AddressSet(name_of(path), form.kind, reading.count, age))
            problems += [f"{where} {problem}" for problem in _problems(form, reading, age)]
    return AddressSets({size: found.flatten() for size, found in prefixes.items()}, sets, problems)


def is_address_list(path: Path) -> bool:
    """Say whether a file is a list by where it lies, and so no database."""
    return any(form.folder == path.parent.name and form.suffix == path.suffix for form in _FORMS)


def has_address_lists(place: Path) -> bool:
    """Say whether a place of geo data has any list."""
    return any(True for _ in _lists([place]))


def _lists(paths: Iterable[Path]) -> Iterator[tuple[_Form, Path]]:
    for path in paths:
        for form in _FORMS:
            found = sorted((path / form.folder).glob(f"*{form.suffix}")) if path.is_dir() else [path]
            yield from ((form, file) for file in found if (file.parent.name, file.suffix) == form[:2])


def _read(form: _Form, path: Path, add: Add) -> tuple[Reading, float]:
    """Read a list; give also when it was fetched (Unix seconds)."""
    if not path.is_file():
        raise OSError("it is no file")
    return form.read(path, add), fetched(path)


def _problems(form: _Form, reading: Reading, age_days: float) -> Iterator[str]:
    if reading.wrong:
        one, several = form.items
        wrong = f"{reading.wrong} {one if reading.wrong == 1 else several}"
        yield f"has {wrong} that cannot be used, first {one} {reading.first}: {reading.reason}"
    if reading.is_cut:
        yield f"has more than {MOST_LINES} lines: those behind are left out"
    if age_days > WARN_AFTER_DAYS and form.kind is not Kind.OWN:
        yield f"was fetched {age_days:.0f} days ago"
