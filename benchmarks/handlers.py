"""The two handlers that are measured: ours, as Lambda runs it, and the plain one."""

import os
from collections.abc import Callable
from typing import Any

import maxminddb
from aws_lambda_powertools import Logger

from benchmarks.corpus import Corpus
from benchmarks.plain import Plain
from flowlogs.generate.geoip import ASN_FILE, CITY_FILE
from flowlogs.inventory.documents import interfaces_in
from flowlogs.publish import publish
from functions.decorator.wiring import Outside, wire

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


class Context:
    """Lambda's context, with time enough."""

    aws_request_id = "bench"

    def get_remaining_time_in_millis(self) -> int:
        """Give a minute."""
        return 60_000


def ours(corpus: Corpus, documents: str) -> Handler:
    """Wire the decorator as Lambda does, but for EC2."""
    environ = {
        "FLOWLOGS_INVENTORY": str(corpus.folder / "interfaces.json"),
        "FLOWLOGS_GEOIP": str(corpus.folder / "geoip"),
        "FLOWLOGS_DOCUMENTS": documents,
        "FLOWLOGS_DESTINATION": "opensearch" if documents == "one" else "text",
    }
    return _decorator(environ)


def with_inventory(place: str) -> Handler:
    """Wire the decorator with nothing but an inventory."""
    return _decorator({"FLOWLOGS_INVENTORY": place, "FLOWLOGS_DOCUMENTS": "one"})


def _decorator(environ: dict[str, str]) -> Handler:
    log = Logger(service="bench", stream=open(os.devnull, "w"))  # noqa: SIM115, PTH123 (as long as the process)
    return wire(environ, log, Outside(describe=None, publish=publish))


def plain(corpus: Corpus) -> Handler:
    """Give the plain handler the same knowledge in its own dicts."""
    interfaces: dict[str, Any] = {}
    addresses: dict[Any, Any] = {}
    for described in corpus.described:
        (interface,) = interfaces_in([described])
        own = {address["PrivateIpAddress"] for address in described["PrivateIpAddresses"]}
        own |= {address["Ipv6Address"] for address in described.get("Ipv6Addresses", ())}
        facts = {
            "vpc-id": interface.vpc_id,
            "subnet-id": interface.subnet_id,
            "instance-id": interface.instance_id,
            "aws-region": interface.region,
            "security-group-ids": list(interface.security_group_ids),
            "interface-owner": interface.owner,
        }
        known = {name: value for name, value in facts.items() if value}
        interfaces[interface.interface_id] = {"facts": known, "addresses": own}
        peer = {
            "id": interface.interface_id,
            "groups": list(interface.security_group_ids),
            "subnet": interface.subnet_id,
        }
        addresses |= {(interface.vpc_id, address): peer for address in own}
    city = maxminddb.open_database(corpus.folder / "geoip" / CITY_FILE)
    asn = maxminddb.open_database(corpus.folder / "geoip" / ASN_FILE)
    handler: Handler = Plain(interfaces, addresses, city, asn).handler  # type: ignore[no-untyped-call]
    return handler
