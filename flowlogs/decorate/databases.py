"""Opens geo databases, of whatever provider, by what they say they are, and the lists of networks beside them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flowlogs.decorate.address_sets import AddressSets, has_address_lists, is_address_list, open_address_sets
from flowlogs.decorate.database_file import OpenDatabase, open_database, try_database
from flowlogs.decorate.licences import licence_of
from flowlogs.decorate.places import Places
from flowlogs.errors import UnusableDatabase

WARN_AFTER_DAYS = 30
"""Age from which a database is called stale. MaxMind's licence wants old copies destroyed within 30 days."""
_FUTURE = -1
"""Days of age below which the build time is wrong, and not only a clock slow."""
_KINDS = {
    "City": ("city", "dbip-location", "-enterprise", "country"),  # best first, in the type a database names
    "ASN": ("asn", "isp", "-enterprise"),
}


@dataclass(frozen=True, slots=True)
class Opened:
    """Places made of what could be opened, and a sentence on each thing that is not as it should be."""

    places: Places
    problems: list[str] = field(default_factory=list)
    oldest_days: float | None = None  # age of the oldest database in use; None without one
    slow_reader: bool = False  # maxminddb's C extension is missing
    attributions: tuple[str, ...] = ()  # lines that stand wherever results are shown
    sets: AddressSets = field(default_factory=AddressSets)


def open_databases(paths: Iterable[Path], now: float, most_days: int | None = None) -> Opened:
    """Open City and ASN databases, and lists of networks, among files and folders; `now` is Unix seconds.

    What cannot be opened, or was built more than `most_days` ago, is left out and named among the problems.
    """
    paths = list(paths)
    sets = open_address_sets(paths, now)
    problems: list[str] = []
    files = list(_files(paths, problems))
    found = list(_open_all(files, now, problems))
    best = {name: _ranked(found, kinds) for name, kinds in _KINDS.items()}
    if files or not sets:  # lists alone are a choice
        problems += [f"no {name} database" for name, databases in best.items() if not databases]
    city, asn = (_first_usable(databases, most_days, problems) for databases in best.values())
    used = [database for database in (city, asn) if database is not None]
    problems += (problem for database in used for problem in _problems_of(database))
    licences = [licence_of(database.type) for database in used]
    return Opened(
        Places(city.database if city else None, asn.database if asn else None, sets),
        [*dict.fromkeys(problems), *sets.problems],  # a database may be used twice
        max((max(0, database.age_days) for database in used), default=None),
        any(database.is_slow for database in used),
        tuple(dict.fromkeys(licence.attribution for licence in licences if licence)),
        sets,
    )


def _files(paths: Sequence[Path], problems: list[str]) -> Iterator[Path]:
    """Give what may be databases; note folders that hold nothing."""
    for path in paths:
        if path.is_dir():
            files = sorted(path.glob("*.mmdb"))
            yield from files
            if not files and not has_address_lists(path):
                problems.append(f"no .mmdb file in {path.name}")
        elif not is_address_list(path):
            yield path


def _open_all(files: Sequence[Path], now: float, problems: list[str]) -> Iterator[OpenDatabase]:
    for file in files:
        try:
            yield open_database(file, now)
        except UnusableDatabase as error:
            problems.append(f"{file.name} cannot be used: {error}")


def _ranked(databases: Sequence[OpenDatabase], kinds: Sequence[str]) -> list[OpenDatabase]:
    """Put those of some kinds in order: by kind, then the one built last; one built in the future says nothing."""
    by_age = sorted(databases, key=lambda database: (database.age_days < _FUTURE, database.age_days))
    return [database for kind in kinds for database in by_age if kind in database.type.lower()]


def _first_usable(databases: Sequence[OpenDatabase], most_days: int | None, problems: list[str]) -> OpenDatabase | None:
    for database in databases:
        if most_days is not None and database.age_days > most_days:
            problems.append(f"{database.type} was built {database.age_days:.0f} days ago and is not used")
            continue
        try:
            try_database(database.path)
        except UnusableDatabase as error:
            problems.append(f"{database.path.name} cannot be used: {error}")
        else:
            return database
    return None


def _problems_of(database: OpenDatabase) -> Iterator[str]:
    if database.age_days > WARN_AFTER_DAYS:
        yield f"{database.type} was built {database.age_days:.0f} days ago"
    if database.age_days < _FUTURE:
        yield f"{database.type} says that it was built in the future"
    if database.is_slow:
        yield "only the slow reader of maxminddb is here: its C extension, which reads many times faster, is missing"
