"""A run of fetching into a folder of a laptop, which is then a place of geo data as `--geoip` takes it."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import orjson

from flowlogs.geoip.probe import DAY
from flowlogs.geoip.source import About, Found, Source, Work
from flowlogs.geoip.updated import Updated, ages_of, fetch_each, is_expired

FETCHED = "fetched.json"
"""Name of the file that says of the others where they are from."""
_UNFINISHED = ".fetching-"
_FILE = re.compile(r"(?:\w[\w.-]*/)?\w[\w.-]*\Z")


def update_folder(folder: Path, sources: Sequence[Source], work: Work, time_left: Callable[[], float]) -> Updated:
    """Fetch what is new into a folder, file by file, each there whole or not at all; other files there stay.

    Databases that were fetched into it and are older than their licence allows are deleted. Raise OSError where the
    folder cannot be written.
    """
    updated = Updated()
    folder.mkdir(parents=True, exist_ok=True)
    _remove_left_over(folder, work.now)
    described = {file: about for file, about in read_fetched(folder).items() if (folder / file).is_file()}
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=folder) as unfinished:
        at_work = replace(work, folder=Path(unfinished))
        for source, found in fetch_each(sources, described, at_work, time_left, updated):
            try:
                _put(folder / source.file, found)
            except OSError as error:
                updated.failed.append(f"{source.file}: it cannot be kept: {error.strerror or error}")
                continue
            updated.fetched.append(source.file)
            described[source.file] = found.about
            _write_fetched(folder, described)
    for file in updated.kept:
        os.utime(folder / file, (work.now, work.now))  # a list is as old as the last look whether there is a newer one
    _delete_expired(folder, described, work.now, updated)
    updated.ages = ages_of(described, work.now)
    return updated


def read_fetched(folder: Path) -> dict[str, About]:
    """Give what is known of the files that were fetched into a folder; nothing where that cannot be read."""
    try:
        found = orjson.loads((folder / FETCHED).read_bytes())
    except (OSError, ValueError):
        return {}
    described = found.items() if isinstance(found, dict) else ()
    return {file: about for file, about in described if _FILE.match(file) and isinstance(about, dict)}


def _remove_left_over(folder: Path, now: float) -> None:
    """Remove what a run left unfinished that was killed; younger ones may still be at work."""
    for left in folder.glob(f"{_UNFINISHED}*"):
        if left.stat().st_mtime < now - DAY:
            shutil.rmtree(left, ignore_errors=True)


def _put(path: Path, found: Found) -> None:
    path.parent.mkdir(exist_ok=True)
    found.path.replace(path)  # the unfinished files lie in the same file system


def _write_fetched(folder: Path, described: Mapping[str, About]) -> None:
    part = folder / f".{FETCHED}.part"
    part.write_bytes(orjson.dumps(described, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    part.replace(folder / FETCHED)


def _delete_expired(folder: Path, described: dict[str, About], now: float, updated: Updated) -> None:
    expired = [file for file, about in described.items() if is_expired(about, now)]
    for file in expired:
        (folder / file).unlink(missing_ok=True)
        del described[file]
        updated.deleted.append(file)
    if expired:
        _write_fetched(folder, described)
