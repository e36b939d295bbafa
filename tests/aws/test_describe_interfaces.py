from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber
from moto import mock_aws

from flowlogs.aws.ec2 import DescribeInterfaces
from flowlogs.inventory.asking_ec2 import LookUp
from flowlogs.inventory.network_interface import NetworkInterface

AWS: dict[str, Any] = {
    "region_name": "eu-west-1",
    "aws_access_key_id": "testing",
    "aws_secret_access_key": "testing",
    "config": Config(retries={"total_max_attempts": 1}),
}
ASKED = {
    "Filters": [{"Name": "network-interface-id", "Values": ["eni-1", "eni-2"]}],
    "MaxResults": 1000,
    "IncludeManagedResources": True,
}
"""Without a page size EC2 refuses where interfaces are very many. Source: EC2 API, DescribeNetworkInterfaces."""


def test_ec2_is_asked_by_filter_so_that_a_missing_one_does_no_harm() -> None:
    with mock_aws():
        ec2 = boto3.client("ec2", **AWS)
        vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet_id = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        group_id = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc_id)["GroupId"]
        made = ec2.create_network_interface(SubnetId=subnet_id, PrivateIpAddress="10.0.0.9", Groups=[group_id])
        interface_id = made["NetworkInterface"]["NetworkInterfaceId"]
        (found,) = DescribeInterfaces(ec2)([interface_id, "eni-0123456789abcdef0"])
    assert (found.interface_id, found.vpc_id, found.subnet_id) == (interface_id, vpc_id, subnet_id)
    assert found.security_group_ids == (group_id,)
    assert found.addresses[0] == bytes([10, 0, 0, 9])
    assert found.region == "eu-west-1"


def describing(**answer: Any) -> tuple[DescribeInterfaces, Stubber]:
    client = boto3.client("ec2", **AWS)
    stubber = Stubber(client)
    if "code" in answer:
        stubber.add_client_error("describe_network_interfaces", service_error_code=answer["code"])
    else:
        stubber.add_response("describe_network_interfaces", answer, ASKED)
    stubber.activate()
    return DescribeInterfaces(client), stubber


def test_one_call_asks_for_all() -> None:
    describe, aws = describing(NetworkInterfaces=[{"NetworkInterfaceId": "eni-2"}])
    assert describe(["eni-1", "eni-2"]) == [NetworkInterface("eni-2")]
    aws.assert_no_pending_responses()


@pytest.mark.parametrize("code", ["RequestLimitExceeded", "UnauthorizedOperation"])
def test_ec2_that_refuses_or_throttles_is_an_os_error(code: str) -> None:
    with pytest.raises(OSError, match=f"EC2 answered {code}"):
        LookUp(describing(code=code)[0], 30).find({"eni-1"}, 1000)


def test_an_answer_that_cannot_be_read_is_an_os_error() -> None:
    answer = {"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "PrivateIpAddress": "ten"}]}
    with pytest.raises(OSError, match="eni-1 is not as EC2 describes it"):
        describing(**answer)[0](["eni-1", "eni-2"])
