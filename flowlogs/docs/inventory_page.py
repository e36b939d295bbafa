"""The page of the inventory: what it keeps, and where."""

from flowlogs.docs.markdown import code, page, table
from flowlogs.inventory.daily_tables import MOST_DAYS, STALE_DAYS
from flowlogs.inventory.kinds import KINDS, Column, Kind
from flowlogs.inventory.publication import FORGET_HOURS, LOOK_UP_SECONDS, TIDY_SECONDS

_OPENING = """\
# The inventory

Flow records name network interfaces; they do not say which security groups these had. The inventory does, as intervals
of time: a record of yesterday is attributed to yesterday's interface and groups, also after the interface was deleted
or its address given to another.

## How it comes about

A function takes snapshots on a schedule: network interfaces in every run (five minutes, or `inventory_minutes`), the
rest hourly. Each account and region is asked by itself, with its own role; one that fails keeps its last state and is
called stale, the others go on; one that is new is asked for everything at once; one that is asked no longer has its
intervals closed. Snapshots become history:

| a resource is | its interval |
|---|---|
| as before | stays open |
| other than before | ends when the snapshot was taken, and the next begins |
| gone | ends when the snapshot was taken, or when another with its primary address was attached before that |
| new | begins when it was attached (EC2's `AttachTime`), up to ten minutes before the last snapshot, for EC2 lags |
| a network interface that only the last snapshot lacked | was there all the time: ids never come back |
| new, and nothing says when it was attached | begins with the second after the snapshot before |
| there when a region is asked for the first time | begins with that snapshot |

An address or a delegated network that went over to another interface, while its own may live on, goes over alone.

So what changed between two snapshots is dated up to one run late. With `inventory_events`, CloudTrail's events on
network interfaces date changes to the second, and catch interfaces that live shorter than the schedule; groups that are
changed through `ModifyInstanceAttribute` are seen by the next snapshot only. An address that an event gives to one
interface is taken from the other that had it. Events wait in a queue that the next run
empties; CloudTrail delivers them some minutes late, and what has come late is put where it belongs.

**Unknown stays unknown.** Before the first snapshot nothing is known. An address that two interfaces had at one time,
as far as can be known, is attributed to none, and `LinesAmbiguous` counts it. The interface that has an address *now*
is never a guess for yesterday.

**The account that owns a shared VPC and a participant both see the participant's interfaces.** Of those that are
asked and answered last time, the interface's owner is believed; what the other saw fills the time before and between.
An account that fails keeps nothing alive that the other saw end.
"""
_PLACES = f"""\
## Where it lies

Below `inventory/` in the bucket of knowledge (output `KnowledgeBucket`):

| object | content |
|---|---|
| `pointer.json` | names the objects below, all but the Parquet; what it does not name is not seen by anyone |
| `states/TABLE/RUN.ndjson.gz` | the intervals of a kind: what is, and what was until {FORGET_HOURS} hours ago |
| `scopes/RUN.json` | when each account and region was taken, and why it was not |
| `events/RUN.ndjson.gz` | events of the last hour: what comes late makes sense only together with them |
| `lookups/RUN.sqlite.gz` | interfaces for the decorator, and those of the last {LOOK_UP_SECONDS // 3600} hours |
| `history/TABLE/date=YYYY-MM-DD/TABLE.parquet` | every interval that was alive at some time of a UTC day |
| `history.json` | the first day that is not finished |

`TABLE` is a kind with `_` for `-`: `network_interfaces`.

Only a run writes. It puts new objects first and then swaps the pointer, on condition that it is still the one it read
(`If-Match`): of two runs at once one wins, the other's work is discarded, and a crash leaves the last good state.
Objects that no pointer names are deleted after {TIDY_SECONDS // 3600} hour. Decorators ask for the pointer once a
minute, by conditional request, and fetch the look-up file when it is another. To begin anew, delete `pointer.json`.

"""
_HISTORY = f"""\
**History** is for Athena and DuckDB: Parquet of today, yesterday and every other day that is not finished is written
anew each hour, so what was seen last is in it an hour later at most. A day is finished once it has been over for a day
and every account has been asked since; it waits {STALE_DAYS} days for one that fails. Where the function stood still,
its next run writes the days between, up to {MOST_DAYS}.

A day's object has every interval of the day from its true beginning on, so a flow finds its interface in the partition
of the day in which it began. `valid_to` is NULL where the interval had not ended when its day was finished; later
partitions tell when it did:

"""
_SQL = """\
```sql
SELECT f.srcaddr, f.dstaddr, i.security_group_ids
FROM flows f JOIN network_interfaces i
  ON i.interface_id = f.interface_id
 AND CAST(i.date AS date) = CAST(f.timestamp AS date)
 AND f.timestamp >= i.valid_from AND (i.valid_to IS NULL OR f.timestamp < i.valid_to)
 AND i.account_id = f.account_id
```

In DuckDB say `SET TimeZone = 'UTC'` first. The last condition keeps the row of the interface's owner where the account
of a shared VPC saw it too; leave it out where only that account is asked. A row's own column `date` in the lake is the
day on which it arrived, which is not always the day of the flow.
"""
_KINDS = """\
## What it keeps

Names are those of JSON; Parquet and SQL have `_` for `-`. Every row also has `account-id` and `aws-region` (where it
was seen; in Parquet `region`), `valid_from` and `valid_to` (in the own JSON form `from` and `to`; absent: the beginning
of time, and still so). An absent value is an absent key, or NULL. A file of the own form has `"flowlogs-inventory": 1`.

`flowlogs inventory pull` writes what is, without times. Several of its files, in one folder or named together, are one
history: a resource is as one says until the next one of its account says other; before the first it was as that says.
"""


def inventory_page() -> str:
    """Write the page from the table of kinds."""
    head = ("kind", "asked", "what it is")
    kinds = [(code(kind.name), kind.rhythm, kind.meaning) for kind in KINDS.values()]
    return page(
        _OPENING, _PLACES, _HISTORY + _SQL, _KINDS, table(head, kinds), *(_kind(kind) for kind in KINDS.values())
    )


def _kind(kind: Kind) -> str:
    rows = [(code(kind.id_column), "text", "its id"), *(_column(column) for column in kind.columns)]
    return f"### {kind.name}\n\n{table(('column', 'type', 'meaning'), rows)}"


def _column(column: Column) -> tuple[str, str, str]:
    return code(column.name), column.kind, column.meaning
