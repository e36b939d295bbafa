"""Following a publication: the same tests over S3 (moto), a folder and a store in memory."""

import gzip
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_in_moto import AWS, stubbed
from botocore.stub import Stubber
from memory_store import MemoryStore
from moto import mock_aws

from flowlogs.aws.places import watched_at
from flowlogs.aws.published_objects import PublishedObjects
from flowlogs.aws.s3 import Address, WatchedObjects
from flowlogs.aws.s3_store import S3Store
from flowlogs.decorate.watched import Watched, WatchedPaths
from flowlogs.folder_store import FolderStore
from flowlogs.inventory.files import read_inventory
from flowlogs.inventory.lookup_file import write_lookup_file
from flowlogs.inventory.network_interface import NetworkInterface
from flowlogs.published import POINTER, Pointer, Store, read_pointer, swap_pointer
from flowlogs.published_copy import PublishedCopy, StoreOrigin

ADDRESS = Address("kept", "inventory/pointer.json")


class Place:
    """A publication and one who follows it; `follow` makes another who does, as a restarted function would."""

    def __init__(self, store: Store, follow: Callable[[], Watched]) -> None:
        self.store = store
        self.follow = follow
        self.watched = follow()

    def publish(self, files: dict[str, str], **about: Any) -> None:
        assert swap_pointer(self.store, read_pointer(self.store), Pointer(files, about))

    def content(self, watched: Watched | None = None) -> dict[str, bytes]:
        (folder,) = (watched or self.watched).files()
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    return tmp_path / "tmp"


@pytest.fixture(params=["memory", "folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "memory":
        memory = MemoryStore()
        yield Place(memory, lambda: PublishedCopy(StoreOrigin(memory), "memory"))
    elif request.param == "folder":
        folder = FolderStore(tmp_path / "folder")
        yield Place(folder, lambda: PublishedCopy(StoreOrigin(folder), "folder"))
    else:
        with mock_aws():
            client: Any = boto3.client("s3", **AWS)
            client.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
            yield Place(S3Store(Address("kept", "inventory"), client), lambda: PublishedObjects(ADDRESS, client))


def test_the_files_of_a_pointer_are_here_under_its_names(place: Place) -> None:
    place.store.write("lookups/1.sqlite.gz", gzip.compress(b"look-ups" * 1000, mtime=0))
    place.store.write("lists/7.txt", b"10.0.0.0/8 mine\n")
    place.store.write("own.json.gz", b"packed, and meant to stay so")
    files = {"interfaces.sqlite": "lookups/1.sqlite.gz", "networks/own.txt": "lists/7.txt", "a.json.gz": "own.json.gz"}
    place.publish(files)
    assert place.content() == {
        "interfaces.sqlite": b"look-ups" * 1000,
        "networks/own.txt": b"10.0.0.0/8 mine\n",
        "a.json.gz": b"packed, and meant to stay so",
    }


def test_the_version_changes_with_what_the_pointer_names_and_with_nothing_else(place: Place) -> None:
    place.store.write("1", b"one")
    place.store.write("2", b"two")
    place.publish({"a": "1"}, run="first")
    first = place.watched.version()
    assert place.watched.version() == first
    place.publish({"a": "1"}, run="second")
    assert place.watched.version() == first
    place.publish({"a": "2"})
    second = place.watched.version()
    assert second != first
    assert place.follow().version() == second
    assert place.content() == {"a": b"two"}


def test_what_did_not_change_is_not_fetched_again_and_what_is_superseded_goes(place: Place, temporary: Path) -> None:
    place.store.write("1", b"one")
    place.store.write("2.gz", gzip.compress(b"two", mtime=0))
    place.publish({"a": "1", "b": "2.gz"})
    place.watched.version()
    (before,) = place.watched.files()
    with (before / "a").open("rb") as in_use:
        place.store.delete("1")  # whoever asked for it again would be told that it is gone
        place.store.delete("2.gz")
        place.store.write("3", b"three")
        place.publish({"a": "1", "sub/b": "2.gz", "c": "3"})
        place.watched.version()
        assert place.content() == {"a": b"one", "sub/b": b"two", "c": b"three"}
        assert not before.exists()
        assert in_use.read() == b"one"
    place.publish({"c": "3"})
    place.watched.version()
    assert place.content() == {"c": b"three"}
    assert [path.read_bytes() for path in temporary.rglob("*") if path.is_file()] == [b"three"]


def test_a_function_that_starts_again_finds_what_it_fetched_before(place: Place) -> None:
    place.store.write("1", b"one")
    place.publish({"a": "1"})
    assert place.content() == {"a": b"one"}
    place.store.delete("1")
    assert place.content(place.follow()) == {"a": b"one"}


def test_nothing_published_yet_is_an_os_error_until_something_is(place: Place) -> None:
    for ask in (place.watched.version, place.watched.files):
        with pytest.raises(
            OSError, match=r"nothing is published yet at (s3://kept/inventory/pointer.json|memory|folder)"
        ):
            ask()
    place.store.write("1", b"one")
    place.publish({"a": "1"})
    assert place.content() == {"a": b"one"}


def test_who_is_late_reads_the_pointer_once_more_where_an_object_is_gone(place: Place) -> None:
    place.store.write("1", b"one")
    place.publish({"a": "1"})
    place.watched.version()
    place.store.write("2", b"two")
    place.publish({"a": "2"})
    place.store.delete("1")
    assert place.content() == {"a": b"two"}


def test_an_object_that_is_gone_for_good_is_an_os_error_and_the_last_good_files_stay(place: Place) -> None:
    place.store.write("1", b"one")
    place.publish({"a": "1"})
    (before,) = place.watched.files()
    place.publish({"a": "2"})
    place.watched.version()
    with pytest.raises(OSError, match=r"2 is not there|NoSuchKey"):
        place.watched.files()
    assert (before / "a").read_bytes() == b"one"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"files": []}', b'{"files": {"a": 1}}', b"\xff"])
def test_what_is_no_pointer_is_an_os_error_in_one_sentence(place: Place, content: bytes) -> None:
    place.store.write(POINTER, content)
    with pytest.raises(OSError, match="is no pointer: ") as refused:
        place.watched.version()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["../a", "/etc/a", "a/../../b", "", "a//b", "./a", "a\0", ".."])
def test_a_name_that_leads_elsewhere_is_refused_and_nothing_is_written(
    place: Place, name: str, temporary: Path
) -> None:
    place.store.write("1", b"one")
    place.publish({name: "1"})
    with pytest.raises(OSError, match="is no name of a file"):
        place.watched.files()
    assert [path for path in temporary.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "packed", [b"", b"no gzip", gzip.compress(b"x" * 9999, mtime=0)[:-9], gzip.compress(b"x", mtime=0)[:-5] + b"12345"]
)
def test_what_cannot_be_decompressed_is_an_os_error_and_no_part_of_it_is_kept(
    place: Place, packed: bytes, temporary: Path
) -> None:
    place.store.write("1.gz", packed)
    place.publish({"a": "1.gz"})
    if not packed:  # gzip takes nothing for a file of nothing
        assert place.content() == {"a": b""}
        return
    with pytest.raises(OSError, match="a cannot be fetched from"):
        place.watched.files()
    assert [path for path in temporary.rglob("*") if path.is_file()] == []


def test_a_full_disk_is_an_os_error_and_leaves_the_last_good_files(
    place: Place, monkeypatch: pytest.MonkeyPatch, temporary: Path
) -> None:
    place.store.write("1", b"one")
    place.publish({"a": "1"})
    (before,) = place.watched.files()
    place.store.write("2", b"two")
    place.publish({"a": "2"})
    place.watched.version()

    def full(source: Any, into: Any, _: int) -> None:
        into.write(source.read(1))
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("shutil.copyfileobj", full)
        with pytest.raises(OSError, match=r"a cannot be fetched from .*: .*No space left on device"):
            place.watched.files()
    assert [path for path in temporary.rglob("*") if path.is_file()] == [before / "a"]
    assert place.content() == {"a": b"two"}


def test_a_decorator_follows_the_inventory_through_its_pointer(place: Place, tmp_path: Path) -> None:
    for taken, known in ((1000, "eni-1"), (2000, "eni-2")):
        write_lookup_file(tmp_path / "l.sqlite", [NetworkInterface(known)], {}, taken)
        place.store.write(f"lookups/{taken}.sqlite.gz", gzip.compress((tmp_path / "l.sqlite").read_bytes(), mtime=0))
        place.publish({"interfaces.sqlite": f"lookups/{taken}.sqlite.gz"})
        place.watched.version()
        inventory = read_inventory(*place.watched.files())
        assert (inventory.has_id(known), inventory.taken) == (True, taken)


def test_the_pointer_is_asked_for_with_its_tag_and_comes_again_only_when_it_changed() -> None:
    """S3 API Reference, GetObject: 304 where If-None-Match is the object's own tag; the answer has no body."""
    first, second = (Pointer({"a": key}).content() for key in "12")

    def tell(stubber: Stubber) -> None:
        asked = {"Bucket": "kept", "Key": "inventory/pointer.json"}
        stubber.add_response("get_object", answer(first, '"x"'), asked)
        for _ in range(2):
            stubber.add_client_error(
                "get_object", "304", "Not Modified", 304, expected_params={**asked, "IfNoneMatch": '"x"'}
            )
        stubber.add_response("get_object", answer(second, '"y"'), {**asked, "IfNoneMatch": '"x"'})

    watched = PublishedObjects(ADDRESS, stubbed("s3", tell))
    versions = [watched.version() for _ in range(4)]
    assert len(set(versions[:3])) == 1
    assert versions[3] != versions[0]


def answer(content: bytes, tag: str) -> dict[str, Any]:
    class Body:
        def read(self) -> bytes:
            return content

    return {"Body": Body(), "ETag": tag}


@pytest.mark.parametrize("code", ["AccessDenied", "SlowDown", "NoSuchBucket"])
def test_s3_that_refuses_is_an_os_error_and_not_nothing_published(code: str) -> None:
    watched = PublishedObjects(ADDRESS, stubbed("s3", lambda stubber: stubber.add_client_error("get_object", code)))
    with pytest.raises(OSError, match=f"^S3 answered {code} to GetObject$"):
        watched.version()


def test_a_pointer_names_a_publication_wherever_it_lies(tmp_path: Path) -> None:
    assert isinstance(watched_at("s3://b/inventory/pointer.json"), PublishedObjects)
    assert isinstance(watched_at("s3://b/pointer.json"), PublishedObjects)
    assert isinstance(watched_at("s3://b/inventory/"), WatchedObjects)
    assert isinstance(watched_at("s3://b/my-pointer.json"), WatchedObjects)
    assert isinstance(watched_at(str(tmp_path)), WatchedPaths)
    assert isinstance(watched_at(str(tmp_path / "pointer.json")), PublishedCopy)
    (tmp_path / "1").write_bytes(b"one")
    (tmp_path / "pointer.json").write_text(json.dumps({"files": {"a": "1"}, "taken": "2026-01-01T00:00:00Z"}))
    for named in (str(tmp_path), str(tmp_path / "pointer.json"), os.path.relpath(tmp_path)):
        watched = watched_at(named)
        assert watched is not None
        (folder,) = watched.files()
        assert (folder / "a").read_bytes() == b"one"
