"""Says what lies behind a setting that names a place: files of this machine, or objects in S3."""

import re
from collections.abc import Callable
from pathlib import Path

from flowlogs.aws.s3 import Bucket, WatchedObjects, address_of
from flowlogs.decorate.watched import Watched, WatchedPaths
from flowlogs.errors import SettingsError
from flowlogs.ingest.dead_letters import Folder, Objects
from flowlogs.ingest.events import S3Object

_S3 = "s3://"
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:")


def objects_at(place: str | None) -> Objects | None:
    """Give where objects are kept: a folder, or a bucket and prefix; None where no place is named."""
    if place is None:
        return None
    if _SCHEME.match(place) and not place.startswith(_S3):
        raise SettingsError(f"FLOWLOGS_DEAD_LETTERS is {place[:60]!r}: it takes a folder or s3://bucket/prefix")
    return Bucket(address_of(place)) if place.startswith(_S3) else Folder(Path(place))


def watched_at(place: str | None) -> Watched | None:
    """Give what is watched: one address in S3, or files and folders (with commas between); None where none is named."""
    if place is None:
        return None
    if place.startswith(_S3):
        return WatchedObjects(address_of(place))
    return WatchedPaths([Path(path.strip()) for path in place.split(",") if path.strip()])


def own_objects(place: str | None) -> Callable[[S3Object], bool]:
    """Give the function that says of an object whether it lies in a place where we write ourselves."""
    if place is None or not place.startswith(_S3):
        return lambda _: False
    bucket, prefix = address_of(place)
    below = f"{prefix.rstrip('/')}/" if prefix else ""
    return lambda found: found.bucket == bucket and found.key.startswith(below)
