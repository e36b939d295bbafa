"""Seeded input for the benchmarks: a generated VPC's lines as Firehose's events, its inventory and databases."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from flowlogs.generate import geoip, traffic, vpc
from flowlogs.generate.plan import Plan
from flowlogs.record.log_format import DEFAULT

LINES_AN_EVENT = 1_800
"""Lines of about 114 bytes in 0.2 MB, the buffer of the transformation."""
_ARN = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/bench"
_START = 1_767_225_600


@dataclass(frozen=True, slots=True)
class Corpus:
    """Lines, and what is known of them in files below `folder`."""

    lines: list[bytes]
    folder: Path
    described: list[dict[str, Any]]

    def events(self, lines_a_record: int) -> list[dict[str, Any]]:
        """Carry the lines in events, `lines_a_record` together; several behind a header, as the ingestor packs them."""
        return list(_events(self.lines, lines_a_record))


def make(folder: Path, *, interfaces: int, lines: int, unique: bool = False) -> Corpus:
    """Generate a VPC's lines; with `unique` every far address is another one."""
    folder.mkdir(parents=True, exist_ok=True)
    built = vpc.build(seed=1, interfaces=interfaces)
    described = [dict(interface) for interface in built.describe_network_interfaces()]
    (folder / "interfaces.json").write_text(json.dumps({"NetworkInterfaces": described}))
    (folder / "geoip").mkdir(exist_ok=True)
    geoip.write(folder / "geoip", built=_START)
    plan = Plan(seed=1, lines=lines, start=_START, minutes=max(5, min(60, lines // 4_000)), version=2)
    records = islice(traffic.records(built, plan), lines)
    written = [DEFAULT.write(record) for record in records]
    return Corpus(_with_unique_ends(written, described) if unique else written, folder, described)


def _with_unique_ends(lines: list[bytes], described: list[dict[str, Any]]) -> list[bytes]:
    """Give every line a far address of its own, in public space."""
    own = {address["PrivateIpAddress"].encode() for each in described for address in each["PrivateIpAddresses"]}
    changed = []
    for number, line in enumerate(lines):
        values = line.split()
        far = 3 if values[4] in own else 4
        if values[far] != b"-" and b":" not in line:
            values[far] = b"%d.%d.%d.%d" % (60 + (number >> 21), number >> 13 & 255, number >> 5 & 255, number % 32 * 7)
        changed.append(b" ".join(values))
    return changed


def _events(lines: list[bytes], together: int) -> Iterator[dict[str, Any]]:
    for first in range(0, len(lines), LINES_AN_EVENT):
        batch = lines[first : first + LINES_AN_EVENT]
        records = [_record(batch[at : at + together], first + at) for at in range(0, len(batch), together)]
        yield {"invocationId": f"{first}", "deliveryStreamArn": _ARN, "region": "eu-west-1", "records": records}


def _record(lines: list[bytes], number: int) -> dict[str, Any]:
    text = lines[0] if len(lines) == 1 else b"\n".join((DEFAULT.header, *lines))
    return {
        "recordId": f"{49_546_986_683_135_544_286_507_457_936_321_625_675_700_192_471_156_785_154 + number}000000",
        "approximateArrivalTimestamp": 1_767_225_900_000,
        "data": base64.b64encode(text).decode(),
    }
