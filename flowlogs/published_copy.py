"""The files of a publication, kept here as it changes: what its pointer names, and nothing else."""

import gzip
import hashlib
import os
import shutil
import stat
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol, cast
from uuid import uuid4

from flowlogs.published import POINTER, Pointer, Store, read_pointer

_CHUNK = 1 << 20  # bytes


class Origin(Protocol):
    """Where a publication lies: `flowlogs.aws.published_objects`, or any store."""

    def pointer(self, tag: str | None) -> Pointer | None:
        """Read the pointer; None where it still has this entity tag. Raise OSError, ValueError where it is none."""
        ...

    def open(self, key: str) -> BinaryIO:
        """Open an object; raise FileNotFoundError where it is gone, OSError where it cannot be had."""
        ...


class StoreOrigin:
    """A publication in a store, each object of which is read at once."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def pointer(self, tag: str | None) -> Pointer | None:
        """Read the pointer; None where it still has this entity tag. Raise OSError, ValueError where it is none."""
        found = read_pointer(self._store)
        if found.tag is None:
            raise FileNotFoundError(f"{POINTER} is not there")
        return None if found.tag == tag else found

    def open(self, key: str) -> BinaryIO:
        """Open an object; raise FileNotFoundError where it is gone, OSError where it cannot be had."""
        found = self._store.read(key)
        if found is None:
            raise FileNotFoundError(f"{key} is not there")
        return BytesIO(found[0])


class PublishedCopy:
    """A publication's files in a folder of this machine (`flowlogs.decorate.watched.Watched`).

    Objects of a publication are never written again under the same key, so a key that is here is not fetched anew.
    """

    def __init__(self, origin: Origin, place: str) -> None:
        """`place` is what sentences call it; copies of one place lie in one folder of this machine."""
        self._origin = origin
        self._place = place
        self._pointer: Pointer | None = None
        self._kept: dict[tuple[str, bool], Path] = {}  # by key, and whether it was decompressed

    def version(self) -> str:
        """Ask whether the pointer changed, and give what it names; raise OSError where that cannot be known."""
        try:
            found = self._origin.pointer(self._pointer.tag if self._pointer else None)
        except FileNotFoundError as error:
            raise OSError(f"nothing is published yet at {self._place}") from error
        except ValueError as error:
            raise OSError(f"what lies at {self._place} is no pointer: {error}") from error
        if found is not None:
            self._pointer = found
        return repr(_names(self._pointer)) if self._pointer else ""

    def files(self) -> Sequence[Path]:
        """Fetch what is not here yet, and give the folder that holds all of it; raise OSError where it cannot be had.

        Who publishes deletes what was superseded a while ago: where an object is gone, the pointer is read once more.
        """
        if self._pointer is None:
            self.version()
        try:
            return [self._hold()]
        except FileNotFoundError:
            self.version()
            return [self._hold()]

    def _hold(self) -> Path:
        names = _names(self._pointer)
        folder, kept = folder_for(self._place, repr(names)), dict[tuple[str, bool], Path]()
        for name, key in names:
            path, is_packed = path_below(folder, name), key.endswith(".gz") and not name.endswith(".gz")
            if not path.exists():
                self._keep(key, is_packed, path)
            kept[key, is_packed] = path
        self._kept = kept
        remove_others(folder)
        return folder

    def _keep(self, key: str, is_packed: bool, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        here = self._kept.get((key, is_packed))
        with whole(path) as part:
            if here is not None and here.exists():
                os.link(here, part)
                return
            with self._origin.open(key) as body, part.open("wb") as file:
                try:
                    content = cast(BinaryIO, gzip.GzipFile(fileobj=body)) if is_packed else body
                    shutil.copyfileobj(content, file, _CHUNK)
                    file.flush()
                except (OSError, EOFError, zlib.error) as error:
                    raise OSError(f"{path.name} cannot be fetched from {self._place}: {error}") from error


def _names(pointer: Pointer | None) -> list[tuple[str, str]]:
    return sorted(pointer.files.items()) if pointer else []


def folder_for(place: str, version: str) -> Path:
    """Make the folder of this machine in which a version of a place is kept: in Lambda, below /tmp.

    Raise OSError where it cannot be made. On a machine of several users each has a folder that no other may write to:
    what lies here is believed, so it shall not be another's.
    """
    own = Path(tempfile.gettempdir()) / f"flowlogs-{os.getuid()}"
    own.mkdir(mode=0o700, exist_ok=True)
    made = own.lstat()
    if made.st_uid != os.getuid() or not stat.S_ISDIR(made.st_mode):
        raise PermissionError(f"{own.name} in the folder of temporary files is not this user's")
    folder = own / _digest(place) / _digest(version)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def path_below(folder: Path, name: str) -> Path:
    """Give the path of a name with `/` below a folder; raise OSError where it would lie elsewhere."""
    parts = name.split("/")
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise OSError(f"{name!r} is no name of a file")
    return folder.joinpath(*parts)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a name to write to, which becomes the path at the end, or is gone where writing was cut short."""
    part = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def remove_others(folder: Path) -> None:
    """Remove the older versions beside a folder; a file that is open or mapped stays until it is let go."""
    for older in set(folder.parent.iterdir()) - {folder}:
        shutil.rmtree(older, ignore_errors=True)
