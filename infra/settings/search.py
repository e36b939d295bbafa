"""Settings of the OpenSearch domain."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from xml.etree import ElementTree

from pydantic import AfterValidator, BaseModel, Field

from infra.settings import kinds

_WIDEST = 8
"""Bits of the widest network that people may sign in from; the largest companies have one such."""
_WITHOUT_VOLUMES = ("t2.", "i3.", "i4g.", "i4i.", "im4gn.", "r6gd.", "ultrawarm")
"""Instance types that take no EBS volume, or no encryption at rest. Source: OpenSearch Service, supported types."""


def _instance_type(text: str) -> str:
    if text.startswith(_WITHOUT_VOLUMES):
        raise ValueError(
            f"{text} takes no EBS volume or no encryption at rest: choose another, such as r7g.large.search"
        )
    return text


def _saml_metadata(path: str) -> str:
    if not path:
        return path
    try:
        root = ElementTree.parse(path).getroot()  # noqa: S314 (the deployer's own file)
    except (OSError, ElementTree.ParseError, ValueError) as error:
        raise ValueError(f"{path} cannot be read as XML: {error}") from error
    if not root.tag.endswith("EntityDescriptor"):
        raise ValueError(f"{path} is no SAML metadata: its root is {root.tag[:80]}, not EntityDescriptor")
    return path


def _allowed(networks: list[str]) -> list[str]:
    for network in networks:
        if ip_network(network, strict=False).prefixlen < _WIDEST:
            raise ValueError(f"{network} is nearly everybody: name the networks that people sign in from")
    return networks


class SearchSettings(BaseModel):
    """The search domain."""

    search_domain: kinds.DomainName = Field(
        "es-flowlogs", description="name of the new domain, with the prefix before it"
    )
    index_prefix: kinds.IndexPrefix = Field(
        "cwl", description="beginning of the names of indexes, e.g. `cwl-2026-01-31`"
    )
    index_rotation: Literal["hourly", "daily", "weekly", "monthly", "none"] = Field(
        "daily", description="how often a new index begins"
    )
    search_shape: Literal["json", "ecs", "ocsf"] = Field(
        "json",
        description="how documents look: `json` has AWS's names, `ecs` and `ocsf` those of a standard "
        "(docs/shapes.md), with AWS's as aliases",
    )
    search_version: kinds.Version = Field(
        "2.19", description="version of OpenSearch; 2.19 is the one tested, later ones are allowed with a warning"
    )
    search_instance_type: Annotated[kinds.InstanceType, AfterValidator(_instance_type)] = Field(
        "t3.medium.search", description="instance type of the data nodes"
    )
    search_nodes: Annotated[kinds.Number, Field(ge=1, le=80)] = Field(
        2, description="data nodes; an even number is spread over two zones, 1 is for trials"
    )
    search_retention_days: Annotated[kinds.Number, Field(ge=1, le=3650)] = Field(
        8,
        description="days that an index of a new domain is kept, also when the stack is gone; those of an existing "
        "domain are never deleted",
    )
    search_dashboards: bool = Field(
        True,
        description="whether the dashboards are imported into the domain, at each deployment that has newer ones; "
        "`false` leaves those that are there",
    )
    search_volume_gb: Annotated[kinds.Number, Field(ge=10, le=3072)] = Field(
        50, description="GB of storage of each data node (gp3)"
    )
    search_masters: Annotated[Literal[0, 3], kinds.BeforeValidator(kinds.number)] = Field(
        0, description="dedicated master nodes"
    )
    search_master_type: kinds.InstanceType = Field("t3.small.search", description="instance type of the master nodes")
    search_allowed_ips: Annotated[kinds.Cidrs, AfterValidator(_allowed)] = Field(
        [], description="networks that people may sign in from; empty: nobody can open Dashboards"
    )
    search_vpc_id: kinds.VpcId = Field(
        "",
        description="VPC of the domain; empty: a public one. Cannot be changed later. For the first: docs/by-hand.md",
    )
    search_subnet_ids: kinds.SubnetIds = Field(
        [], description="the domain's subnets in that VPC, one in each of its zones"
    )
    search_secrets_endpoint: bool = Field(
        True,
        description="inside a VPC: whether an endpoint of Secrets Manager is made for `search_setup`; not needed where "
        "the subnets have a NAT gateway or such an endpoint",
    )


class SignInSettings(BaseModel):
    """How people sign in to Dashboards."""

    search_sign_in: Literal["password", "saml"] = Field(
        "password", description="`password` (a master user in Secrets Manager) or `saml` (your identity provider)"
    )
    saml_metadata_file: Annotated[str, AfterValidator(_saml_metadata)] = Field(
        "", description="file with the identity provider's metadata (XML)"
    )
    saml_entity_id: str = Field("", description="the identity provider's entity id")
    saml_master_role: str = Field("", description="SAML role (group) whose people may do everything")
    saml_master_user: str = Field("", description="SAML user who may do everything")
    saml_roles_key: str = Field("", description="SAML attribute that holds the roles")
    saml_subject_key: str = Field("", description="SAML attribute that holds the user; empty: NameID")

    @property
    def saml_metadata(self) -> str:
        """Read the identity provider's metadata, checked when the settings were read."""
        return Path(self.saml_metadata_file).read_text(encoding="utf-8")


class ExistingDomainSettings(BaseModel):
    """A domain that is there already."""

    existing_domain_arn: kinds.DomainArn = Field("", description="domain to use instead of a new one")
    existing_domain_endpoint: kinds.Endpoint = Field("", description="its endpoint, https://…")
    existing_domain_security_group_id: kinds.GroupId = Field(
        "",
        description="for a domain inside a VPC (with search_vpc_id and search_subnet_ids): a security group that the "
        "domain's lets in on port 443; Firehose and `search_setup` get it",
    )
    existing_domain_secret_arn: kinds.SecretArn = Field(
        "",
        description="secret with `username` and `password` of its master user; empty: you set it up (docs/by-hand.md)",
    )
