"""What the generated VPC and its traffic are like."""

from collections import Counter
from ipaddress import ip_address, ip_network

import pytest

from flowlogs.generate import office, traffic
from flowlogs.generate.incidents import plant
from flowlogs.generate.interface import Interface
from flowlogs.generate.internet import NETWORKS, OFFICE_LAN
from flowlogs.generate.plan import Plan, version_of
from flowlogs.generate.roles import SMALLEST
from flowlogs.generate.security_groups import HTTP, RDP, UNUSED_PORT
from flowlogs.generate.vpc import Vpc, build
from flowlogs.record.fields import FlowRecord
from flowlogs.record.log_format import DEFAULT, LogFormat, fields_up_to

PLAN = Plan(lines=8000)
WEEK = Plan(lines=20_000, minutes=7 * 24 * 60, interval=600)


@pytest.fixture(scope="module")
def vpc() -> Vpc:
    return build()


@pytest.fixture(scope="module")
def records(vpc: Vpc) -> list[FlowRecord]:
    return list(traffic.records(vpc, PLAN))


@pytest.fixture(scope="module")
def week(vpc: Vpc) -> list[FlowRecord]:
    return list(traffic.records(vpc, WEEK))


@pytest.mark.parametrize("interfaces", [SMALLEST, 30, 500, 5000])
def test_a_vpc_has_as_many_interfaces_as_asked_for_and_no_address_twice(interfaces: int) -> None:
    vpc = build(interfaces=interfaces)
    addresses = [address for interface in (*vpc.interfaces, *vpc.former) for address in interface.addresses()]
    assert len(vpc.interfaces) == interfaces
    assert len(set(addresses)) == len(addresses)


def test_every_address_of_an_interface_is_in_its_subnet(vpc: Vpc) -> None:
    for interface in vpc.interfaces:
        subnet = ip_network(interface.subnet.cidr)
        assert all(ip_address(address) in subnet for address in interface.addresses())
        if interface.ipv6 is not None:
            assert ip_address(interface.ipv6) in ip_network(str(interface.subnet.ipv6_cidr))


def test_one_interface_has_six_security_groups_and_some_have_secondary_addresses(vpc: Vpc) -> None:
    assert max(len(interface.security_group_ids) for interface in vpc.interfaces) == 6
    assert any(interface.secondary for interface in vpc.interfaces)
    assert any(interface.prefix for interface in vpc.interfaces)


def test_without_ipv6_there_is_none(records: list[FlowRecord]) -> None:
    vpc = build(ipv6=False)
    without = list(traffic.records(vpc, Plan(lines=2000)))
    assert not any(interface.ipv6 for interface in vpc.interfaces)
    assert {record.get("type") for record in without} == {"IPv4", None}
    assert "IPv6" in {record.get("type") for record in records}


@pytest.mark.parametrize("lines", [1000, 8000])
@pytest.mark.parametrize("interval", [60, 600])
def test_a_plan_gives_about_as_many_records_as_it_says(vpc: Vpc, lines: int, interval: int) -> None:
    plan = Plan(lines=lines, interval=interval)
    assert sum(1 for _ in traffic.records(vpc, plan)) == pytest.approx(lines, rel=0.08)


def test_a_record_lies_within_one_aggregation_interval(records: list[FlowRecord]) -> None:
    for record in records:
        assert PLAN.start <= record["start"] <= record["end"] < PLAN.end
        assert record["start"] // 60 == record["end"] // 60


def test_all_that_a_flow_log_has_occurs(records: list[FlowRecord]) -> None:
    assert {record["log_status"] for record in records} == {"OK", "NODATA", "SKIPDATA"}
    assert {record.get("action") for record in records} == {"ACCEPT", "REJECT", None}
    assert {record.get("protocol") for record in records} == {1, 6, 17, None}
    assert {record.get("tcp_flags") for record in records} == {0, 1, 2, 3, 18, 19, None}
    assert {record.get("flow_direction") for record in records} == {"ingress", "egress", None}
    assert {record.get("traffic_path") for record in records} == {1, 7, 8, None}
    assert "S3" in {record.get("pkt_dst_aws_service") for record in records}


def test_an_interface_without_data_has_no_records_in_that_interval(records: list[FlowRecord]) -> None:
    busy = {(record["interface_id"], record["start"] // 60) for record in records if "action" in record}
    silent = [record for record in records if record["log_status"] == "NODATA"]
    assert silent
    assert not any((record["interface_id"], record["start"] // 60) in busy for record in silent)


def test_on_its_own_side_an_interface_shows_its_primary_address(vpc: Vpc, records: list[FlowRecord]) -> None:
    primary = {interface.interface_id: interface.address for interface in (*vpc.interfaces, *vpc.former)}
    for record in records:
        if record.get("type") == "IPv4":
            own = record["srcaddr"] if record["flow_direction"] == "egress" else record["dstaddr"]
            assert own == primary[record["interface_id"]]


def test_packets_of_pods_secondary_addresses_and_nat_differ_from_the_record(
    vpc: Vpc, records: list[FlowRecord]
) -> None:
    role = {interface.interface_id: interface.role.name for interface in (*vpc.interfaces, *vpc.former)}
    differing = {
        role[record["interface_id"]]
        for record in records
        if (record.get("srcaddr"), record.get("dstaddr")) != (record.get("pkt_srcaddr"), record.get("pkt_dstaddr"))
    }
    assert differing == {"web", "eks", "nat"}


def test_a_nat_gateway_records_both_sides_of_a_connection(vpc: Vpc, records: list[FlowRecord]) -> None:
    gateway = vpc.by_role["nat"][0]
    own = [record for record in records if record["interface_id"] == gateway.interface_id]
    from_inside = [record for record in own if record.get("dstaddr") != record.get("pkt_dstaddr")]
    assert from_inside
    assert all(record["dstaddr"] == gateway.address for record in from_inside)
    hosts = {record["pkt_dstaddr"] for record in from_inside}
    assert hosts <= {record["dstaddr"] for record in own if record.get("flow_direction") == "egress"}


def test_public_addresses_are_ordinary_and_of_a_known_network(records: list[FlowRecord]) -> None:
    networks = [ip_network(network.cidr) for network in NETWORKS]
    addresses = {ip_address(record["srcaddr"]) for record in records if "srcaddr" in record}
    public = [address for address in addresses if not address.is_private]
    assert all(address.is_global for address in public)
    assert all(any(address in network for network in networks) for address in public)


def test_networks_do_not_overlap() -> None:
    networks = [ip_network(network.cidr) for network in NETWORKS]
    assert all(
        not one.overlaps(other)
        for number, one in enumerate(networks)
        for other in networks[number + 1 :]
        if one.version == other.version
    )


UNNEEDED = {("app", UNUSED_PORT), ("remote-desktop", HTTP), ("recovery", 8080), ("migration", 5432)}


def test_every_rule_but_those_told_of_is_needed(vpc: Vpc, week: list[FlowRecord]) -> None:
    assert _unneeded(vpc, week) == UNNEEDED


def test_an_hour_ends_before_the_office_opens(vpc: Vpc, records: list[FlowRecord]) -> None:
    assert _unneeded(vpc, records) == UNNEEDED | {("remote-desktop", RDP)}


def _unneeded(vpc: Vpc, records: list[FlowRecord]) -> set[tuple[str, int]]:
    hits = _accepted_on_arrival(vpc, records)
    rules = [(group.name, rule.ports[0], rule.protocol) for group in vpc.groups.values() for _, rule in group.rules]
    return {(group, port) for group, port, protocol in rules if not hits[group, port, protocol]}


def _accepted_on_arrival(vpc: Vpc, records: list[FlowRecord]) -> Counter[tuple[str, int, str]]:
    """Count by group, port and protocol; ICMP has the port of the rule's type, 8."""
    names = {group.group_id: group.name for group in vpc.groups.values()}
    groups = {interface.interface_id: interface.security_group_ids for interface in vpc.interfaces}
    protocols = {1: "icmp", 6: "tcp", 17: "udp"}
    hits: Counter[tuple[str, int, str]] = Counter()
    for record in records:
        if record.get("action") == "ACCEPT" and record["flow_direction"] == "ingress":
            port = 8 if record["protocol"] == 1 else record["dstport"]
            for group_id in groups.get(record["interface_id"], ()):
                hits[names[group_id], port, protocols[record["protocol"]]] += 1
    return hits


def test_no_record_has_the_unused_port(records: list[FlowRecord]) -> None:
    assert UNUSED_PORT not in {record.get("dstport") for record in records}


def test_what_is_beside_the_shop_is_reached_by_the_office_alone_and_on_one_port(
    vpc: Vpc, week: list[FlowRecord]
) -> None:
    desktop, spare = (vpc.by_role[name][0] for name in ("desktop", "spare"))
    at_desktop = [record for record in week if _touches(record, desktop)]
    assert at_desktop
    assert not [record for record in week if _touches(record, spare)]
    for record in at_desktop:
        end, way = ("dst", "src") if record["flow_direction"] == "ingress" else ("src", "dst")
        assert (record["action"], record[f"{end}port"]) == ("ACCEPT", RDP)  # type: ignore[literal-required]
        assert ip_address(record[f"{way}addr"]) in ip_network(OFFICE_LAN)  # type: ignore[literal-required]
        assert record.get("traffic_path") == (3 if end == "src" else None)


def _touches(record: FlowRecord, interface: Interface) -> bool:
    """Whether a record is of an interface, or of another one with its address at either end."""
    ends = {record.get(name) for name in ("srcaddr", "dstaddr", "pkt_srcaddr", "pkt_dstaddr")}
    return record["interface_id"] == interface.interface_id or not ends.isdisjoint(interface.addresses())


def test_nothing_on_the_internet_reaches_what_is_beside_the_shop(vpc: Vpc) -> None:
    assert [interface.public for interface in vpc.beside] == [None, None]
    assert [interface.ipv6 for interface in vpc.beside] == [None, None]


def test_the_office_works_ten_hours_of_five_days_and_sessions_end_with_the_day(vpc: Vpc) -> None:
    plan = Plan(lines=200_000, minutes=8 * 24 * 60, interval=600)
    hours = {divmod((record["start"] - plan.start) // 3600, 24) for record in office.records(vpc, plan)}
    assert hours == {(day, hour) for day in (0, 1, 2, 3, 4, 7) for hour in range(8, 18)}


def test_a_session_is_one_connection_that_opens_once_and_closes_once(vpc: Vpc) -> None:
    sessions: dict[tuple[str, int], list[FlowRecord]] = {}
    for record in office.records(vpc, WEEK):
        if record["flow_direction"] == "ingress":
            sessions.setdefault((record["srcaddr"], record["srcport"]), []).append(record)
    assert len(sessions) == 30
    assert len({address for address, _ in sessions}) == 5
    for parts in sessions.values():
        assert [bool(part["tcp_flags"] & 2) for part in parts] == [True] + [False] * (len(parts) - 1)
        assert [bool(part["tcp_flags"] & 1) for part in parts] == [False] * (len(parts) - 1) + [True]
        slices = [(part["start"] - WEEK.start) // WEEK.interval for part in parts]
        assert slices == list(range(slices[0], slices[0] + len(parts)))
        assert 1 <= len(parts) <= 6


def test_the_lines_of_the_shop_do_not_depend_on_the_hour_at_which_a_plan_begins(vpc: Vpc) -> None:
    later = Plan(lines=500, start=PLAN.start + 9 * 3600)
    early = [DEFAULT.write(_moved(each, 9 * 3600)) for each in traffic.records(vpc, Plan(lines=500))]
    assert early == [DEFAULT.write(each) for each in traffic.records(vpc, later)]


def _moved(record: FlowRecord, seconds: int) -> FlowRecord:
    return {**record, "start": record["start"] + seconds, "end": record["end"] + seconds}


def test_what_nobody_uses_is_told_in_the_truth(vpc: Vpc, week: list[FlowRecord]) -> None:
    told = {incident.name: incident.truth for incident in plant(vpc, WEEK)}
    rules = {rule_id: (group.group_id, rule) for group in vpc.groups.values() for rule_id, rule in group.rules}
    used = told["unused-http-rule"]["used_beside_it"]
    assert isinstance(used, dict)
    for truth, port in ((told["unused-rule"], UNUSED_PORT), (told["unused-http-rule"], HTTP), (used, RDP)):
        group_id, rule = rules[str(truth["security_group_rule_id"])]
        assert (truth["security_group_id"], truth["dstport"], truth["peer"]) == (group_id, port, rule.peer)
        assert rule.ports == (port, port)
    let_in = [record for record in week if record.get("dstport") == RDP and record["action"] == "ACCEPT"]
    assert (used["records"], used["sources"]) == (len(let_in), sorted({record["srcaddr"] for record in let_in}))
    attached = {name: told[name]["interface_ids"] for name in ("idle-group", "unattached-group")}
    assert attached == {"idle-group": [vpc.by_role["spare"][0].interface_id], "unattached-group": []}
    groups = [told[name]["security_group_id"] for name in attached]
    assert groups == [vpc.groups[name].group_id for name in ("recovery", "migration")]


def test_the_truth_about_incidents_can_be_found_in_the_records(vpc: Vpc, records: list[FlowRecord]) -> None:
    incidents = {incident.name: incident.truth for incident in plant(vpc, PLAN)}
    ssh, scan, leak = (incidents[name] for name in ("ssh-brute-force", "port-scan", "exfiltration"))
    assert sum(record.get("srcaddr") == ssh["srcaddr"] for record in records) == ssh["records"]
    scanned = sorted(record["dstport"] for record in records if record.get("srcaddr") == scan["srcaddr"])
    assert scanned == scan["ports"]
    sent = [
        record["bytes"]
        for record in records
        if record["interface_id"] == leak["interface_id"] and record.get("dstaddr") == leak["dstaddr"]
    ]
    assert (sum(sent), len(sent)) == (leak["bytes"], leak["records"])
    assert sum(sent) > 10**10


def test_the_same_seed_gives_the_same_records_and_another_seed_others() -> None:
    def lines(seed: int) -> list[bytes]:
        return [DEFAULT.write(record) for record in traffic.records(build(seed=seed), Plan(seed, 500))]

    assert lines(3) == lines(3) != lines(4)


def test_a_version_is_the_highest_among_the_fields() -> None:
    assert version_of(DEFAULT) == 2
    assert version_of(LogFormat(fields_up_to(5))) == 5
    assert version_of(LogFormat(["tcp-flags", "start"])) == 3
    assert version_of(LogFormat(["tgw-id"])) == 2
