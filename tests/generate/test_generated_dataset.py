"""What `flowlogs generate` writes."""

import base64
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import maxminddb
import pytest
from click.testing import CliRunner, Result

from flowlogs.cli.generate import generate
from flowlogs.errors import MalformedRecord
from flowlogs.generate import dataset
from flowlogs.generate.carriers.log_files import LogFiles
from flowlogs.generate.internet import NETWORKS
from flowlogs.generate.plan import Plan
from flowlogs.generate.vpc import build
from flowlogs.record.log_format import DEFAULT, LogFormat, fields_up_to

START = "2026-01-01T00:00Z"
OPTIONS = ("--seed", "7", "--start", START, "--lines", "4000", "--bad-lines", "0.02")


def run(out: Path, *options: str) -> Result:
    return CliRunner().invoke(generate, [str(out), *options])


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated") / "out"
    result = run(folder, *OPTIONS)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="module")
def truth(out: Path) -> dict[str, object]:
    read: dict[str, object] = json.loads((out / "truth.json").read_text())
    return read


def log_files(out: Path) -> list[Path]:
    return sorted(out.glob("logs/AWSLogs/123456789012/vpcflowlogs/eu-west-1/2026/01/01/*.log.gz"))


def log_lines(out: Path) -> Iterator[bytes]:
    for path in log_files(out):
        yield from gzip.decompress(path.read_bytes()).splitlines()[1:]


def envelopes(out: Path) -> Iterator[dict[str, object]]:
    for path in sorted(out.glob("events/*.json")):
        yield json.loads(gzip.decompress(base64.b64decode(json.loads(path.read_text())["awslogs"]["data"])))


def messages(out: Path) -> Iterator[bytes]:
    for envelope in envelopes(out):
        if envelope["messageType"] == "DATA_MESSAGE":
            assert isinstance(envelope["logEvents"], list)
            yield from (event["message"].encode() for event in envelope["logEvents"])


def bytes_of(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_the_same_seed_gives_identical_bytes(out: Path, tmp_path: Path) -> None:
    run(tmp_path / "again", *OPTIONS)
    assert bytes_of(tmp_path / "again") == bytes_of(out)


def test_all_lines_but_the_planted_ones_can_be_read(out: Path, truth: dict[str, object]) -> None:
    every_field = LogFormat(fields_up_to(5))
    refused, actions, log_statuses = 0, Counter[str](), Counter[str]()
    for line in log_lines(out):
        try:
            record = every_field.read(line)
        except MalformedRecord:
            refused += 1
            continue
        actions[record.get("action", "-")] += 1
        log_statuses[record["log_status"]] += 1
    assert refused == truth["lines_refused"] == pytest.approx(80, abs=5)
    assert dict(actions) == truth["lines_by_action"]
    assert dict(log_statuses) == truth["lines_by_log_status"]
    assert refused + log_statuses.total() == truth["lines"] == pytest.approx(4000, rel=0.05)


def test_every_kind_of_malformed_line_is_planted(truth: dict[str, object]) -> None:
    reasons = truth["lines_refused_by_reason"]
    assert isinstance(reasons, dict)
    assert set(reasons) == {"too few values", "too many values", "not a number", "not an address"}


def test_events_carry_the_same_lines_as_the_log_files(out: Path) -> None:
    assert Counter(messages(out)) == Counter(log_lines(out))


def test_an_event_is_of_one_interface_and_small_enough_for_an_asynchronous_invocation(out: Path) -> None:
    control, *data = envelopes(out)
    assert control["messageType"] == "CONTROL_MESSAGE"
    ids = [event["id"] for envelope in data for event in envelope["logEvents"]]  # type: ignore[attr-defined]
    assert len(set(ids)) == len(ids)
    assert {len(id_) for id_ in ids} == {56}
    for envelope in data:
        assert isinstance(envelope["logEvents"], list)
        assert len(envelope["logEvents"]) <= 1000
        interface_id = str(envelope["logStream"]).removesuffix("-all")
        good = [event["message"].split() for event in envelope["logEvents"] if " OK " in event["message"]]
        assert {values[2] for values in good if len(values) == 29} <= {interface_id}
    assert max(path.stat().st_size for path in out.glob("events/*.json")) < 1024 * 1024


def test_a_log_file_has_a_header_and_the_records_that_end_in_its_five_minutes(out: Path) -> None:
    every_field = LogFormat(fields_up_to(5))
    assert len(log_files(out)) == 12
    for number, path in enumerate(log_files(out)):
        header, *lines = gzip.decompress(path.read_bytes()).splitlines()
        assert header == every_field.header
        assert f"_20260101T00{5 * number:02}Z_" in path.name
        for line in lines:
            try:
                record = every_field.read(line)
            except MalformedRecord:
                continue
            assert (record["end"] - 1767225600) // 300 == number


def test_a_log_file_that_grows_too_large_is_followed_by_another(tmp_path: Path) -> None:
    with LogFiles(tmp_path, build(), DEFAULT, largest=1000) as files:
        for _ in range(20):
            files.add(b"x" * 99, 1767225600)
    assert files.count == 3
    assert len(list(tmp_path.rglob("*.log.gz"))) == 3


def test_the_inventory_has_all_interfaces_but_those_named_unknown(out: Path, truth: dict[str, object]) -> None:
    described = json.loads((out / "inventory/network-interfaces.json").read_text())["NetworkInterfaces"]
    subnets = {each["SubnetId"] for each in json.loads((out / "inventory/subnets.json").read_text())["Subnets"]}
    known = {interface["NetworkInterfaceId"] for interface in described}
    used = {line.split()[2].decode() for line in log_lines(out) if len(line.split()) == 29}
    assert used - known == set(truth["unknown_interface_ids"])  # type: ignore[call-overload]
    assert len(known) == 32
    assert {interface["SubnetId"] for interface in described} <= subnets


def test_members_of_the_inventory_are_those_of_ec2(out: Path) -> None:
    botocore_session = pytest.importorskip("botocore.session")
    model = botocore_session.get_session().get_service_model("ec2")
    for file, member, shape in (
        ("network-interfaces", "NetworkInterfaces", "NetworkInterface"),
        ("subnets", "Subnets", "Subnet"),
        ("security-groups", "SecurityGroups", "SecurityGroup"),
        ("security-group-rules", "SecurityGroupRules", "SecurityGroupRule"),
    ):
        members = set(model.shape_for(shape).members)
        for described in json.loads((out / f"inventory/{file}.json").read_text())[member]:
            assert set(described) <= members


def test_groups_are_those_of_the_rules_and_interfaces_and_have_the_rules_in_them(out: Path) -> None:
    described = {
        member: json.loads((out / f"inventory/{file}.json").read_text())[member]
        for file, member in (
            ("network-interfaces", "NetworkInterfaces"),
            ("security-groups", "SecurityGroups"),
            ("security-group-rules", "SecurityGroupRules"),
        )
    }
    groups = {group["GroupId"]: group for group in described["SecurityGroups"]}
    assert set(groups) == {rule["GroupId"] for rule in described["SecurityGroupRules"]}
    attached = {
        (group["GroupId"], group["GroupName"]) for its in described["NetworkInterfaces"] for group in its["Groups"]
    }
    assert attached < {(id_, group["GroupName"]) for id_, group in groups.items()}, "one is attached to nothing"
    for is_egress, member in ((False, "IpPermissions"), (True, "IpPermissionsEgress")):
        rules = [rule for rule in described["SecurityGroupRules"] if rule["IsEgress"] == is_egress]
        within = [(id_, *peer) for id_, group in groups.items() for each in group[member] for peer in peers(each)]
        assert Counter(within) == Counter((rule["GroupId"], rule["IpProtocol"], peer_of(rule)) for rule in rules)


def peers(permission: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for member, peer in (("UserIdGroupPairs", "GroupId"), ("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")):
        for each in permission[member]:
            yield permission["IpProtocol"], each[peer]


def peer_of(rule: dict[str, Any]) -> str:
    referenced = rule.get("ReferencedGroupInfo", {}).get("GroupId")
    return str(referenced or rule.get("CidrIpv4") or rule["CidrIpv6"])


def test_geo_databases_give_the_place_of_every_network_that_has_one(out: Path) -> None:
    with (
        maxminddb.open_database(out / "geoip/flowlogs-city.mmdb") as city,
        maxminddb.open_database(out / "geoip/flowlogs-asn.mmdb") as asn,
    ):
        assert "Synthetic" in city.metadata().description["en"]
        for network in NETWORKS:
            address = network.cidr.split("/")[0]
            place, system = city.get(address), asn.get(address)
            assert (place is None) == (network.place is None)
            assert (system is None) == (network.asn is None)
        dublin, cut = city.get("86.40.16.9"), asn.get("49.176.128.1")
    assert isinstance(dublin, dict)
    assert dublin["city"] == {"names": {"en": "Ballysample"}}
    assert dublin["location"] == {"latitude": 53.3, "longitude": -6.3}
    assert cut == {"autonomous_system_number": 4200000013}


def test_a_folder_that_is_not_empty_is_refused_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    (tmp_path / "events").mkdir()
    (tmp_path / "events/cloudwatch-logs-99999.json").write_text("of an earlier run")
    refused = run(tmp_path, "--lines", "200")
    assert refused.exit_code == 2
    assert "is not empty" in refused.output.splitlines()[-1]
    assert run(tmp_path, "--lines", "200", "--force").exit_code == 0
    assert (tmp_path / "mine.txt").read_text() == "keep"
    assert not (tmp_path / "events/cloudwatch-logs-99999.json").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--format", "v6"), "no such version"),
        (("--format", "${srcadr}"), "srcadr is no field"),
        (("--format", "${start} x"), "no field name"),
        (("--start", "yesterday"), "no ISO time"),
        (("--interval", "61"), "61"),
        (("--bad-lines", "2"), "--bad-lines"),
        (("--interfaces", "3"), "--interfaces"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line(options: tuple[str, str], said: str, tmp_path: Path) -> None:
    result = run(tmp_path / "out", *options)
    assert result.exit_code == 2
    assert said in result.output.splitlines()[-1]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("log_format", ["v2", "v11", "${srcaddr} ${bytes}", "${dstport}", "${action}"])
def test_any_format_can_be_written_and_its_bad_lines_are_refused(log_format: str, tmp_path: Path) -> None:
    result = run(tmp_path / "out", "--lines", "300", "--format", log_format, "--bad-lines", "0.1", "--start", START)
    assert result.exit_code == 0, result.output
    truth = json.loads((tmp_path / "out/truth.json").read_text())
    written = LogFormat(truth["options"]["format"].split())
    refused = 0
    for line in log_lines(tmp_path / "out"):
        try:
            written.read(line)
        except MalformedRecord:
            refused += 1
    assert refused == truth["lines_refused"] > 10


def test_what_is_stopped_leaves_no_half_written_file(tmp_path: Path) -> None:
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dataset.write(tmp_path, build(), Plan(lines=3000), DEFAULT, advance=stop)
    assert not list(tmp_path.rglob("*.partial"))
    assert not (tmp_path / "truth.json").exists()
    assert all(gzip.decompress(path.read_bytes()) for path in tmp_path.rglob("*.log.gz"))


def test_without_events_there_are_none(tmp_path: Path) -> None:
    result = run(tmp_path / "out", "--lines", "200", "--no-events", "--json")
    assert json.loads(result.output)["events"] == 0
    assert not (tmp_path / "out/events").exists()
