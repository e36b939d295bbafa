"""Saved queries for CloudWatch Logs Insights, written for the fields of a record format."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flowlogs.record.log_format import DEFAULT, LogFormat

DISCOVERED: Mapping[str, str] = {
    "version": "version",
    "account_id": "accountId",
    "interface_id": "interfaceId",
    "srcaddr": "srcAddr",
    "dstaddr": "dstAddr",
    "srcport": "srcPort",
    "dstport": "dstPort",
    "protocol": "protocol",
    "packets": "packets",
    "bytes": "bytes",
    "start": "startTime",
    "end": "endTime",
    "action": "action",
    "log_status": "logStatus",
}
"""Fields that Insights finds by itself, in the default format alone.

Source: CloudWatch Logs User Guide, "Supported logs and discovered fields".
"""
MANY_FIELDS = 31
"""Fields up to which all are named in `parse`: AWS states no limit, and published queries name as many as this."""
THE_REST = "the_rest"


@dataclass(frozen=True, slots=True)
class FlowQuery:
    """A question about flow records: `body` names fields as `{srcaddr}`, and `fields` are all it names."""

    title: str
    fields: Collection[str]
    body: str


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query as it is saved: its title, and its text in Logs Insights QL (at most 10,000 characters)."""

    title: str
    text: str


INTERNAL = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
"""Networks that are not outside: RFC 1918, RFC 6598, RFC 4193."""

_FROM_OUTSIDE = " and ".join(f'not isIpInSubnet({{srcaddr}}, "{network}")' for network in INTERNAL)
FLOW_QUERIES = (
    FlowQuery(
        "Top 20 source IP addresses with highest number of rejected requests",
        ("action", "srcaddr"),
        'filter {action} = "REJECT"\n'
        "| stats count(*) as numRejections by {srcaddr}\n"
        "| sort numRejections desc\n"
        "| limit 20",
    ),
    FlowQuery(
        "Top 20 pairs of addresses by bytes",
        ("srcaddr", "dstaddr", "bytes"),
        "stats sum({bytes}) as bytesTransferred by {srcaddr}, {dstaddr}\n| sort bytesTransferred desc\n| limit 20",
    ),
    FlowQuery(
        "Rejected requests by destination port",
        ("action", "dstport", "protocol", "srcaddr"),
        'filter {action} = "REJECT"\n'
        "| stats count(*) as numRejections, count_distinct({srcaddr}) as sources by {dstport}, {protocol}\n"
        "| sort numRejections desc\n"
        "| limit 50",
    ),
    FlowQuery(
        "SSH and RDP accepted from outside",
        ("action", "dstport", "protocol", "srcaddr", "dstaddr", "interface_id"),
        'filter {action} = "ACCEPT" and {protocol} = 6 and {dstport} in [22, 3389]\n'
        f"| filter {_FROM_OUTSIDE}\n"
        "| stats count(*) as records, min(@timestamp) as firstSeen, max(@timestamp) as lastSeen"
        " by {srcaddr}, {dstaddr}, {dstport}, {interface_id}\n"
        "| sort records desc\n"
        "| limit 100",
    ),
    FlowQuery(
        "Traffic of one network interface",
        ("interface_id", "srcaddr", "srcport", "dstaddr", "dstport", "protocol", "packets", "bytes", "action"),
        "# Put your interface's id here.\n"
        'filter {interface_id} = "eni-00000000000000000"\n'
        "| display @timestamp, {action}, {protocol}, {srcaddr}, {srcport}, {dstaddr}, {dstport}, {packets}, {bytes}\n"
        "| sort @timestamp desc\n"
        "| limit 200",
    ),
    FlowQuery(
        "Network interfaces without data, and with skipped records",
        ("interface_id", "log_status"),
        'filter {log_status} in ["NODATA", "SKIPDATA"]\n'
        "| stats count(*) as records, max(@timestamp) as lastSeen by {log_status}, {interface_id}\n"
        "| sort {log_status} desc, records desc\n"
        "| limit 100",
    ),
)
FUNCTION_QUERIES = (
    SavedQuery(
        "Warnings and errors of the functions",
        'filter level in ["WARNING", "ERROR", "CRITICAL"] or @message like /Task timed out|Runtime exited|Traceback/\n'
        "| display @timestamp, level, service, message, exception, @message, @log\n"
        "| sort @timestamp desc\n"
        "| limit 200",
    ),
    SavedQuery(
        "Slowest invocations of the functions",
        'filter @type = "REPORT"\n'
        "| display @timestamp, @duration, @billedDuration, @maxMemoryUsed, @memorySize, @requestId, @log\n"
        "| sort @duration desc\n"
        "| limit 50",
    ),
)
"""`level`, `service` and `message` are keys of our JSON lines; the rest Insights finds in Lambda's own lines of text.

Source: CloudWatch Logs User Guide, "Supported logs and discovered fields", Lambda logs.
"""


def flow_queries(log_format: LogFormat) -> list[SavedQuery]:
    """Write the queries that a record format has the fields for; the others are left out."""
    return [
        SavedQuery(query.title, _text(query, log_format))
        for query in FLOW_QUERIES
        if all(log_format.position(key) is not None for key in query.fields)
    ]


def _text(query: FlowQuery, log_format: LogFormat) -> str:
    if log_format == DEFAULT:
        return query.body.format_map(DISCOVERED)
    return f"{_parse(query, log_format)}\n| {_body_behind_parse(query)}"


def _body_behind_parse(query: FlowQuery) -> str:
    lines = query.body.format_map({key: key for key in query.fields}).split("\n")
    return "\n".join(line for line in lines if not line.startswith("#"))


def _parse(query: FlowQuery, log_format: LogFormat) -> str:
    r"""Write the command that names a line's words, with a remark of the query above it.

    There must be as many `*` as names, and a name takes letters, digits and `_` without quotes. In a format of more
    than MANY_FIELDS the words behind the last one that the query asks for stay together as `the_rest`.
    Source: CloudWatch Logs User Guide, "parse".
    """
    names = [field.key.replace("-", "_") for field in log_format.fields]
    if len(names) > MANY_FIELDS:
        last = max(log_format.position(key) or 0 for key in query.fields)
        names = [*names[: last + 1], *([THE_REST] if last + 1 < len(names) else [])]
    remarks = [line for line in query.body.split("\n") if line.startswith("#")]
    return "\n".join([*remarks, f'parse @message "{" ".join("*" * len(names))}" as {", ".join(names)}'])
