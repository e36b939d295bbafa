"""The account of lines: what became of every flow-record line, per invocation and stream."""

from dataclasses import dataclass, fields


@dataclass(slots=True)
class Account:
    """Counts of flow-record lines: `received = delivered + dropped + failed + requeued`.

    *dropped*: we chose to leave it out. *failed*: refused, or kept as a dead letter. *requeued*: put back on the
    stream, received again when it returns. *ignored* (headers, blank and `#` lines, control messages) and
    *duplicates* (seen only end to end) stand outside the sum.
    """

    received: int = 0
    delivered: int = 0
    dropped: int = 0
    failed: int = 0
    requeued: int = 0
    ignored: int = 0
    duplicates: int = 0

    def adds_up(self) -> bool:
        """Say whether nothing is missing."""
        return self.received == self.delivered + self.dropped + self.failed + self.requeued

    def __add__(self, other: "Account") -> "Account":
        return Account(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def as_dict(self) -> dict[str, int]:
        """Give the counts by name, in the order of the sum."""
        return {f.name: getattr(self, f.name) for f in fields(self)}
