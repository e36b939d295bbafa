"""Makes a folder of installed wheels the same wherever and whenever it was made, and free of what no function needs."""

import os
import shutil
from pathlib import Path

_FOLDERS = frozenset({"__pycache__", "test", "tests"})
_SUFFIXES = (".pyc", ".pyi", ".pyx", ".pxd", ".pxi", ".h", ".cc")
_NOTES = frozenset({"INSTALLER", "RECORD", "REQUESTED", "WHEEL", "direct_url.json", "uv_build.json", "uv_cache.json"})
"""What an installer writes down about its work. METADATA stays, and with it the version; so do licences."""

_THE_FIRST_TIME_OF_ZIP = 315_532_800
"""1980-01-01 in Unix seconds: a ZIP archive has no earlier time (APPNOTE.TXT 4.4.6, years since 1980)."""


def drop_surplus(folder: Path) -> None:
    """Remove commands, stubs, tests, what was compiled, what a compiler would take, and an installer's notes."""
    shutil.rmtree(folder / "bin", ignore_errors=True)
    (folder / ".lock").unlink(missing_ok=True)  # uv's, against another uv in the same folder
    for path in sorted(folder.rglob("*"), reverse=True):  # what is inside a folder before the folder
        if path.is_dir() and path.name in _FOLDERS:
            shutil.rmtree(path)
        elif path.suffix in _SUFFIXES or (path.name in _NOTES and path.parent.suffix == ".dist-info"):
            path.unlink()


def level(folder: Path) -> None:
    """Give every file and folder the same time and the modes that Lambda needs, whatever the umask."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (_THE_FIRST_TIME_OF_ZIP, _THE_FIRST_TIME_OF_ZIP))
