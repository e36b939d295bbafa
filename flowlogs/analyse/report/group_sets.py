"""Sets of security groups, with all but the busiest groups folded into one that stands for the others."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

GROUPS_KEPT = (1_000, 128, 32, 8, 0)
"""How many groups are kept, level by level."""
OTHERS = 0
"""The group that stands for those which are not kept."""
_MOST_SETS = 4_000
_SEVERAL = 2

FoldedSet = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GroupSets:
    """The groups by rank (the others first), and per level what each set of the records becomes.

    In a folded set the others stand twice where they are several, so that "has several groups" is still to be seen.
    """

    groups: Sequence[str]
    levels: Sequence[Sequence[FoldedSet]]
    """Per level the distinct folded sets; the first one is that of no group."""

    def level(self, kept: int) -> int:
        """Give the level that keeps at most so many groups, and has not too many sets."""
        fits = (
            number for number, most in enumerate(GROUPS_KEPT) if most <= kept and len(self.levels[number]) <= _MOST_SETS
        )
        return next(fits, len(GROUPS_KEPT) - 1)


def fold_sets(connection: duckdb.DuckDBPyConnection) -> GroupSets:
    """Fold the sets of the table report_sets; make report_folded_sets: per set its number at every level."""
    rows = connection.execute("SELECT rank, ids, flows FROM report_sets ORDER BY rank").fetchall()
    groups = ["(others)", *_ranked(rows)]
    numbers = {group: number for number, group in enumerate(groups) if number != OTHERS}
    sets = [sorted({numbers[each] for each in ids if each is not None}) for _, ids, _ in rows]
    levels: list[Sequence[FoldedSet]] = []
    columns: dict[str, list[int]] = {"set": [0, *(rank for rank, _, _ in rows)]}
    for level, kept in enumerate(GROUPS_KEPT):
        folded = [(), *(_folded(each, kept) for each in sets)]
        distinct = {each: number for number, each in enumerate(dict.fromkeys(folded))}
        levels.append(tuple(distinct))
        columns[f"level{level}"] = [distinct[each] for each in folded]
    folded_table = pa.table({name: pa.array(values, pa.int32()) for name, values in columns.items()})
    connection.register("report_folded_arrow", folded_table)
    connection.execute("CREATE OR REPLACE TEMP TABLE report_folded_sets AS FROM report_folded_arrow")
    connection.unregister("report_folded_arrow")
    return GroupSets(groups, levels)


def _ranked(rows: Sequence[tuple[int, list[str | None], int]]) -> list[str]:
    flows: Counter[str] = Counter()
    for _, ids, count in rows:
        for each in {each for each in ids if each is not None}:
            flows[each] += count
    return sorted(flows, key=lambda each: (-flows[each], each))


def _folded(numbers: Sequence[int], kept: int) -> FoldedSet:
    others = sum(number > kept for number in numbers)
    return (*[OTHERS] * min(others, _SEVERAL), *(number for number in numbers if number <= kept))
