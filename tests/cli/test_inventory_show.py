"""`flowlogs inventory show` as someone meets it who asks whose an address was."""

import gzip
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from command_line import ran
from inventory_files import EVERYTHING, HOUR, NAT, ONE, TAKEN, TWO, WEB, there, written

import flowlogs

ROOT = Path(flowlogs.__file__).parents[1]
INTERFACES = "network-interfaces"


@pytest.fixture
def inventory(tmp_path: Path) -> str:
    return written(tmp_path / "inventory.json", EVERYTHING)


def found(inventory: str, text: str, *arguments: str) -> list[str]:
    """Give the ids of what is found."""
    done = ran("inventory", "show", inventory, "--find", text, "--json", *arguments)
    assert done.code == 0
    return [next(row[name] for name in row if name.endswith("-id")) for row in done.rows()]


def test_without_more_it_counts(tmp_path: Path) -> None:
    ended = there("eni-ended", {}, TAKEN - 9 * HOUR, TAKEN - HOUR)
    inventory = written(tmp_path / "i.json", {INTERFACES: [WEB, ended], "vpcs": []}, failed=["2/eu: denied"])
    done = ran("inventory", "show", inventory)
    rows = [line.split() for line in done.out.splitlines()]
    assert rows[:3] == [["kind", "there", "intervals"], [INTERFACES, "1", "2"], ["vpcs", "0", "0"]]
    assert done.out.splitlines()[3].startswith("Taken 2026-01-01T00:00:00Z, ")
    assert done.out.splitlines()[4] == "Stale or missing: 2/eu: denied"
    (counts,) = ran("inventory", "show", inventory, "--json").rows()
    assert counts["kinds"] == {INTERFACES: {"there": 1, "intervals": 2}, "vpcs": {"there": 0, "intervals": 0}}
    assert (counts["taken"], counts["failed"]) == (["2026-01-01T00:00:00Z"], ["2/eu: denied"])


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("eni-web", ["eni-web"]),
        ("10.0.3.4", ["eni-web", "subnet-1", "vpc-1"]),
        ("10.0.3.4/32", ["eni-web", "subnet-1", "vpc-1"]),
        ("::ffff:10.0.3.5", ["eni-nat", "subnet-1", "vpc-1"]),
        ("10.0.9.31", ["eni-web", "vpc-1"]),
        ("10.0.9.32", ["vpc-1"]),
        ("52.1.2.3", ["eni-web"]),
        ("2a05:d018:f10:6400::7", ["eni-web"]),
        ("2A05:D018:0F10:6400:0:0:0:7", ["eni-web"]),
        ("2a05:d018:f10:6401:1::", []),
        ("2a05:d018:f10:6401::ffff", ["eni-web"]),
        ("2a05:d018:0f10:6401::/80", ["eni-web"]),
        ("10.0.0.0/8", ["sgr-1"]),
        ("198.51.100.7", ["pl-1"]),
        ("sg-web", ["eni-web", "sg-web", "sgr-1"]),
        ("web servers", ["sg-web"]),
        ("web-1", ["i-web"]),
        ("front", ["eni-web"]),
        ("nat-1", ["eni-nat"]),
        (" eni-nat ", ["eni-nat"]),
        ("10.0.3", []),
        ("eni-w", []),
    ],
)
def test_a_resource_is_found_by_id_name_owner_address_and_network(inventory: str, text: str, ids: list[str]) -> None:
    assert sorted(found(inventory, text)) == sorted(ids)


def test_a_kind_is_listed_whole_and_narrows_what_is_found(inventory: str) -> None:
    done = ran("inventory", "show", inventory, "--kind", "security-groups", "--json")
    group = {"kind": "security-groups", "account-id": ONE.account_id, "aws-region": ONE.region}
    assert done.rows() == [
        {**group, "security-group-id": "sg-web", "group-name": "web servers"},
        {**group, "security-group-id": "sg-db", "group-name": "databases"},
    ]
    assert found(inventory, "10.0.3.4", "--kind", "subnets") == ["subnet-1"]


def history(tmp_path: Path) -> str:
    """Write an inventory in which an address went from one interface to another, with a gap between them."""
    facts = {"addresses": ["10.0.3.4"], "security-group-ids": ["sg-1"]}
    first = there("eni-first", facts, TAKEN - 9 * HOUR, TAKEN - 5 * HOUR)
    return written(tmp_path / "i.json", {INTERFACES: [first, there("eni-next", facts, TAKEN - 4 * HOUR, TAKEN - HOUR)]})


@pytest.mark.parametrize(
    ("at", "ids"),
    [
        ("2025-12-31T15:00:00Z", ["eni-first"]),
        ("2025-12-31T16:30+01:00", ["eni-first"]),
        ("2025-12-31T18:59:59", ["eni-first"]),
        ("2025-12-31T19:00:00Z", []),
        (str(TAKEN - 4 * HOUR), ["eni-next"]),
        (str(TAKEN - HOUR - 1), ["eni-next"]),
        (str(TAKEN - HOUR), []),
    ],
)
def test_whose_an_address_was_then_is_one_command(tmp_path: Path, at: str, ids: list[str]) -> None:
    assert found(history(tmp_path), "10.0.3.4", "--at", at) == ids


def test_without_a_time_all_that_had_it_are_listed_with_theirs(tmp_path: Path) -> None:
    done = ran("inventory", "show", history(tmp_path), "--find", "10.0.3.4")
    assert [line.split() for line in done.out.splitlines()] == [
        ["interface-id", "addresses", "security-group-ids", "from", "to"],
        ["eni-first", "10.0.3.4", "sg-1", "2025-12-31T15:00:00Z", "2025-12-31T19:00:00Z"],
        ["eni-next", "10.0.3.4", "sg-1", "2025-12-31T20:00:00Z", "2025-12-31T23:00:00Z"],
    ]
    assert done.err == ""


def test_what_is_not_there_is_said(tmp_path: Path, inventory: str) -> None:
    nothing = ran("inventory", "show", inventory, "--find", "10.9.9.9")
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "Nothing of that is in the inventory.\n")
    early = ran("inventory", "show", history(tmp_path), "--find", "10.0.3.4", "--at", "2025-12-31T10:00Z")
    assert early.err == (
        "Nothing of that was there then; the first is known from 2025-12-31T15:00:00Z. Leave out --at to see all.\n"
    )


def test_an_inventory_of_one_moment_does_not_claim_to_know_another(inventory: str) -> None:
    done = ran("inventory", "show", inventory, "--find", "eni-nat", "--at", "2025-12-31T10:00Z")
    assert "eni-nat" in done.out
    assert done.err == (
        "Note: what has no beginning is shown as it was when the inventory was taken (2026-01-01T00:00:00Z); whether "
        "it was so at 2025-12-31T10:00:00Z is not known\n"
    )


def test_a_time_after_it_was_taken_is_remarked(tmp_path: Path) -> None:
    inventory = written(tmp_path / "i.json", {INTERFACES: [there("eni-1", {}, TAKEN - HOUR)]})
    done = ran("inventory", "show", inventory, "--at", "2026-01-01T01:00Z", "--json")
    assert done.rows()[0]["kinds"] == {INTERFACES: {"there": 1, "intervals": 1}}
    assert done.err == "Note: the inventory was taken before that, 2026-01-01T00:00:00Z\n"


def test_groups_and_instances_have_their_names_and_rows_of_several_accounts_have_theirs(tmp_path: Path) -> None:
    both = {**EVERYTHING, INTERFACES: [WEB, there("eni-2", {"addresses": ["10.0.3.4"]}, scope=TWO)]}
    done = ran("inventory", "show", written(tmp_path / "i.json", both), "--find", "10.0.3.4", "--kind", INTERFACES)
    header, web, other = done.out.splitlines()
    assert "sg-web (web servers), sg-ssh  i-web (web-1)" in web
    assert header.split()[-2:] == ["account-id", "aws-region"]
    assert (web.split()[-2:], other.split()[-2:]) == ([*ONE], [*TWO])


HOSTILE = "[red]\x1b[2J\x1b]0;title\x07\r\n\x9b31m\u202ecod[/]"


def test_hostile_text_neither_breaks_a_table_nor_reaches_the_terminal(tmp_path: Path) -> None:
    facts = {"group-name": HOSTILE, "description": HOSTILE}
    groups = [there(f"{HOSTILE}1", facts), there("sg-2", facts)]
    inventory = written(tmp_path / "i.json", {"security-groups": groups}, failed=[HOSTILE])
    shown = r"[red]\x1b[2J\x1b]0;title\x07\r\n\x9b31m\u202ecod[/]"
    listed = ran("inventory", "show", inventory, "--kind", "security-groups")
    counted = ran("inventory", "show", inventory)
    assert listed.out.count(shown) == 5
    assert counted.out.count(shown) == 1
    untimed = ran("inventory", "show", written(tmp_path / "i.json", {"security-groups": []}, taken=HOSTILE))
    assert (untimed.code, untimed.out) == (1, "")
    for text in (listed.out, counted.out, listed.err, counted.err, untimed.err):
        assert text.replace("\n", "").isprintable()
    assert len(listed.out.splitlines()) == 3


def on_terminal(columns: int, *arguments: str) -> str:
    """Run a command on a terminal of that width."""
    ours, theirs = pty.openpty()
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(columns), "TERM": "xterm"}
    command = [sys.executable, "-m", "flowlogs", "inventory", *arguments]
    with os.fdopen(ours, "rb", buffering=0) as shown:
        process = subprocess.Popen(command, env=environ, stdin=theirs, stdout=theirs, stderr=theirs)  # noqa: S603
        os.close(theirs)
        return b"".join(until_the_end(shown)).decode().replace("\r\n", "\n") if process.wait(60) == 0 else ""


def until_the_end(terminal: Iterable[bytes]) -> Iterable[bytes]:
    lines = iter(terminal)
    while True:
        try:
            yield next(lines)
        except (OSError, StopIteration):  # a terminal that nobody holds any longer
            return


IDS = [f"{kind}-0123456789abcdef{number}" for kind in ("eni", "instance", "vpc", "sg") for number in range(3)]


@pytest.mark.slow
@pytest.mark.parametrize("columns", [30, 80, 120, 200])
def test_no_id_is_cut_on_a_terminal_however_narrow(tmp_path: Path, columns: int) -> None:
    facts = {"addresses": ["10.0.3.4"], "instance-id": IDS[3], "vpc-id": IDS[6], "security-group-ids": IDS[9:]}
    inventory = written(tmp_path / "i.json", {INTERFACES: [there(id_, facts) for id_ in IDS[:3]]})
    shown = on_terminal(columns, "show", inventory, "--find", "10.0.3.4")
    assert [shown.count(id_) for id_ in (*IDS[:4], IDS[6], *IDS[9:])] == [1, 1, 1, 3, 3, 3, 3, 3]
    if columns >= 80:
        assert max(len(line) for line in shown.replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()) <= columns


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds nothing of an inventory"),
        (b"2 123456789012 eni-1 10.0.0.1", "i.json is not JSON"),
        (gzip.compress(b'{"flowlogs-inventory": 1}', mtime=0)[:-9], "i.json cannot be read"),
        (b'{"flowlogs-inventory": 2}', "i.json: its form is 2, and 1 is known here"),
        (b'{"flowlogs-inventory": 1, "interfaces": {}}', "i.json: interfaces is no list"),
        (b'{"flowlogs-inventory": 1, "vpcs": [{"vpc-id": 5}]}', "i.json: "),
        (b'{"NetworkInterfaces": [{"PrivateIpAddress": 5}]}', "i.json: "),
        (b"[" * 200_000, "i.json is not JSON"),
        (b'{"flowlogs-inventory": 1}', "holds nothing of an inventory"),
        (b"{}", "holds nothing of an inventory"),
        (b"[]", "holds nothing of an inventory"),
        (b"null", "holds nothing of an inventory"),
        (b"SQLite format 3\x00", "i.json is not JSON"),
        (b'{"flowlogs-inventory": 1, "vpcs": [{"vpc-id": "\\u001b[2J", "cidrs": 1}]}', r"\x1b[2J"),
    ],
)
def test_a_file_that_is_none_is_named_with_what_is_expected(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "i.json").write_bytes(content)
    for command in (["show"], ["diff", str(tmp_path / "i.json")]):
        done = ran("inventory", *command, str(tmp_path / "i.json"))
        assert (done.code, done.out) == (1, "")
        assert said in done.only_line
        assert "give what `flowlogs inventory pull` wrote or `aws ec2 describe-network-interfaces`" in done.only_line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.json"], "nowhere.json: no such file or folder"),
        ([], "PATHS"),
        (["i.json", "--kind", "cats"], "cats"),
        (["i.json", "--at", "yesterday"], "'yesterday' is neither ISO 8601 nor Unix seconds"),
        (["i.json", "--at", "1767225600000"], "is neither ISO 8601 nor Unix seconds"),
    ],
)
def test_wrong_use_is_exit_code_2(arguments: list[str], said: str) -> None:
    done = ran("inventory", "show", *arguments)
    assert done.code == 2
    assert said in done.only_line


def test_a_kind_that_is_not_in_it_is_an_error(tmp_path: Path) -> None:
    done = ran("inventory", "show", written(tmp_path / "i.json", {INTERFACES: [NAT]}), "--kind", "vpcs")
    assert (done.code, done.only_line) == (1, f"Error: there are no vpcs in it, only {INTERFACES}")


def test_folders_and_several_files_are_one_inventory(tmp_path: Path) -> None:
    written(tmp_path / "folder/deep/one.json", {INTERFACES: [WEB]})
    (tmp_path / "folder/two.json.gz").write_bytes(gzip.compress(json.dumps(PRINTED).encode()))
    third = written(tmp_path / "third.json", {"vpcs": EVERYTHING["vpcs"]})
    (counts,) = ran("inventory", "show", str(tmp_path / "folder"), third, "--json").rows()
    assert {kind: count["there"] for kind, count in counts["kinds"].items()} == {INTERFACES: 2, "vpcs": 1}


PRINTED = {"NetworkInterfaces": [{"NetworkInterfaceId": "eni-printed", "PrivateIpAddress": "10.0.0.1"}]}


def test_what_the_aws_cli_printed_shows_the_region_of_its_zone_and_no_account(tmp_path: Path) -> None:
    described = {"NetworkInterfaceId": "eni-1", "AvailabilityZone": "eu-west-1a", "PrivateIpAddress": "10.0.0.1"}
    elsewhere = {"NetworkInterfaceId": "eni-2", "AvailabilityZone": "us-east-1a", "PrivateIpAddress": "10.0.0.2"}
    (tmp_path / "i.json").write_text(json.dumps({"NetworkInterfaces": [described, elsewhere]}))
    (row,) = ran("inventory", "show", str(tmp_path / "i.json"), "--find", "eni-1", "--json").rows()
    assert row == {"kind": INTERFACES, "interface-id": "eni-1", "aws-region": "eu-west-1", "addresses": ["10.0.0.1"]}
    table = ran("inventory", "show", str(tmp_path / "i.json"), "--kind", INTERFACES).out
    assert table.split() == ["interface-id", "addresses", "eni-1", "10.0.0.1", "eni-2", "10.0.0.2"]


def test_an_account_without_interfaces_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "i.json").write_text('{"NetworkInterfaces": []}')
    (counts,) = ran("inventory", "show", str(tmp_path / "i.json"), "--json").rows()
    assert counts["kinds"] == {INTERFACES: {"there": 0, "intervals": 0}}
