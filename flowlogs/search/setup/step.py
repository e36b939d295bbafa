"""What became of one step of the set-up."""

from dataclasses import dataclass
from enum import StrEnum

SERVER, TEMPLATE, SECURITY, RETENTION, DASHBOARDS = (
    "server",
    "index template",
    "delivery role",
    "retention policy",
    "dashboards",
)
"""The names of the steps, in the order of the work."""


class Result(StrEnum):
    """Whether a step was taken."""

    DONE = "done"
    LEFT_OUT = "left out"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what became of it, in a sentence what was put or why not, and what to do about it, if anything."""

    name: str
    result: Result
    detail: str
    advice: str = ""
