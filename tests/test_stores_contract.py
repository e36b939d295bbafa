"""What every store of publications promises, held by each of them; S3's own words are in tests/aws/test_s3_store.py."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
from memory_store import MemoryStore
from moto import mock_aws

from flowlogs.aws.s3 import Address
from flowlogs.aws.s3_store import S3Store
from flowlogs.folder_store import FolderStore
from flowlogs.published import POINTER, Pointer, Store, read_pointer, swap_pointer


@pytest.fixture(params=["memory", "folder", "bucket", "prefix", "prefix with slash"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
    elif request.param == "folder":
        yield FolderStore(tmp_path / "not there yet")
    else:
        with mock_aws():
            client = boto3.client("s3")
            client.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
            prefix = {"bucket": "", "prefix": "place", "prefix with slash": "place/"}[request.param]
            if prefix:
                client.put_object(Bucket="kept", Key="place-of-another/x", Body=b"another's")
            yield S3Store(Address("kept", prefix))


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setattr("flowlogs.aws.clients._clients", {})  # a client of moto's lasts no longer than moto


def keys(store: Store, prefix: str) -> list[str]:
    return [stored.key for stored in store.keys(prefix)]


def test_what_is_written_is_read_again_whole(store: Store) -> None:
    content = bytes(range(256)) * 5000
    store.write("states/a b+ü/1.gz", content)
    assert store.read("states/a b+ü/1.gz") is not None
    assert (store.read("states/a b+ü/1.gz") or (b"",))[0] == content
    store.write("states/a b+ü/1.gz", b"")
    assert (store.read("states/a b+ü/1.gz") or (b"x",))[0] == b""


@pytest.mark.parametrize("key", ["none", "states", "states/1/2"])
def test_what_is_not_there_is_none(store: Store, key: str) -> None:
    assert store.read(key) is None
    store.write("states/1", b"x")
    assert store.read(key) is None


def test_an_entity_tag_stays_until_the_content_changes(store: Store) -> None:
    store.write("a", b"1")
    store.write("b", b"1")
    first = store.read("a")
    assert store.read("a") == first
    store.write("a", b"2")
    second = store.read("a")
    assert first is not None
    assert second is not None
    assert second[1] != first[1]


def test_only_who_knows_the_last_state_swaps(store: Store) -> None:
    assert store.swap("p", b"1", None)
    assert not store.swap("p", b"2", None)
    content, tag = store.read("p") or (b"", "")
    assert content == b"1"
    assert store.swap("p", b"2", tag)
    assert not store.swap("p", b"3", tag)
    assert (store.read("p") or (b"",))[0] == b"2"


def test_what_is_gone_is_not_swapped_by_who_knew_it(store: Store) -> None:
    store.write("p", b"1")
    _, tag = store.read("p") or (b"", "")
    store.delete("p")
    assert not store.swap("p", b"2", tag)
    assert store.read("p") is None
    assert store.swap("p", b"2", None)


def test_keys_are_listed_by_how_they_begin_with_the_time_of_writing(store: Store) -> None:
    for key in ("states/b/2", "states/a/1", "states/ab", "scopes/1"):
        store.write(key, b"x")
    assert store.swap(POINTER, b"x", None)
    assert keys(store, "states/a") == ["states/a/1", "states/ab"]
    assert keys(store, "states/") == ["states/a/1", "states/ab", "states/b/2"]
    assert keys(store, "none") == []
    assert keys(store, "") == sorted(["states/b/2", "states/a/1", "states/ab", "scopes/1", POINTER])
    assert all(stored.modified > 1_700_000_000 for stored in store.keys("s"))


def test_what_is_deleted_is_not_there_and_deleting_it_again_is_no_error(store: Store) -> None:
    store.write("states/1", b"x")
    store.write("states/2", b"x")
    for _ in range(2):
        store.delete("states/1")
    store.delete("states/2/3")
    assert keys(store, "states/") == ["states/2"]


def test_a_pointer_is_published_by_one_of_two(store: Store) -> None:
    assert read_pointer(store) == Pointer()
    mine, theirs = read_pointer(store), read_pointer(store)
    assert swap_pointer(store, theirs, Pointer({"a": "1"}))
    assert not swap_pointer(store, mine, Pointer({"a": "2"}))
    again = read_pointer(store)
    assert swap_pointer(store, again, Pointer({"a": "2"}, {"run": "2"}))
    assert (read_pointer(store).files, read_pointer(store).about) == ({"a": "2"}, {"run": "2"})


@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_of_many_who_swap_at_once_none_is_lost(kind: str, tmp_path: Path) -> None:
    """Writers count up by swapping; moto is no service and answers conditional writes one after the other only."""
    memory = MemoryStore()
    makes: dict[str, Callable[[], Store]] = {"memory": lambda: memory, "folder": lambda: FolderStore(tmp_path)}
    times, writers = 25, 4

    def count(_: int) -> None:
        store, done = makes[kind](), 0
        while done < times:
            found = store.read("count")
            number, tag = (int(found[0]), found[1]) if found else (0, None)
            done += store.swap("count", b"%d" % (number + 1), tag)

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(count, range(writers)))
    assert (makes[kind]().read("count") or (b"",))[0] == b"%d" % (times * writers)


@pytest.mark.parametrize("key", ["", "/a", "../a", "a/../../b", "a\0", "a//b", "a/"])
def test_a_folder_refuses_keys_that_lead_out_of_it(tmp_path: Path, key: str) -> None:
    store = FolderStore(tmp_path / "folder")
    for call in (store.read, store.delete, lambda key: store.write(key, b"x")):
        with pytest.raises(OSError, match="is no name of a file"):
            call(key)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_that_cannot_be_written_keeps_what_it_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(tmp_path)
    store.write("a", b"1")

    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        store.write("a", b"22")
    assert (store.read("a") or (b"",))[0] == b"1"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
