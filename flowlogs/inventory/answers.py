"""What AWS answered to the calls of the inventory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from flowlogs.errors import UnusableInventory

Given: TypeAlias = Mapping[str, Any]
"""Parameters of a call, by name."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The items of an operation's answer, all pages together, and the parameters that it was asked with."""

    operation: str
    items: Sequence[Any]
    given: Given = field(default_factory=dict)


def items_of(answers: Sequence[Answer], operation: str) -> Iterator[Any]:
    """Give the items of all answers of an operation."""
    for answer in answers:
        if answer.operation == operation:
            yield from answer.items


def id_in(described: object, member: str) -> str:
    """Give the text that names something; raise UnusableInventory, naming the member, where there is none."""
    value = described.get(member) if isinstance(described, Mapping) else None
    if not isinstance(value, str) or not value:
        raise UnusableInventory(f"an entry has no {member}: it is not as AWS describes it")
    return value


def members_of(described: Mapping[str, Any], member: str) -> list[Any]:
    """Give a list within something described; missing or null is empty. Raise TypeError where it is no list."""
    members = described.get(member) or []
    if not isinstance(members, list | tuple):
        raise TypeError(f"{member} is no list")
    return [each for each in members if each is not None]
