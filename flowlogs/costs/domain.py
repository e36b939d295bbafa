"""Chooses nodes of OpenSearch that hold so much of index: by volume alone, not by how it is searched."""

import math
from dataclasses import dataclass

from flowlogs.costs.prices import Prices
from flowlogs.costs.volumes import HOURS

USABLE = 0.8
"""Share of the storage that fills before a domain blocks writes. Source: OpenSearch Service, "Sizing domains"."""
GB_A_GB_OF_MEMORY = 30
"""GB of storage a node is taken to serve with each GB of its memory, for logs; assumed. It is below what the volumes
of these nodes may hold (OpenSearch Service, "EBS volume size quotas")."""


MOST_NODES = 80
"""Data nodes of a domain that AWS allows without being asked for more. Source: OpenSearch Service, "Quotas"."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A type of node: GB of memory, and how many of it are taken for a domain at most."""

    instance: str
    memory: int
    most: int = MOST_NODES


NODES = (
    _Node("t3.medium.search", 4, most=10),  # burstable: not for what is busy all day
    _Node("r6g.large.search", 16),
    _Node("r6g.xlarge.search", 32),
    _Node("r6g.2xlarge.search", 64),
    _Node("r6g.4xlarge.search", 128),
)
"""The nodes that are chosen from."""
SMALLEST_VOLUME = 10
"""GB. Source: OpenSearch Service, "EBS volume size quotas"."""
MASTERS, MASTER = 3, "m6g.large.search"
"""Dedicated masters of a domain of more than `WITHOUT_MASTERS` data nodes."""
WITHOUT_MASTERS = 10
"""Data nodes that are taken to do without; t3 masters are not allowed above. Source: OpenSearch Service, "Quotas"."""
VOLUME = "opensearch_gp3"


@dataclass(frozen=True, slots=True)
class Domain:
    """Data nodes of one type with their volumes (GB each), and dedicated masters, for so much storage (GB)."""

    gigabytes: float
    instance: str
    nodes: int
    volume_gb: float
    masters: int

    @property
    def exceeds_quota(self) -> bool:
        """Say whether AWS must be asked for so many nodes."""
        return self.nodes > MOST_NODES

    def text(self) -> str:
        """Say what stands there."""
        masters = f", {self.masters} {MASTER} as masters" if self.masters else ""
        return f"{self.nodes} {self.instance} with {math.ceil(self.volume_gb):,} GB each{masters}"

    def cost(self, prices: Prices) -> float | None:
        """Give the dollars of a month; None where one of its prices was not found."""
        asked = {
            self.instance: self.nodes * HOURS,
            MASTER: self.masters * HOURS,
            VOLUME: self.nodes * self.volume_gb,
        }
        costs = [prices.price(name).cost(quantity) for name, quantity in asked.items() if quantity]
        return None if None in costs else sum(cost for cost in costs if cost is not None)


def storage(index_a_day: float, days: float) -> float:
    """Give the GB of storage for so many whole days of index, and the day that is being written."""
    return index_a_day * (days + 1) / USABLE


def domain_for(gigabytes: float, prices: Prices) -> Domain:
    """Choose the cheapest domain for so much storage; where prices were not found, the one of least memory.

    Where it takes more nodes than a domain may have, these are of the largest type.
    """
    domains = {node: domain for node in NODES if (domain := _domain(node, gigabytes)).nodes <= node.most}
    if not domains:
        return _domain(NODES[-1], gigabytes)
    priced = [(cost, domain) for domain in domains.values() if (cost := domain.cost(prices)) is not None]
    if priced:
        return min(priced, key=lambda pair: pair[0])[1]
    return min(domains.items(), key=lambda pair: (pair[0].memory * pair[1].nodes, pair[1].nodes))[1]


def _domain(node: _Node, gigabytes: float) -> Domain:
    """Give the domain of one type: an even number of nodes in two zones, each index once in each."""
    nodes = 2 * max(1, math.ceil(gigabytes / (2 * node.memory * GB_A_GB_OF_MEMORY)))
    volume = max(SMALLEST_VOLUME, gigabytes / nodes)
    return Domain(gigabytes, node.instance, nodes, volume, MASTERS if nodes > WITHOUT_MASTERS else 0)
