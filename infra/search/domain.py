"""The OpenSearch domain."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Aws, CfnUpdatePolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_opensearchservice as opensearch
from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.bucket import removal
from infra.search.access import access_policy
from infra.search.logs import DomainLogs
from infra.search.network import DomainNetwork

_Cfn = opensearch.CfnDomain


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Nodes of a domain: GB of storage each; masters of 0: none dedicated."""

    instance_type: str
    nodes: int
    volume_gb: int
    masters: int
    master_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saml:
    """An identity provider: its metadata (XML), and who may do everything."""

    metadata: str
    entity_id: str
    master_role: str
    master_user: str
    roles_key: str
    subject_key: str


def domain_arn(name: str) -> str:
    """Give the ARN of a domain by its name, also before it is there."""
    return f"arn:{Aws.PARTITION}:es:{Aws.REGION}:{Aws.ACCOUNT_ID}:domain/{name}"


class SearchDomain(Construct):
    """A domain with TLS, encryption, fine-grained access control and its logs.

    People sign in by password (that of `secret`) or, with `saml`, at their identity provider; then `setup_role` is
    the master. `setup_requests` (method and path) are those of `search_setup`, by password and from anywhere.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        version: str,
        size: Size,
        network: DomainNetwork | None,
        allowed_ips: Sequence[str],
        secret: secrets.ISecret | None,
        saml: Saml | None,
        setup_role: iam.IRole,
        delivery_role: iam.IRole,
        setup_requests: Sequence[tuple[str, str]],
        key: kms.IKey | None,
        keep_data: bool,
        log_retention_days: int,
    ) -> None:
        super().__init__(scope, id_)
        self.arn = domain_arn(name)
        logs = DomainLogs(self, "Logs", domain_arn=self.arn, days=log_retention_days)
        self.domain = _Cfn(
            self,
            "Domain",
            domain_name=name,
            engine_version=f"OpenSearch_{version}",
            cluster_config=_cluster(size),
            ebs_options=_Cfn.EBSOptionsProperty(ebs_enabled=True, volume_type="gp3", volume_size=size.volume_gb),
            encryption_at_rest_options=_Cfn.EncryptionAtRestOptionsProperty(
                enabled=True, kms_key_id=key.key_arn if key else None
            ),
            node_to_node_encryption_options=_Cfn.NodeToNodeEncryptionOptionsProperty(enabled=True),
            domain_endpoint_options=_Cfn.DomainEndpointOptionsProperty(
                enforce_https=True, tls_security_policy="Policy-Min-TLS-1-2-PFS-2023-10"
            ),
            advanced_security_options=_sign_in(secret, saml, setup_role),
            # Firehose names the index in the body of _bulk. Source: Firehose Developer Guide, OpenSearch destination
            advanced_options={"rest.action.multi.allow_explicit_index": "true"},
            access_policies=access_policy(
                domain_arn=self.arn,
                allowed_ips=None if network else allowed_ips,
                roles=[delivery_role.role_arn, setup_role.role_arn],
                setup_requests=setup_requests if secret else (),
            ),
            vpc_options=_Cfn.VPCOptionsProperty(
                subnet_ids=list(network.subnet_ids), security_group_ids=[network.security_group.security_group_id]
            )
            if network
            else None,
            log_publishing_options=logs.options,
            software_update_options=_Cfn.SoftwareUpdateOptionsProperty(auto_software_update_enabled=True),
        )
        self.domain.apply_removal_policy(removal(keep_data=keep_data))
        self.domain.node.add_dependency(logs.policy)
        # a larger node or a newer version is an update in place, not a new and empty domain
        self.domain.cfn_options.update_policy = CfnUpdatePolicy(enable_version_upgrade=True)
        self._acknowledge(public=network is None, size=size)
        self.endpoint = f"https://{self.domain.attr_domain_endpoint}"

    def _acknowledge(self, *, public: bool, size: Size) -> None:
        sign_in = "Fine-grained access control asks everybody to sign in; without that an open path opens nothing."
        acknowledge(self.domain, "AwsSolutions-OS5", f"People sign in by password or SAML, not by IAM. {sign_in}")
        if public:
            acknowledge(
                self.domain,
                "AwsSolutions-OS1",
                "A public domain is the default, so that a first deployment needs no VPC; search_vpc_id names one.",
            )
        acknowledge(
            self.domain,
            "AwsSolutions-OS3",
            "People come from the networks of search_allowed_ips, or through the VPC's security group. Firehose and "
            f"search_setup have no fixed address: roles, and the requests of the set-up alone. {sign_in}",
        )
        if size.nodes == 1:
            acknowledge(self.domain, "AwsSolutions-OS7", "One node is for trials, and stands in one zone.")
        if not size.masters:
            acknowledge(
                self.domain, "AwsSolutions-OS4", "Two data nodes are the default; search_masters adds dedicated ones."
            )


def _cluster(size: Size) -> _Cfn.ClusterConfigProperty:
    zones = size.nodes > 1
    return _Cfn.ClusterConfigProperty(
        instance_type=size.instance_type,
        instance_count=size.nodes,
        zone_awareness_enabled=zones,
        zone_awareness_config=_Cfn.ZoneAwarenessConfigProperty(availability_zone_count=2) if zones else None,
        dedicated_master_enabled=bool(size.masters),
        dedicated_master_count=size.masters or None,
        dedicated_master_type=size.master_type if size.masters else None,
        multi_az_with_standby_enabled=False,  # it takes three zones
    )


def _sign_in(
    secret: secrets.ISecret | None, saml: Saml | None, setup_role: iam.IRole
) -> _Cfn.AdvancedSecurityOptionsInputProperty:
    if secret:
        return _Cfn.AdvancedSecurityOptionsInputProperty(
            enabled=True,
            internal_user_database_enabled=True,
            master_user_options=_Cfn.MasterUserOptionsProperty(
                master_user_name=_resolved(secret, "username"), master_user_password=_resolved(secret, "password")
            ),
        )
    assert saml is not None  # noqa: S101 (one of the two there is)
    return _Cfn.AdvancedSecurityOptionsInputProperty(
        enabled=True,
        internal_user_database_enabled=False,
        master_user_options=_Cfn.MasterUserOptionsProperty(master_user_arn=setup_role.role_arn),
        saml_options=_Cfn.SAMLOptionsProperty(
            enabled=True,
            idp=_Cfn.IdpProperty(entity_id=saml.entity_id, metadata_content=saml.metadata),
            master_backend_role=saml.master_role or None,
            master_user_name=saml.master_user or None,
            roles_key=saml.roles_key or None,
            subject_key=saml.subject_key or None,
        ),
    )


def _resolved(secret: secrets.ISecret, key: str) -> str:
    """Give a reference that CloudFormation resolves: the value itself is in no template."""
    return secret.secret_value_from_json(key).unsafe_unwrap()


def master_secret(scope: Construct, id_: str, *, keep_data: bool) -> secrets.Secret:
    """Make the secret with the master user's name and password; it stays as long as the domain that it opens.

    The name is no setting: with another one Secrets Manager would make another password, of which the domain learns
    nothing.
    """
    secret = secrets.Secret(
        scope,
        id_,
        description="Master user of the flow logs' OpenSearch domain",
        removal_policy=removal(keep_data=keep_data),
        generate_secret_string=secrets.SecretStringGenerator(
            secret_string_template='{"username":"admin"}',  # noqa: S106 (the name; the password is generated)
            generate_string_key="password",
            password_length=32,
            require_each_included_type=True,  # the domain wants one of each kind
            exclude_characters="\"'\\`{}: ",
        ),
    )
    acknowledge(
        secret,
        "AwsSolutions-SMG4",
        "OpenSearch takes the master user's password once: a rotated secret would no longer open the domain.",
    )
    return secret
