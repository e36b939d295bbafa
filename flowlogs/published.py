"""What a function publishes for others to fetch: objects of their own names, and one pointer to the last good ones.

A publication is complete when its pointer names it. Who writes puts new objects first, then swaps the pointer if it is
still the one that was read; a loser's objects are never seen, and a crash leaves the last good publication.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

POINTER = "pointer.json"
"""Key of the pointer below the place of a publication."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object in a listing: its key below the store's place, and when it was written last (Unix seconds)."""

    key: str
    modified: float


class Store(Protocol):
    """Objects below one place: `flowlogs.aws.s3_store`, and a folder on a laptop. Every method may raise OSError."""

    def read(self, key: str) -> tuple[bytes, str] | None:
        """Give an object's content and its entity tag; None where there is none."""
        ...

    def write(self, key: str, content: bytes) -> None:
        """Write an object, whole or not at all."""
        ...

    def swap(self, key: str, content: bytes, tag: str | None) -> bool:
        """Write an object only if it still has this entity tag (None: if there is none); say whether it did."""
        ...

    def keys(self, prefix: str) -> Iterator[Stored]:
        """List the objects whose keys begin so."""
        ...

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is no error."""
        ...


@dataclass(frozen=True, slots=True)
class Pointer:
    """The content of a pointer: what a reader fetches, by file name, and what the writer must know next time."""

    files: Mapping[str, str] = field(default_factory=dict)
    """Names under which readers keep the files (folders with `/`), and the keys they lie at; a key that ends in `.gz`
    is decompressed where the name does not end so."""
    about: Mapping[str, Any] = field(default_factory=dict)
    tag: str | None = None
    """Entity tag it was read with; None where there was none."""

    def content(self) -> bytes:
        """Give it as it is stored."""
        return orjson.dumps({"files": dict(self.files), **self.about}, option=orjson.OPT_INDENT_2)


def read_pointer(store: Store) -> Pointer:
    """Read the pointer, an empty one where nothing was published yet.

    Raise OSError where the store refuses, ValueError where what lies there is no pointer: it is never overwritten.
    """
    found = store.read(POINTER)
    if found is None:
        return Pointer()
    text, tag = found
    return pointer_of(text, tag)


def pointer_of(text: bytes, tag: str | None = None) -> Pointer:
    """Read a pointer's content; raise ValueError where it is none."""
    content = orjson.loads(text)
    files = content.get("files") if isinstance(content, dict) else None
    if not isinstance(files, dict) or not all(isinstance(key, str) for key in files.values()):
        raise ValueError(f"{POINTER} names no files")
    return Pointer(files, {name: value for name, value in content.items() if name != "files"}, tag)


def swap_pointer(store: Store, before: Pointer, after: Pointer) -> bool:
    """Make `after` the publication if `before` still is; say whether it did. Raise OSError where the store refuses."""
    return store.swap(POINTER, after.content(), before.tag)
