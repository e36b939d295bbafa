"""A place whose content may change while a function is warm."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class Watched(Protocol):
    """Files kept somewhere; `flowlogs.aws` has those in S3."""

    def version(self) -> str:
        """Give a text that changes when the content does; raise OSError where the place cannot be reached."""
        ...

    def files(self) -> Sequence[Path]:
        """Give the content as local files and folders; raise OSError where it cannot be had."""
        ...


class WatchedPaths:
    """Files or folders on this machine."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    def version(self) -> str:
        """Give names, sizes and times of all files, also in folders of folders."""
        files = [file for path in self._paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
        stats = [(str(file), file.stat()) for file in files]
        return repr([(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats])

    def files(self) -> Sequence[Path]:
        """Give the paths themselves."""
        return self._paths
