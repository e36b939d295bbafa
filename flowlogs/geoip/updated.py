"""What a run of fetching did, and what any such run has in common."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from pathlib import Path

from flowlogs.decorate.licences import LICENCES
from flowlogs.decorate.places import CORRUPT
from flowlogs.errors import FlowlogsError
from flowlogs.geoip.fetch_failed import FetchFailed
from flowlogs.geoip.probe import DAY
from flowlogs.geoip.source import DATABASE, About, Found, Source, Work

_FAULTS = (FlowlogsError, HTTPException, EOFError, *CORRUPT)
"""What a source may raise: a sentence, or what its server made a library raise that reads headers, archives or JSON."""


@dataclass(slots=True)
class Updated:
    """An account of a run, by file; what failed has a sentence each, and its last good file stays."""

    fetched: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # nothing newer was there
    failed: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)  # what was taken, and is not as it was or should be
    deleted: list[str] = field(default_factory=list)  # their licence allows them no longer
    ages: dict[str, float] = field(default_factory=dict)  # days since a database was built
    is_discarded: bool = False  # another run was quicker

    @property
    def oldest_days(self) -> float | None:
        """Age of the oldest database; None without one."""
        return max(self.ages.values(), default=None)


def fetch_each(
    sources: Sequence[Source], have: Mapping[str, About], work: Work, time_left: Callable[[], float], updated: Updated
) -> Iterator[tuple[Source, Found]]:
    """Fetch one source after the other, and note what became of it; give what is new.

    Each may take its share of the seconds that are left, so that a server that stalls costs only itself; and what is
    not taken of what one left in its folder is gone before the next begins.
    """
    for number, source in enumerate(sources):
        seconds = time_left() / (len(sources) - number)
        with tempfile.TemporaryDirectory(dir=work.folder) as own:
            try:
                found = _fetched(source, have.get(source.file), replace(work, folder=Path(own)), seconds)
            except _FAULTS as error:
                updated.failed.append(f"{source.file}: {_why(error)}")
                continue
            if found is None:
                updated.kept.append(source.file)
            else:
                updated.noted += [f"{source.file}: {note}" for note in found.notes]
                yield source, found


def _why(error: Exception) -> str:
    """Give the sentence of an error; of one without a sentence for people its kind, as its text may be a server's."""
    is_said = isinstance(error, (FlowlogsError, OSError))
    return str(error) if is_said else f"what came cannot be read ({type(error).__name__})"


def _fetched(source: Source, have: About | None, work: Work, seconds: float) -> Found | None:
    if seconds <= 0:
        raise FetchFailed("no time was left for it")
    return source(have, work, seconds)


def is_expired(about: About, now: float) -> bool:
    """Say whether a database is older than its licence allows it to be kept."""
    licence = LICENCES.get(str(about.get("provider")))
    days = age_days(about, now)
    return licence is not None and licence.most_days is not None and days is not None and days > licence.most_days


def age_days(about: About, now: float) -> float | None:
    """Give the days since a database was built; None for what is none."""
    built = about.get("built")
    return (now - built) / DAY if about.get("kind") == DATABASE and isinstance(built, int) else None


def ages_of(described: Mapping[str, About], now: float) -> dict[str, float]:
    """Give the ages of all databases, by file."""
    ages = {file: age_days(about, now) for file, about in described.items()}
    return {file: age for file, age in ages.items() if age is not None}
