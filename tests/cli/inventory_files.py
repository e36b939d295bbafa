"""Inventories as tests of `flowlogs inventory show` and `diff` need them, in files."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flowlogs.inventory.interval import Interval, Scope
from flowlogs.inventory.network_interface import BEGINNING, END
from flowlogs.inventory.own_form import own_form

ONE, TWO = Scope("111111111111", "eu-west-1"), Scope("222222222222", "eu-west-1")
TAKEN = 1_767_225_600
"""2026-01-01 00:00 UTC."""
HOUR = 3600


def there(id_: str, facts: Mapping[str, Any], since: int = BEGINNING, until: int = END, scope: Scope = ONE) -> Interval:
    """Make a resource as it was for a time."""
    return Interval(scope, id_, facts, since, until)


def written(
    path: Path,
    by_kind: Mapping[str, Iterable[Interval]],
    scopes: Iterable[Scope] = (ONE,),
    **more: object,
) -> str:
    """Write an inventory as `pull` does; give where it lies."""
    content = own_form(by_kind, TAKEN) | {"scopes": list(map(str, scopes)), "missing": {}, "failed": []} | more
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return str(path)


WEB = there(
    "eni-web",
    {
        "vpc-id": "vpc-1",
        "subnet-id": "subnet-1",
        "addresses": ["10.0.3.4", "2a05:d018:f10:6400::7"],
        "prefixes": ["10.0.9.16/28", "2a05:d018:f10:6401::/80"],
        "public-addresses": ["52.1.2.3"],
        "security-group-ids": ["sg-web", "sg-ssh"],
        "instance-id": "i-web",
        "name": "front",
    },
)
NAT = there("eni-nat", {"addresses": ["10.0.3.5"], "interface-owner": "nat-gateway nat-1", "vpc-id": "vpc-1"})
EVERYTHING: Mapping[str, list[Interval]] = {
    "network-interfaces": [WEB, NAT],
    "security-groups": [there("sg-web", {"group-name": "web servers"}), there("sg-db", {"group-name": "databases"})],
    "security-group-rules": [there("sgr-1", {"security-group-id": "sg-web", "cidr": "10.0.0.0/8"})],
    "subnets": [there("subnet-1", {"vpc-id": "vpc-1", "cidrs": ["10.0.3.0/24"]})],
    "vpcs": [there("vpc-1", {"cidrs": ["10.0.0.0/16"], "name": "main"})],
    "prefix-lists": [there("pl-1", {"name": "offices", "entries": ["198.51.100.0/24"]})],
    "instances": [there("i-web", {"name": "web-1"})],
}
"""A small inventory, in the order in which kinds are listed."""
