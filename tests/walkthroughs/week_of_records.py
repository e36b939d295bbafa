"""The week of the walkthroughs: made as their pages say, and read again with nothing of ours but the generator."""

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

Record = dict[str, Any]

_NUMBERS = ("version", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "tcp-flags")
_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp"}
"""Those of the generated traffic. Source: IANA, "Protocol Numbers"."""


@dataclass(frozen=True, slots=True)
class Week:
    """The folder in which the commands of the pages ran: `week` was generated, and `week/results` enriched from it."""

    folder: Path

    def described(self, name: str, member: str) -> list[dict[str, Any]]:
        """Give what EC2 is said to have printed."""
        items: list[dict[str, Any]] = json.loads((self.folder / "week" / "inventory" / name).read_text())[member]
        return items

    def records(self) -> list[Record]:
        """Read the raw lines, and add the few facts that the panels of the pages count by."""
        described = self.described("network-interfaces.json", "NetworkInterfaces")
        by_interface = {each["NetworkInterfaceId"]: _groups(each) for each in described}
        by_address = {address: _groups(each) for each in described for address in _addresses(each)}
        return [_with_facts(record, by_interface, by_address) for record in self._lines()]

    def _lines(self) -> Iterator[Record]:
        for path in sorted((self.folder / "week" / "logs").rglob("*.log.gz")):
            with gzip.open(path, "rt", encoding="ascii") as file:
                for row in csv.DictReader(file, delimiter=" "):
                    there = {name: value for name, value in row.items() if value != "-"}
                    yield there | {name: int(there[name]) for name in _NUMBERS if name in there}


def _groups(interface: dict[str, Any]) -> list[str]:
    return [group["GroupId"] for group in interface["Groups"]]


def _addresses(interface: dict[str, Any]) -> Iterator[str]:
    """Give the addresses that belong to an interface, those of prefixes delegated to it too."""
    yield from (one["PrivateIpAddress"] for one in interface["PrivateIpAddresses"])
    yield from (one["Ipv6Address"] for one in interface.get("Ipv6Addresses", ()))
    yield from (str(one) for each in interface.get("Ipv4Prefixes", ()) for one in ip_network(each["Ipv4Prefix"]))


def _with_facts(record: Record, by_interface: dict[str, list[str]], by_address: dict[str, list[str]]) -> Record:
    facts: Record = {
        "@timestamp": datetime.fromtimestamp(record["start"], UTC).isoformat(),
        "security-group-ids": by_interface.get(record["interface-id"], []),
    }
    if record["log-status"] == "OK":
        inbound = record["flow-direction"] == "ingress"
        far = record["pkt-srcaddr" if inbound else "pkt-dstaddr"]
        facts["interface-end"] = "destination" if inbound else "source"
        facts["protocol-name"] = _PROTOCOLS[record["protocol"]]
        facts["peer-security-group-ids"] = by_address.get(far, [])
    return record | facts
