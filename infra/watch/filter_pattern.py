"""The filter pattern by which CloudWatch Logs counts rejected SSH, for any record format."""

import re
from collections.abc import Mapping, Sequence

from flowlogs.record.log_format import LogFormat

LONGEST_PATTERN = 1024
"""Characters of a filter pattern. Source: CloudWatch Logs API Reference, "PutMetricFilter"."""

REJECTED_SSH: Mapping[str, str] = {"dstport": "22", "protocol": "6", "action": "REJECT"}
"""What a record of rejected SSH says: TCP (IANA 6) to port 22, refused. A record without traffic has "-" there."""

_AS_AWS_SAYS = {
    "account_id": "account",
    "interface_id": "eni",
    "srcaddr": "source",
    "dstaddr": "destination",
    "start": "windowstart",
    "end": "windowend",
    "log_status": "flowlogstatus",
}
"""Names that people know from AWS's own pattern.

Source: VPC User Guide, "Process flow log records in CloudWatch Logs".
"""
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_]")


def missing_fields(log_format: LogFormat) -> list[str]:
    """List the fields, by AWS's names, without which rejected SSH cannot be told from other records."""
    return [key for key in REJECTED_SSH if log_format.position(key) is None]


def rejected_ssh_pattern(log_format: LogFormat) -> str:
    """Give the pattern that matches exactly the records of rejected SSH.

    Every field has its place: a line with more or fewer words does not match. So the pattern has no `...`, by which a
    line of another format could match by chance. What CloudWatch takes for one word between quotes or brackets does not
    occur in flow logs: values have no blanks, and tag values are percent-encoded.
    Source: CloudWatch Logs User Guide, "Filter pattern syntax", "Matching terms in space-delimited log events".

    Raise ValueError where the format lacks a field, or has so many that no pattern is short enough.
    """
    if missing := missing_fields(log_format):
        raise ValueError(f"rejected SSH cannot be counted: the record format lacks {', '.join(missing)}")
    keys = [field.key for field in log_format.fields]
    for names in ([_name_of(key) for key in keys], [f"f{place}" for place in range(1, len(keys) + 1)]):
        pattern = _pattern(keys, names)
        if len(pattern) <= LONGEST_PATTERN and len(set(names)) == len(names):
            return pattern
    raise ValueError(
        f"rejected SSH cannot be counted: a pattern for {len(keys)} fields is longer than {LONGEST_PATTERN} characters"
    )


def _name_of(key: str) -> str:
    return _AS_AWS_SAYS.get(key) or _NOT_IN_A_NAME.sub("_", key)


def _pattern(keys: Sequence[str], names: Sequence[str]) -> str:
    columns = [
        f'{key}="{REJECTED_SSH[key]}"' if key in REJECTED_SSH else name for key, name in zip(keys, names, strict=True)
    ]
    return f"[{', '.join(columns)}]"
