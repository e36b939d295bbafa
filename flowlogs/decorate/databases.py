"""Opens geo databases, of whatever provider, by what they say they are, and the lists of networks beside them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
RANKING = {
    "City": ("city", "dbip-location", "-enterprise", "country"),
    "ASN": ("asn", "isp", "-enterprise"),
}
"""What is asked of databases, and by which words in their types they are chosen for it, the best first."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Places made of what could be opened, and a sentence on each thing that is not as it should be."""

    places: Places
    problems: list[str] = field(default_factory=list)
    oldest_days: float | None = None  # age of the oldest database in use; None without one
    slow_reader: bool = False  # maxminddb's C extension is missing
    attributions: tuple[str, ...] = ()  # lines that stand wherever results are shown
    sets: AddressSets = field(default_factory=AddressSets)
    used: Mapping[str, OpenDatabase] = field(default_factory=dict)  # by what is asked of them: City, ASN


def open_databases(
    paths: Iterable[Path], now: float, most_days: int | None = None, last: Opened | None = None
) -> Opened:
    """Open City and ASN databases, and lists of networks, among files and folders; `now` is Unix seconds.

    What cannot be opened, or was built more than `most_days` ago, is left out and named among the problems. A broken
    database never replaces a good one: where no other can be used, the one that `last` used goes on.
    """
    paths = list(paths)
    sets = open_address_sets(paths, now)
    problems: list[str] = []
    files = list(_files(paths, problems))
    trial = _Trial(now, most_days)
    found = list(trial.open_all(files))
    best = {name: _ranked(found, words, now) for name, words in RANKING.items()}
    chosen = {name: trial.first_usable(databases) for name, databases in best.items()}
    for name, database in last.used.items() if last and trial.has_broken else ():
        chosen[name] = chosen[name] or trial.kept(database)
    if files or not sets:  # lists alone are a choice
        problems += [f"no {name} database" for name in RANKING if not best[name] and not chosen[name]]
    used = {name: database for name, database in chosen.items() if database is not None}
    problems += [*trial.problems, *(problem for database in used.values() for problem in _problems_of(database, now))]
    licences = [licence_of(database.type) for database in used.values()]
    city, asn = (database.database if database else None for database in chosen.values())
    return Opened(
        Places(city, asn, sets),
        [*dict.fromkeys(problems), *sets.problems],  # a database may be used twice
        max((max(0, database.age_days(now)) for database in used.values()), default=None),
        any(database.is_slow for database in used.values()),
        tuple(dict.fromkeys(licence.attribution for licence in licences if licence)),
        sets,
        used,
    )


def known_by(database_type: str) -> list[str]:
    """Give what a database of some type can be asked for: City, ASN, both or neither."""
    return [name for name, words in RANKING.items() if any(word in database_type.lower() for word in words)]


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


class _Trial:
    """Tries databases at `now` (Unix seconds), and says what is wrong with each that cannot be used."""

    def __init__(self, now: float, most_days: int | None) -> None:
        self._now, self._most_days = now, most_days
        self.problems: list[str] = []
        self.has_broken = False

    def open_all(self, files: Iterable[Path]) -> Iterator[OpenDatabase]:
        """Open those that can be opened."""
        for file in files:
            try:
                yield open_database(file)
            except UnusableDatabase as error:
                self._refuse(file, error)

    def first_usable(self, databases: Iterable[OpenDatabase]) -> OpenDatabase | None:
        """Give the first that is young enough and in which addresses can be looked up; None without one."""
        for database in databases:
            if self._is_too_old(database):
                self.problems.append(
                    f"{database.type} was built {database.age_days(self._now):.0f} days ago and is not used"
                )
                continue
            try:
                try_database(database.path)
            except UnusableDatabase as error:
                self._refuse(database.path, error)
            else:
                return database
        return None

    def kept(self, database: OpenDatabase) -> OpenDatabase | None:
        """Give a database that was good before, if it still is; its file may be gone."""
        if self._is_too_old(database) or database.is_overwritten():
            return None
        self.problems.append(f"the {database.type} of before goes on in its place")
        return database

    def _refuse(self, path: Path, error: UnusableDatabase) -> None:
        self.has_broken = True
        self.problems.append(f"{path.name} cannot be used: {error}")

    def _is_too_old(self, database: OpenDatabase) -> bool:
        return self._most_days is not None and database.age_days(self._now) > self._most_days


def _ranked(databases: Sequence[OpenDatabase], words: Sequence[str], now: float) -> list[OpenDatabase]:
    """Put those of some kinds in order: by kind, then the one built last; one built in the future says nothing."""
    by_age = sorted(databases, key=lambda database: (database.age_days(now) < _FUTURE, database.age_days(now)))
    return [database for word in words for database in by_age if word in database.type.lower()]


def _problems_of(database: OpenDatabase, now: float) -> Iterator[str]:
    age = database.age_days(now)
    if age > WARN_AFTER_DAYS:
        yield f"{database.type} was built {age:.0f} days ago"
    if age < _FUTURE:
        yield f"{database.type} says that it was built in the future"
    if database.is_slow:
        yield "only the slow reader of maxminddb is here: its C extension, which reads many times faster, is missing"
