"""The look-up file as a file; what it answers is in test_inventory_over_time.py."""

import gc
import gzip
import ipaddress
import json
import os
import random
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.files import read_inventory
from flowlogs.inventory.inventory import Inventory
from flowlogs.inventory.lookup_file import LookUpFile, write_lookup_file
from flowlogs.inventory.lookup_tables import FORMAT
from flowlogs.inventory.network_interface import NetworkInterface
from flowlogs.record.values import packed

TAKEN = 1_700_000_000
SUBNETS = {f"subnet-{number}": (ipaddress.ip_network(f"10.0.{number}.0/24"),) for number in range(100)}


def interface(number: int) -> NetworkInterface:
    return NetworkInterface(
        f"eni-{number:017x}",
        (packed(f"10.0.{number // 250}.{number % 250}"),),
        (ipaddress.ip_network(f"10.1.{number // 250}.{number % 250}/32"),),
        (f"sg-{number % 9}",),
        "vpc-1",
        f"subnet-{number // 250}",
        "eu-west-1",
        f"i-{number:017x}",
        "lambda my-function",
        TAKEN - number,
    )


ALL = [interface(number) for number in range(1000)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_lookup_file(tmp_path / "interfaces.sqlite", ALL, SUBNETS, TAKEN)
    return tmp_path / "interfaces.sqlite"


def knows(inventory: Inventory, *interfaces: NetworkInterface) -> bool:
    return all(inventory.with_id(known.interface_id, TAKEN).interface == known for known in interfaces)


def test_a_file_says_when_it_was_taken_and_of_how_many_interfaces(path: Path) -> None:
    inventory = read_inventory(path)
    assert (inventory.taken, len(inventory)) == (TAKEN, len(ALL))
    assert knows(inventory, *ALL)


def test_the_same_is_written_as_the_same_bytes(path: Path, tmp_path: Path) -> None:
    write_lookup_file(tmp_path / "again.sqlite", ALL, SUBNETS, TAKEN)
    assert (tmp_path / "again.sqlite").read_bytes() == path.read_bytes()


def test_a_file_is_replaced_as_a_whole_and_who_has_it_open_keeps_what_it_opened(path: Path) -> None:
    before = read_inventory(path)
    write_lookup_file(path, ALL[:1], {}, TAKEN + 300)
    assert knows(before, *ALL)
    assert len(read_inventory(path)) == 1
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_what_cannot_be_written_is_an_os_error_and_leaves_what_was_there(path: Path) -> None:
    def broken() -> Iterator[NetworkInterface]:
        yield ALL[0]
        raise OSError("EC2 broke off")

    with pytest.raises(OSError, match="EC2 broke off"):
        write_lookup_file(path, broken(), {}, TAKEN)
    with pytest.raises(OSError, match=r"interfaces.sqlite cannot be written"):
        write_lookup_file(path.parent / "no such folder" / path.name, ALL, {}, TAKEN)
    assert knows(read_inventory(path), *ALL)
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_a_name_that_is_a_folders_is_an_os_error_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_lookup_file(tmp_path / "folder", ALL[:1], {}, TAKEN)
    assert [found.name for found in tmp_path.iterdir()] == ["folder"]


def test_what_a_killed_writer_left_is_in_nobodys_way(path: Path) -> None:
    path.with_name(f".{path.name}.part").write_bytes(b"half a file")
    write_lookup_file(path, ALL[:1], {}, TAKEN)
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_a_packed_file_is_opened_and_leaves_nothing_behind(
    path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    (packed_path := path.with_name("interfaces.sqlite.gz")).write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    inventory = read_inventory(packed_path)
    packed_path.unlink()
    path.unlink()
    assert list(temporary.iterdir()) == []
    assert knows(inventory, *ALL)


def test_an_inventory_that_is_let_go_closes_its_file(path: Path) -> None:
    inventory = read_inventory(path)
    assert inventory.has_id(ALL[0].interface_id)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 (a folder that changes as it is read)
    gc.disable()  # counted references alone must do
    try:
        del inventory
        after = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    finally:
        gc.enable()
    assert after == before - 1


def test_a_file_may_be_asked_from_another_thread_than_opened_it(path: Path) -> None:
    inventory, known = read_inventory(path), list[bool]()
    thread = threading.Thread(target=lambda: known.append(knows(inventory, *ALL)))
    thread.start()
    thread.join()
    assert known == [True]


def test_look_up_files_and_json_are_one_inventory_and_the_file_is_believed_first(path: Path, tmp_path: Path) -> None:
    described = {"NetworkInterfaceId": ALL[3].interface_id, "VpcId": "vpc-2", "PrivateIpAddress": "10.9.9.9"}
    content = {"NetworkInterfaces": [described, {"NetworkInterfaceId": "eni-more"}], "Subnets": []}
    (tmp_path / "a.json").write_text(json.dumps(content))
    inventory = read_inventory(tmp_path)
    assert knows(inventory, *ALL)
    assert inventory.has_id("eni-more")
    assert inventory.taken == TAKEN
    before = inventory.with_id(ALL[3].interface_id, ALL[3].since - 1).interface
    assert before is not None
    assert before.vpc_id == "vpc-2"


def test_subnets_beside_a_look_up_file_need_no_interfaces_of_their_own(path: Path, tmp_path: Path) -> None:
    (tmp_path / "subnets.json").write_text('{"Subnets": [{"SubnetId": "s", "CidrBlock": "10.0.0.0/24"}]}')
    inventory = read_inventory(tmp_path)
    assert inventory.subnet_has("s", packed("10.0.0.9"))
    assert inventory.subnet_has("subnet-3", packed("10.0.3.9"))


def pragma(path: Path, name: str, value: int) -> None:
    made = sqlite3.connect(path)
    made.execute(f"PRAGMA {name}={value}")
    made.commit()
    made.close()


def another_format(path: Path) -> None:
    pragma(path, "user_version", FORMAT + 1)


def another_application(path: Path) -> None:
    pragma(path, "application_id", 0)


def no_tables(path: Path) -> None:
    made = sqlite3.connect(path)
    made.executescript("DROP TABLE holders; VACUUM;")
    made.close()


def nothing_about(path: Path) -> None:
    made = sqlite3.connect(path)
    made.executescript("DELETE FROM about; VACUUM;")
    made.close()


def cut_between_pages(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 4096)


def cut_in_the_first_page(path: Path) -> None:
    os.truncate(path, 1000)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def of_another_kind(path: Path) -> None:
    path.write_bytes(b'{"NetworkInterfaces": []}' * 1000)


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        (another_format, f"has format {FORMAT + 1}, and {FORMAT} is known here"),
        (another_application, "is no look-up file"),
        (no_tables, "no such table: holders"),
        (nothing_about, "cannot be read"),
        (cut_between_pages, "malformed"),
        (cut_in_the_first_page, "cannot be read"),
        (empty, "is no look-up file"),
        (of_another_kind, "not a database"),
        (longer, "is not whole: it has 151,553 of 151,552 bytes"),
        (Path.unlink, "cannot be read"),
    ],
)
def test_what_is_no_look_up_file_is_refused_in_one_sentence(path: Path, breaks: object, words: str) -> None:
    breaks(path)  # type: ignore[operator]
    with pytest.raises(UnusableInventory, match=words) as refused:
        read_inventory(path)
    assert "\n" not in str(refused.value)
    assert "interfaces.sqlite" in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"no gzip", gzip.compress(b"no SQLite", mtime=0)])
def test_what_is_no_packed_look_up_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "interfaces.sqlite.gz"
    path.write_bytes(content)
    with pytest.raises(UnusableInventory, match=r"^interfaces.sqlite.gz "):
        read_inventory(path)


def test_a_packed_file_that_is_cut_short_is_refused(path: Path) -> None:
    squeezed = gzip.compress(path.read_bytes(), mtime=0)
    cut = path.with_name("cut.sqlite.gz")
    cut.write_bytes(squeezed[: len(squeezed) // 2])
    with pytest.raises(UnusableInventory, match=r"^cut.sqlite.gz cannot be read"):
        read_inventory(cut)


def test_nobody_can_write_into_an_open_file_through_it(path: Path) -> None:
    before = path.read_bytes()
    look_up = LookUpFile(path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        look_up._file.execute("DELETE FROM interfaces")
    assert path.read_bytes() == before


def test_a_file_that_is_damaged_after_it_was_opened_makes_unknown_and_is_told_of(path: Path) -> None:
    inventory = read_inventory(path)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(bytes(path.stat().st_size - 4096))  # a disk that lost everything behind the schema
    for known in ALL[::50]:
        assert inventory.with_id(known.interface_id, TAKEN).interface in (None, known)
        assert inventory.with_address("vpc-1", known.addresses[0], TAKEN).interface in (None, known)
        inventory.subnet_has("subnet-1", known.addresses[0])
    assert inventory.problems[0].startswith("interfaces.sqlite is damaged: ")


def test_whatever_bytes_are_others_no_look_up_fails(path: Path) -> None:
    """Flips bytes of the file, many times over: each is refused at once, or answers something at every look-up."""
    whole, dice, opened = path.read_bytes(), random.Random(7), 0
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(dice.randrange(1, 200)):
            content[dice.randrange(100, len(content))] = dice.randrange(256)
        path.write_bytes(content)
        try:
            inventory = read_inventory(path)
        except UnusableInventory:
            continue
        opened += 1
        for known in dice.sample(ALL, 20):
            inventory.with_id(known.interface_id, TAKEN)
            inventory.with_address("vpc-1", known.addresses[0], TAKEN)
            inventory.with_address("vpc-1", packed("10.1.0.5"), TAKEN)
            inventory.subnet_has("subnet-1", known.addresses[0])
    assert opened > 20
