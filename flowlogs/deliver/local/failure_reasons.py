"""Why documents failed, counted."""

from collections import Counter
from typing import NamedTuple


class Reason(NamedTuple):
    """One way in which documents failed."""

    status: int
    """HTTP's."""
    kind: str
    """The server's type of error."""
    answer_lost: bool = False
    """Whether they may be there all the same."""


class FailureReasons:
    """Counts documents that failed by status and type of error, and keeps what was said of the first of each."""

    def __init__(self) -> None:
        self._counts: Counter[Reason] = Counter()
        self._examples: dict[Reason, str] = {}

    def note(self, status: int, kind: str, sentence: str, *, answer_lost: bool = False) -> None:
        """Take note of a document; `sentence` is what was said of it; `answer_lost`: it may be there all the same."""
        reason = Reason(status, kind, answer_lost)
        self._counts[reason] += 1
        self._examples.setdefault(reason, sentence)

    def total(self) -> int:
        """Count all of them."""
        return self._counts.total()

    @property
    def answer_lost(self) -> bool:
        """Whether some of them may be there all the same."""
        return any(reason.answer_lost for reason in self._counts)

    def rows(self) -> list[dict[str, object]]:
        """Give how many documents failed for which reason, most first, with what was said of the first of them."""
        return [
            {
                "documents": number,
                "status": reason.status,
                "type": reason.kind,
                "example": self._examples[reason],
                "answer_lost": reason.answer_lost,
            }
            for reason, number in self._counts.most_common()
        ]
