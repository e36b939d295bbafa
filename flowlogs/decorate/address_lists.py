"""Reads lists of networks: own names, AWS's ip-ranges.json, threat lists. Wrong lines are counted, never fatal."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

import orjson

from flowlogs.decorate.address_spared import Prefix, unspared
from flowlogs.record.values import packed, read_text

Item = TypeVar("Item")


class Kind(StrEnum):
    """What a list says of the addresses in it."""

    OWN = "network"  # a name of the user's own
    AWS = "aws"  # the service and region that AWS uses them for
    THREAT = "threat"  # that they are listed


class Label(NamedTuple):
    """What a list says of a prefix: its name, or that the list (`text`) holds it."""

    kind: Kind
    text: str
    rank: int = 0
    """Of what AWS says of one prefix the lowest rank counts."""


Add = Callable[[Prefix, Label], None]
_Read = Callable[[Item], bool]
"""Reads one line or entry; says whether anything of it counts. Raises ValueError where it is wrong."""


@dataclass(slots=True)
class Reading:
    """What came of a list: prefixes read, lines (of AWS's list: entries) that cannot be used, the first of these."""

    count: int = 0
    wrong: int = 0
    first: int = 0  # counted from 1
    reason: str = ""
    is_cut: bool = False  # it has more than MOST_LINES
    spared: int = 0  # lines of networks that are no threat to anybody (`unspared`): neither read nor wrong

    def refuse(self, number: int, reason: str) -> None:
        """Take notice of one that cannot be used."""
        if not self.wrong:
            self.first, self.reason = number, reason
        self.wrong += 1


MOST_LINES = 1_000_000
"""Lines of a list that are read: some seconds, and some 100 MB while it is opened."""
LONGEST_NAME = 100
"""Characters of a network's name, which stands in every document."""
_LONGEST_LINE = 4096  # bytes that are looked at
_MOST_JSON = 16 * 1024 * 1024  # bytes, which may take some 400 MB once they are read; AWS's own file has 2 MB
_WIDEST = {4: 8, 16: 16}
"""Fixed bits that a network of somebody else's list has at least, by bytes of the address: nobody has a wider one."""


def read_prefix(text: str) -> Prefix:
    """Read a CIDR or an address; bits set behind the prefix count for nothing. Raise ValueError where it is none."""
    address, slash, bits = text.partition("/")
    number = packed(address)
    length = most = 8 * len(number)
    if slash:
        if not _LENGTH.match(bits) or int(bits) > most:
            raise ValueError("not a prefix length")
        length = int(bits)
    behind = most - length
    return Prefix(len(number), int.from_bytes(number) >> behind << behind, length)


_LENGTH = re.compile(r"[0-9]{1,3}\Z")


def read_names(path: Path, add: Add) -> Reading:
    """Read lines `CIDR name`: the name may have blanks, `#` behind a blank begins a comment. May raise OSError."""

    def read(line: bytes) -> bool:
        cidr, *names = _COMMENT.split(read_text(line), 1)[0].split(None, 1)
        if not names:
            raise ValueError("no name")
        name = names[0].strip()
        if len(name) > LONGEST_NAME:
            raise ValueError(f"the name is longer than {LONGEST_NAME} characters")
        add(read_prefix(cidr), Label(Kind.OWN, name))
        return True

    return _read_lines(path, read)


def read_threats(path: Path, add: Add) -> Reading:
    """Read lines that begin with a CIDR or an address; what follows is comment. May raise OSError.

    Private and special-purpose networks are spared, also within wider ones: lists of unused space hold them.
    """
    label = Label(Kind.THREAT, name_of(path))

    def read(line: bytes) -> bool:
        prefix = read_prefix(read_text(_END.split(line, 1)[0]))
        parts = tuple(unspared(prefix))
        if parts:
            _check_width(prefix)
        for part in parts:
            add(part, label)
        return bool(parts)

    return _read_lines(path, read)


def name_of(path: Path) -> str:
    """Give a list's name, which is its file's; what of it is no UTF-8 is escaped, for documents are UTF-8."""
    return os.fsencode(path.stem).decode("utf-8", "backslashreplace")


def _check_width(prefix: Prefix) -> None:
    if prefix.length < _WIDEST[prefix.size]:
        raise ValueError(f"a prefix of {prefix.length} bits would mark too much")


_COMMENT = re.compile(r"\s#")
_END = re.compile(rb"[\s;,#]")


def read_aws(path: Path, add: Add) -> Reading:
    """Read AWS's ip-ranges.json; raise OSError, or ValueError where it is none.

    Source: VPC User Guide, "Syntax for AWS IP address range JSON".
    """
    if path.stat().st_size > _MOST_JSON:
        raise ValueError(f"it is larger than {_MOST_JSON >> 20} MB")
    content = orjson.loads(path.read_bytes())
    lists = {key: content.get(name) for name, key in _AWS_LISTS} if isinstance(content, dict) else {}
    found = [(key, entry) for key, entries in lists.items() if isinstance(entries, list) for entry in entries]
    if not found:
        raise ValueError("it has no prefixes")
    return _read_each(enumerate(found, 1), lambda each: _read_aws_entry(*each, add))


_AWS_LISTS = (("prefixes", "ip_prefix"), ("ipv6_prefixes", "ipv6_prefix"))
_AWS_POOLS = ("EC2", "AMAZON")
"""Services whose prefixes AWS lists once more as those of others, S3 among them, which say more."""


def _read_aws_entry(key: str, entry: Any, add: Add) -> bool:
    cidr, service, region = (entry.get(name) if isinstance(entry, dict) else None for name in (key, *_AWS_TEXTS))
    if not (isinstance(cidr, str) and isinstance(service, str) and isinstance(region, str)):
        raise ValueError(f"no {key}, service or region")  # noqa: TRY004 (a wrong entry, no misuse)
    rank = _AWS_POOLS.index(service) + 1 if service in _AWS_POOLS else 0
    prefix = read_prefix(cidr)
    _check_width(prefix)
    add(prefix, Label(Kind.AWS, f"aws {service} {region}".lower(), rank))
    return True


_AWS_TEXTS = ("service", "region")


def fetched(path: Path) -> float:
    """Give when a list was fetched (Unix seconds): by its line `# fetched: <ISO 8601>`, else by its file's time."""
    with path.open("rb") as file:
        found = _FETCHED.search(file.read(_LONGEST_LINE))
    try:
        time = datetime.fromisoformat(found[1].decode()) if found else None
    except ValueError:
        time = None
    if time is None:
        return path.stat().st_mtime
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


_FETCHED = re.compile(rb"^[#;]\s*fetched:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


def _read_lines(path: Path, read: _Read[bytes]) -> Reading:
    with path.open("rb") as file:
        lines = _lines(file)
        reading = _read_each(islice(lines, MOST_LINES), read)
        reading.is_cut = next(lines, None) is not None
    return reading


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Give each line with its number: empty where there is only comment, the beginning of a very long one."""
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        begins = line.removeprefix(_BYTE_ORDER_MARK).strip()
        yield number, b"" if begins.startswith((b"#", b";")) else begins
        while line and not line.endswith(b"\n"):
            line = file.readline(_LONGEST_LINE)  # the rest of it


_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def _read_each(items: Iterable[tuple[int, Item]], read: _Read[Item]) -> Reading:
    """Read what is not empty."""
    reading = Reading()
    for number, item in items:
        try:
            if item:
                counts = read(item)
                reading.count += counts
                reading.spared += not counts
        except ValueError as error:
            reading.refuse(number, str(error))
    return reading
