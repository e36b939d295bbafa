"""A file that is there complete or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from flowlogs.deliver.local.output_in_use_error import OutputInUseError

PART = ".part"
"""Ends the name of a file that is still being written."""


_begun: set[Path] = set()


class AtomicFile:
    """Writes beside a path under a name ending in `.part`, and takes the path's name when kept."""

    def __init__(self, path: Path) -> None:
        """Raise FileExistsError where the `.part` is there already."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.part = path.with_name(path.name + PART)
        _begun.add(self.part)  # before it is there: an interrupt may come between any two steps
        try:
            self.file = self.part.open("xb")
        except FileExistsError:
            _begun.discard(self.part)
            raise

    @classmethod
    def alone(cls, path: Path) -> "AtomicFile":
        """Begin a file that no other run may be writing; raise OutputInUseError where a `.part` is there."""
        try:
            return cls(path)
        except FileExistsError as error:
            raise OutputInUseError(
                f"{path}{PART} exists: another run is writing there, or one was killed; "
                "remove the file if none is running"
            ) from error

    @classmethod
    @contextmanager
    def whole(cls, path: Path) -> Iterator[BinaryIO]:
        """Give what to write into; all of it is at the path then, or nothing where an error leaves the block.

        Raise OutputInUseError where a `.part` is there.
        """
        begun = cls.alone(path)
        try:
            yield begun.file
        except BaseException:
            begun.discard()
            raise
        begun.keep()

    @classmethod
    def appending(cls, path: Path) -> "AtomicFile":
        """Begin with a copy of what is at the path; raise OutputInUseError where a `.part` is there."""
        appended = cls.alone(path)
        if path.exists():
            with path.open("rb") as older:
                shutil.copyfileobj(older, appended.file)
        return appended

    @classmethod
    def unique(cls, folder: Path, name: str, ending: str = "") -> "AtomicFile":
        """Begin a file that never overwrites one: `name`, a number where that is taken, and the ending."""
        number = 0
        while True:
            path = folder / f"{name}{f'-{number}' if number else ''}{ending}"
            number += 1
            try:
                begun = cls(path)
            except FileExistsError:
                continue
            if not path.exists():  # looked up while the `.part` is ours: nobody else can take the name now
                return begun
            begun.discard()

    def keep(self) -> Path:
        """Give the file its name; what was there before is replaced."""
        self.file.close()
        kept = self.part.replace(self.path)
        _begun.discard(self.part)
        return kept

    def discard(self) -> None:
        """Remove what was written; what was at the path before stays."""
        try:
            self.file.close()
        except OSError:
            pass  # a full disk refuses what was still held back; it is to go anyway
        finally:
            self.part.unlink(missing_ok=True)
            _begun.discard(self.part)


def discard_begun() -> None:
    """Remove every unfinished file of this process, also one whose maker was interrupted before it could say so."""
    while _begun:
        _begun.pop().unlink(missing_ok=True)
