"""Objects of a publication as files of a folder, for a laptop."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flowlogs.published import Stored
from flowlogs.published_copy import path_below, whole

_LOCK = ".lock"


class FolderStore:
    """Objects below a folder (`flowlogs.published.Store`); names that begin with a dot are its own."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, key: str) -> tuple[bytes, str] | None:
        """Give an object's content and its entity tag, which follows from the content; None where there is none."""
        try:
            content = path_below(self._root, key).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        return content, hashlib.sha256(content).hexdigest()

    def write(self, key: str, content: bytes) -> None:
        """Write an object, whole or not at all: under a name of its own first."""
        path = path_below(self._root, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as part:
            part.write_bytes(content)

    def swap(self, key: str, content: bytes, tag: str | None) -> bool:
        """Write an object only if it still has this entity tag (None: if there is none); say whether it did.

        Holds among those who swap, in any process of this machine; `write` does not ask.
        """
        with self._alone():
            found = self.read(key)
            if (found and found[1]) != tag:
                return False
            self.write(key, content)
            return True

    def keys(self, prefix: str) -> Iterator[Stored]:
        """List the objects whose keys begin so, in their order."""
        for path in sorted(self._root.rglob("*")):
            key = path.relative_to(self._root).as_posix()
            if key.startswith(prefix) and not path.name.startswith("."):
                with suppress(FileNotFoundError):  # another deleted it meanwhile
                    if path.is_file():
                        yield Stored(key, path.stat().st_mtime)

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is no error."""
        with suppress(FileNotFoundError, NotADirectoryError):
            path_below(self._root, key).unlink()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._root / _LOCK, os.O_CREAT | os.O_RDWR, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # let go when it is closed, also by a process that dies
            yield
        finally:
            os.close(descriptor)
