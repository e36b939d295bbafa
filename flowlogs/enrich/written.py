"""What lies in a folder already: which inputs are in which files, so that a second run adds only others."""

import errno
import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from flowlogs.deliver.local.atomic_file import PART, AtomicFile
from flowlogs.deliver.local.output_in_use_error import OutputInUseError
from flowlogs.errors import FlowlogsError

NAME = "enriched.ndjson"
"""The list: a first line of settings, then one a batch, with its inputs, files and account."""
_LOCK = ".enriching"
_SCHEMA = 1
_BEGINNING = b'{"schema":'


class OtherSettingsError(FlowlogsError):
    """A folder that was written with other settings; the sentence names them."""


@dataclass(frozen=True, slots=True)
class Version:
    """An input by its full name, and what changes with its content; "" where that is not known."""

    name: str
    content: str


class Written:
    """The list of one folder, held by one run at a time.

    A batch is in it, and all its files have their names, or will have when the folder is opened next; or it is not,
    and its files are removed.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str], *, anew: bool = False) -> None:
        """Raise OtherSettingsError where it was written otherwise, OutputInUseError where another run writes there.

        `anew` removes what was written before.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._path = folder, folder / NAME
        self._lock = _locked(folder)
        try:
            self._contents: dict[str, str] = {}
            self.batches = 0
            self._open(settings, anew=anew)
        except BaseException:
            self.close()
            raise

    def _open(self, settings: Mapping[str, str], *, anew: bool) -> None:
        rows = list(self._rows())
        for row in rows[1:]:
            self._take(row)
        self._remove_unfinished()
        if anew:
            self._remove(rows)
            rows = []
        if rows:
            _check(self._folder, rows[0]["settings"], settings)
        else:
            self._append({"schema": _SCHEMA, "settings": dict(settings)})

    def _rows(self) -> Iterator[dict[str, Any]]:
        """Read the list; a last line that was not finished is cut off."""
        if not self._path.exists():
            return
        text = self._path.read_bytes()
        whole = text[: text.rfind(b"\n") + 1]
        if len(whole) < len(text):
            os.truncate(self._path, len(whole))
        for row in whole.splitlines():
            yield orjson.loads(row)

    def _take(self, row: Mapping[str, Any]) -> None:
        self.batches += 1
        self._contents |= {found["name"]: found["content"] for found in row["inputs"]}
        for file in row["files"]:
            part = self._folder / f"{file}{PART}"
            if part.exists():  # the run ended between the list and the names
                part.replace(self._folder / file)

    def _remove(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Remove all that was written; first of all no input counts as done, in case this breaks off."""
        if rows:
            forgotten = AtomicFile(self._path)
            forgotten.file.writelines(
                orjson.dumps({**row, "inputs": []}, option=orjson.OPT_APPEND_NEWLINE) for row in rows
            )
            forgotten.keep()
        for file in (file for row in rows[1:] for file in row["files"]):
            (self._folder / file).unlink(missing_ok=True)
        self._path.unlink(missing_ok=True)
        self._contents, self.batches = {}, 0

    def _remove_unfinished(self) -> None:
        for pattern in (f"*{PART}", f"date=*/*{PART}", f"refused/*{PART}"):
            for part in self._folder.glob(pattern):
                part.unlink()

    def has(self, version: Version) -> bool:
        """Say whether an input is in it as it is now."""
        return self._contents.get(version.name) == version.content

    def has_other(self, version: Version) -> bool:
        """Say whether an input is in it, but with other content than now."""
        return self._contents.get(version.name, version.content) != version.content

    def add(self, versions: Sequence[Version], files: Sequence[Path], account: Mapping[str, int]) -> None:
        """Put down a batch, whose files are finished but for their names; raise OSError where that fails."""
        names = [str(file.relative_to(self._folder)) for file in files]
        inputs = [{"name": version.name, "content": version.content} for version in versions]
        self._append({"inputs": inputs, "files": names, "account": dict(account)})
        self.batches += 1
        self._contents |= {version.name: version.content for version in versions}

    def _append(self, row: Mapping[str, object]) -> None:
        line = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
        with self._path.open("ab", buffering=0) as file:
            before = file.tell()
            try:
                self._write(file, line)
            except BaseException:
                os.truncate(self._path, before)
                raise

    def _write(self, file: RawIOBase, line: bytes) -> None:
        if file.write(line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        os.fsync(file.fileno())

    def close(self) -> None:
        """Let others write there."""
        (self._folder / _LOCK).unlink(missing_ok=True)
        self._lock.close()


def is_list(path: Path) -> bool:
    """Say whether a file is the list of what was written into its folder."""
    if path.name != NAME or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_BEGINNING)) == _BEGINNING


def _locked(folder: Path) -> BinaryIO:
    """Give the folder's lock, held; raise OutputInUseError where another run has it."""
    while True:
        lock = (folder / _LOCK).open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(lock.fileno()).st_nlink:  # else the run that had it removed it since it was opened
                return lock
        except BlockingIOError as error:
            lock.close()
            raise OutputInUseError(f"{folder}: another run is writing there") from error
        except BaseException:
            lock.close()
            raise
        lock.close()


def _check(folder: Path, before: Mapping[str, str], now: Mapping[str, str]) -> None:
    other = [name for name in now if before.get(name) != now[name]]
    if other:
        raise OtherSettingsError(
            f"{folder} was written with another {' and '.join(other)}: name another folder, or --force to begin anew"
        )
