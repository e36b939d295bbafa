"""Says what lies behind a setting that names a place: files of this machine, or objects in S3."""

from pathlib import Path

from flowlogs.aws.s3 import Bucket, WatchedObjects, address_of
from flowlogs.decorate.watched import Watched, WatchedPaths
from flowlogs.ingest.dead_letters import Folder, Objects

_S3 = "s3://"


def objects_at(place: str | None) -> Objects | None:
    """Give where objects are kept: a folder, or a bucket and prefix; None where no place is named."""
    if place is None:
        return None
    return Bucket(address_of(place)) if place.startswith(_S3) else Folder(Path(place))


def watched_at(place: str | None) -> Watched | None:
    """Give what is watched: one address in S3, or files and folders (with commas between); None where none is named."""
    if place is None:
        return None
    if place.startswith(_S3):
        return WatchedObjects(address_of(place))
    return WatchedPaths([Path(path.strip()) for path in place.split(",") if path.strip()])
