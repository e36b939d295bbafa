"""Opens geo databases, of whatever provider, by what they say they are."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import maxminddb

from flowlogs.decorate.places import Places

WARN_AFTER_DAYS = 30
"""Age from which a database is called stale. MaxMind's licence wants old copies destroyed within 30 days."""
_SECONDS_A_DAY = 86_400
_CITY = ("city", "enterprise", "country")  # best first, in the type a database names
_ASN = ("asn", "isp")


@dataclass(frozen=True, slots=True)
class Opened:
    """Places made of what could be opened, and a sentence on each thing that is not as it should be."""

    places: Places
    problems: list[str] = field(default_factory=list)
    oldest_days: float | None = None  # age of the oldest database in use; None without one


def open_databases(paths: Iterable[Path], now: float, most_days: int | None = None) -> Opened:
    """Open City and ASN databases among files and folders; `now` is Unix seconds.

    What cannot be opened, or was built more than `most_days` ago, is left out and named among the problems.
    """
    readers, problems = _open_all(paths)
    used: list[maxminddb.Reader] = []
    for kinds in (_CITY, _ASN):
        best = _best(readers, kinds)
        if best is None:
            problems.append(f"no {kinds[0].capitalize() if kinds is _CITY else 'ASN'} database")
        used += [best] if best else []
    fresh = [reader for reader in used if _is_usable(reader, now, most_days, problems)]
    city, asn = _best(fresh, _CITY), _best(fresh, _ASN)
    ages = [_age_days(reader, now) for reader in fresh]
    return Opened(Places(city, asn), problems, max(ages, default=None))


def _open_all(paths: Iterable[Path]) -> tuple[list[maxminddb.Reader], list[str]]:
    readers, problems = [], []
    for path in paths:
        files = sorted(path.glob("*.mmdb")) if path.is_dir() else [path]
        if not files:
            problems.append(f"no .mmdb file in {path.name}")
        for file in files:
            try:
                readers.append(_opened(file))
            except (OSError, ValueError, AttributeError, TypeError, maxminddb.InvalidDatabaseError) as error:
                problems.append(f"{file.name} cannot be used: {error}")
    return readers, problems


def _opened(file: Path) -> maxminddb.Reader:
    """Open a database whose metadata can be read: a corrupt one may only fail there."""
    reader = maxminddb.open_database(file)
    metadata = reader.metadata()
    if not isinstance(metadata.database_type, str) or not isinstance(metadata.build_epoch, int):
        raise ValueError("its metadata names no type or no build time")  # noqa: TRY004 (corrupt, not misused)
    return reader


def _best(readers: list[maxminddb.Reader], kinds: tuple[str, ...]) -> maxminddb.Reader | None:
    """Choose by kind first, then the one built last."""
    for kind in kinds:
        found = [reader for reader in readers if kind in reader.metadata().database_type.lower()]
        if found:
            return max(found, key=lambda reader: reader.metadata().build_epoch)
    return None


def _is_usable(reader: maxminddb.Reader, now: float, most_days: int | None, problems: list[str]) -> bool:
    age = _age_days(reader, now)
    name = reader.metadata().database_type
    if most_days is not None and age > most_days:
        problems.append(f"{name} was built {age:.0f} days ago and is not used")
        return False
    if age > WARN_AFTER_DAYS:
        problems.append(f"{name} was built {age:.0f} days ago")
    return True


def _age_days(reader: maxminddb.Reader, now: float) -> float:
    return (now - reader.metadata().build_epoch) / _SECONDS_A_DAY
