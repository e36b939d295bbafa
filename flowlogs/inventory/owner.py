"""Whom an interface works for where AWS made it, from how EC2 describes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

Described = Mapping[str, Any]


class _Maker(Enum):
    """Who made an interface, by what nobody but AWS can write into its description."""

    AWS = auto()
    LENT = auto()
    """A role of the customer made it for a service: attached to another account's instance, or the role session bears
    the service's name. EKS, ECS, Lambda and WorkSpaces say `RequesterManaged: false` of such interfaces."""
    CUSTOMER = auto()
    UNSAID = auto()
    """Only a description is there, as `--query` leaves it."""


@dataclass(frozen=True, slots=True)
class _Sign:
    """A description as a service writes it, and whose writing it is believed to be; group 1 is its resource."""

    service: str
    description: re.Pattern[str]
    makers: frozenset[_Maker]


def _sign(service: str, description: str, *also: _Maker) -> _Sign:
    """Believe AWS, and others where no person would write such a description."""
    return _Sign(service, re.compile(description), frozenset({_Maker.AWS, *also}))


_LENT, _UNSAID = _Maker.LENT, _Maker.UNSAID
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MSK = r"DO NOT DELETE - Amazon MSK network interface for cluster arn:\S+:cluster/([^/\s]+)/\S+"
_DOMAIN = r"\[DO NOT DELETE\] ENI managed by SageMaker for Studio Domain\s*\((d-\w+)\).*"
_NOTEBOOK = (
    r"\[Do not delete\] Network Interface created to access resources in your VPC for SageMaker Notebook Instance "
    r"\[?(?:arn:\S+:notebook-instance/)?([\w-]+).*"
)

_SIGNS = (
    _sign("load-balancer", r"ELB ((?:app|net|gwy)/[^/\s]+/[0-9a-f]+)", _UNSAID),
    _sign("load-balancer", r"ELB ([\w-]+)"),
    _sign("nat-gateway", r"Interface for NAT Gateway (nat-\w+)", _UNSAID),
    _sign("vpc-endpoint", r"VPC Endpoint Interface (vpce-\w+)", _UNSAID),
    _sign("transit-gateway", r"Network Interface for Transit Gateway Attachment (tgw-attach-\w+)", _UNSAID),
    _sign("lambda", rf"AWS Lambda VPC ENI-(.+)-{_UUID}", _LENT, _UNSAID),
    _sign("lambda", r"AWS Lambda VPC ENI-(.+)", _LENT),
    _sign("lambda", r"AWS Lambda VPC ENI: .*", _LENT),
    _sign("rds", r"RDSNetworkInterface", _UNSAID),
    _sign("rds-proxy", r"Network interface for DBProxy (\S+)"),
    _sign("elasticache", r"ElastiCache[ +](.+)"),
    _sign("redshift", r"RedshiftNetworkInterface", _UNSAID),
    _sign("opensearch", r"ES (\S+)"),
    _sign("dax", r"DAX (\S+)"),
    _sign("dms", r"DMSNetworkInterface", _LENT, _UNSAID),
    _sign("efs", r"EFS mount target for (fs-\w+)(?: \(fsmt-\w+\))?", _UNSAID),
    _sign("eks", r"Amazon EKS ([\w-]+)", _LENT),
    _sign("ecs-task", r"arn:aws[\w-]*:ecs:[\w-]+:\d+:attachment/([\w-]+)", _LENT, _UNSAID),
    _sign("msk", _MSK, _LENT, _UNSAID),
    _sign("mq", rf"Amazon MQ network interface for broker (b-{_UUID})", _LENT, _UNSAID),
    _sign("firehose", r"Amazon Kinesis Firehose - \d+:([^:\s]+):\d+\.?.*", _LENT, _UNSAID),
    _sign("route53-resolver", r"Route 53 Resolver: (rslvr-[\w-]+):rni-\w+", _UNSAID),
    _sign("directory-service", r"AWS created network interface for directory (d-\w+)\.?", _UNSAID),
    _sign("workspaces", r"Created By Amazon Work[Ss]paces for AWS Account ID.*", _LENT),
    _sign("sagemaker", _DOMAIN, _LENT, _UNSAID),
    _sign("sagemaker", _NOTEBOOK, _LENT, _UNSAID),
    _sign("glue", r"Attached to Glue using role: arn:aws[\w-]*:iam::.*", _LENT),
    _sign("datasync", r"datasync .*", _LENT),
    _sign("client-vpn", r"ClientVPN Endpoint resource.*"),
    _sign("cloudhsm", r"CloudHsm ENI(?: (\S+))?"),
    _sign("cloudhsm", r"CloudHSM Managed Interface.*"),
    _sign("emr", r"AWS ElasticMapReduce (?:.* )?(\S+)"),
    _sign("api-gateway", r"ENI managed by APIGateway"),
)
"""Descriptions as services write them; no AWS page lists them. Where each was seen:

- EC2 User Guide, "Requester-managed network interfaces": vpc-endpoint (`vpc_endpoint`, RequesterId an AWS account);
  EFS User Guide, "Logging Amazon EFS API calls": efs (the same).
- Printed answers of EC2 in public repositories: load-balancer, rds, eks (once RequesterManaged true and RequesterId an
  AWS account, once false and `AROA…:AmazonEKS`; attached to another account's instance both times), ecs-task,
  nat-gateway (RequesterId an AWS account, InstanceOwnerId `amazon-aws`), lambda (RequesterManaged false,
  RequesterId `AROA…:<account>`, InstanceOwnerId `amazon-aws`); load-balancer without attachment: alantech/iasql#654.
- Exports of whole accounts (Terraformer, Former2): transit-gateway, lambda without UUID, rds-proxy, elasticache,
  redshift, opensearch, dms, msk, sagemaker for a domain, api-gateway, load-balancer `net/…`.
- Programs that read descriptions, two or more each: lambda `: …` (before 2019), elasticache with `+`, dax,
  directory-service, cloudhsm, emr (Cloud Custodian); opensearch by `amazon-elasticsearch`; firehose, mq,
  route53-resolver, workspaces, client-vpn, glue, sagemaker for a notebook; load-balancer `gwy/…` (Terraform modules).
  In one only, so *assumed*: datasync.
- *Assumed* for all: which of them say RequesterManaged where no answer was seen. Neptune, DocumentDB and Aurora
  describe theirs as RDS does.
"""

_BELIEVED = {maker: tuple(sign for sign in _SIGNS if maker in sign.makers) for maker in _Maker}
_CUSTOMERS_TYPES = {"interface", "efa", "efa-only", "trunk", "branch"}
"""Types that customers may create. Source: EC2 API, CreateNetworkInterface; every other type is a service's own."""
_BY_TYPE = {
    "agentic_ai": "bedrock-agentcore",
    "aws_codestar_connections_managed": "codestar-connections",
    "gateway_load_balancer": "load-balancer",
    "gateway_load_balancer_endpoint": "vpc-endpoint",
    "natGateway": "nat-gateway",
    "network_load_balancer": "load-balancer",
}
"""Services of types, where the type is not its name. Source: EC2 API, NetworkInterfaceType, an open set: answers say
`nat_gateway` (aws/aws-sdk-js#4702) and `agentic_ai` (hashicorp/terraform-provider-aws#47399), which it lacks."""
_BY_ALIAS = {"elb": "load-balancer", "elasticsearch": "opensearch"}
"""Services of accounts that EC2 shows by an alias (`amazon-elb`), where the alias is not its name."""
_BY_SESSION = {"AWSCodeBuild": "codebuild", "Comprehend": "comprehend"}
"""Services that write no description. A build, too, may make interfaces for its customer: those are not lent.
Source of Comprehend: hashicorp/terraform-provider-aws (lingering interfaces); of CodeBuild: one program, *assumed*."""
_SESSION = re.compile(r"[^:]+:(?:AmazonEKS|ecs-eni-provisioning|awslambda_.*|.*WorkSpace-Creation|\d{12})")
"""Sessions of a customer's role by which services make interfaces: EKS as printed answers have it, Lambda as
go-to-k/cdkd#45 says (the account id, before that `awslambda_…`); ECS and WorkSpaces by one program each: *assumed*."""
_ALIAS = re.compile(r"(?:amazon|aws)-(.+)")
_PRINCIPAL = re.compile(r"(?:.*\.)?([\w-]+)\.amazonaws\.com(?:\.cn)?")


def owner_of(interface: Described) -> str | None:
    """Name the service, and its resource where the description tells; None where the interface is the customer's own.

    A description alone decides nothing where EC2 says who made the interface, nor does `RequesterManaged` alone.
    Members of wrong types count as absent.
    """
    maker, description = _maker(interface), _text(interface, "Description")
    for sign in _BELIEVED[maker]:
        if found := sign.description.fullmatch(description):
            return f"{sign.service} {(found.groups() or ('',))[0] or ''}".strip()
    if node := _of_kubernetes(interface, description, maker):
        return node
    return _by_type(interface) or _by_account(interface) if maker in (_Maker.AWS, _Maker.LENT) else None


def _maker(interface: Described) -> _Maker:
    attachment = _inner(interface, "Attachment")
    requester, holder = _text(interface, "RequesterId"), _text(attachment, "InstanceOwnerId")
    says_aws = (
        interface.get("RequesterManaged") is True,
        _inner(interface, "Operator").get("Managed") is True,
        _type(interface) not in _CUSTOMERS_TYPES,
        _ALIAS.fullmatch(requester),
        _ALIAS.fullmatch(holder),
        any(key.startswith("aws:ecs:") for key in _tags(interface)),  # customers cannot write tags of "aws:"
    )
    if any(says_aws):
        return _Maker.AWS
    if _SESSION.fullmatch(requester) or (holder and _text(interface, "OwnerId") not in ("", holder)):
        return _Maker.LENT
    return _Maker.CUSTOMER if requester or holder or attachment.get("InstanceId") else _Maker.UNSAID


def _of_kubernetes(interface: Described, description: str, maker: _Maker) -> str | None:
    """Name the node or pod of an interface that EKS's network plug-in made with the customer's role.

    Source: aws/amazon-vpc-cni-k8s#2856 (description, tags) and printed answers (branch and trunk interfaces).
    """
    if not description.startswith("aws-"):
        return None
    attached = _text(_inner(interface, "Attachment"), "InstanceId")
    if (_type(interface), description) == ("branch", "aws-k8s-branch-eni"):
        return "eks-pod"
    if (_type(interface), description) == ("trunk", "aws-k8s-trunk-eni"):
        return f"eks-node {attached}".strip()
    session = _text(interface, "RequesterId").partition(":")[2]
    nodes = {attached, session, _tags(interface).get("node.k8s.amazonaws.com/instance_id")}
    found = re.fullmatch(r"aws-K8S-(i-\w+)", description)
    return f"eks-node {found[1]}" if found and (found[1] in nodes or maker is _Maker.UNSAID) else None


def _by_type(interface: Described) -> str | None:
    of_type = _type(interface)
    if of_type in _CUSTOMERS_TYPES:
        return None
    return _BY_TYPE.get(of_type) or of_type.removesuffix("_managed").replace("_", "-")


def _by_account(interface: Described) -> str | None:
    """Name the service by the alias of its account, by its principal, or by the session of the role it was given."""
    requester = _text(interface, "RequesterId")
    accounts = (requester, _text(_inner(interface, "Attachment"), "InstanceOwnerId"))
    aliases = [found[1] for account in accounts if (found := _ALIAS.fullmatch(account))]
    for alias in aliases:
        if alias != "aws":  # `amazon-aws` holds what several services share
            return _BY_ALIAS.get(alias, alias)
    session = requester.partition(":")[2].partition("-")[0]
    return _by_principal(_inner(interface, "Operator")) or _BY_SESSION.get(session) or ("aws" if aliases else None)


def _by_principal(operator: Described) -> str | None:
    """Name the service provider that manages the interface. Source: EC2 API, OperatorResponse."""
    principal = _text(operator, "Principal") if operator.get("Managed") is True else ""
    found = _PRINCIPAL.fullmatch(principal)
    return found[1] if found else principal or None


def _type(interface: Described) -> str:
    return _text(interface, "InterfaceType") or "interface"


def _text(described: Described, key: str) -> str:
    value = described.get(key)
    return value.strip() if isinstance(value, str) else ""


def _inner(described: Described, key: str) -> Described:
    value = described.get(key)
    return value if isinstance(value, Mapping) else {}


def _tags(interface: Described) -> dict[str, str]:
    tags = interface.get("TagSet")
    entries = tags if isinstance(tags, list) else []
    return {_text(tag, "Key"): _text(tag, "Value") for tag in entries if isinstance(tag, Mapping)}
