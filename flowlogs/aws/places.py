"""Says what lies behind a setting that names a place: files of this machine, or objects in S3.

botocore is imported where a place is in S3: it takes as long as all else that a command imports.
"""

import re
from collections.abc import Callable
from pathlib import Path

from flowlogs.decorate.watched import Watched, WatchedPaths
from flowlogs.errors import SettingsError
from flowlogs.folder_store import FolderStore
from flowlogs.ingest.dead_letters import Folder, Objects
from flowlogs.ingest.events import S3Object
from flowlogs.published import POINTER
from flowlogs.published_copy import PublishedCopy, StoreOrigin

_S3 = "s3://"
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:")


def objects_at(place: str | None) -> Objects | None:
    """Give where objects are kept: a folder, or a bucket and prefix; None where no place is named."""
    if place is None:
        return None
    if _SCHEME.match(place) and not place.startswith(_S3):
        raise SettingsError(f"FLOWLOGS_DEAD_LETTERS is {place[:60]!r}: it takes a folder or s3://bucket/prefix")
    if place.startswith(_S3):
        from flowlogs.aws.s3 import Bucket, address_of

        return Bucket(address_of(place))
    return Folder(Path(place))


def watched_at(place: str | None) -> Watched | None:
    """Give what is watched; None where no place is named.

    A place is one address in S3, or files and folders with commas between; a publication is named by its pointer, or
    on this machine by the folder that holds it.
    """
    if place is None:
        return None
    if place.startswith(_S3):
        from flowlogs.aws.published_objects import PublishedObjects
        from flowlogs.aws.s3 import WatchedObjects, address_of

        address = address_of(place)
        is_pointer = address.key.split("/")[-1] == POINTER
        return PublishedObjects(address) if is_pointer else WatchedObjects(address)
    paths = [Path(path.strip()) for path in place.split(",") if path.strip()]
    root = _publication_at(paths[0]) if len(paths) == 1 else None
    return WatchedPaths(paths) if root is None else PublishedCopy(StoreOrigin(FolderStore(root)), str(root.absolute()))


def _publication_at(path: Path) -> Path | None:
    if path.name == POINTER:
        return path.parent
    return path if (path / POINTER).is_file() else None


def own_objects(place: str | None) -> Callable[[S3Object], bool]:
    """Give the function that says of an object whether it lies in a place where we write ourselves."""
    if place is None or not place.startswith(_S3):
        return lambda _: False
    from flowlogs.aws.s3 import address_of

    bucket, prefix = address_of(place)
    below = f"{prefix.rstrip('/')}/" if prefix else ""
    return lambda found: found.bucket == bucket and found.key.startswith(below)
