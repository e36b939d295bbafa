"""A clock for functions in processes of their own, that a test moves on."""

import time
from pathlib import Path

_SITE = """import os
import time

_now = time.time


def moved() -> float:
    with open(os.environ["CLOCK_OF_TEST"]) as file:
        return _now() + float(file.read())


time.time = moved
"""


class MovedClock:
    """Is ahead of the machine's clock by what was passed; so are processes with its environment."""

    def __init__(self, folder: Path, root: Path) -> None:
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(_SITE)  # Python runs it before anything else takes `time.time`
        self._file = folder / "ahead"
        self.ahead = 0.0
        self.environ = {"PYTHONPATH": f"{folder}:{root}", "CLOCK_OF_TEST": str(self._file)}
        self.move(0)

    @property
    def now(self) -> float:
        """Unix seconds, as the processes know them."""
        return time.time() + self.ahead

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.ahead += seconds
        part = self._file.with_name("part")
        part.write_text(str(self.ahead))
        part.replace(self._file)
