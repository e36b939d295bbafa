"""Marked lines: few, told from all others and from each other, for seeing where they arrive."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

from flowlogs.errors import SettingsError
from flowlogs.generate.dataset import Line
from flowlogs.generate.plan import version_of
from flowlogs.record.fields import FlowRecord
from flowlogs.record.log_format import LogFormat

MOST = 10_000
"""Lines of a run, so that each has a source port of its own."""
_FIRST_PORT = 20_000
_PEERS = "198.51.100"
"""TEST-NET-2 (RFC 5737): an address that no setting of internal networks holds."""
_TARGET = "10.0.0.10"
_PORTS = (22, 3389, 23, 445)
"""Rejected SSH is always among them: the first line."""
_SYN, _TCP = 2, 6
_SECONDS = 60


def new_marker(draw: Callable[[int], int]) -> str:
    """Give an interface id that no interface has; `draw` gives so many random bits."""
    return f"eni-{draw(68):017x}"


def marked_lines(marker: str, count: int, now: float, log_format: LogFormat, account_id: str) -> list[Line]:
    """Give lines of the minute before now, each with a source port of its own.

    All are rejects: whatever narrows the search stream keeps those. Raise SettingsError where the format lacks a
    field by which they are told.
    """
    keys = {field.key for field in log_format.fields}
    lacking = [name for name in ("interface_id", "srcport") if name not in keys]
    if lacking:
        raise SettingsError(f"the record format lacks {lacking[0].replace('_', '-')}, which marked lines are told by")
    version = version_of(log_format)
    return [_line(marker, number, int(now), log_format, account_id, version) for number in range(count)]


def _line(marker: str, number: int, now: int, log_format: LogFormat, account_id: str, version: int) -> Line:
    start = now - _SECONDS + number % (_SECONDS - 1)
    source = f"{_PEERS}.{number % 254 + 1}"
    record: FlowRecord = {
        "version": version,
        "account_id": account_id,
        "interface_id": marker,
        "srcaddr": source,
        "dstaddr": _TARGET,
        "srcport": _FIRST_PORT + number,
        "dstport": _PORTS[number % len(_PORTS)],
        "protocol": _TCP,
        "packets": 1,
        "bytes": 60,
        "start": start,
        "end": start + 1,
        "action": "REJECT",
        "log_status": "OK",
        "tcp_flags": _SYN,
        "type": "IPv4",
        "pkt_srcaddr": source,
        "pkt_dstaddr": _TARGET,
        "flow_direction": "ingress",
    }
    return Line(log_format.write(record), marker, start, start + 1)


def rejected_ssh(count: int) -> int:
    """Say how many of so many marked lines are rejected SSH."""
    return len(range(0, count, len(_PORTS)))


def log_file(lines: list[Line], log_format: LogFormat) -> bytes:
    """Give a log file as VPC Flow Logs puts into S3: gzip'd text under a header."""
    return gzip.compress(b"\n".join((log_format.header, *(line.text for line in lines), b"")), mtime=0)


def log_file_key(prefix: str, account_id: str, region: str, marker: str, now: float) -> str:
    """Name that file as AWS does. Source: VPC User Guide, "Publish flow logs to Amazon S3", "Log file names"."""
    at = datetime.fromtimestamp(now, UTC)
    unique = sha256(marker.encode()).hexdigest()[:8]
    flow_log_id = f"fl-{marker.removeprefix('eni-')}"
    name = f"{account_id}_vpcflowlogs_{region}_{flow_log_id}_{at:%Y%m%dT%H%MZ}_{unique}.log.gz"
    before = f"{prefix.rstrip('/')}/" if prefix else ""
    return f"{before}AWSLogs/{account_id}/vpcflowlogs/{region}/{at:%Y/%m/%d}/{name}"
