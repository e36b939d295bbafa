"""Copies of a publication on one machine: shared, raced for, without room; S3 is in tests/aws."""

import gzip
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any, BinaryIO

import pytest
from memory_store import MemoryStore

from flowlogs.inventory.files import read_inventory
from flowlogs.inventory.inventory import Inventory
from flowlogs.inventory.lookup_file import write_lookup_file
from flowlogs.inventory.network_interface import NetworkInterface
from flowlogs.published import Pointer, read_pointer, swap_pointer
from flowlogs.published_copy import PublishedCopy, StoreOrigin


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    return tmp_path / "tmp"


def publish(store: MemoryStore, version: int, content: bytes | None = None) -> None:
    key = f"lookups/{version}.gz"
    store.write(key, gzip.compress(b"%d" % version * 1000 if content is None else content, mtime=0))
    assert swap_pointer(store, read_pointer(store), Pointer({"a": key}))


def copy_of(store: MemoryStore) -> PublishedCopy:
    return PublishedCopy(StoreOrigin(store), "memory")


def content(folder: Path) -> bytes:
    return (folder / "a").read_bytes()


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_what_one_process_fetched_another_finds_and_neither_disturbs_the_other() -> None:
    store = MemoryStore()
    publish(store, 1)
    one, other = copy_of(store), copy_of(store)
    (first,) = one.files()
    with (first / "a").open("rb") as in_use:
        publish(store, 2)
        other.version()
        assert content(other.files()[0]) == b"2" * 1000
        assert not first.exists()
        assert in_use.read() == b"1" * 1000
    asked = store.log.count(("read", "lookups/2.gz"))
    one.version()
    assert content(one.files()[0]) == b"2" * 1000
    assert store.log.count(("read", "lookups/2.gz")) == asked


class Interrupted(StoreOrigin):
    """A store in front of which something happens once, as an object is opened."""

    def __init__(self, store: MemoryStore, happens: Callable[[], None]) -> None:
        super().__init__(store)
        self._happens = [happens]

    def open(self, key: str) -> BinaryIO:
        found = super().open(key)
        if self._happens:
            self._happens.pop()()
        return found


def test_a_folder_that_another_process_removes_while_it_is_filled_is_filled_anew(temporary: Path) -> None:
    store = MemoryStore()
    publish(store, 1)

    def happens() -> None:
        publish(store, 2)
        copy_of(store).files()

    copy = PublishedCopy(Interrupted(store, happens), "memory")
    assert content(copy.files()[0]) == b"2" * 1000
    assert files_in(temporary) == ["a"]


def test_of_many_who_follow_at_once_none_ever_reads_anything_but_what_was_published() -> None:
    """What another removes as superseded, even as it is made, is an OSError, and had when it is asked for again."""
    store = MemoryStore()
    publish(store, 0)
    published, done = {b"0" * 1000}, Event()

    def follow(_: int) -> set[bytes]:
        copy, seen = copy_of(store), set[bytes]()
        while not done.is_set():
            try:
                copy.version()
                seen.add(content(copy.files()[0]))
            except OSError:
                continue
        return seen

    with ThreadPoolExecutor(4) as pool:
        following = [pool.submit(follow, number) for number in range(4)]
        for version in range(1, 40):
            published.add(b"%d" % version * 1000)
            publish(store, version)
        done.set()
        seen = set[bytes]().union(*(each.result() for each in following))
    assert seen
    assert seen <= published
    last = copy_of(store)
    assert content(last.files()[0]) == b"39" * 1000


def test_a_disk_that_cannot_be_written_is_an_os_error_each_time_until_it_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = MemoryStore()
    publish(store, 1)
    copy = copy_of(store)

    def read_only(path: Path, *_: Any, **__: Any) -> None:
        raise OSError(30, "Read-only file system", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", read_only)
        for _ in range(2):
            copy.version()
            with pytest.raises(OSError, match="Read-only file system"):
                copy.files()
    assert content(copy.files()[0]) == b"1" * 1000


def test_a_folder_of_temporary_files_that_is_gone_is_an_os_error(temporary: Path) -> None:
    store = MemoryStore()
    publish(store, 1)
    temporary.rmdir()
    with pytest.raises(FileNotFoundError):
        copy_of(store).files()


def test_no_other_user_can_put_anything_where_copies_lie(temporary: Path) -> None:
    store = MemoryStore()
    publish(store, 1)
    copy_of(store).files()
    (own,) = temporary.iterdir()
    assert own.name == f"flowlogs-{os.getuid()}"
    assert stat.S_IMODE(own.stat().st_mode) == 0o700


def test_a_folder_that_another_user_made_first_is_not_used(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, own = MemoryStore(), os.getuid()
    publish(store, 1)
    monkeypatch.setattr("os.getuid", lambda: own + 1)
    (temporary / f"flowlogs-{own + 1}").mkdir()
    with pytest.raises(PermissionError, match="is not this user's"):
        copy_of(store).files()
    assert files_in(temporary) == []


def test_a_link_in_its_place_is_not_followed(temporary: Path, tmp_path: Path) -> None:
    store = MemoryStore()
    publish(store, 1)
    (tmp_path / "elsewhere").mkdir()
    (temporary / f"flowlogs-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError, match="is not this user's"):
        copy_of(store).files()
    assert files_in(tmp_path) == []


def look_up_file(folder: Path, version: int) -> bytes:
    """Write a look-up file of a thousand interfaces in a VPC that is named for the version."""
    interfaces = [NetworkInterface(f"eni-{number:017x}", vpc_id=f"vpc-{version}") for number in range(1000)]
    write_lookup_file(folder / "made.sqlite", interfaces, {}, version)
    return (folder / "made.sqlite").read_bytes()


def test_look_ups_go_on_in_the_file_they_began_in_while_others_replace_it(tmp_path: Path) -> None:
    store = MemoryStore()
    copy, done = copy_of(store), Event()

    def fetched(version: int) -> Inventory:
        store.write(f"{version}.gz", gzip.compress(look_up_file(tmp_path, version), 1, mtime=0))
        assert swap_pointer(store, read_pointer(store), Pointer({"a.sqlite": f"{version}.gz"}))
        copy.version()
        return read_inventory(*copy.files())

    first = fetched(1)

    def ask() -> tuple[int, set[str | None]]:
        asked, found = 0, set[str | None]()
        while not done.is_set() or asked < 1000:
            interface = first.with_id(f"eni-{asked % 1000:017x}", 0).interface
            found.add(None if interface is None else interface.vpc_id)
            asked += 1
        return asked, found

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(ask)
        later = [fetched(version) for version in range(2, 12)]
        done.set()
        asked, found = asking.result()
    assert asked >= 1000
    assert (found, first.problems) == ({"vpc-1"}, [])
    newest = [inventory.with_id(f"eni-{7:017x}", 0).interface for inventory in later]
    assert [known and known.vpc_id for known in newest] == [f"vpc-{version}" for version in range(2, 12)]


def test_what_a_killed_process_left_is_in_nobodys_way_and_goes_with_its_version(temporary: Path) -> None:
    store = MemoryStore()
    publish(store, 1)
    (folder,) = copy_of(store).files()
    (folder / ".a.0123").write_bytes(b"half of it")
    (folder / "a").unlink()
    assert content(copy_of(store).files()[0]) == b"1" * 1000
    publish(store, 2)
    copy_of(store).files()
    assert files_in(temporary) == ["a"]
