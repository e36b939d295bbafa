"""The unfinished files of a destination, by what decides which file a record goes to."""

from collections.abc import Hashable
from pathlib import Path
from typing import Protocol, TypeVar


class Unfinished(Protocol):
    """A file that is being written."""

    def keep(self) -> Path:
        """Finish it and give its path."""
        ...

    def discard(self) -> None:
        """Remove what was written."""
        ...


Key = TypeVar("Key", bound=Hashable)
File = TypeVar("File", bound=Unfinished)


class OpenFiles(dict[Key, File]):
    """Finishes, or discards, all of them."""

    def close(self) -> list[Path]:
        """Finish the files and give their paths."""
        kept = [file.keep() for file in self.values()]
        self.clear()
        return kept

    def discard(self) -> None:
        """Remove what is not finished."""
        for file in self.values():
            file.discard()
        self.clear()
