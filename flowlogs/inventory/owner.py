"""What an interface works for, where AWS manages it, from how EC2 describes it."""

import re
from collections.abc import Mapping

_BY_DESCRIPTION = (
    (re.compile(r"ELB (?P<name>(?:app|net|gwy)/[^ ]+)"), "load-balancer"),
    (re.compile(r"ELB (?P<name>\S+)"), "load-balancer"),
    (re.compile(r"Interface for NAT Gateway (?P<name>nat-\w+)"), "nat-gateway"),
    (re.compile(r"AWS Lambda VPC ENI-(?P<name>.+?)(?:-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?\Z"), "lambda"),
    (re.compile(r"VPC Endpoint Interface (?P<name>vpce-\w+)"), "vpc-endpoint"),
    (re.compile(r"Network Interface for Transit Gateway Attachment (?P<name>tgw-attach-\w+)"), "transit-gateway"),
    (re.compile(r"EFS mount target for (?P<name>fs-\w+)"), "efs"),
    (re.compile(r"Amazon EKS (?P<name>.+)"), "eks"),
    (re.compile(r"aws-K8S-(?P<name>i-\w+)"), "eks-node"),
    (re.compile(r"RDSNetworkInterface(?P<name>)"), "rds"),
    (re.compile(r"ElastiCache (?P<name>.+)"), "elasticache"),
    (re.compile(r"arn:aws[\w-]*:ecs:\S*attachment/(?P<name>\S+)"), "ecs-task"),
)
"""Descriptions as services write them. *Assumed*: seen in public listings, promised by no AWS page."""

_BY_TYPE = {
    "api_gateway_managed": "api-gateway",
    "aws_codestar_connections_managed": "codestar-connections",
    "gateway_load_balancer": "load-balancer",
    "gateway_load_balancer_endpoint": "vpc-endpoint",
    "global_accelerator_managed": "global-accelerator",
    "iot_rules_managed": "iot-rules",
    "lambda": "lambda",
    "load_balancer": "load-balancer",
    "natGateway": "nat-gateway",
    "nat_gateway": "nat-gateway",
    "network_load_balancer": "load-balancer",
    "quicksight": "quicksight",
    "transit_gateway": "transit-gateway",
    "vpc_endpoint": "vpc-endpoint",
}
"""Interface types that only a service makes. Source: EC2 API, NetworkInterfaceType; real answers say `nat_gateway`."""


def owner_of(interface: Mapping[str, object]) -> str | None:
    """Name the service, and its resource where the description tells; None where AWS does not manage the interface.

    `RequesterManaged` alone is not asked: Lambda's and Transit Gateway's interfaces say False.
    """
    description = str(interface.get("Description") or "")
    for pattern, service in _BY_DESCRIPTION:
        if found := pattern.match(description):
            return f"{service} {found['name']}".strip()
    by_type = _BY_TYPE.get(str(interface.get("InterfaceType")))
    if by_type:
        return by_type
    requester = str(interface.get("RequesterId") or "")
    return requester if requester.startswith("amazon-") else None
