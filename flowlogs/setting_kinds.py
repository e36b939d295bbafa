"""What a setting is, and how the text of a variable becomes its value."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flowlogs.errors import MalformedFormat
from flowlogs.ingest.narrowing import Keep
from flowlogs.record.fields import FIELDS
from flowlogs.record.log_format import LogFormat, fields_up_to
from flowlogs.record.networks import Networks

Choice = TypeVar("Choice", bound=StrEnum)


class Provider(StrEnum):
    """Where geo databases come from."""

    MAXMIND = "maxmind"
    DBIP = "dbip"
    NONE = "none"


class Documents(StrEnum):
    """How many documents a record of the delivery stream may hold."""

    ONE = "one"
    MANY = "many"


class Shape(StrEnum):
    """How a document looks."""

    JSON = "json"
    ECS = "ecs"
    OCSF = "ocsf"
    RAW = "raw"


class Destination(StrEnum):
    """Where the delivery stream leads, as far as documents must suit it."""

    OPENSEARCH = "opensearch"
    PARQUET = "parquet"
    TEXT = "text"


def read_log_format(text: str) -> LogFormat:
    """Read a log format string, or `v2` … for all fields up to a version; raise ValueError where it is none."""
    if text in _VERSIONS:
        return LogFormat(fields_up_to(_VERSIONS[text]))
    try:
        log_format = LogFormat.parse(text)
    except MalformedFormat as error:
        raise ValueError(str(error)) from error
    if not any(field.name in FIELDS for field in log_format.fields):  # "v6" reads like a field that AWS may add
        raise ValueError("it names no field of VPC flow logs")
    return log_format


_VERSIONS = {f"v{version}": version for version in (2, 3, 4, 5, 7, 8, 9, 10, 11)}


def read_cidrs(text: str) -> Networks:
    """Read networks with blanks or commas between them; raise ValueError where one is none."""
    return Networks(text.replace(",", " ").split())


def choice_of(choices: type[Choice]) -> Callable[[str], Choice]:
    """Give the reader of one of several words."""

    def read(text: str) -> Choice:
        if text not in list(choices):
            raise ValueError("it is none of them")
        return choices(text)

    return read


_DIGITS = 9


def read_keep(text: str) -> tuple[Keep, int]:
    """Read `all`, `rejects` or `sample:N`; raise ValueError where it is none."""
    name, _, number = text.partition(":")
    if name == Keep.SAMPLE:
        if not number.isascii() or not number.isdigit() or len(number) > _DIGITS or int(number) < 1:
            raise ValueError("it takes sample:N with a whole number N from 1 to 999999999")
        return Keep.SAMPLE, int(number)
    if number:
        raise ValueError("only sample takes a number")
    return choice_of(Keep)(name), 1


def read_whole(text: str) -> int:
    """Read a whole number; raise ValueError where it is none."""
    if not text.isascii() or not text.isdigit():
        raise ValueError("it takes a whole number")
    return int(text)


def read_text(text: str) -> str:
    """Take the text as it is."""
    return text


def read_accounts(text: str) -> tuple[str, ...]:
    """Read `own`, `organization`, or account ids; raise ValueError where it is none of them."""
    words = tuple(dict.fromkeys(text.replace(",", " ").split()))
    if len(words) == 1 and words[0] in (OWN, ORGANIZATION):
        return words
    for word in words:
        if word != OWN and not _ACCOUNT_ID.match(word):
            raise ValueError(f"{word[:30]} is no account id of twelve digits")
    return words


OWN, ORGANIZATION = "own", "organization"
_ACCOUNT_ID = re.compile(r"\d{12}\Z")


def read_regions(text: str) -> tuple[str, ...]:
    """Read names of regions; raise ValueError where one is none."""
    words = tuple(dict.fromkeys(text.replace(",", " ").split()))
    for word in words:
        if not _REGION.match(word):
            raise ValueError(f"{word[:30]} is no region; one reads eu-west-1")
    return words


_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d{1,2}\Z")


def read_role_name(text: str) -> str:
    """Take the name of a role, of IAM's characters; raise ValueError where it is none, as an ARN is not."""
    if not _ROLE_NAME.match(text):
        raise ValueError("it takes the name alone, not an ARN or a path")
    return text


_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}\Z", re.ASCII)
"""Source: IAM API, AssumeRole's and CreateRole's RoleName."""


def read_queue_url(text: str) -> str:
    """Take the URL of an SQS queue; raise ValueError where it is none, as a name or an ARN is not."""
    parts = urlsplit(text)
    if parts.scheme not in ("https", "http") or not parts.netloc or not _QUEUE_PATH.match(parts.path):
        raise ValueError("one reads https://sqs.eu-west-1.amazonaws.com/123456789012/name")
    return text


_QUEUE_PATH = re.compile(r"/\d{12}/[\w-]{1,80}(\.fifo)?\Z", re.ASCII)


def read_flag(text: str) -> bool:
    """Read true or false; raise ValueError where it is neither."""
    if text not in ("true", "false"):
        raise ValueError("it is neither true nor false")
    return text == "true"


def read_named_networks(text: str) -> tuple[tuple[str, str], ...]:
    """Read `name=CIDR` with blanks between as pairs of CIDR and name; raise ValueError where one is none.

    A name may stand several times.
    """
    found: list[tuple[str, str]] = []
    for pair in text.split():
        name, equals, cidr = pair.partition("=")
        if not equals or not _NAME.match(name):
            raise ValueError(f"{pair[:40]} does not read name=CIDR")
        found += ((str(network), name) for network in Networks([cidr]))
    return tuple(found)


def read_lists(text: str) -> dict[str, str]:
    """Read `name=https://…` with blanks between; raise ValueError where it is none."""
    found: dict[str, str] = {}
    for pair in text.split():
        name, _, url = pair.partition("=")
        parts = urlsplit(url)
        if not _NAME.match(name) or parts.scheme not in ("https", "http") or not parts.netloc:
            raise ValueError(f"{pair[:60]} does not read name=https://host/path")
        if name in found:
            raise ValueError(f"{name} is named twice")
        found[name] = url
    return found


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z")


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table; an empty variable counts as one that is not set."""

    name: str
    default: str
    read: Callable[[str], Any]
    takes: str
    meaning: str
    functions: tuple[str, ...]
