from typing import Any

import pytest
from botocore.utils import parse_timestamp
from fake_ec2 import FakeAws
from hypothesis import given
from hypothesis import strategies as st

from flowlogs.aws.account_clients import AccountClients, moment
from flowlogs.aws.scope_calls import CONFIG


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-02T03:04:05.000Z",
        "2026-01-02T03:04:05.678Z",
        "2026-01-02T03:04:05+02:00",
        "2026-01-02T03:04:05",
        "2026-01-02",
        "20260102",
        "Fri, 02 Jan 2026 03:04:05 GMT",
        "1767323045",
        1767323045,
        1767323045.5,
    ],
)
def test_a_time_is_read_as_botocore_reads_it(written: Any) -> None:
    assert moment(written) == parse_timestamp(written)


@given(st.text() | st.none() | st.lists(st.integers(), max_size=1))
def test_what_is_no_time_is_refused_as_botocore_refuses_it(written: object) -> None:
    def read(reader: object) -> object:
        try:
            return reader(written)  # type: ignore[operator]
        except Exception as error:  # noqa: BLE001 (whichever botocore raises)
            return type(error)

    assert read(moment) == read(parse_timestamp)


def test_the_clients_of_the_inventory_read_times_so() -> None:
    aws = FakeAws()
    aws.estates["111111111111", "eu-west-1"] = {
        "DescribeNetworkInterfaces": lambda _: [{"Attachment": {"AttachTime": "2026-01-02T03:04:05.000Z"}}]
    }
    client = AccountClients(aws.session()).make("ec2", "eu-west-1", CONFIG)
    (found,) = client.describe_network_interfaces(MaxResults=5)["NetworkInterfaces"]
    assert found["Attachment"]["AttachTime"] == parse_timestamp("2026-01-02T03:04:05Z")
