import json
import os
import time
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path

import orjson
import pytest
from lists_on_disk import NOW, empty_place, opened, put, ranges

from flowlogs.decorate import address_lists
from flowlogs.decorate.address_lists import Kind, name_of, read_prefix
from flowlogs.decorate.address_sets import AddressSet, open_address_sets


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return empty_place(tmp_path)


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("10.1.2.3", "10.1.2.3/32"),
        ("2001:DB8:0:0::9/32", "2001:db8::/32"),
        ("::1", "::1/128"),
        ("198.51.100.2/24", "198.51.100.0/24"),  # as AWS's page has it
    ],
)
def test_bits_behind_a_prefix_count_for_nothing(text: str, network: str) -> None:
    expected = ip_network(network)
    size = len(expected.network_address.packed)
    assert read_prefix(text) == (size, int(expected.network_address), expected.prefixlen)


@pytest.mark.parametrize(
    "text",
    [
        *("", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/1_0"),
        *("10.0.0.0/\uff18", "10.0.0.0/8/8", "10.0.0.0/0008", "10.0.0.0/255.0.0.0", "10.0.0", "010.0.0.1"),
        *("fe80::1%eth0", "1.2.3.4\0"),
    ],
)
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        read_prefix(text)


WRONG: dict[str, tuple[str, str, int, str]] = {
    # text of a list of names, first good line, the reason
    "no name": ("10.0.0.0/8 company\n\n10.1.0.0/16\n", "line 3", 1, "no name"),
    "only a comment": ("10.1.0.0/16 # Paris\n10.0.0.0/8 company\n", "line 1", 1, "no name"),
    "no address": ("ten/8 x\n10.0.0.0/8 company\n10.0/8 y\n", "line 1", 1, "not an address"),
    "a long name": (f"10.0.0.0/8 company\n10.1.0.0/16 {'x' * 100}\n10.2.0.0/16 {'x' * 101}\n", "line 3", 2, "the name"),
    "not UTF-8": ("10.0.0.0/8 company\n10.1.0.0/16 \udcff\n", "line 2", 1, "not UTF-8"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_lines_are_counted_and_the_first_is_named_and_the_others_serve(place: Path, name: str) -> None:
    text, first, good, reason = WRONG[name]
    put(place / "networks" / "own.txt", text.encode(errors="surrogateescape"))
    sets = open_address_sets([place], NOW)
    assert sets.facts("10.0.0.1") == {"network": "company"}
    assert len(sets) == good
    (problem,) = sets.problems
    wrong = text.count("\n") - text.count("\n\n") - good
    lines = "1 line" if wrong == 1 else f"{wrong} lines"
    assert problem.startswith(f"networks/own.txt has {lines} that cannot be used, first {first}: {reason}")


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "128.0.0.0/1", "8.0.0.0/7", "::/0", "2000::/3", "2a00::/15"])
def test_a_threat_list_may_not_mark_everything(place: Path, cidr: str) -> None:
    put(place / "threats" / "list.txt", f"# all\n{cidr}\n185.0.0.0/8\n2602::/16\n")
    sets = open_address_sets([place], NOW)
    assert sets.facts("8.8.8.8") == sets.facts("2a00::1") == {}
    assert sets.facts("185.9.9.9") == sets.facts("2602::1") == {"threat": ["list"]}
    (problem,) = sets.problems
    assert "threats/list.txt has 1 line that cannot be used, first line 2: " in problem
    assert "would mark too much" in problem


def test_lists_of_unused_space_mark_no_private_or_special_address_and_are_not_wrong(place: Path) -> None:
    put(
        place / "threats" / "bogons.txt", "0.0.0.0/8\n10.0.0.0/8\n169.254.169.254\n224.0.0.0/3\nfc00::/7\n192.0.0.0/8\n"
    )
    sets = opened(place)
    assert [each.count for each in sets.sets] == [1]
    for address in ("0.1.2.3", "10.0.0.1", "169.254.169.254", "255.255.255.255", "fd00::1", "192.168.3.4", "192.0.0.8"):
        assert sets.facts(address) == {}, address
    for address in ("192.0.1.0", "192.167.255.255", "192.169.0.0", "192.255.255.255"):
        assert sets.facts(address) == {"threat": ["bogons"]}, address


@pytest.mark.parametrize(("key", "cidr"), [("ip_prefix", "52.0.0.0/7"), ("ipv6_prefix", "2600::/15")])
def test_awss_file_names_no_network_that_is_wider_than_any(place: Path, key: str, cidr: str) -> None:
    common = {"service": "S3", "region": "eu-west-1"}
    wide, good = {key: cidr, **common}, {key: cidr.replace("/7", "/8").replace("/15", "/16"), **common}
    name = "prefixes" if key == "ip_prefix" else "ipv6_prefixes"
    put(place / "networks" / "aws.json", json.dumps({name: [good, wide]}))
    sets = open_address_sets([place], NOW)
    assert len(sets) == 1
    assert "networks/aws.json has 1 entry that cannot be used" in sets.problems[0]


@pytest.mark.parametrize(
    "content",
    [
        b"\x00" * 100_000,
        bytes(range(256)) * 400,
        b"\x1f\x8b\x08" + b"\xff\x0a" * 500,
        "<html>\n<p>Sorry</p>\n",
        '{"a": 1}',
    ],
    ids=["zeros", "bytes", "gzip", "HTML", "JSON"],
)
@pytest.mark.parametrize("list_", ["networks/own.txt", "threats/list.txt"])
def test_junk_is_told_of_and_harms_no_other_list(place: Path, content: str | bytes, list_: str) -> None:
    put(place / list_, content)
    put(place / "networks" / "good.txt", "10.0.0.0/8 company")
    sets = open_address_sets([place], NOW)
    assert sets.facts("10.0.0.1") == {"network": "company"}
    assert len(sets) == 1
    (problem,) = sets.problems
    assert problem.startswith(f"{list_} has ")


@pytest.mark.parametrize("content", ["", "\n\n", "# nothing today\n", "\ufeff# nothing\n", "; nothing"])
def test_an_empty_list_is_one(place: Path, content: str) -> None:
    put(place / "threats" / "list.txt", content)
    assert opened(place).sets == (AddressSet("list", Kind.THREAT, 0, 0),)


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_how_a_file_begins_and_lines_end_is_no_matter(place: Path, ending: str) -> None:
    put(place / "networks" / "own.txt", f"\ufeff10.0.0.0/8 Bureau de Zürich\t{ending}")
    assert opened(place).facts("10.0.0.1") == {"network": "Bureau de Zürich"}


def test_a_very_long_line_is_read_at_its_beginning(place: Path) -> None:
    long = "9.9.9.9 " * 5_000
    put(place / "threats" / "list.txt", f"1.1.1.1 {long}\n#{long}\n2.2.2.2\n")
    sets = opened(place)
    assert sets.facts("1.1.1.1") == sets.facts("2.2.2.2") == {"threat": ["list"]}
    assert sets.facts("9.9.9.9") == {}


def test_a_list_with_too_many_lines_is_cut_and_told_of(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address_lists, "MOST_LINES", 3)
    put(place / "threats" / "list.txt", "1.1.1.1\n\n2.2.2.2\n")
    assert len(opened(place)) == 2
    put(place / "threats" / "list.txt", "1.1.1.1\n\n2.2.2.2\n3.3.3.3\n")
    sets = open_address_sets([place], NOW)
    assert sets.facts("2.2.2.2")
    assert not sets.facts("3.3.3.3")
    (problem,) = sets.problems
    assert problem.startswith("threats/list.txt has more than ")


def folder(path: Path) -> None:
    path.mkdir()


def to_nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.parametrize("make", [folder, to_nowhere])
@pytest.mark.parametrize("list_", ["networks/own.txt", "networks/aws.json", "threats/list.txt"])
def test_what_is_no_file_is_told_of(place: Path, make: Callable[[Path], None], list_: str) -> None:
    make(place / list_)
    sets = open_address_sets([place], NOW)
    assert sets.problems == [f"{list_} cannot be read: it is no file"]
    assert sets.sets == ()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "5", "{}", '{"prefixes": {}}', '{"prefixes": [], "ipv6_prefixes": 5}', "[" * 5_000, b"\xff\xfe{"],
)
def test_what_is_not_awss_file_is_told_of(place: Path, content: str | bytes) -> None:
    put(place / "networks" / "aws.json", content)
    (problem,) = open_address_sets([place], NOW).problems
    assert problem.startswith("networks/aws.json cannot be read: ")


def test_awss_file_may_not_be_larger_than_memory(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(place / "networks" / "aws.json", ranges(("3.5.140.0/22", "S3", "eu-west-1")))
    monkeypatch.setattr(address_lists, "_MOST_JSON", (place / "networks" / "aws.json").stat().st_size)
    assert len(opened(place)) == 1
    monkeypatch.setattr(address_lists, "_MOST_JSON", (place / "networks" / "aws.json").stat().st_size - 1)
    (problem,) = open_address_sets([place], NOW).problems
    assert "it is larger than" in problem


@pytest.mark.parametrize(
    "entry",
    [
        None,
        {},
        "3.5.0.0/16",
        {"ip_prefix": 5, "service": "S3", "region": "eu-west-1"},
        {"ip_prefix": "3.5.0.0/16", "service": None, "region": "eu-west-1"},
        {"ip_prefix": "3.5.0.0/16", "service": "S3"},
        {"ip_prefix": "3.5.0.0/160", "service": "S3", "region": "eu-west-1"},
        {"ipv6_prefix": "2600::/16", "service": "S3", "region": "eu-west-1"},
    ],
)
def test_a_wrong_entry_of_awss_file_is_told_of_and_the_others_serve(place: Path, entry: object) -> None:
    good = {"ip_prefix": "52.1.0.0/16", "service": "EC2", "region": "eu-west-1"}
    put(place / "networks" / "aws.json", ranges(prefixes=[good, entry]))
    sets = open_address_sets([place], NOW)
    assert sets.facts("52.1.0.1") == {"network": "aws ec2 eu-west-1"}
    assert sets.facts("3.5.0.1") == {}
    (problem,) = sets.problems
    assert problem.startswith("networks/aws.json has 1 entry that cannot be used, first entry 2: ")


@pytest.mark.parametrize(
    ("first_line", "file_days", "days"),
    [
        ("1.1.1.1", 8, 8),
        ("# fetched: 2025-12-24", 0, 8),
        ("# a list\n# Fetched: 2025-12-24T00:00:00Z", 0, 8),
        (";fetched:2025-12-24T02:00:00+02:00", 0, 8),
        ("# fetched: last week", 9, 9),
        ("# fetched: \udcff", 9, 9),
        ("2.2.2.2 # fetched: 2020-01-01", 7, None),
        ("# fetched: 2025-12-25", 100, None),
        ("# fetched: 2099-01-01", 0, None),
    ],
)
def test_a_list_that_was_fetched_long_ago_is_used_and_told_of(
    place: Path, first_line: str, file_days: int, days: int | None
) -> None:
    put(place / "threats" / "drop.txt", f"{first_line}\n1.1.1.1\n".encode(errors="surrogateescape"), file_days)
    sets = open_address_sets([place], NOW)
    assert sets.facts("1.1.1.1") == {"threat": ["drop"]}
    assert sets.problems == ([] if days is None else [f"threats/drop.txt was fetched {days} days ago"])


def test_own_names_do_not_grow_old_but_awss_ranges_do(place: Path) -> None:
    put(place / "networks" / "own.txt", "10.0.0.0/8 company", days=1000)
    put(place / "networks" / "aws.json", ranges(("3.5.0.0/16", "S3", "eu-west-1")), days=30)
    sets = open_address_sets([place], NOW)
    assert sets.problems == ["networks/aws.json was fetched 30 days ago"]
    assert {each.name: each.age_days for each in sets.sets} == {"own": 1000, "aws": 30}


def test_a_date_without_a_time_zone_is_utc_wherever_it_is_read(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        put(place / "threats" / "drop.txt", "# fetched: 2025-12-31\n")
        assert opened(place).sets[0].age_days == 1
        put(place / "threats" / "drop.txt", "# fetched: 2025-12-31T12:00\n")
        assert opened(place).sets[0].age_days == 0.5
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_list_whose_file_name_is_no_utf_8_has_a_name_that_documents_can_hold(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"bad\xff.txt")
    path.write_bytes(b"9.9.9.0/24\n")
    (labelled,) = {label.text for label in labels_of(path)}
    assert labelled == name_of(path) == r"bad\xff"
    assert orjson.dumps(labelled)


def labels_of(path: Path) -> list[address_lists.Label]:
    labels: list[address_lists.Label] = []
    address_lists.read_threats(path, lambda _, label: labels.append(label))
    return labels
