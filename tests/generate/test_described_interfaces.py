"""The interfaces of the generated VPC have the shapes that EC2 was seen to print."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from flowlogs.generate.roles import BESIDE, SMALLEST
from flowlogs.generate.roles import ROLES as OF_THE_SHOP
from flowlogs.generate.vpc import ACCOUNT_ID, build
from flowlogs.inventory.owner import owner_of

OWNERS = {
    "alb": r"load-balancer app/shop/[0-9a-f]{16}",
    "nat": r"nat-gateway nat-0[0-9a-f]{16}",
    "eks": r"eks-node i-0[0-9a-f]{16}",
    "lambda": r"lambda lambda-\d",
    "database": "rds",
    "standby": "rds",
    "endpoint": r"vpc-endpoint vpce-0[0-9a-f]{16}",
}
"""What `interface-owner` reads, by role; the others work for nobody but the customer."""
SEEN = {"amazon-elb", "amazon-rds", "amazon-aws"}
"""The aliases of AWS's accounts that answers have for these services; the others have an account id."""
ROLES = OF_THE_SHOP | {role.name: role for role in BESIDE}
VPC = build(seed=7, interfaces=SMALLEST)
DESCRIBED: dict[str, dict[str, Any]] = {
    interface.role.name: described
    for interface, described in zip(VPC.interfaces, VPC.describe_network_interfaces(), strict=True)
}
ON_HYPERPLANE = {"nat", "lambda", "endpoint"}
"""Roles whose interfaces are attached to no instance of anybody's."""


def accounts(described: dict[str, Any]) -> Iterator[str]:
    yield from filter(None, (described.get("RequesterId"), described["Attachment"]["InstanceOwnerId"]))


@pytest.mark.parametrize("role", ROLES)
def test_the_owner_of_a_generated_interface_is_named_as_that_of_a_real_one(role: str) -> None:
    owner = owner_of(DESCRIBED[role])
    assert re.fullmatch(OWNERS[role], owner or "") if role in OWNERS else owner is None


@pytest.mark.parametrize("role", ROLES)
def test_whoever_made_it_is_an_account_a_role_or_an_alias_that_was_seen(role: str) -> None:
    instance = DESCRIBED[role]["Attachment"].get("InstanceId")
    sessions = {ACCOUNT_ID, instance} if ROLES[role].maker else set()
    for account in accounts(DESCRIBED[role]):
        unique_id, _, session = account.partition(":")
        is_role = re.fullmatch(r"AROA[0-9A-Z]{17}", unique_id) and session in sessions
        assert is_role or re.fullmatch(r"\d{12}", account) or account in SEEN


@pytest.mark.parametrize("role", ROLES)
def test_what_is_attached_to_no_instance_has_no_time_of_attachment(role: str) -> None:
    attachment = DESCRIBED[role]["Attachment"]
    is_on_instance = attachment["AttachmentId"].startswith("eni-attach-")
    assert is_on_instance != attachment["AttachmentId"].startswith("ela-attach-")
    assert is_on_instance == (role not in ON_HYPERPLANE)
    assert is_on_instance == ("AttachTime" in attachment) == ("NetworkCardIndex" in attachment)
    assert is_on_instance == (attachment["InstanceOwnerId"] != "amazon-aws")


@pytest.mark.parametrize("role", ROLES)
def test_requester_managed_is_said_of_services_but_not_of_lambda_nor_of_nodes(role: str) -> None:
    managed = {"alb", "nat", "database", "standby", "endpoint"}
    assert DESCRIBED[role]["RequesterManaged"] is (role in managed)
    assert ("RequesterId" in DESCRIBED[role]) == (role in managed | {"lambda", "eks"})


def test_a_node_of_eks_has_the_description_and_tags_of_its_network_plug_in() -> None:
    node = DESCRIBED["eks"]
    instance_id = node["Attachment"]["InstanceId"]
    tags = {tag["Key"]: tag["Value"] for tag in node["TagSet"]}
    assert node["Description"] == f"aws-K8S-{instance_id}"
    assert node["RequesterId"].endswith(f":{instance_id}")
    assert tags["node.k8s.amazonaws.com/instance_id"] == instance_id
    assert node["Attachment"]["DeviceIndex"] == 1


def test_public_addresses_are_the_accounts_own_but_for_load_balancers() -> None:
    associations = {
        role: described["Association"] for role, described in DESCRIBED.items() if "Association" in described
    }
    assert {role: found["IpOwnerId"] for role, found in associations.items()} == {
        "alb": "amazon-elb",
        "nat": ACCOUNT_ID,
        "bastion": ACCOUNT_ID,
    }
    assert {role for role, found in associations.items() if "AllocationId" in found} == {"nat", "bastion"}
