"""One file of a place of geo data, and how it is fetched anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from flowlogs.geoip.download import Fetch
from flowlogs.geoip.probe import Open

About = Mapping[str, Any]
"""What is remembered of a file beside it, in JSON.

`kind` (`database`, `networks`, `threats`), `provider`, `fetched` (ISO 8601), `sha256` of the file, `version` by which
its provider can say that there is nothing new; of a database `edition`, `knows` (`City`, `ASN`), `type`, `built` (Unix
seconds), `licence`, `attribution`; of a list `networks`, their number.
"""
DATABASE, NETWORKS, THREATS = "database", "networks", "threats"


@dataclass(frozen=True, slots=True)
class Work:
    """What fetching takes: the web, a folder for unfinished files, the time (Unix seconds), a way to try databases."""

    fetch: Fetch
    folder: Path
    now: float
    open_database: Open


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is new and good, still in the folder for unfinished ones."""

    path: Path
    about: About
    notes: tuple[str, ...] = ()
    """Sentences on what is not as it was or should be, though good enough to be taken."""


class Source(Protocol):
    """Where one file comes from."""

    @property
    def file(self) -> str:
        """The name it is kept under in a place of geo data, folders with `/`."""
        ...

    def __call__(self, have: About | None, work: Work, seconds: float) -> Found | None:
        """Fetch it within so many seconds; None where what we have is the newest there is.

        Raise a FlowlogsError (FetchFailed, UnusableDatabase, SettingsError), or OSError where it cannot be written.
        """
        ...
