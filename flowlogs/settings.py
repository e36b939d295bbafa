"""The one table of settings: environment variables of the functions, read once and checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flowlogs.errors import MalformedFormat, SettingsError
from flowlogs.ingest.narrowing import Keep, Narrowing
from flowlogs.metrics import NAMESPACE, MetricName, read_namespace
from flowlogs.record.fields import FIELDS
from flowlogs.record.log_format import LogFormat, fields_up_to
from flowlogs.record.networks import Networks

Choice = TypeVar("Choice", bound=StrEnum)


class Documents(StrEnum):
    """How many documents a record of the delivery stream may hold."""

    ONE = "one"
    MANY = "many"


class Shape(StrEnum):
    """How a document looks."""

    JSON = "json"
    RAW = "raw"


class Destination(StrEnum):
    """Where the delivery stream leads, as far as documents must suit it."""

    OPENSEARCH = "opensearch"
    PARQUET = "parquet"
    TEXT = "text"


def _log_format(text: str) -> LogFormat:
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


def _cidrs(text: str) -> Networks:
    return Networks(text.replace(",", " ").split())


def _choice(choices: type[Choice]) -> Callable[[str], Choice]:
    def read(text: str) -> Choice:
        if text not in list(choices):
            raise ValueError("it is none of them")
        return choices(text)

    return read


_DIGITS = 9


def _keep(text: str) -> tuple[Keep, int]:
    name, _, number = text.partition(":")
    if name == Keep.SAMPLE:
        if not number.isascii() or not number.isdigit() or len(number) > _DIGITS or int(number) < 1:
            raise ValueError("it takes sample:N with a whole number N from 1 to 999999999")
        return Keep.SAMPLE, int(number)
    if number:
        raise ValueError("only sample takes a number")
    return _choice(Keep)(name), 1


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError("it takes a whole number")
    return int(text)


def _text(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table; an empty variable counts as one that is not set."""

    name: str
    default: str
    read: Callable[[str], Any]
    takes: str
    meaning: str
    functions: tuple[str, ...]


_BOTH = ("ingestor", "decorator")
SETTINGS = {
    setting.name: setting
    for setting in (
        Setting(
            "FLOWLOGS_FORMAT",
            "v2",
            _log_format,
            "a log format string, or v2 … v11 for all fields up to a version",
            "order of the fields of lines that come without a header",
            _BOTH,
        ),
        Setting(
            "FLOWLOGS_DEAD_LETTERS",
            "",
            _text,
            "a folder or s3://bucket/prefix",
            "where lines are kept that could not be passed on; without it an invocation with such lines fails",
            _BOTH,
        ),
        Setting(
            "FLOWLOGS_SEARCH_KEEP",
            "all",
            _keep,
            "all, rejects, or sample:N",
            "what goes to the search stream: everything, rejects only, or everything but accepts and one accept in N",
            _BOTH,
        ),
        Setting(
            "FLOWLOGS_DROP_INTERNAL",
            "",
            _cidrs,
            "CIDRs",
            "traffic with both ends inside is left out of the search stream, never of the lake",
            _BOTH,
        ),
        Setting(
            "FLOWLOGS_SEARCH_STREAM",
            "VPCFlowLogsToElasticSearch",
            _text,
            "a delivery stream's name; set to nothing: no search stream",
            "stream whose records hold one line each",
            ("ingestor",),
        ),
        Setting(
            "FLOWLOGS_LAKE_STREAM",
            "",
            _text,
            "a delivery stream's name",
            "stream whose records hold many lines; not set: no lake",
            ("ingestor",),
        ),
        Setting(
            "FLOWLOGS_DOCUMENTS",
            "one",
            _choice(Documents),
            "one or many",
            "documents a record of the delivery stream may hold: one for search, many for the lake",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_DESTINATION",
            "",
            _choice(Destination),
            "opensearch, parquet or text",
            "where the stream leads: opensearch is the default for one, parquet for many",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_SHAPE",
            "json",
            _choice(Shape),
            "json or raw",
            "json: AWS's names and our facts; raw: the line unchanged (text destinations only)",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_INVENTORY",
            "",
            _text,
            "a file, a folder or s3://bucket/key",
            "network interfaces: what `aws ec2 describe-network-interfaces` prints",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_GEOIP",
            "",
            _text,
            "a file or folder (several: with commas), or s3://bucket/prefix",
            "City and ASN databases in MaxMind's format",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_GEOIP_MAX_AGE_DAYS",
            "",
            _whole,
            "days",
            "databases built longer ago are not used; not set: they are used, with a warning from 30 days on",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_INTERNAL",
            "",
            _cidrs,
            "CIDRs",
            "networks whose traffic among each other is labelled internal",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_LOOKUP_SECONDS",
            "30",
            _whole,
            "seconds; 0: never",
            "time between two calls to EC2 for interfaces of the own account that the inventory lacks",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_REFRESH_SECONDS",
            "60",
            _whole,
            "seconds",
            "time between two checks whether inventory and databases have changed",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_SEARCH_SECRET",
            "",
            _text,
            "a secret's ARN",
            "Secrets Manager's secret with username and password of the domain's master user; "
            "not set: requests are signed with the function's role",
            ("search_setup",),
        ),
        Setting(
            "FLOWLOGS_NAMESPACE",
            NAMESPACE,
            read_namespace,
            "a CloudWatch namespace",
            "namespace of the metrics; two deployments in one account and region need two",
            _BOTH,
        ),
        Setting(
            "FLOWLOGS_SSH_REJECTS",
            "",
            MetricName.read,
            "a CloudWatch namespace, or NAMESPACE:METRIC NAME",
            "metric of rejected lines to TCP port 22, named SSH Rejects unless said; not set: they are not counted",
            ("decorator",),
        ),
    )
}


def value_of(environ: Mapping[str, str], name: str) -> Any:
    """Read one setting, or its default; raise SettingsError where its value is wrong. None where both are empty."""
    setting = SETTINGS[name]
    text = environ.get(name, "").strip()
    if not text and name == "FLOWLOGS_SEARCH_STREAM" and name in environ:
        return None  # set to nothing on purpose: no search stream
    text = text or setting.default
    if not text:
        return None
    try:
        return setting.read(text)
    except ValueError as error:
        raise SettingsError(f"{name} is {text[:60]!r}: it takes {setting.takes} ({error})") from error


def narrowing_of(environ: Mapping[str, str]) -> Narrowing:
    """Read what goes to the search stream."""
    keep, one_in = value_of(environ, "FLOWLOGS_SEARCH_KEEP")
    return Narrowing(keep, one_in, value_of(environ, "FLOWLOGS_DROP_INTERNAL") or Networks())


def check_names(environ: Mapping[str, str]) -> None:
    """Raise SettingsError for a variable that looks like a setting and is none: a typing error would go unseen."""
    for name in environ:
        if name.startswith("FLOWLOGS_") and name not in SETTINGS:
            raise SettingsError(f"{name} is no setting; there are {', '.join(SETTINGS)}")
