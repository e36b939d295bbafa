"""Relations that queries select from beside the table `flows`: each a text of its own, put in front where it is named.

`seen` are the flow records of the asked time, `conversations` who talked to whom among them, `directed` the records
with the roles of their ends; `known_security_groups` and the like are what the inventory knows of the asked time,
each once. A text may name further ones, which are put before it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from flowlogs.analyse.sql_words import without_literals
from flowlogs.decorate.document import lake_columns
from flowlogs.inventory.history import columns_of
from flowlogs.inventory.kinds import KINDS

TABLE = "flows"
SEEN = "seen"
_ENDING = ".sql"
_SELECTED_FROM = re.compile(r"(?:\b(?:from|join|table)\b|[,(])(?=\s*(\w+)\b(?!\s*[.(]))")
"""What may stand before a relation; a name behind AS, say, is one that the text gives."""
_DEFINED = re.compile(r"\b(\w+)(?:\s*\([^()]*\)\s*|\s+)as\s*(?:(?:not\s+)?materialized\s*)?\(")
_REPLACED = re.compile(r"\$(?:source|window|columns|within )")


@cache
def texts() -> Mapping[str, str]:
    """Give the SQL of every relation by its name."""
    folder = files("flowlogs.analyse") / "relations"
    found = {
        file.name.removesuffix(_ENDING): file.read_text(encoding="utf-8").strip()
        for file in folder.iterdir()
        if file.name.endswith(_ENDING)
    }
    return {name: found[name] for name in sorted(found) if name != f"{SEEN}_once"}


def seen(condition: str, *, once: bool = False, source: str = TABLE, within: Sequence[str] = ()) -> str:
    """Write the relation of the records that meet a condition; `once` leaves out copies by overlapping flow logs.

    With `within`, columns, only those copies are left out that are alike in them too.
    """
    name = f"{SEEN}_once.sql" if once else f"{SEEN}.sql"
    text = (files("flowlogs.analyse") / "relations" / name).read_text(encoding="utf-8").strip()
    further = "".join(f'"{column}", ' for column in within)
    replaced = {"$source": source, "$window": condition, "$columns": columns(), "$within ": further}
    return _REPLACED.sub(lambda found: replaced[found[0]], text)


def known(days: str) -> dict[str, str]:
    """Write the relations of the inventory, whose tables hold an interval once for each day on which it was so."""
    return {
        f"known_{kind.table}": f"SELECT DISTINCT {', '.join(columns_of(kind))} FROM {kind.table} WHERE {days}"
        for kind in KINDS.values()
    }


def columns() -> str:
    """List the columns of the table, each in quotes."""
    return ", ".join(f'"{name}"' for name in (*lake_columns(), "date"))


def named_in(sql: str, own: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give name and text of the relations that a text selects from, each behind those that it selects from itself.

    `own` are relations of this query alone, such as the networks of a parameter. What the text defines itself is its
    own affair.
    """
    known, given = {**texts(), **own}, set(_DEFINED.findall(without_literals(sql)))
    yield from _named_in(sql, known, given)


def _named_in(sql: str, known: Mapping[str, str], given: set[str]) -> Iterator[tuple[str, str]]:
    names = set(_SELECTED_FROM.findall(without_literals(sql)))
    for name in known:
        if name in names and name not in given:
            given.add(name)
            yield from _named_in(known[name], {other: text for other, text in known.items() if other != name}, given)
            yield name, known[name]
