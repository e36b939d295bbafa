"""Writes lists of networks into a place of geo data, and opens them."""

import json
import os
from pathlib import Path
from typing import Any

from flowlogs.decorate.address_sets import AddressSets, open_address_sets

NOW = 1_767_225_600
"""2026-01-01 00:00 UTC."""
DAY = 86_400


def empty_place(folder: Path) -> Path:
    """Make the folders that lists lie in."""
    for name in ("networks", "threats"):
        (folder / name).mkdir()
    return folder


def put(path: Path, content: str | bytes, days: float = 0) -> None:
    """Write a file of some age."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(path, (NOW - days * DAY, NOW - days * DAY))


def ranges(*prefixes: tuple[str, str, str], **more: Any) -> str:
    """Write AWS's file (VPC User Guide, "Syntax for AWS IP address range JSON")."""
    entries: dict[str, list[dict[str, str]]] = {"ip_prefix": [], "ipv6_prefix": []}
    for prefix, service, region in prefixes:
        key = "ipv6_prefix" if ":" in prefix else "ip_prefix"
        entries[key].append({key: prefix, "region": region, "service": service, "network_border_group": region})
    about = {"syncToken": "1767225000", "createDate": "2025-12-31-23-50-00"}
    return json.dumps({**about, "prefixes": entries["ip_prefix"], "ipv6_prefixes": entries["ipv6_prefix"], **more})


def opened(place: Path) -> AddressSets:
    """Open what has no fault."""
    sets = open_address_sets([place], NOW)
    assert sets.problems == []
    return sets
