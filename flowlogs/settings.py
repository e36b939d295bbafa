"""The one table of settings: environment variables of the functions, read once and checked."""

from collections.abc import Mapping
from typing import Any

from flowlogs.errors import SettingsError
from flowlogs.ingest.narrowing import Narrowing
from flowlogs.knowledge_settings import KNOWLEDGE_SETTINGS
from flowlogs.metrics import NAMESPACE, MetricName, read_namespace
from flowlogs.record.networks import Networks
from flowlogs.setting_kinds import (
    Destination,
    Documents,
    Setting,
    Shape,
    choice_of,
    read_cidrs,
    read_keep,
    read_log_format,
    read_text,
    read_whole,
)

_BOTH = ("ingestor", "decorator")
SETTINGS = {
    setting.name: setting
    for setting in (
        Setting(
            "FLOWLOGS_FORMAT",
            "v2",
            read_log_format,
            "a log format string, or v2 … v11 for all fields up to a version",
            "order of the fields of lines that come without a header",
            _BOTH,
        ),
        Setting(
            "FLOWLOGS_DEAD_LETTERS",
            "",
            read_text,
            "a folder or s3://bucket/prefix",
            "where lines are kept that could not be passed on; without it an invocation with such lines fails",
            _BOTH,
        ),
        Setting(
            "FLOWLOGS_SEARCH_KEEP",
            "all",
            read_keep,
            "all, rejects, or sample:N",
            "what goes to the search stream: everything, rejects only, or everything but accepts and one accept in N",
            _BOTH,
        ),
        Setting(
            "FLOWLOGS_DROP_INTERNAL",
            "",
            read_cidrs,
            "CIDRs",
            "traffic with both ends inside is left out of the search stream, never of the lake",
            _BOTH,
        ),
        Setting(
            "FLOWLOGS_SEARCH_STREAM",
            "VPCFlowLogsToElasticSearch",
            read_text,
            "a delivery stream's name; set to nothing: no search stream",
            "stream whose records hold one line each",
            ("ingestor",),
        ),
        Setting(
            "FLOWLOGS_LAKE_STREAM",
            "",
            read_text,
            "a delivery stream's name",
            "stream whose records hold many lines; not set: no lake",
            ("ingestor",),
        ),
        Setting(
            "FLOWLOGS_DOCUMENTS",
            "one",
            choice_of(Documents),
            "one or many",
            "documents a record of the delivery stream may hold: one for search, many for the lake",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_DESTINATION",
            "",
            choice_of(Destination),
            "opensearch, parquet or text",
            "where the stream leads: opensearch is the default for one, parquet for many",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_SHAPE",
            "json",
            choice_of(Shape),
            "json, ecs, ocsf or raw",
            "json: AWS's names and our facts; ecs: Elastic Common Schema 8; ocsf: OCSF 1.5 Network Activity; raw: the "
            "line unchanged (text destinations only); a Parquet lake is always json",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_INVENTORY",
            "",
            read_text,
            "a file, a folder or s3://bucket/key",
            "network interfaces: what `aws ec2 describe-network-interfaces` or `flowlogs inventory pull` wrote, or the "
            "pointer.json that the inventory function publishes",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_GEOIP",
            "",
            read_text,
            "a file or folder (several: with commas), or s3://bucket/prefix",
            "City and ASN databases in MaxMind's format; `networks/` and `threats/` below it name networks and threat "
            "lists",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_GEOIP_MAX_AGE_DAYS",
            "",
            read_whole,
            "days",
            "databases built longer ago are not used; not set: they are used, with a warning from 30 days on",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_INTERNAL",
            "",
            read_cidrs,
            "CIDRs",
            "networks whose traffic among each other is labelled internal",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_LOOKUP_SECONDS",
            "30",
            read_whole,
            "seconds; 0: never",
            "time between two calls to EC2 for interfaces of the own account that the inventory lacks",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_REFRESH_SECONDS",
            "60",
            read_whole,
            "seconds",
            "time between two checks whether inventory and databases have changed",
            ("decorator",),
        ),
        Setting(
            "FLOWLOGS_SEARCH_SECRET",
            "",
            read_text,
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
            (*_BOTH, "inventory", "geoip"),
        ),
        Setting(
            "FLOWLOGS_SSH_REJECTS",
            "",
            MetricName.read,
            "a CloudWatch namespace, or NAMESPACE:METRIC NAME",
            "metric of rejected lines to TCP port 22, named SSH Rejects unless said; not set: they are not counted",
            ("decorator",),
        ),
        *KNOWLEDGE_SETTINGS,
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
