"""Reads what AWS answered as facts, kind by kind, and finds such answers in what the AWS CLI prints."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any

from flowlogs.errors import UnusableInventory
from flowlogs.inventory import readers
from flowlogs.inventory.answers import Answer, id_in, items_of
from flowlogs.inventory.calls import CALLS
from flowlogs.inventory.kinds import KINDS, ColumnKind, Facts
from flowlogs.inventory.uses import USES, uses_in

FactsByKind = dict[str, dict[str, Facts]]
"""Facts by kind and id."""

_READERS: Sequence[tuple[str, str, str, readers.Read]] = (
    ("DescribeNetworkInterfaces", "network-interfaces", "NetworkInterfaceId", readers.interface),
    ("DescribeSecurityGroups", "security-groups", "GroupId", readers.security_group),
    ("DescribeSecurityGroupRules", "security-group-rules", "SecurityGroupRuleId", readers.security_group_rule),
    ("DescribeManagedPrefixLists", "prefix-lists", "PrefixListId", readers.prefix_list),
    ("DescribeSubnets", "subnets", "SubnetId", readers.subnet),
    ("DescribeVpcs", "vpcs", "VpcId", readers.vpc),
    ("DescribeNetworkAcls", "network-acls", "NetworkAclId", readers.network_acl),
    ("DescribeNetworkAcls", "network-acl-entries", "NetworkAclId", readers.network_acl_entries),
    ("DescribeInstances", "instances", "ReservationId", readers.instances),
)
"""Operation, kind it feeds, what names one of its items, and how that is read."""


def facts_of(answers: Sequence[Answer]) -> FactsByKind:
    """Read answers; a kind that was not asked for is left out, and what came on two pages counts once.

    Raise UnusableInventory where something has no id or is not as AWS describes it.
    """
    found: FactsByKind = {}
    answered = {answer.operation for answer in answers}
    for operation, kind, name, read in _READERS:
        if operation in answered:
            of_kind = found.setdefault(kind, {})
            for described in items_of(answers, operation):
                of_kind.update(_read(kind, name, read, described))
    for answer in answers:
        if answer.operation == "GetManagedPrefixListEntries":
            entries = sorted({id_in(entry, "Cidr") for entry in answer.items})
            lists = found.setdefault("prefix-lists", {})
            lists[answer.given["PrefixListId"]] = {**lists.get(answer.given["PrefixListId"], {}), "entries": entries}
    if any(answer.operation in USES for answer in answers):
        found["security-group-uses"] = _uses(answers)
    return found


def facts_in(content: object, kinds: Container[str] = KINDS) -> FactsByKind:
    """Find in decoded JSON what `aws ec2 describe-security-groups` and the like print, also several in a list.

    Raise UnusableInventory where something is not as AWS describes it. Entries of a prefix list are read where the list
    has them (`describe-prefix-lists`): what `get-managed-prefix-list-entries` prints does not say whose they are.
    """
    return facts_of(list(_answers_in(content, kinds)))


def _answers_in(content: object, kinds: Container[str]) -> Iterator[Answer]:
    if isinstance(content, list):
        for each in content:
            yield from _answers_in(each, kinds)
    elif isinstance(content, Mapping):
        for member, call in _PRINTED.items():
            if content.get(member) is not None and any(kind in kinds for kind in call.kinds):
                yield Answer(call.operation, _list(content[member], member))


_PRINTED = {
    call.member: call
    for call in CALLS
    if call.operation in USES or call.operation in {operation for operation, *_ in _READERS}
}
"""What answers are called where they are printed. Source: AWS CLI; its output has the API's members."""


def _list(value: object, member: str) -> list[Any]:
    if not isinstance(value, list):
        raise UnusableInventory(f"{member} is no list")
    return value


def _read(kind: str, name: str, read: readers.Read, described: object) -> dict[str, Facts]:
    """Read one item, and leave out what is absent."""
    if not isinstance(described, Mapping):
        raise UnusableInventory(f"one of the {kind} is no object")
    try:
        return {id_: _checked(kind, columns) for id_, columns in read(described)}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnusableInventory(f"{described.get(name) or 'an entry'} is not as AWS describes it: {error!r}") from error


def _uses(answers: Sequence[Answer]) -> dict[str, Facts]:
    try:
        return {id_: _checked("security-group-uses", columns) for id_, columns in uses_in(answers).items()}
    except (TypeError, ValueError, AttributeError) as error:
        raise UnusableInventory(f"what uses security groups is not as AWS describes it: {error!r}") from error


def _checked(kind: str, columns: readers.Columns) -> Facts:
    present = {name: value for name, value in columns.items() if value not in (None, "", [])}
    for name, value in present.items():
        fits = _FITS[_COLUMNS[kind][name]]
        if not fits(value):
            raise TypeError(f"{name} is {value!r}")
    return present


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


_COLUMNS = {kind.name: {column.name: column.kind for column in kind.columns} for kind in KINDS.values()}
_FITS: Mapping[ColumnKind, Callable[[object], bool]] = {
    ColumnKind.TEXT: lambda value: isinstance(value, str),
    ColumnKind.TEXTS: _are_texts,
    ColumnKind.NUMBER: _is_number,
    ColumnKind.FLAG: lambda value: isinstance(value, bool),
}
