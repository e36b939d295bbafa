"""Who is client and who is server, case by case."""

from collections.abc import Iterable
from typing import Any

import pytest
from conversation_lake import Row, ask

from flowlogs.decorate.document import lake_columns

SYN, SYN_ACK, FIN = 2, 18, 1
BEGIN = 1_767_225_600
ASKED = {"interface_id": "eni-a", "srcaddr": "10.0.0.1", "srcport": 40_000, "dstaddr": "10.0.0.2", "dstport": 45_000}
"""Nothing in it tells who asked whom but the flags or times that a test adds."""
_OF_A_FLOW = {"protocol": 6, "packets": 10, "bytes": 1000, "action": "ACCEPT", "log_status": "OK"}


def sent(**fields: Any) -> dict[str, Any]:
    """Give a record from 10.0.0.1 to 10.0.0.2."""
    return {**_OF_A_FLOW, "start": BEGIN, "end": BEGIN + 60, **ASKED, **fields}


def answered(**fields: Any) -> dict[str, Any]:
    """Give a record of the same conversation the other way; `fields` are in its own terms."""
    return sent() | turned(ASKED) | {"interface_id": "eni-a"} | fields


def turned(record: Row) -> dict[str, Any]:
    """Give the ends of a record the other way round."""
    return {
        "srcaddr": record["dstaddr"],
        "srcport": record["dstport"],
        "dstaddr": record["srcaddr"],
        "dstport": record["srcport"],
    }


def both_ways(**ends: Any) -> Iterable[dict[str, Any]]:
    """Give a record each way between the ends named."""
    one = sent(**ends)
    return one, one | turned(one)


def only(rows: Iterable[Row]) -> dict[str, Any]:
    """Give the one conversation that these rows are."""
    (conversation,) = ask(rows)
    return conversation


def roles(rows: Iterable[Row]) -> tuple[Any, ...]:
    found = only(rows)
    return found["client"], found["server"], found["reason"], found["confidence"]


def test_a_syn_names_its_source_the_client() -> None:
    found = only([sent(tcp_flags=SYN), answered(tcp_flags=0)])
    assert (found["client"], found["client_port"]) == ("10.0.0.1", 40_000)
    assert (found["server"], found["server_port"]) == ("10.0.0.2", 45_000)
    assert (found["reason"], found["confidence"], found["protocol"]) == ("syn", "high", 6)


@pytest.mark.parametrize("flags", [SYN_ACK, SYN_ACK | FIN])
def test_a_syn_ack_names_its_destination_the_client(flags: int) -> None:
    assert roles([sent(tcp_flags=flags)]) == ("10.0.0.2", "10.0.0.1", "syn", "high")


def test_flags_are_bits_and_the_other_ones_tell_nothing() -> None:
    assert roles([sent(tcp_flags=SYN | FIN | 4)])[2] == "syn"
    assert roles([sent(tcp_flags=FIN)])[2] == "unknown"
    assert roles([sent(tcp_flags=16)])[2] == "unknown"


def test_one_record_with_a_syn_tells_of_all_records_of_the_conversation() -> None:
    later = [sent(start=BEGIN + 60 * number, tcp_flags=0) for number in range(1, 4)]
    rows = [*later, sent(tcp_flags=SYN), answered(start=BEGIN + 300)]
    found = ask(rows, 'SELECT client, is_reply, reason FROM directed ORDER BY "start"')
    assert [row["is_reply"] for row in found] == [False] * 4 + [True]
    assert {(row["client"], row["reason"]) for row in found} == {("10.0.0.1", "syn")}


def test_where_both_ends_opened_flags_do_not_tell() -> None:
    assert roles([sent(tcp_flags=SYN), answered(tcp_flags=SYN)]) == (None, None, "unknown", "none")
    on_a_known_port = both_ways(srcport=443, tcp_flags=SYN)
    assert roles(on_a_known_port) == ("10.0.0.2", "10.0.0.1", "port-numbers", "low")


def test_unknown_roles_are_absent_and_all_else_is_there() -> None:
    found = only([sent(), answered(bytes=5)])
    unknown = ("client", "server", "client_port", "server_port", "bytes_to_server", "packets_to_client")
    assert [found[column] for column in unknown] == [None] * 6
    assert (found["low_address"], found["high_port"], found["bytes"], found["role"]) == ("10.0.0.1", 45_000, 1005, 0)


def many_clients(count: int, server_port: int, **fields: Any) -> list[dict[str, Any]]:
    ends = [{"srcaddr": f"10.0.1.{number}", "srcport": 50_000 + number} for number in range(count)]
    return [row for each in ends for row in both_ways(**each, dstport=server_port, **fields)]


@pytest.mark.parametrize(("port", "confidence"), [(45_000, "medium"), (17_017, "high"), (443, "high")])
def test_an_end_with_many_others_is_a_server(port: int, confidence: str) -> None:
    found = ask(many_clients(3, port))
    assert {row["server"] for row in found} == {"10.0.0.2"}
    assert {(row["reason"], row["confidence"]) for row in found} == {("many-peers", confidence)}


def test_two_are_not_many() -> None:
    assert {row["reason"] for row in ask(many_clients(2, 45_000))} == {"unknown"}


def test_the_same_port_at_another_host_or_protocol_is_another_end() -> None:
    rows = [
        *many_clients(2, 45_000),
        *many_clients(1, 45_000, dstaddr="10.0.0.9"),
        *many_clients(1, 45_000, protocol=17),
    ]
    assert {row["reason"] for row in ask(rows)} == {"unknown"}


def test_a_server_of_one_protocol_is_none_of_another() -> None:
    rows = [*many_clients(3, 45_000), *both_ways(dstport=45_000, protocol=17)]
    assert [row["reason"] for row in ask(rows) if row["protocol"] == 17] == ["unknown"]


def test_port_numbers_that_speak_against_it_lower_the_confidence() -> None:
    rows = [row for n in range(3) for row in both_ways(srcaddr=f"10.0.1.{n}", srcport=20_000 + n)]
    assert {(row["server"], row["reason"], row["confidence"]) for row in ask(rows)} == {
        ("10.0.0.2", "many-peers", "low")
    }


def test_a_client_that_asks_one_service_of_many_from_one_port_is_no_server() -> None:
    rows = [row for number in range(9) for row in both_ways(dstaddr=f"10.0.2.{number}", dstport=20_001)]
    assert {(row["client"], row["reason"]) for row in ask(rows)} == {("10.0.0.1", "port-numbers")}


def test_a_port_of_zero_is_no_end_to_have_peers() -> None:
    rows = [row for number in range(9) for row in both_ways(srcport=0, dstport=45_000 + number)]
    assert {row["reason"] for row in ask(rows)} == {"unknown"}


def test_a_client_that_asks_many_from_one_port_is_no_server() -> None:
    rows = [row for n in range(9) for row in both_ways(dstaddr=f"10.0.2.{n}", dstport=(1812, 1813)[n % 2], protocol=17)]
    assert {(row["client"], row["reason"]) for row in ask(rows)} == {("10.0.0.1", "port-numbers")}


def test_many_with_one_port_at_both_ends_tell_nothing() -> None:
    rows = [row for n in range(9) for row in both_ways(srcport=123, dstaddr=f"10.0.2.{n}", dstport=123, protocol=17)]
    assert {row["reason"] for row in ask(rows)} == {"unknown"}


def test_probes_of_many_ports_make_no_server_of_who_sends_them() -> None:
    rows = [row for port in range(45_000, 45_050) for row in both_ways(dstport=port, packets=1)]
    assert {row["reason"] for row in ask(rows)} == {"unknown"}
    rejected = [sent(srcport=6000, dstport=port, action="REJECT") for port in range(45_000, 45_050)]
    assert {(row["client"], row["reason"]) for row in ask(rejected)} == {("10.0.0.1", "rejected")}


def test_pings_of_many_hosts_make_no_server_of_who_sends_them() -> None:
    ends = [{"dstaddr": f"10.0.2.{number}", "srcport": 0, "dstport": 0, "protocol": 1} for number in range(9)]
    assert {row["reason"] for row in ask(row for each in ends for row in both_ways(**each))} == {"unknown"}


LATER = BEGIN + 3600
EARLIER_TALK = sent(srcaddr="10.9.9.8", dstaddr="10.9.9.9")


def test_who_began_first_is_the_client() -> None:
    rows = [EARLIER_TALK, sent(start=LATER + 1), answered(start=LATER)]
    found = next(row for row in ask(rows) if row["low_address"] == "10.0.0.1")
    assert (found["client"], found["reason"], found["confidence"]) == ("10.0.0.2", "began-first", "medium")
    assert (found["first_seen"], found["last_seen"]) == (LATER, BEGIN + 60)


@pytest.mark.parametrize(
    "rows",
    [
        [sent(start=LATER), answered(start=LATER)],
        [sent(start=BEGIN + 600), answered(start=BEGIN + 601)],
        [sent(start=LATER, tcp_flags=0), answered(start=LATER + 1, tcp_flags=0)],
    ],
    ids=["at once", "near the beginning of the asked time", "TCP whose flags show no opening"],
)
def test_the_first_record_does_not_tell(rows: list[Row]) -> None:
    found = next(row for row in ask([EARLIER_TALK, *rows]) if row["low_address"] == "10.0.0.1")
    assert found["reason"] == "unknown"


def test_a_clear_port_is_believed_against_the_first_record() -> None:
    ends = {"srcport": 5432}
    rows = [EARLIER_TALK, sent(start=LATER, **ends), answered(start=LATER + 1, dstport=5432)]
    found = next(row for row in ask(rows) if row["low_address"] == "10.0.0.1")
    assert (found["server_port"], found["reason"]) == (5432, "port-numbers")


def test_what_is_rejected_came_from_a_client() -> None:
    assert roles([sent(action="REJECT")]) == ("10.0.0.1", "10.0.0.2", "rejected", "medium")
    at_both_interfaces = [sent(), sent(interface_id="eni-b", action="REJECT")]
    found = only(at_both_interfaces)
    assert (found["reason"], found["accepted"], found["rejected"], found["records"]) == ("rejected", 1, 1, 2)


@pytest.mark.parametrize(
    "rows",
    [
        [sent(action="REJECT"), answered(action="REJECT")],
        [sent(), answered(action="REJECT")],
        [sent(action="REJECT"), answered()],
        [sent(action="REJECT", tcp_flags=FIN)],
    ],
    ids=["both ways", "an answer, by a network ACL", "an answer, the other way round", "a late packet by its flags"],
)
def test_a_reject_does_not_tell(rows: list[Row]) -> None:
    assert roles(rows)[2] == "unknown"


def test_a_rejected_packet_from_a_service_to_a_clients_port_is_its_late_answer() -> None:
    assert roles([sent(srcport=443, action="REJECT")]) == ("10.0.0.2", "10.0.0.1", "port-numbers", "low")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (40_000, 443),
        (40_000, 5432),
        (40_000, 50_051),
        (40_000, 17_000),
        (2000, 22),
        (5432, 53),
        (700, 2049),
        (700, 8080),
    ],
)
def test_without_better_the_port_that_looks_a_servers_is_one(one: int, other: int) -> None:
    assert roles(both_ways(srcport=one, dstport=other)) == ("10.0.0.1", "10.0.0.2", "port-numbers", "low")
    assert roles(both_ways(srcport=other, dstport=one)) == ("10.0.0.2", "10.0.0.1", "port-numbers", "low")


@pytest.mark.parametrize(("one", "other"), [(123, 123), (40_000, 61_000), (2000, 17_000), (0, 40_000), (500, 22)])
def test_ports_that_look_alike_tell_nothing(one: int, other: int) -> None:
    assert roles(both_ways(srcport=one, dstport=other, protocol=17))[2] == "unknown"


def test_an_ftp_server_opens_data_connections_from_its_port_20() -> None:
    rows = [
        row for number in range(9) for row in both_ways(srcport=20, dstaddr=f"10.0.2.{number}", dstport=2000 + number)
    ]
    assert {(row["client_port"], row["reason"]) for row in ask(rows)} == {(20, "port-numbers")}


def test_what_two_interfaces_recorded_is_one_conversation_and_counts_once() -> None:
    at_server = [sent(interface_id="eni-b", tcp_flags=SYN), answered(interface_id="eni-b", bytes=70, packets=7)]
    cut_short = [sent(tcp_flags=SYN, bytes=900), sent(start=BEGIN + 60, bytes=100), answered(bytes=50, packets=5)]
    found = only([*cut_short, *at_server])
    assert (found["interfaces"], found["records"]) == (2, 5)
    assert (found["bytes_to_server"], found["bytes_to_client"], found["bytes"]) == (1000, 70, 1070)
    assert (found["packets_to_server"], found["packets_to_client"], found["packets"]) == (20, 7, 27)


AT_CLIENT = {"interface_end": "source", "tcp_flags": SYN}
AT_SERVER = {"interface_id": "eni-b", "interface_end": "destination", "tcp_flags": SYN}
BACK_AT_CLIENT = {"interface_end": "destination", "tcp_flags": SYN_ACK}
BACK_AT_SERVER = {"interface_id": "eni-b", "interface_end": "source", "tcp_flags": SYN_ACK}
REFUSED = {"action": "REJECT"}


@pytest.mark.parametrize(
    ("rows", "was_accepted", "was_answered"),
    [
        ([sent(**AT_SERVER, **REFUSED), sent(**AT_SERVER)], True, False),
        ([sent(**AT_CLIENT), sent(**AT_SERVER, **REFUSED)], False, False),
        ([sent(tcp_flags=SYN), sent(interface_id="eni-b", tcp_flags=SYN, **REFUSED)], False, False),
        ([sent(interface_id="eni-m", tcp_flags=SYN, **REFUSED), sent(**AT_SERVER)], True, False),
        ([sent(**AT_CLIENT), answered(**BACK_AT_CLIENT)], True, True),
        ([sent(**AT_CLIENT), answered(**BACK_AT_CLIENT, **REFUSED)], True, False),
        ([sent(**AT_SERVER), answered(**BACK_AT_SERVER), answered(**BACK_AT_CLIENT, **REFUSED)], True, False),
        ([sent(**AT_SERVER), answered(**BACK_AT_SERVER)], True, True),
        ([answered(**BACK_AT_SERVER)], True, True),
        ([sent(**AT_SERVER, **REFUSED), answered(**BACK_AT_SERVER)], True, True),
        ([sent(), answered()], None, None),
    ],
    ids=[
        "refused once, let in once",
        "refused at the server",
        "refused at one of two interfaces, whose ends are unknown",
        "refused in between, though let in",
        "answered",
        "an answer refused at the client",
        "an answer let out at the server and refused at the client",
        "an answer let out at the server, all that is known",
        "an answer alone",
        "an answer to what is recorded as refused",
        "roles unknown",
    ],
)
def test_what_was_let_in_and_what_was_answered(
    rows: list[Row], was_accepted: bool | None, was_answered: bool | None
) -> None:
    found = only(rows)
    assert (found["was_accepted"], found["was_answered"]) == (was_accepted, was_answered)
    turned_names = [{**row, **swapped(row)} for row in rows]
    found = only(turned_names)
    assert (found["was_accepted"], found["was_answered"]) == (was_accepted, was_answered)


def swapped(row: Row) -> dict[str, Any]:
    """Give the ends of a record with each other's addresses: what was low is high."""
    return {"srcaddr": row["dstaddr"], "dstaddr": row["srcaddr"]}


def test_the_first_accepted_record_is_told_apart_from_the_first() -> None:
    refused = sent(**REFUSED)
    found = only([refused, sent(start=LATER), answered(start=LATER + 5)])
    assert (found["first_seen"], found["first_accepted"]) == (BEGIN, LATER)
    assert only([refused])["first_accepted"] is None


@pytest.mark.parametrize(
    ("address", "is_its_own"),
    [
        ("198.51.100.1", False),
        ("172.217.0.1", False),
        ("172.2.3.4", False),
        ("172.32.0.1", False),
        ("100.20.0.1", False),
        ("100.128.0.1", False),
        ("10.9.9.9", True),
        ("172.16.0.1", True),
        ("172.31.0.1", True),
        ("192.168.0.1", True),
        ("100.64.0.1", True),
        ("100.127.0.1", True),
    ],
)
def test_of_addresses_in_packets_alone_only_private_ones_are_the_interfaces_own(address: str, is_its_own: bool) -> None:
    there = {"interface_end": "destination", "vpc_id": "vpc-1", "pkt_srcaddr": "10.0.0.1", "pkt_dstaddr": address}
    found = only([sent(tcp_flags=SYN, **there)])
    expected = ("eni-a", "vpc-1") if is_its_own else (None, None)
    assert (found["server_interface_id"], found["server_vpc_id"]) == expected


def test_each_ends_own_interface_and_vpc_are_told() -> None:
    at_client = {"interface_end": "source", "vpc_id": "vpc-1", "tcp_flags": SYN}
    at_server = {"interface_id": "eni-b", "interface_end": "destination", "vpc_id": "vpc-2", "tcp_flags": SYN}
    found = only([sent(**at_client), sent(**at_server)])
    assert (found["client_interface_id"], found["server_interface_id"]) == ("eni-a", "eni-b")
    assert (found["client_vpc_id"], found["server_vpc_id"], found["scope"]) == ("vpc-1", "vpc-2", "")
    assert (found["interfaces"], found["bytes"]) == (2, 1000)


def test_vpcs_with_the_same_addresses_have_conversations_of_their_own() -> None:
    inside = {"peer_interface_id": "eni-p", "tcp_flags": SYN}
    one, other = {"vpc_id": "vpc-1", **inside}, {"vpc_id": "vpc-2", "interface_id": "eni-c", **inside}
    rows = [sent(**one), answered(**other, bytes=7)]
    found = [(row["scope"], row["client"], row["bytes"], row["interfaces"]) for row in ask(rows)]
    assert found == [("vpc-1", "10.0.0.1", 1000, 1), ("vpc-2", "10.0.0.2", 7, 1)]
    assert [row["client"] for row in ask(rows, "SELECT * FROM directed ORDER BY vpc_id")] == ["10.0.0.1", "10.0.0.2"]


def test_private_addresses_of_two_vpcs_that_ask_one_public_address_are_kept_apart() -> None:
    outside = {"srcport": 123, "dstport": 123, "dstaddr": "198.51.100.1", "protocol": 17}
    assert len(ask([sent(vpc_id="vpc-1", **outside), sent(vpc_id="vpc-2", interface_id="eni-c", **outside)])) == 2


def test_the_addresses_of_the_packets_go_before_those_at_the_interface() -> None:
    at_gateway = {
        "interface_id": "eni-nat",
        "dstaddr": "10.0.9.9",
        "pkt_srcaddr": "10.0.0.1",
        "pkt_dstaddr": "10.0.0.2",
    }
    found = only([sent(tcp_flags=SYN), sent(**at_gateway)])
    assert (found["client"], found["server"], found["interfaces"], found["bytes"]) == ("10.0.0.1", "10.0.0.2", 2, 1000)


def test_ipv6_is_told_alike_and_across_vpcs() -> None:
    ends = {"srcaddr": "2001:db8::1", "dstaddr": "2001:db8:1::2", "tcp_flags": SYN}
    found = only([sent(vpc_id="vpc-1", **ends), sent(vpc_id="vpc-2", interface_id="eni-b", **ends)])
    assert (found["client"], found["server"], found["interfaces"]) == ("2001:db8::1", "2001:db8:1::2", 2)


def test_fields_that_a_log_format_lacks_are_absent() -> None:
    bare = {
        key: value for key, value in sent().items() if key not in {"srcport", "dstport", "protocol", "action", "bytes"}
    }
    found = only([bare | {"action": "REJECT"}, bare | {"interface_id": "eni-b"}])
    assert (found["client"], found["client_port"], found["server_port"], found["protocol"]) == (
        "10.0.0.1",
        None,
        None,
        None,
    )
    assert (found["bytes"], found["reason"]) == (0, "rejected")
    (directed, _) = ask([bare | {"action": "REJECT"}, bare], "SELECT * FROM directed")
    assert (directed["client"], directed["is_reply"]) == ("10.0.0.1", False)


def test_a_host_that_talks_to_itself_has_one_conversation() -> None:
    rows = list(both_ways(dstaddr="10.0.0.1", dstport=443))
    found = only(rows)
    assert (found["client_port"], found["server_port"], found["bytes"]) == (40_000, 443, 2000)
    directed = ask(rows, "SELECT is_reply FROM directed ORDER BY dstport")
    assert [row["is_reply"] for row in directed] == [False, True]


def test_records_without_traffic_are_in_no_conversation_and_have_no_roles() -> None:
    idle = {"interface_id": "eni-a", "start": BEGIN, "end": BEGIN + 60, "log_status": "NODATA"}
    assert ask([idle]) == []
    (found,) = ask([idle], "SELECT * FROM directed")
    assert (found["log_status"], found["client"], found["is_reply"]) == ("NODATA", None, None)


def test_directed_has_each_record_once_with_all_its_columns() -> None:
    rows = [*many_clients(5, 8443), sent(tcp_flags=SYN), sent(), answered()]
    found = ask(rows, "SELECT * FROM directed")
    assert len(found) == len(rows)
    assert sum(row["bytes"] for row in found) == sum(row["bytes"] for row in rows)
    assert set(found[0]) >= {*lake_columns(), "date", "client", "server", "client_port", "server_port", "is_reply"}


def test_sums_are_whole_numbers_however_large() -> None:
    found = only([sent(bytes=2**62), sent(bytes=2**61), answered(bytes=1)])
    assert found["bytes"] == 2**62 + 2**61 + 1
    kinds = ask([sent()], "SELECT typeof(bytes) AS bytes, typeof(records) AS records FROM conversations")
    assert kinds == [{"bytes": "BIGINT", "records": "BIGINT"}]
