from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from fake_account import NOW, FakeAccount, denied, deployed

from flowlogs.doctor.checks import checked
from flowlogs.doctor.row import Row, State
from flowlogs.inventory.interval import Scope
from flowlogs.inventory.scope_record import ScopeRecord, encode_records
from flowlogs.record.timestamps import iso_utc

OUTPUTS = {"KnowledgeBucket": "knowledge", "InventoryFunction": "the-inventory", "GeoipFunction": "the-geoip"}
FINE = ScopeRecord({"network-interfaces": int(NOW)})
STALE = ScopeRecord({"network-interfaces": int(NOW) - 7200}, {"network-interfaces": "2/eu-west-1: AccessDenied"})


@pytest.fixture
def account() -> FakeAccount:
    found = FakeAccount()
    put(found, "inventory/pointer.json", inventory())
    put(found, "inventory/scopes/a.json", encode_records({Scope("1", "eu-west-1"): FINE}))
    put(found, "geo/pointer.json", {"files": {"city.mmdb": "a", "asn.mmdb": "b", "networks/aws.json": "c"}})
    return found


def inventory(minutes: float = 4) -> dict[str, Any]:
    return {"files": {}, "taken": iso_utc(int(NOW - 60 * minutes)), "scopes": "scopes/a.json"}


def put(account: FakeAccount, key: str, content: object) -> None:
    text = content if isinstance(content, bytes) else orjson.dumps(content)
    account.objects["knowledge", key] = text, datetime.fromtimestamp(NOW, UTC)


def rows(account: FakeAccount, **changed: Any) -> dict[str, Row]:
    return {row.check: row for row in checked(deployed(**{**OUTPUTS, **changed}), account.outside())}


def test_a_fresh_inventory_and_its_databases_are_ok(account: FakeAccount) -> None:
    found = rows(account)
    assert (found["inventory"].state, found["inventory"].found) == (State.OK, "taken 4 minutes ago")
    assert (found["geo databases"].state, found["geo databases"].found) == (
        State.OK,
        "asn.mmdb, city.mmdb, 1 lists of networks",
    )


def test_an_account_that_failed_is_named_with_the_reason(account: FakeAccount) -> None:
    put(
        account,
        "inventory/scopes/a.json",
        encode_records({Scope("1", "eu-west-1"): FINE, Scope("2", "eu-west-1"): STALE}),
    )
    row = rows(account)["inventory"]
    assert row.state is State.MISSING
    assert "2/eu-west-1: AccessDenied" in row.found


@pytest.mark.parametrize(
    ("key", "content", "check", "says"),
    [
        ("inventory/pointer.json", inventory(31), "inventory", "taken 31 minutes ago"),
        ("inventory/pointer.json", b"not JSON", "inventory", ""),
        ("geo/pointer.json", {"files": {}}, "geo databases", "none is published"),
        ("inventory/scopes/a.json", b"[1]", "inventory", "record of scopes"),
    ],
)
def test_what_is_old_broken_or_empty_is_missing_and_says_what_to_do(
    account: FakeAccount, key: str, content: object, check: str, says: str
) -> None:
    put(account, key, content)
    row = rows(account)[check]
    assert row.state is State.MISSING
    assert says in row.found
    assert row.next_step


def test_nothing_published_yet_names_the_function_to_look_at(account: FakeAccount) -> None:
    account.objects.clear()
    found = rows(account)
    assert "the-inventory" in found["inventory"].next_step
    assert "the-geoip" in found["geo databases"].next_step


def test_a_bucket_that_may_not_be_read_is_refused_and_not_missing(account: FakeAccount) -> None:
    account.failing["read knowledge"] = denied("s3:GetObject")
    assert rows(account)["inventory"].state is State.REFUSED


def test_a_deployment_without_these_functions_has_no_such_check(account: FakeAccount) -> None:
    found = rows(account, InventoryFunction=None, GeoipFunction=None)
    assert not {"inventory", "geo databases"} & found.keys()
