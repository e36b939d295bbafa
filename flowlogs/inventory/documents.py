"""Reads documents of JSON as intervals: the project's own form, or what the AWS CLI prints."""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from flowlogs.errors import UnusableInventory
from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.kinds import INTERFACES, KINDS
from flowlogs.inventory.network_interface import BEGINNING, NetworkInterface
from flowlogs.inventory.network_interfaces import network_interface
from flowlogs.inventory.own_form import is_own_form
from flowlogs.inventory.pulled import Pull, one_history, pull_of
from flowlogs.inventory.reading import facts_in
from flowlogs.inventory.zones import region_of

Document: TypeAlias = Mapping[str, Any]

_INTERFACES, _ID = "NetworkInterfaces", "NetworkInterfaceId"


def intervals_in(documents: Iterable[object], kinds: Container[str] = KINDS) -> dict[str, list[Interval]]:
    """Read documents, and those in lists, together; give intervals by kind, empty where a kind is told to have none.

    Raise UnusableInventory where something is not as AWS describes it, or is of another form than ours.
    """
    found, pulls = read_documents(documents, kinds)
    for kind, intervals in one_history(pulls).items():
        found.setdefault(kind, []).extend(intervals)
    return found


def read_documents(
    documents: Iterable[object], kinds: Container[str] = KINDS
) -> tuple[dict[str, list[Interval]], list[Pull]]:
    """Read documents, and those in lists: intervals by kind of what the AWS CLI printed, and pulls of our own form.

    Raise UnusableInventory as `intervals_in` does.
    """
    own, printed = parted(documents)
    return intervals_printed(printed, kinds), [pull_of(document, kinds) for document in own]


def interfaces_in(documents: Iterable[object]) -> list[NetworkInterface]:
    """Read the interfaces of documents as they are looked up; raise UnusableInventory as `intervals_in` does."""
    return list(map(network_interface, intervals_in(documents, {INTERFACES.name}).get(INTERFACES.name, ())))


def parted(documents: Iterable[object]) -> tuple[list[Document], list[Document]]:
    """Part documents, and those in lists, into those of our own form and others; what is no object is left out."""
    own: list[Document] = []
    others: list[Document] = []
    for document in _objects(documents):
        (own if is_own_form(document) else others).append(document)
    return own, others


def _objects(documents: Iterable[object]) -> Iterator[Document]:
    rest = [iter(documents)]  # no recursion: lists may lie in lists without end
    while rest:
        for document in rest[-1]:
            if isinstance(document, list):
                rest.append(iter(document))
                break
            if isinstance(document, Mapping):
                yield document
        else:
            rest.pop()


def intervals_printed(documents: Iterable[Document], kinds: Container[str] = KINDS) -> dict[str, list[Interval]]:
    """Read what the AWS CLI prints, also interfaces by themselves, as `--query` gives them.

    It says what is now, and is taken for what was, as nothing else is known; nor does it name an account. The region of
    an interface is that of its zone.
    """
    printed = _with_bare_interfaces(documents)
    try:
        found = facts_in(printed, kinds)
        regions = dict(_regions(printed)) if INTERFACES.name in found else {}
    except RecursionError as error:  # where a sentence quotes it
        raise UnusableInventory("it holds lists in lists without end") from error
    return {
        kind: [
            Interval(Scope("", regions.get(id_, "") if kind == INTERFACES.name else ""), id_, facts, BEGINNING)
            for id_, facts in facts_by_id.items()
        ]
        for kind, facts_by_id in found.items()
    }


def _with_bare_interfaces(documents: Iterable[Document]) -> list[Document]:
    """Make one answer of all interfaces that stand by themselves."""
    every = list(documents)
    bare = [document for document in every if _ID in document]
    return [*every, {_INTERFACES: bare}] if bare else every


def _regions(printed: Iterable[Document]) -> Iterator[tuple[str, str]]:
    for document in printed:
        for described in document.get(_INTERFACES) or ():
            region = region_of(_text(described, "AvailabilityZone"), _text(described, "AvailabilityZoneId"))
            if region is not None:
                yield described[_ID], region


def _text(described: Document, member: str) -> str | None:
    value = described.get(member)
    return value if isinstance(value, str) else None
