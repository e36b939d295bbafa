import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from flowlogs.decorate.encoder import Encoder
from flowlogs.decorate.knowledge_source import KnowledgeSource, Sources
from flowlogs.decorate.spelling import NATIVE
from flowlogs.decorate.watched import WatchedPaths
from flowlogs.generate import geoip
from flowlogs.generate.geoip import CITY_FILE
from flowlogs.inventory.asking_ec2 import KEEP_SECONDS, LookUp
from flowlogs.inventory.network_interface import NetworkInterface
from flowlogs.record.log_format import LogFormat
from flowlogs.record.values import packed

NOW = 1_700_000_000
FORMAT = LogFormat(["account-id", "interface-id", "srcaddr", "dstaddr", "start"])
BERLIN = "91.12.32.9"


class Ec2:
    def __init__(self, *known: NetworkInterface) -> None:
        self.known, self.asked, self.throttles = list(known), list[str](), False

    def __call__(self, interface_ids: Sequence[str]) -> list[NetworkInterface]:
        self.asked += interface_ids
        if self.throttles:
            raise OSError("EC2 answered RequestLimitExceeded")
        return [interface for interface in self.known if interface.interface_id in interface_ids]


def write(path: Path, content: object, version: int = 0) -> None:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    os.utime(path, (NOW + version, NOW + version))


def described(interface_id: str, **more: object) -> dict[str, Any]:
    interface = {"interface-id": interface_id, "addresses": ["10.0.0.5"], "vpc-id": "vpc-1", **more}
    return {"flowlogs-inventory": 1, "interfaces": [interface]}


def source(path: Path | None = None, **more: Any) -> tuple[KnowledgeSource, list[str]]:
    told: list[str] = []
    return KnowledgeSource(Sources(WatchedPaths([path]) if path else None, **more), told.append), told


def document(source: KnowledgeSource, interface_id: str, now: float = NOW, start: int = NOW) -> dict[str, Any]:
    encoder = Encoder(FORMAT, NATIVE, source.current(now, "eu-west-1"))
    line = f"007 {interface_id} 10.0.0.5 {BERLIN} {start}"
    return dict(json.loads(encoder.encode(line.encode())))


def test_a_changed_inventory_is_known_after_a_refresh_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "inventory.json"
    write(path, described("eni-1"))
    knowledge, _ = source(path, refresh_seconds=60)
    assert document(knowledge, "eni-1")["vpc-id"] == "vpc-1"
    write(path, described("eni-2"), 1)
    assert "vpc-id" not in document(knowledge, "eni-2", NOW + 59)
    assert document(knowledge, "eni-2", NOW + 60)["vpc-id"] == "vpc-1"


def test_while_nothing_changes_the_knowledge_is_the_same_object(tmp_path: Path) -> None:
    path = tmp_path / "inventory.json"
    write(path, described("eni-1"))
    knowledge, _ = source(path, refresh_seconds=60)
    first = knowledge.current(NOW, "eu-west-1")
    assert knowledge.current(NOW + 120, "eu-west-1") is first
    assert knowledge.current(NOW + 120, "us-east-1") is not first


@pytest.mark.parametrize("broken", ["{", '{"Reservations": []}', '{"NetworkInterfaces": 5}', None])
def test_an_inventory_that_becomes_unreadable_leaves_the_last_good_one_and_is_told_of_once(
    tmp_path: Path, broken: str | None
) -> None:
    path = tmp_path / "inventory.json"
    write(path, described("eni-1"))
    knowledge, told = source(path, refresh_seconds=60)
    document(knowledge, "eni-1")
    if broken is None:
        path.unlink()
    else:
        write(path, broken, 1)
    for minute in range(1, 4):
        assert document(knowledge, "eni-1", NOW + 60 * minute)["vpc-id"] == "vpc-1"
        assert len(knowledge.problems.inventory) == 1
    assert len(told) == 1
    write(path, described("eni-2"), 2)
    assert document(knowledge, "eni-2", NOW + 240)["vpc-id"] == "vpc-1"
    assert knowledge.problems.inventory == []
    write(path, "{", 3)
    document(knowledge, "eni-2", NOW + 300)
    assert len(told) == 2


def test_several_files_are_one_inventory(tmp_path: Path) -> None:
    write(tmp_path / "a.json", described("eni-1"))
    write(tmp_path / "b.json", described("eni-2", addresses=["10.0.0.6"]))
    watched = WatchedPaths([tmp_path / "a.json", tmp_path / "b.json"])
    knowledge = KnowledgeSource(Sources(watched), lambda sentence: pytest.fail(sentence))
    assert document(knowledge, "eni-1")["vpc-id"] == document(knowledge, "eni-2")["vpc-id"] == "vpc-1"


def test_databases_are_opened_anew_when_they_change_and_when_they_are_gone_the_old_ones_serve(tmp_path: Path) -> None:
    geoip.write(tmp_path, built=NOW)
    knowledge, told = source(databases=WatchedPaths([tmp_path]), refresh_seconds=60)
    assert document(knowledge, "eni-1")["destination-city"] == "Musterstadt"
    assert knowledge.database_age_days == 0
    (tmp_path / CITY_FILE).unlink()
    assert "destination-city" not in document(knowledge, "eni-1", NOW + 60)
    assert document(knowledge, "eni-1", NOW + 60)["destination-asn"] == 64611
    assert told == ["no City database"]


def test_databases_grow_old_while_the_function_is_warm(tmp_path: Path) -> None:
    geoip.write(tmp_path, built=NOW)
    knowledge, told = source(databases=WatchedPaths([tmp_path]), most_days=30)
    assert "destination-asn" in document(knowledge, "eni-1")
    assert "destination-asn" not in document(knowledge, "eni-1", NOW + 31 * 86_400)
    assert len(told) == 2
    assert knowledge.database_age_days is None


def test_nothing_set_is_no_problem() -> None:
    knowledge, told = source()
    assert document(knowledge, "eni-1")["aws-region"] == "eu-west-1"
    assert not told


def test_ec2_is_asked_for_unknown_interfaces_of_the_own_account_and_what_it_says_is_known() -> None:
    ec2 = Ec2(NetworkInterface("eni-9", (packed("10.0.0.5"),), vpc_id="vpc-9"))
    knowledge, _ = source(look_up=LookUp(ec2, 30))
    assert not knowledge.learn("007", NOW)
    assert "vpc-id" not in document(knowledge, "eni-9")
    assert not knowledge.learn("999", NOW)
    assert ec2.asked == []
    assert knowledge.learn("007", NOW)
    assert ec2.asked == ["eni-9"]
    assert document(knowledge, "eni-9")["vpc-id"] == "vpc-9"


def test_what_ec2_said_survives_a_new_inventory_unless_that_knows_it_too(tmp_path: Path) -> None:
    path = tmp_path / "inventory.json"
    write(path, described("eni-1"))
    ec2 = Ec2(NetworkInterface("eni-9", vpc_id="vpc-9"))
    knowledge, _ = source(path, look_up=LookUp(ec2, 30), refresh_seconds=60)
    document(knowledge, "eni-9")
    knowledge.learn("007", NOW)
    write(path, described("eni-2"), 1)
    assert document(knowledge, "eni-9", NOW + 60)["vpc-id"] == "vpc-9"
    write(path, described("eni-9", **{"vpc-id": "vpc-new"}), 2)
    assert document(knowledge, "eni-9", NOW + 120)["vpc-id"] == "vpc-new"


def test_an_interface_known_at_another_time_is_not_made_ambiguous_by_asking(tmp_path: Path) -> None:
    path = tmp_path / "inventory.json"
    write(path, described("eni-1", **{"from": NOW}))
    ec2 = Ec2(NetworkInterface("eni-1", (packed("10.0.0.5"),), vpc_id="vpc-1"))
    knowledge, _ = source(path, look_up=LookUp(ec2, 30))
    assert "vpc-id" not in document(knowledge, "eni-1", start=NOW - 60)
    knowledge.learn("007", NOW)
    assert document(knowledge, "eni-1")["vpc-id"] == "vpc-1"


def test_ec2_that_refuses_is_told_of_once_and_done_without() -> None:
    ec2 = Ec2()
    ec2.throttles = True
    knowledge, told = source(look_up=LookUp(ec2, 30))
    for minute in range(3):
        document(knowledge, "eni-9", NOW + 60 * minute)
        assert not knowledge.learn("007", NOW + 60 * minute)
        assert len(knowledge.problems.look_ups) == 1
    assert len(told) == 1
    assert "RequestLimitExceeded" in told[0]
    ec2.throttles = False
    knowledge.learn("007", NOW + 300)
    assert knowledge.problems.look_ups == []


def test_what_ec2_said_is_believed_for_ten_minutes_and_then_asked_anew() -> None:
    ec2 = Ec2(NetworkInterface("eni-9", vpc_id="vpc-9", security_group_ids=("sg-old",)))
    knowledge, _ = source(look_up=LookUp(ec2, 30), refresh_seconds=60)
    document(knowledge, "eni-9")
    assert knowledge.learn("007", NOW)
    ec2.known = [NetworkInterface("eni-9", vpc_id="vpc-9", security_group_ids=("sg-new",))]
    first = knowledge.current(NOW, "eu-west-1")
    for second in range(60, KEEP_SECONDS, 60):
        assert document(knowledge, "eni-9", NOW + second)["security-group-ids"] == ["sg-old"]
        assert knowledge.current(NOW + second, "eu-west-1") is first
    assert "security-group-ids" not in document(knowledge, "eni-9", NOW + KEEP_SECONDS)
    assert knowledge.learn("007", NOW + KEEP_SECONDS)
    assert document(knowledge, "eni-9", NOW + KEEP_SECONDS)["security-group-ids"] == ["sg-new"]
    assert ec2.asked == ["eni-9", "eni-9"]


def test_what_ec2_said_is_forgotten_one_by_one_and_only_at_a_refresh() -> None:
    ec2 = Ec2(*(NetworkInterface(f"eni-{number}", vpc_id="vpc-9") for number in (1, 2)))
    knowledge, _ = source(look_up=LookUp(ec2, 30), refresh_seconds=60)
    for number, now in ((1, NOW), (2, NOW + 90)):
        document(knowledge, f"eni-{number}", now)
        assert knowledge.learn("007", now)
    knowledge.current(NOW + KEEP_SECONDS - 20, "eu-west-1")
    assert "vpc-id" in document(knowledge, "eni-1", NOW + KEEP_SECONDS + 30)
    assert "vpc-id" not in document(knowledge, "eni-1", NOW + KEEP_SECONDS + 40)
    assert "vpc-id" in document(knowledge, "eni-2", NOW + KEEP_SECONDS + 40)
