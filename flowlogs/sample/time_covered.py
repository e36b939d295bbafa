"""How much time the records of a sample cover, gaps between its files left out."""

from itertools import pairwise

_SLOT = 600
"""Seconds; no aggregation interval is longer. Source: VPC User Guide, "Flow log basics"."""
_LONGEST_GAP = 3600
"""Seconds without a record that still are time of a sample; a longer gap lies between two samples."""
_MOST_SLOTS = 200_000
"""Slots that are kept, nearly four years of them."""


class TimeCovered:
    """Takes the times of records, and knows how many seconds there are records of, in bounded memory."""

    def __init__(self) -> None:
        self._slots: dict[int, tuple[int, int]] = {}  # by their number: first and last second in them
        self._last: tuple[int, int] | None = None

    def add(self, start: int, end: int) -> None:
        """Take the start and end of a record (Unix seconds); where it is longer than a slot, these alone."""
        if (start, end) == self._last:
            return
        self._last = (start, end)
        first, last = divmod(start, _SLOT)[0], divmod(end, _SLOT)[0]
        if first == last:
            self._mark(first, min(start, end), max(start, end))
        elif last == first + 1:
            self._mark(first, start, last * _SLOT)
            self._mark(last, last * _SLOT, end)
        else:
            self._mark(first, start, start)
            self._mark(last, end, end)

    def _mark(self, slot: int, first: int, last: int) -> None:
        known = self._slots.get(slot)
        if known is not None:
            self._slots[slot] = (min(known[0], first), max(known[1], last))
        elif len(self._slots) < _MOST_SLOTS:
            self._slots[slot] = (first, last)

    @property
    def is_full(self) -> bool:
        """Say whether there were more times than are kept."""
        return len(self._slots) >= _MOST_SLOTS

    @property
    def seconds(self) -> int:
        """Seconds that are covered, the first and the last included; 0 without a record."""
        if not self._slots:
            return 0
        spans = [self._slots[slot] for slot in sorted(self._slots)]
        gaps = (after[0] - before[1] for before, after in pairwise(spans))
        breaks = [gap for gap in gaps if gap > _LONGEST_GAP]
        return spans[-1][1] - spans[0][0] + 1 - sum(breaks) + len(breaks)
