"""Knowledge that follows the inventory function's publication; the rest is in test_knowledge_source.py."""

import gzip
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from memory_store import MemoryStore

from flowlogs.decorate.encoder import Encoder
from flowlogs.decorate.knowledge_source import KnowledgeSource, Sources
from flowlogs.decorate.spelling import NATIVE
from flowlogs.decorate.watched import Watched, WatchedPaths
from flowlogs.inventory.asking_ec2 import LookUp
from flowlogs.inventory.lookup_file import write_lookup_file
from flowlogs.inventory.network_interface import NetworkInterface
from flowlogs.published import Pointer, read_pointer, swap_pointer
from flowlogs.published_copy import PublishedCopy, StoreOrigin
from flowlogs.record.log_format import LogFormat
from flowlogs.record.values import packed

NOW = 1_700_000_000
FORMAT = LogFormat(["account-id", "interface-id", "srcaddr", "dstaddr", "start"])


def follow(watched: Watched, **more: Any) -> tuple[KnowledgeSource, list[str]]:
    told: list[str] = []
    return KnowledgeSource(Sources(watched, refresh_seconds=60, **more), told.append), told


def document(source: KnowledgeSource, interface_id: str, now: float = NOW) -> dict[str, Any]:
    encoder = Encoder(FORMAT, NATIVE, source.current(now, "eu-west-1"))
    return dict(json.loads(encoder.encode(f"007 {interface_id} 10.0.0.5 10.0.0.6 {NOW}".encode())))


class Published:
    """A look-up file in a store, as the inventory function publishes it."""

    def __init__(self, folder: Path) -> None:
        self.store, self._file = MemoryStore(), folder / "made.sqlite"
        self.watched = PublishedCopy(StoreOrigin(self.store), "memory")

    def publish(self, taken: int, *interfaces: NetworkInterface) -> None:
        write_lookup_file(self._file, interfaces, {}, taken)
        key = f"lookups/{taken}.sqlite.gz"
        self.store.write(key, gzip.compress(self._file.read_bytes(), mtime=0))
        swap_pointer(self.store, read_pointer(self.store), Pointer({"interfaces.sqlite": key}))


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Published:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return Published(tmp_path)


def test_a_published_inventory_is_followed_once_a_minute(published: Published) -> None:
    knowledge, told = follow(published.watched)
    assert "vpc-id" not in document(knowledge, "eni-1")
    assert told == ["the inventory cannot be read: nothing is published yet at memory"]
    published.publish(NOW, NetworkInterface("eni-1", vpc_id="vpc-1"))
    assert "vpc-id" not in document(knowledge, "eni-1", NOW + 59)
    assert document(knowledge, "eni-1", NOW + 60)["vpc-id"] == "vpc-1"
    assert (knowledge.problems.inventory, knowledge.inventory_age_seconds) == ([], 60)
    published.publish(NOW + 100, NetworkInterface("eni-1", vpc_id="vpc-1"), NetworkInterface("eni-2", vpc_id="vpc-2"))
    assert document(knowledge, "eni-2", NOW + 120)["vpc-id"] == "vpc-2"
    assert knowledge.inventory_age_seconds == 20
    asked = len(published.store.log)
    document(knowledge, "eni-2", NOW + 180)
    assert len(published.store.log) == asked + 1


def test_while_what_is_published_stays_the_knowledge_is_the_same_object(published: Published) -> None:
    published.publish(NOW, NetworkInterface("eni-1", vpc_id="vpc-1"))
    knowledge, told = follow(published.watched)
    first = knowledge.current(NOW, "eu-west-1")
    assert knowledge.current(NOW + 600, "eu-west-1") is first
    assert told == []


def test_ec2_tells_beside_a_look_up_file_until_that_knows_the_interface_itself(published: Published) -> None:
    published.publish(NOW, NetworkInterface("eni-1", vpc_id="vpc-1"))

    def ec2(interface_ids: Sequence[str]) -> list[NetworkInterface]:
        return [NetworkInterface("eni-9", (packed("10.0.0.9"),), vpc_id="vpc-9")]

    knowledge, _ = follow(published.watched, look_up=LookUp(ec2, 30))
    document(knowledge, "eni-9")
    assert knowledge.learn("007", NOW)
    assert document(knowledge, "eni-9")["vpc-id"] == "vpc-9"
    assert document(knowledge, "eni-1")["vpc-id"] == "vpc-1"
    assert had_address(knowledge, NOW) == "eni-9"
    published.publish(NOW + 60, NetworkInterface("eni-9", vpc_id="vpc-new"))
    assert document(knowledge, "eni-9", NOW + 60)["vpc-id"] == "vpc-new"
    assert had_address(knowledge, NOW + 60) is None


def had_address(knowledge: KnowledgeSource, now: float) -> str | None:
    found = knowledge.current(now, "eu-west-1").inventory.with_address("vpc-9", packed("10.0.0.9"), NOW).interface
    return None if found is None else found.interface_id


def test_an_old_inventory_is_told_of_anew_whenever_it_is_twice_as_old(published: Published) -> None:
    published.publish(NOW, NetworkInterface("eni-1", vpc_id="vpc-1"))
    knowledge, told = follow(published.watched)
    for minute in range(30):
        knowledge.current(NOW + 60 * minute, None)
        assert knowledge.problems.inventory == []
    for minute in range(30, 250):
        knowledge.current(NOW + 60 * minute, None)
        assert len(knowledge.problems.inventory) == 1
    assert told == [
        f"the inventory was taken more than {minutes} minutes ago: look at the inventory function"
        for minutes in (30, 60, 120, 240)
    ]
    assert knowledge.inventory_age_seconds == 249 * 60
    published.publish(NOW + 249 * 60, NetworkInterface("eni-1", vpc_id="vpc-1"))
    knowledge.current(NOW + 250 * 60, None)
    assert (knowledge.problems.inventory, knowledge.inventory_age_seconds) == ([], 60)


def test_an_inventory_of_json_says_no_age(tmp_path: Path) -> None:
    (tmp_path / "inventory.json").write_text('{"flowlogs-inventory": 1, "interfaces": [{"interface-id": "eni-1"}]}')
    knowledge, told = follow(WatchedPaths([tmp_path]))
    document(knowledge, "eni-1", NOW + 10**8)
    assert (knowledge.inventory_age_seconds, told) == (None, [])


def test_an_inventory_from_the_future_has_no_age(published: Published) -> None:
    published.publish(NOW + 60, NetworkInterface("eni-1", vpc_id="vpc-1"))
    knowledge, told = follow(published.watched)
    knowledge.current(NOW, None)
    assert (knowledge.inventory_age_seconds, told) == (0, [])


def test_a_look_up_file_that_is_damaged_while_it_is_open_is_told_of_once_and_done_without(tmp_path: Path) -> None:
    path = tmp_path / "interfaces.sqlite"
    many = [NetworkInterface(f"eni-{number}", vpc_id="vpc-1") for number in range(1000)]
    write_lookup_file(path, many, {}, NOW)
    knowledge, told = follow(WatchedPaths([path]))
    knowledge.current(NOW, None)
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(bytes(before.st_size - 4096))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # a disk says nothing of what it loses
    for minute in range(3):
        assert "vpc-id" not in document(knowledge, "eni-500", NOW + 60 * minute)
        assert len(knowledge.problems.inventory) == min(minute, 1)
        knowledge.notice(knowledge.current(NOW + 60 * minute, None).take_notices())
        assert len(knowledge.problems.inventory) == 1
    assert len(told) == 1
    assert told[0].startswith("interfaces.sqlite is damaged: ")


def test_until_something_is_published_records_pass_as_unknown_and_that_is_said_once(published: Published) -> None:
    """A decorator is deployed before the inventory function ran for the first time."""
    knowledge, told = follow(published.watched)
    for minute in range(10):
        now = NOW + 60 * minute
        assert document(knowledge, "eni-1", now)["interface-id"] == "eni-1"
        noticed = knowledge.current(now, "eu-west-1").take_notices()
        knowledge.notice(noticed)
        assert noticed.unknown_records == 1
        assert len(knowledge.problems.inventory) == 1
        assert knowledge.inventory_age_seconds is None
    assert told == ["the inventory cannot be read: nothing is published yet at memory"]
    published.publish(NOW + 600, NetworkInterface("eni-1", vpc_id="vpc-1"))
    assert document(knowledge, "eni-1", NOW + 600)["vpc-id"] == "vpc-1"
    assert (knowledge.problems.inventory, len(told)) == ([], 1)


def tidied(published: Published, key: str) -> None:
    published.store.delete(key)


def no_gzip(published: Published, key: str) -> None:
    published.store.objects[key] = b"<html>"


def cut_short(published: Published, key: str) -> None:
    published.store.objects[key] = published.store.objects[key][:-9]


def with_other_bytes(published: Published, key: str) -> None:
    """Bytes that changed on the way: gzip's CRC-32 tells (RFC 1952)."""
    content = bytearray(gzip.decompress(published.store.objects[key]))
    content[-100:] = b"x" * 100
    trailer = published.store.objects[key][-8:]
    published.store.objects[key] = gzip.compress(bytes(content), mtime=0)[:-8] + trailer


def of_another_format(published: Published, key: str) -> None:
    content = bytearray(gzip.decompress(published.store.objects[key]))
    content[60:64] = (99).to_bytes(4)  # user_version. Source: SQLite, "Database File Format" §1.3
    published.store.objects[key] = gzip.compress(bytes(content), mtime=0)


def no_look_up_file(published: Published, key: str) -> None:
    published.store.objects[key] = gzip.compress(b'{"NetworkInterfaces": []}', mtime=0)


def nothing(published: Published, key: str) -> None:
    published.store.objects[key] = b""


@pytest.mark.parametrize(
    "breaks", [tidied, no_gzip, cut_short, with_other_bytes, of_another_format, no_look_up_file, nothing]
)
def test_while_what_is_published_cannot_be_used_the_last_good_one_serves_and_grows_old(
    published: Published, breaks: Callable[[Published, str], None]
) -> None:
    published.publish(NOW, NetworkInterface("eni-1", vpc_id="vpc-1"))
    knowledge, told = follow(published.watched)
    assert document(knowledge, "eni-1")["vpc-id"] == "vpc-1"
    first = knowledge.current(NOW, "eu-west-1")
    published.publish(NOW + 1, NetworkInterface("eni-1", vpc_id="vpc-2"))
    breaks(published, f"lookups/{NOW + 1}.sqlite.gz")
    for minute in range(1, 20):
        assert knowledge.current(NOW + 60 * minute, "eu-west-1") is first
        assert document(knowledge, "eni-1", NOW + 60 * minute)["vpc-id"] == "vpc-1"
        assert knowledge.inventory_age_seconds == 60 * minute
        assert len(knowledge.problems.inventory) == 1
    assert len(told) == 1
    assert told[0].startswith("the inventory cannot be read: ")
    assert "\n" not in told[0]
    published.publish(NOW + 1200, NetworkInterface("eni-1", vpc_id="vpc-3"))
    assert document(knowledge, "eni-1", NOW + 1200)["vpc-id"] == "vpc-3"
    assert (knowledge.problems.inventory, knowledge.inventory_age_seconds, len(told)) == ([], 0, 1)


def test_an_object_that_was_missing_is_used_as_soon_as_it_is_there(published: Published) -> None:
    published.publish(NOW, NetworkInterface("eni-1", vpc_id="vpc-1"))
    knowledge, _ = follow(published.watched)
    document(knowledge, "eni-1")
    published.publish(NOW + 1, NetworkInterface("eni-1", vpc_id="vpc-2"))
    content = published.store.objects.pop(f"lookups/{NOW + 1}.sqlite.gz")
    assert document(knowledge, "eni-1", NOW + 60)["vpc-id"] == "vpc-1"
    published.store.objects[f"lookups/{NOW + 1}.sqlite.gz"] = content
    assert document(knowledge, "eni-1", NOW + 120)["vpc-id"] == "vpc-2"


def test_a_store_that_refuses_for_hours_leaves_the_last_good_inventory_and_says_how_old(published: Published) -> None:
    published.publish(NOW, NetworkInterface("eni-1", vpc_id="vpc-1"))
    knowledge, told = follow(published.watched)
    document(knowledge, "eni-1")
    published.store.refuses = "AccessDenied"
    for minute in range(1, 65):
        assert document(knowledge, "eni-1", NOW + 60 * minute)["vpc-id"] == "vpc-1"
    assert knowledge.inventory_age_seconds == 64 * 60
    assert told == [
        "the inventory cannot be read: S3 answered AccessDenied",
        "the inventory was taken more than 30 minutes ago: look at the inventory function",
        "the inventory was taken more than 60 minutes ago: look at the inventory function",
    ]


def test_ec2_is_asked_about_yesterday_in_vain(published: Published) -> None:
    """What it says of now is no answer for a record that comes a day late."""
    published.publish(NOW, NetworkInterface("eni-1", vpc_id="vpc-1"))
    ec2 = LookUp(lambda _: [NetworkInterface("eni-9", vpc_id="vpc-9")], 30)
    knowledge, _ = follow(published.watched, look_up=ec2)
    late = NOW + 86_400
    document(knowledge, "eni-9", late)
    assert knowledge.learn("007", late)
    assert "vpc-id" not in document(knowledge, "eni-9", late)
    assert not knowledge.learn("007", late + 31), "it was told of, and is not asked for again"
