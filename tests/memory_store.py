"""A store of publications in memory, for tests: what S3 promises, without S3."""

import hashlib
import time
from collections.abc import Callable, Iterator
from threading import Lock

from flowlogs.published import Stored


class MemoryStore:
    """Objects by key (`flowlogs.published.Store`). `refuses` makes every call an OSError; `log` is what was asked."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.objects: dict[str, bytes] = {}
        self.modified: dict[str, float] = {}
        self.log: list[tuple[str, str]] = []
        self.refuses: str | None = None
        self._clock = clock
        self._lock = Lock()

    def read(self, key: str) -> tuple[bytes, str] | None:
        """Give an object's content and its entity tag (S3: the content's MD5, as a rule); None where there is none."""
        self._note("read", key)
        content = self.objects.get(key)
        return None if content is None else (content, _tag(content))

    def write(self, key: str, content: bytes) -> None:
        """Write an object."""
        self._note("write", key)
        self._put(key, content)

    def swap(self, key: str, content: bytes, tag: str | None) -> bool:
        """Write an object only if it still has this entity tag (None: if there is none)."""
        self._note("swap", key)
        with self._lock:
            found = self.objects.get(key)
            if (None if found is None else _tag(found)) != tag:
                return False
            self._put(key, content)
            return True

    def keys(self, prefix: str) -> Iterator[Stored]:
        """List the objects whose keys begin so, in their order, as S3 does."""
        self._note("keys", prefix)
        return iter([Stored(key, self.modified[key]) for key in sorted(self.objects) if key.startswith(prefix)])

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is no error."""
        self._note("delete", key)
        self.objects.pop(key, None)
        self.modified.pop(key, None)

    def _put(self, key: str, content: bytes) -> None:
        self.objects[key], self.modified[key] = bytes(content), self._clock()

    def _note(self, verb: str, key: str) -> None:
        self.log.append((verb, key))
        if self.refuses:
            raise OSError(f"S3 answered {self.refuses}")


def _tag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
