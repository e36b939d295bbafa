"""What lies in a place of geo data: databases and address lists, each with its age and its licence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flowlogs.decorate.address_sets import AddressSet, is_address_list, open_address_sets
from flowlogs.decorate.licences import Licence, licence_of
from flowlogs.decorate.places import CORRUPT
from flowlogs.geoip.probe import DAY, Metadata, opened


@dataclass(frozen=True, slots=True)
class DatabaseFile:
    """A database that opens, and what it says of itself."""

    path: Path
    metadata: Metadata
    age_days: float

    @property
    def licence(self) -> Licence | None:
        """What its licence asks, where it is one that we know."""
        return licence_of(self.metadata.type)


@dataclass(frozen=True, slots=True)
class Contents:
    """Databases, lists, and a sentence on each thing that is not as it should be; `unusable` are not even that."""

    databases: list[DatabaseFile] = field(default_factory=list)
    lists: tuple[AddressSet, ...] = ()
    problems: list[str] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)


def contents_of(paths: Iterable[Path], now: float) -> Contents:
    """Look into places and single files; `now` is Unix seconds."""
    paths = list(paths)
    sets = open_address_sets(paths, now)
    contents = Contents(lists=sets.sets, problems=list(sets.problems))
    for path in database_files(paths):
        try:
            with opened(path) as database:
                metadata = database.metadata()
        except CORRUPT as error:
            contents.unusable.append(f"{path.name} cannot be used: {str(error) or type(error).__name__}")
            continue
        contents.databases.append(DatabaseFile(path, metadata, (now - metadata.built) / DAY))
    contents.problems.extend(_expired(contents.databases))
    return contents


def database_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Give what may be databases among places and single files."""
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.mmdb"))
        elif not is_address_list(path):
            yield path


def _expired(databases: Iterable[DatabaseFile]) -> Iterator[str]:
    for database in databases:
        most = database.licence.most_days if database.licence else None
        if most is not None and database.age_days > most:
            yield (
                f"{database.path.name} was built {database.age_days:.0f} days ago, and its licence allows {most}: "
                "delete it, or fetch it anew"
            )
