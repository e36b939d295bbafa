"""Asks EC2 for network interfaces."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from botocore.config import Config

from flowlogs.aws.clients import client_of
from flowlogs.aws.failures import FAILURES, code_of
from flowlogs.errors import UnusableInventory
from flowlogs.inventory.describe import interfaces_in
from flowlogs.inventory.network_interface import NetworkInterface

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})


class DescribeInterfaces:
    """One call of DescribeNetworkInterfaces (`flowlogs.inventory.lookup.Describe`)."""

    def __init__(self, client: "EC2Client | None" = None) -> None:
        self._given = client

    @property
    def _client(self) -> "EC2Client":
        return self._given or cast("EC2Client", client_of("ec2", _CONFIG))

    def __call__(self, interface_ids: Sequence[str]) -> list[NetworkInterface]:
        """Give those of the interfaces that exist; raise OSError where EC2 refuses or throttles.

        Asks by filter: by id, one missing interface would fail the whole call. Source: EC2 API,
        DescribeNetworkInterfaces (a filter takes 200 values).
        """
        filters = [{"Name": "network-interface-id", "Values": list(interface_ids)}]
        try:
            answer = self._client.describe_network_interfaces(Filters=filters)  # type: ignore[arg-type]
            return list(interfaces_in(dict(answer)))
        except FAILURES as error:
            raise OSError(f"EC2 answered {code_of(error)}") from error
        except UnusableInventory as error:
            raise OSError(str(error)) from error
