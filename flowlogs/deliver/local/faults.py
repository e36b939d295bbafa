"""Which faults of AWS a local stream plays."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Faults:
    """Shares from 0 (never) to 1 (always) of what goes wrong; the same seed gives the same faults."""

    fail_puts: float = 0.0
    """Of the records put: answered ServiceUnavailableException, not taken."""
    throttle: float = 0.0
    """Of the calls: refused as a whole, nothing taken."""
    lose_answers: float = 0.0
    """Of the calls: taken, and the caller sees a time-out."""
    fail_transforms: float = 0.0
    """Of the invocations: fail before the function runs."""
    kill_transforms: float = 0.0
    """Of the invocations: the function runs to its end, its answer is thrown away, it is invoked again."""
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise ValueError where a share is not between 0 and 1."""
        for field in fields(self):
            share = getattr(self, field.name)
            if field.name != "seed" and not 0 <= share <= 1:
                raise ValueError(f"{field.name} is a share between 0 and 1, not {share}")
