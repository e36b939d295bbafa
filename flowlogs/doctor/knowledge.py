"""Checks of what the decorator knows: is the inventory fresh, are the geo databases there."""

from datetime import datetime
from typing import Any

from flowlogs.doctor.asked import Buckets, Outside
from flowlogs.doctor.deployment import Deployment
from flowlogs.doctor.refused import Refused
from flowlogs.doctor.row import Row, State
from flowlogs.errors import UnusableInventory
from flowlogs.inventory.scope_record import decode_records
from flowlogs.published import POINTER, Pointer, pointer_of

INVENTORY, GEO = "inventory/", "geo/"
"""Where the functions publish, below the bucket of knowledge (infra/knowledge)."""
_OLD_MINUTES = 30
_NAMED = 3


def knowledge(deployment: Deployment, outside: Outside, which: str) -> list[Row]:
    """Check what one function publishes; no row where the deployment has no such function. Raise Refused."""
    bucket = deployment.output("KnowledgeBucket")
    function = deployment.output("InventoryFunction" if which == INVENTORY else "GeoipFunction")
    if bucket is None or function is None:
        return []
    try:
        pointer = pointer_of(outside.buckets.read(bucket, which + POINTER))
    except Refused as error:
        if not error.missing:
            raise
        return [_nothing(which, function)]
    except ValueError as error:
        step = f"look at s3://{bucket}/{which}{POINTER}; removed, the next run begins anew"
        return [Row(_name(which), State.MISSING, str(error), step)]
    if which == GEO:
        return [_databases(pointer, function)]
    return [_inventory(pointer, bucket, outside, function)]


def _name(which: str) -> str:
    return "inventory" if which == INVENTORY else "geo databases"


def _nothing(which: str, function: str) -> Row:
    step = f"wait some minutes after the deployment; else read the log of {function}, or invoke it"
    return Row(_name(which), State.MISSING, "nothing was published yet", step)


def _inventory(pointer: Pointer, bucket: str, outside: Outside, function: str) -> Row:
    taken = datetime.fromisoformat(str(pointer.about["taken"])).timestamp()
    minutes = (outside.now() - taken) / 60
    failed = _failed(pointer, bucket, outside.buckets)
    told = f"taken {minutes:.0f} minutes ago"
    if minutes > _OLD_MINUTES:
        return Row("inventory", State.MISSING, told, f"read the log of {function}: does it run, and why does it fail?")
    if failed:
        more = f" and {len(failed) - _NAMED} more" if len(failed) > _NAMED else ""
        sentences = "; ".join(failed[:_NAMED]) + more
        return Row("inventory", State.MISSING, f"{told}, but stale: {sentences}", "mend that, the next run asks again")
    return Row("inventory", State.OK, told)


def _failed(pointer: Pointer, bucket: str, buckets: Buckets) -> list[str]:
    key = pointer.about.get("scopes")
    if not isinstance(key, str):
        return []
    try:
        records = decode_records(buckets.read(bucket, INVENTORY + key))
    except UnusableInventory as error:
        return [str(error)]
    return [next(iter(record.failed.values())) for record in records.values() if record.failed]


def _databases(pointer: Pointer, function: str) -> Row:
    databases = [name for name in pointer.files if name.endswith(".mmdb")]
    others: list[Any] = [name for name in pointer.files if not name.endswith(".mmdb")]
    if not databases:
        return Row("geo databases", State.MISSING, "none is published", f"read the log of {function}")
    lists = f", {len(others)} lists of networks" if others else ""
    return Row("geo databases", State.OK, ", ".join(sorted(databases)) + lists)
