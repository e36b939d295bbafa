"""Decides when a fault of a stream happens."""

from random import Random

from flowlogs.deliver.local.faults import Faults


class Dice:
    """Throws for the faults of one stream: a sequence per kind of fault, so that none shifts another's.

    Not thread-safe by itself; the stream throws under its lock.
    """

    def __init__(self, faults: Faults, stream: str) -> None:
        self._faults = faults
        self._random = {
            kind: Random(f"{faults.seed}/{stream}/{kind}")  # noqa: S311 - faults to repeat, no secrets
            for kind in ("fail_puts", "throttle", "lose_answers", "fail_transforms", "kill_transforms")
        }

    def throw(self, kind: str) -> bool:
        """Say whether the fault with this name happens now."""
        share: float = getattr(self._faults, kind)
        return share > 0 and self._random[kind].random() < share
