"""A file is there whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def partial(path: Path) -> Path:
    """Name the file that is written first and becomes `path` when it is whole."""
    return path.with_name(f".{path.name}.partial")


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a name to write to; it becomes `path` at the end, or is gone where the writing was cut short."""
    unfinished = partial(path)
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
