"""`flowlogs inventory show` on what the inventory function publishes: whose an address was yesterday, or last month."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from command_line import Ran, ran
from inventory_files import HOUR, NAT, ONE, TAKEN, TWO, there
from moto import mock_aws

from flowlogs.aws.s3 import Address
from flowlogs.aws.s3_store import S3Store
from flowlogs.folder_store import FolderStore
from flowlogs.inventory.history import history_key
from flowlogs.inventory.interval import Interval
from flowlogs.inventory.kinds import INTERFACES, KINDS
from flowlogs.inventory.network_interface import END
from flowlogs.inventory.publication import Publication
from flowlogs.inventory.scope_record import ScopeRecord
from flowlogs.published import POINTER, Store

DAY = 24 * HOUR
LONG_AGO = TAKEN - 30 * DAY + 12 * HOUR
"""2025-12-02 12:00 UTC, a month before."""
FACTS = {"addresses": ["10.0.3.4"], "security-group-ids": ["sg-1", "sg-2"], "attached": 5}


def owner(id_: str, since: int, until: int = END) -> Interval:
    return there(id_, FACTS, since, until)


def publish(store: Store) -> None:
    """Publish a history: the address's first owner went a month ago, another came yesterday, and went again."""
    first = [owner("eni-first", LONG_AGO - 9 * HOUR, LONG_AGO - HOUR), owner("eni-b", 5)]
    publication = _publish(store, "old", LONG_AGO, first)
    assert publication.daily_tables(LONG_AGO).write(publication.intervals, LONG_AGO) == {}
    _publish(store, "new", TAKEN, [owner("eni-next", TAKEN - 20 * HOUR, TAKEN - 10 * HOUR)])


def _publish(store: Store, run: str, now: int, intervals: list[Interval]) -> Publication:
    publication = Publication(store, run)
    publication.put(INTERFACES, intervals)
    taken = dict.fromkeys(KINDS, now)
    records = {ONE: ScopeRecord(taken), TWO: ScopeRecord(dict(taken), {"vpcs": f"{TWO}: ec2:DescribeVpcs got No"})}
    assert publication.publish(records, now, hourly=True)
    return publication


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    publish(FolderStore(tmp_path / "published"))
    return tmp_path / "published"


@pytest.fixture
def in_s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr("flowlogs.aws.clients._clients", {})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        where = {"LocationConstraint": "eu-west-1"}
        boto3.client("s3").create_bucket(Bucket="knowledge", CreateBucketConfiguration=where)  # type: ignore[arg-type]
        publish(S3Store(Address("knowledge", "inventory")))
        yield "s3://knowledge/inventory"


def asked(place: object, at: int | None, *arguments: str) -> Ran:
    then = [] if at is None else ["--at", datetime.fromtimestamp(at, UTC).isoformat()]
    return ran("inventory", "show", str(place), "--find", "10.0.3.4", "--json", *then, *arguments)


TIMES = [
    (TAKEN - 15 * HOUR, ["eni-next"]),
    (TAKEN - 20 * HOUR - 1, []),
    (TAKEN - 10 * HOUR, []),
    (LONG_AGO - 2 * HOUR, ["eni-first", "eni-b"]),
    (LONG_AGO - HOUR // 2, ["eni-b"]),
]
"""Seconds, and whose the address was then; the last two are answered by the history of that day."""


@pytest.mark.parametrize(("at", "ids"), TIMES)
def test_whose_an_address_was_is_answered_from_what_was_published(folder: Path, at: int, ids: list[str]) -> None:
    found = asked(folder, at)
    assert found.code == 0
    assert sorted(row["interface-id"] for row in found.rows()) == sorted(ids)


def test_state_and_history_give_a_resource_alike(folder: Path) -> None:
    (recent,) = asked(folder, TAKEN - 15 * HOUR).rows()
    first = next(row for row in asked(folder, LONG_AGO - 2 * HOUR).rows() if row["interface-id"] == "eni-first")
    spans = {"from": "2025-12-31T04:00:00Z", "to": "2025-12-31T14:00:00Z"}
    common = {"kind": INTERFACES.name, "account-id": ONE.account_id, "aws-region": ONE.region, **FACTS}
    assert recent == {**common, "interface-id": "eni-next", **spans}
    spans = {"from": "2025-12-02T03:00:00Z", "to": "2025-12-02T11:00:00Z"}
    assert first == {**common, "interface-id": "eni-first", **spans}


@pytest.mark.parametrize("suffix", ["", "/", f"/{POINTER}"])
def test_it_lies_in_s3_under_the_place_or_its_pointer(in_s3: str, suffix: str) -> None:
    for at, ids in TIMES[0], TIMES[-1]:
        assert [row["interface-id"] for row in asked(f"{in_s3}{suffix}", at).rows()] == ids


def test_the_pointer_of_a_folder_names_it_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    for place in (folder / POINTER, POINTER, "."):
        assert len(asked(place, None).rows()) == 1


def test_it_is_counted_with_what_is_stale(folder: Path) -> None:
    done = ran("inventory", "show", str(folder))
    assert done.out.splitlines()[1].split() == [INTERFACES.name, "0", "1"]
    assert done.out.splitlines()[-2].startswith("Taken 2026-01-01T00:00:00Z, ")
    assert done.out.splitlines()[-1] == f"Stale or missing: {TWO}: ec2:DescribeVpcs got No"


def test_what_is_open_in_a_day_of_the_history_is_not_called_so_still(folder: Path) -> None:
    note = (
        f"Note: this is the history of {datetime.fromtimestamp(LONG_AGO, UTC).date()}; what has no end in it may have "
    )
    assert asked(folder, LONG_AGO - HOUR // 2).err.startswith(f"{note}ended on a later day\n")
    assert "this is the history" not in asked(folder, TAKEN - HOUR).err


def test_a_day_without_history_is_an_error_and_no_answer(folder: Path) -> None:
    done = asked(folder, LONG_AGO - 10 * DAY)
    assert (done.code, done.out) == (1, "")
    assert "there is no history of 2025-11-22: it was not written then, or is not kept any longer" in done.only_line


@pytest.mark.parametrize("key", [POINTER, "states/network_interfaces/new.ndjson.gz", "scopes/new.json"])
def test_what_is_damaged_is_an_error_that_names_the_place(folder: Path, key: str) -> None:
    (folder / key).write_bytes(b"damaged")
    done = asked(folder, None)
    assert (done.code, done.out) == (1, "")
    assert done.only_line.startswith(f"Error: the inventory published at {folder} cannot be read: ")


def test_damaged_history_is_an_error(folder: Path) -> None:
    day = datetime.fromtimestamp(LONG_AGO - HOUR, UTC).date()
    FolderStore(folder).write(history_key(INTERFACES, day), b"PAR1damagedPAR1")
    done = asked(folder, LONG_AGO - 2 * HOUR)
    assert (done.code, done.out) == (1, "")
    assert "the history of network-interfaces is damaged" in done.only_line


@pytest.mark.parametrize(
    ("place", "code", "said"),
    [
        ("s3://knowledge/elsewhere", 1, f"there is no {POINTER}"),
        ("s3://another/inventory", 1, "NoSuchBucket"),
        ("s3://", 2, "is no address in S3"),
    ],
)
def test_a_place_in_s3_where_nothing_is_published_is_said(in_s3: str, place: str, code: int, said: str) -> None:
    done = asked(place, None)
    assert (done.code, done.out) == (code, "")
    assert said in done.only_line


def test_two_publications_are_compared(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    _publish(FolderStore(other), "run", TAKEN, [NAT])
    done = ran("inventory", "diff", str(folder), str(other), "--json")
    assert [(row["change"], row["interface-id"]) for row in done.rows()] == [("added", "eni-nat")]
