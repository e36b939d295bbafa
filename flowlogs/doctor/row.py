"""What a check of a deployment found."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class State(StrEnum):
    """What a check found."""

    OK = "ok"
    MISSING = "missing"
    REFUSED = "refused"  # we were not let look
    UNSEEN = "unseen"  # cannot be told from here, and need not be wrong


@dataclass(frozen=True, slots=True)
class Row:
    """What one check found, and the next step; that is empty where there is none."""

    check: str
    state: State
    found: str
    next_step: str = ""

    @property
    def stands(self) -> bool:
        """Whether nothing is to be done."""
        return self.state in (State.OK, State.UNSEEN)

    def as_dict(self) -> dict[str, str]:
        """Give it as JSON has it."""
        return {name: str(value) for name, value in asdict(self).items()}
