"""`flowlogs inventory diff` between what was taken at two times, or by two tools."""

import gzip
import json
from pathlib import Path

import pytest
from command_line import Ran, ran
from inventory_files import EVERYTHING, HOUR, NAT, ONE, TAKEN, TWO, WEB, there, written

INTERFACES, GROUPS = "network-interfaces", "security-groups"
MOVED = there("eni-web", {**WEB.facts, "security-group-ids": ["sg-web", "sg-db"], "name": "back"})
NEW = there("eni-new", {"addresses": ["10.0.3.9"], "security-group-ids": ["sg-web"]})


@pytest.fixture
def monday(tmp_path: Path) -> str:
    return written(tmp_path / "monday.json", EVERYTHING)


@pytest.fixture
def friday(tmp_path: Path) -> str:
    return written(tmp_path / "friday.json", {**EVERYTHING, INTERFACES: [MOVED, NEW]})


def diff(before: str, after: str, *arguments: str) -> Ran:
    return ran("inventory", "diff", before, after, *arguments)


def test_what_came_went_and_changed_is_a_table_and_a_count_of_each_kind(monday: str, friday: str) -> None:
    done = diff(monday, friday)
    assert (done.code, done.err) == (0, "")
    table, _, counts = done.out.partition("\n\n")
    assert [line.split(maxsplit=3) for line in table.splitlines()] == [
        ["change", "kind", "id", "what"],
        ["removed", INTERFACES, "eni-nat", "addresses: 10.0.3.5; interface-owner: nat-gateway nat-1; vpc-id: vpc-1"],
        ["added", INTERFACES, "eni-new", "addresses: 10.0.3.9; security-group-ids: sg-web"],
        ["changed", INTERFACES, "eni-web", "security-group-ids: +sg-db -sg-ssh; name: front → back"],
    ]
    assert counts.splitlines()[0] == f"{INTERFACES}: 1 added, 1 removed, 1 changed"
    assert {line.partition(": ")[2] for line in counts.splitlines()[1:]} == {"no difference"}
    assert len(counts.splitlines()) == len(EVERYTHING)


def test_the_same_as_json_has_whole_values(monday: str, friday: str) -> None:
    removed, added, changed = diff(monday, friday, "--json").rows()
    where = {"kind": INTERFACES, "account-id": ONE.account_id, "aws-region": ONE.region}
    assert removed == {"change": "removed", **where, "interface-id": "eni-nat", "facts": dict(NAT.facts)}
    assert added == {"change": "added", **where, "interface-id": "eni-new", "facts": dict(NEW.facts)}
    assert changed == {
        "change": "changed",
        **where,
        "interface-id": "eni-web",
        "columns": {
            "security-group-ids": {"from": ["sg-web", "sg-ssh"], "to": ["sg-web", "sg-db"]},
            "name": {"from": "front", "to": "back"},
        },
    }


def test_two_that_are_the_same_differ_in_nothing(monday: str) -> None:
    done = diff(monday, monday)
    assert (done.code, done.err) == (0, "")
    assert all(line.endswith(": no difference") for line in done.out.splitlines())
    as_json = diff(monday, monday, "--json")
    assert (as_json.code, as_json.out, as_json.err) == (0, "", "")


def test_one_kind_may_be_compared_alone(monday: str, friday: str) -> None:
    assert diff(monday, friday, "--kind", GROUPS).out == f"{GROUPS}: no difference\n"


def test_an_account_that_did_not_answer_has_lost_nothing(tmp_path: Path) -> None:
    theirs = there("eni-theirs", {"addresses": ["10.1.0.1"]}, scope=TWO)
    both = {INTERFACES: [NAT, theirs], GROUPS: [there("sg-theirs", {}, scope=TWO)]}
    before = written(tmp_path / "before.json", both, scopes=(ONE, TWO))
    after = written(
        tmp_path / "after.json",
        {INTERFACES: [NAT], GROUPS: []},
        scopes=(ONE, TWO),
        missing={INTERFACES: [str(TWO)], GROUPS: [str(TWO)]},
    )
    for one, other in ((before, after), (after, before)):
        done = diff(one, other, "--json")
        assert done.out == ""
        assert done.err == f"Note: not compared, as only one of the two has them: {INTERFACES}, {GROUPS} of {TWO}\n"


def test_where_nothing_was_compared_it_is_not_called_the_same(tmp_path: Path) -> None:
    of_one = written(tmp_path / "one.json", {INTERFACES: [NAT], GROUPS: []}, scopes=(ONE,))
    of_two = written(tmp_path / "two.json", {INTERFACES: [], GROUPS: []}, scopes=(TWO,))
    both = written(tmp_path / "both.json", {INTERFACES: [NAT], GROUPS: []}, scopes=(ONE, TWO))
    assert diff(of_one, of_two).out.splitlines() == [f"{INTERFACES}: not compared", f"{GROUPS}: not compared"]
    partly = "no difference in what both have"
    assert diff(of_one, both).out.splitlines() == [f"{INTERFACES}: {partly}", f"{GROUPS}: {partly}"]


def test_an_account_that_answered_and_has_nothing_left_has_lost_it(tmp_path: Path) -> None:
    theirs = there("eni-theirs", {"addresses": ["10.1.0.1"]}, scope=TWO)
    before = written(tmp_path / "before.json", {INTERFACES: [NAT, theirs]}, scopes=(ONE, TWO))
    after = written(tmp_path / "after.json", {INTERFACES: [NAT]}, scopes=(ONE, TWO))
    done = diff(before, after, "--json")
    assert [(row["change"], row["interface-id"]) for row in done.rows()] == [("removed", "eni-theirs")]
    assert done.err == ""


def test_changes_in_several_accounts_say_in_which(tmp_path: Path) -> None:
    both = (there("sg-1", {"group-name": "a"}), there("sg-1", {"group-name": "a"}, scope=TWO))
    before = written(tmp_path / "before.json", {GROUPS: both}, scopes=(ONE, TWO))
    after = written(tmp_path / "after.json", {GROUPS: []}, scopes=(ONE, TWO))
    rows = [line.split() for line in diff(before, after).out.splitlines()[1:3]]
    assert [row[3:5] for row in rows] == [[*ONE], [*TWO]]


def test_what_the_aws_cli_printed_is_compared_with_what_was_pulled(tmp_path: Path, monday: str) -> None:
    described = [
        {"NetworkInterfaceId": "eni-nat", "VpcId": "vpc-1", "PrivateIpAddress": "10.0.3.6"},
        {"NetworkInterfaceId": "eni-new", "PrivateIpAddress": "10.0.3.9"},
    ]
    (tmp_path / "cli.json.gz").write_bytes(gzip.compress(json.dumps({"NetworkInterfaces": described}).encode()))
    changes = diff(monday, str(tmp_path / "cli.json.gz"), "--json").rows()
    assert [(row["change"], row["interface-id"]) for row in changes] == [
        ("changed", "eni-nat"),
        ("added", "eni-new"),
        ("removed", "eni-web"),
    ]
    assert changes[0]["columns"]["addresses"] == {"from": ["10.0.3.5"], "to": ["10.0.3.6"]}


def test_two_folders_are_compared_as_wholes(tmp_path: Path) -> None:
    written(tmp_path / "old/a.json", {INTERFACES: [WEB]})
    written(tmp_path / "old/b.json", {GROUPS: EVERYTHING[GROUPS]})
    written(tmp_path / "new/all.json", {INTERFACES: [WEB, NEW], GROUPS: EVERYTHING[GROUPS][:1]})
    done = diff(str(tmp_path / "old"), str(tmp_path / "new"), "--json")
    assert [(row["change"], row["kind"]) for row in done.rows()] == [("added", INTERFACES), ("removed", GROUPS)]


def test_what_had_ended_is_not_there(tmp_path: Path) -> None:
    before = written(tmp_path / "before.json", {INTERFACES: [there("eni-1", {}, TAKEN - 9 * HOUR)]})
    after = written(tmp_path / "after.json", {INTERFACES: [there("eni-1", {}, TAKEN - 9 * HOUR, TAKEN - HOUR)]})
    assert [row["change"] for row in diff(before, after, "--json").rows()] == ["removed"]


def test_hostile_text_is_shown_as_escapes(tmp_path: Path) -> None:
    before = written(tmp_path / "before.json", {GROUPS: [there("[b]\x1b[1m", {"group-name": "\x1b]0;x\x07[/]"})]})
    after = written(tmp_path / "after.json", {GROUPS: [there("[b]\x1b[1m", {"group-name": "\x9b1m"})]})
    for one, other in ((before, after), (before, written(tmp_path / "none.json", {GROUPS: []}))):
        done = diff(one, other)
        assert done.out.replace("\n", "").isprintable()
        assert r"[b]\x1b[1m" in done.out
        assert r"\x1b]0;x\x07[/]" in done.out


def test_two_with_nothing_in_common_are_an_error(tmp_path: Path, monday: str) -> None:
    only = written(tmp_path / "only.json", {"network-acls": []})
    done = diff(only, monday)
    assert (done.code, done.out) == (1, "")
    assert done.only_line.startswith("Error: the two have no kind in common: network-acls against network-interfaces")
    assert diff(monday, monday, "--kind", "network-acls").code == 1


@pytest.mark.parametrize("arguments", [["nowhere.json", "nowhere.json"], ["one.json"], []])
def test_wrong_use_is_exit_code_2(arguments: list[str]) -> None:
    assert ran("inventory", "diff", *arguments).code == 2


def test_what_the_aws_cli_printed_of_no_interface_has_lost_them_all(tmp_path: Path) -> None:
    described = {"NetworkInterfaceId": "eni-1", "AvailabilityZone": "eu-west-1a"}
    for name, found in {"before": [described], "after": []}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"NetworkInterfaces": found}))
    rows = diff(str(tmp_path / "before.json"), str(tmp_path / "after.json"), "--json").rows()
    assert [(row["change"], row["interface-id"]) for row in rows] == [("removed", "eni-1")]


def test_an_interface_whose_zone_was_left_out_is_the_same_one(tmp_path: Path, monday: str) -> None:
    described = [{"NetworkInterfaceId": "eni-nat", "AvailabilityZone": "us-east-1a"}, {"NetworkInterfaceId": "eni-web"}]
    (tmp_path / "cli.json").write_text(json.dumps({"NetworkInterfaces": described}))
    rows = diff(monday, str(tmp_path / "cli.json"), "--json").rows()
    assert [(row["change"], row["interface-id"]) for row in rows] == [("changed", "eni-nat"), ("changed", "eni-web")]
    assert not any("account-id" in row or "aws-region" in row for row in rows)


def test_a_file_that_does_not_say_who_was_asked_is_compared_as_a_whole(tmp_path: Path) -> None:
    before = written(tmp_path / "before.json", {INTERFACES: [NAT, there("eni-theirs", {}, scope=TWO)]}, (ONE, TWO))
    content = json.loads(Path(written(tmp_path / "after.json", {INTERFACES: [NAT]})).read_text())
    (tmp_path / "after.json").write_text(
        json.dumps({name: content[name] for name in ("flowlogs-inventory", "interfaces")})
    )
    done = diff(before, str(tmp_path / "after.json"), "--json")
    assert [(row["change"], row["interface-id"]) for row in done.rows()] == [("removed", "eni-theirs")]
    assert done.err == ""
