import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowlogs.inventory.owner import owner_of

RESPONSES = Path(__file__).parent / "responses"
"""Answers in the shapes that EC2 prints, with invented ids; `flowlogs.inventory.owner` says where each was seen."""
OWNERS: dict[str, str] = json.loads((RESPONSES / "aws-services.owners.json").read_text())


def interfaces(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((RESPONSES / name).read_text())["NetworkInterfaces"]
    return found


SERVICES = {OWNERS[described["NetworkInterfaceId"]]: described for described in interfaces("aws-services.json")}
CUSTOMERS = {each["NetworkInterfaceId"]: each for each in interfaces("customers-own.json")}
CUSTOMER = {
    "RequesterId": "AROAEXAMPLEEXAMPLE099:deployer",
    "RequesterManaged": False,
    "Attachment": {"InstanceId": "i-0ff00000000000099", "InstanceOwnerId": "111122223333", "Status": "attached"},
    "InterfaceType": "interface",
    "Operator": {"Managed": False},
    "TagSet": [{"Key": "aws:cloudformation:stack-name", "Value": "shop"}],
}
"""What EC2 says of an interface that a customer's stack made and attached to an instance."""


@pytest.mark.parametrize("owner", SERVICES)
def test_an_interface_of_a_service_is_named_for_it_and_its_resource(owner: str) -> None:
    assert owner_of(SERVICES[owner]) == owner


@pytest.mark.parametrize("interface_id", CUSTOMERS)
def test_a_customers_own_interface_works_for_nobody_whatever_it_is_called(interface_id: str) -> None:
    assert owner_of(CUSTOMERS[interface_id]) is None


@pytest.mark.parametrize("owner", SERVICES)
def test_a_services_description_on_a_customers_interface_is_not_believed(owner: str) -> None:
    assert owner_of(SERVICES[owner] | CUSTOMER) is None


UNMISTAKABLE = [
    "load-balancer app/shop-front/0123456789abcdef",
    "nat-gateway nat-0aa00000000000001",
    "vpc-endpoint vpce-0cc00000000000001",
    "transit-gateway tgw-attach-0bb00000000000001",
    "lambda nightly-report",
    "rds",
    "efs fs-0aa00000000000009",
    "route53-resolver rslvr-in-0dd00000000000001",
    "eks-node i-0ff00000000000001",
]
MISTAKABLE = ["load-balancer legacy-web", "elasticache sessions-001", "opensearch logs-prod", "eks shop-prod", "glue"]


@pytest.mark.parametrize("managed", [{}, {"RequesterManaged": None}, {"RequesterManaged": False}], ids=str)
@pytest.mark.parametrize("owner", [*UNMISTAKABLE, *MISTAKABLE])
def test_where_only_a_description_is_left_one_that_no_person_writes_is_believed(
    owner: str, managed: dict[str, Any]
) -> None:
    left = {"Description": SERVICES[owner]["Description"], "InterfaceType": "interface"} | managed
    assert owner_of(left) == (owner if owner in UNMISTAKABLE else None)


@pytest.mark.parametrize(
    "said",
    [
        {"RequesterId": "111122223333"},
        {"Attachment": {"InstanceId": "i-0ff00000000000099"}},
        {"Attachment": {"InstanceOwnerId": "111122223333"}, "OwnerId": "111122223333"},
    ],
    ids=["requester", "instance", "account"],
)
@pytest.mark.parametrize("owner", UNMISTAKABLE[:-1])
def test_it_is_not_where_anything_says_that_a_customer_made_the_interface(owner: str, said: dict[str, Any]) -> None:
    assert owner_of({"Description": SERVICES[owner]["Description"]} | said) is None


@pytest.mark.parametrize(
    "said",
    [
        {"Attachment": {"InstanceId": "i-1"}, "RequesterId": "AROA1:aws-sdk-go"},
        {"RequesterId": "AROA1:i-1"},
        {"RequesterId": "AROA1:x", "TagSet": [{"Key": "node.k8s.amazonaws.com/instance_id", "Value": "i-1"}]},
    ],
    ids=["attached", "made by the node", "left behind"],
)
def test_a_nodes_interface_is_known_by_its_instance(said: dict[str, Any]) -> None:
    assert owner_of({"Description": "aws-K8S-i-1"} | said) == "eks-node i-1"
    assert owner_of({"Description": "aws-K8S-i-2"} | said) is None


@pytest.mark.parametrize("managed", [True, False, None])
def test_requester_managed_alone_decides_nothing(managed: bool | None) -> None:
    assert owner_of({"RequesterManaged": managed, "RequesterId": "444455556666", "Description": "something"}) is None


@pytest.mark.parametrize(
    ("described", "owner"),
    [
        ({"RequesterId": "amazon-rds"}, "rds"),
        ({"RequesterId": "amazon-elb", "Description": "something new"}, "load-balancer"),
        ({"RequesterId": "amazon-elasticsearch"}, "opensearch"),
        ({"RequesterId": "amazon-new"}, "new"),
        ({"Attachment": {"InstanceOwnerId": "amazon-redshift"}}, "redshift"),
        ({"Attachment": {"InstanceOwnerId": "amazon-aws"}}, "aws"),
        ({"RequesterId": "amazon-aws", "Attachment": {"InstanceOwnerId": "amazon-rds"}}, "rds"),
        ({"InterfaceType": "lambda", "Description": "renamed"}, "lambda"),
        ({"InterfaceType": "quicksight"}, "quicksight"),
        ({"InterfaceType": "network_load_balancer", "RequesterId": "444455556666"}, "load-balancer"),
        ({"InterfaceType": "iot_rules_managed"}, "iot-rules"),
        ({"InterfaceType": "something_new_managed"}, "something-new"),
        ({"Operator": {"Managed": True, "Principal": "scaler.lambda.amazonaws.com"}}, "lambda"),
        ({"Operator": {"Managed": True, "Principal": "eks.amazonaws.com.cn"}}, "eks"),
        ({"Operator": {"Managed": True, "Principal": "a provider"}}, "a provider"),
        ({"Operator": {"Managed": False, "Principal": "eks.amazonaws.com"}}, None),
        ({"RequesterId": "AROA1:Comprehend", "OwnerId": "111122223333"}, None),
        (
            {
                "RequesterId": "AROA1:Comprehend",
                "OwnerId": "111122223333",
                "Attachment": {"InstanceOwnerId": "666677778888"},
            },
            "comprehend",
        ),
        ({"Description": "AWS Lambda VPC ENI-tidy-up", "InterfaceType": "lambda"}, "lambda tidy-up"),
        ({"Description": "AWS Lambda VPC ENI: 0f1e2d3c", "Attachment": {"InstanceOwnerId": "aws-lambda"}}, "lambda"),
        ({"Description": "CloudHsm ENI", "RequesterManaged": True}, "cloudhsm"),
        ({"Description": "CloudHsm ENI hsm-1", "RequesterManaged": True}, "cloudhsm hsm-1"),
        (
            {
                "Description": "arn:aws:ecs:eu-west-1:1:attachment/a-1",
                "RequesterId": "AROA1:x",
                "TagSet": [{"Key": "aws:ecs:clusterName", "Value": "shop"}],
            },
            "ecs-task a-1",
        ),
        ({"Operator": {"Managed": False, "Principal": "eks.amazonaws.com"}, "RequesterManaged": True}, None),
        ({"InterfaceType": "efa", "RequesterId": "111122223333"}, None),
        ({}, None),
    ],
    ids=range(26),
)
def test_where_no_description_tells_the_type_or_the_account_does(described: dict[str, Any], owner: str | None) -> None:
    assert owner_of(described) == owner


MEMBERS = [*CUSTOMER, "Description", "OwnerId", "InstanceId", "InstanceOwnerId", "Managed", "Principal", "Key", "Value"]
TEXTS = ["interface", "branch", "ELB x", "amazon-elb", "AROA1:AmazonEKS", "aws-K8S-i-1", "DAX\n", "111122223333"]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.binary(max_size=2) | st.sampled_from(TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=4),
    max_leaves=8,
)


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from(MEMBERS), JUNK))
def test_whatever_the_members_are_there_is_an_answer(described: dict[str, Any]) -> None:
    owner = owner_of(described)
    assert owner is None or (owner and owner == owner.strip())
