"""Counts what was written, so that whoever reads it can be held to it."""

from collections import Counter
from dataclasses import dataclass, field

from flowlogs.record.fields import FlowRecord


@dataclass(slots=True)
class Tally:
    """Counts lines; refused ones by the reason, the others by action and log-status."""

    refused: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    log_statuses: Counter[str] = field(default_factory=Counter)

    @property
    def lines(self) -> int:
        """Lines in all."""
        return self.refused.total() + self.log_statuses.total()

    def good(self, record: FlowRecord) -> None:
        """Count a line that can be read; an absent action is "-"."""
        self.actions[record.get("action", "-")] += 1
        self.log_statuses[record["log_status"]] += 1

    def bad(self, reason: str) -> None:
        """Count a malformed line."""
        self.refused[reason] += 1

    def as_json(self) -> dict[str, object]:
        """Give the counts for truth.json."""
        return {
            "lines": self.lines,
            "lines_refused": self.refused.total(),
            "lines_refused_by_reason": dict(sorted(self.refused.items())),
            "lines_by_action": dict(sorted(self.actions.items())),
            "lines_by_log_status": dict(sorted(self.log_statuses.items())),
        }
