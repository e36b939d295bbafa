"""Asks EC2 for network interfaces."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config

from flowlogs.aws.clients import client_of, understood
from flowlogs.aws.failures import FAILURES, code_of
from flowlogs.errors import UnusableInventory
from flowlogs.inventory.documents import interfaces_in
from flowlogs.inventory.network_interface import NetworkInterface

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client

_PAGE = 1000
"""The most that EC2 takes for MaxResults."""
_MOST_PAGES = 3
"""Pages that are read: one holds all that a filter can name, but may be given in parts."""
_HIDDEN = {"IncludeManagedResources": True}
"""Else interfaces of nodes that AWS manages may be left out; the botocore of a runtime may be too old to send it."""
_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})


class DescribeInterfaces:
    """DescribeNetworkInterfaces by id (`flowlogs.inventory.asking_ec2.Describe`)."""

    def __init__(self, client: "EC2Client | None" = None) -> None:
        self._given = client

    @property
    def _client(self) -> "EC2Client":
        return self._given or cast("EC2Client", client_of("ec2", _CONFIG))

    def __call__(self, interface_ids: Sequence[str]) -> list[NetworkInterface]:
        """Give those of the interfaces that exist; raise OSError where EC2 refuses or throttles.

        Asks by filter: by id, one missing interface would fail the whole call; a filter takes 200 values. Asks for
        pages, without which EC2 refuses an account with very many interfaces; a page may hold less than there is, so
        the next are read too. Source: EC2 API, DescribeNetworkInterfaces.
        """
        try:
            return interfaces_in(self._pages(list(interface_ids)))
        except FAILURES as error:
            raise OSError(f"EC2 answered {code_of(error)}") from error
        except UnusableInventory as error:
            raise OSError(str(error)) from error

    def _pages(self, interface_ids: list[str]) -> Iterator[dict[str, Any]]:
        client: Any = self._client
        asked: dict[str, Any] = {"Filters": [{"Name": "network-interface-id", "Values": interface_ids}]}
        asked |= understood(client, "DescribeNetworkInterfaces", _HIDDEN)
        pages = client.get_paginator("describe_network_interfaces").paginate(
            **asked, PaginationConfig={"PageSize": _PAGE}
        )
        yield from islice(pages, _MOST_PAGES)
