"""Where a domain inside a VPC stands, and who reaches it."""

from collections.abc import Sequence

from aws_cdk import Aws, CfnResource, Fn
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from infra.bucket import removal
from infra.function import Network

_HTTPS = ec2.Port.tcp(443)


class DomainNetwork(Construct):
    """The subnets and the security group of Firehose and search_setup, which reach the domain; by ids, no look-ups.

    For a domain of ours the group is made and is the domain's too: whoever has it reaches port 443 of it, and so do the
    networks that people sign in from. It stays as long as the domain, whose interfaces hold it. For a domain that is
    there already, `existing_group` is a group that the domain's lets in.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        vpc_id: str,
        subnet_ids: Sequence[str],
        allowed_ips: Sequence[str],
        existing_group: str,
        keep_data: bool,
    ) -> None:
        super().__init__(scope, id_)
        self.subnet_ids = tuple(subnet_ids)
        self._vpc = ec2.Vpc.from_vpc_attributes(
            self,
            "Vpc",
            vpc_id=vpc_id,
            availability_zones=[Fn.select(number, Fn.get_azs()) for number, _ in enumerate(subnet_ids)],
            private_subnet_ids=list(subnet_ids),
        )
        self.security_group: ec2.ISecurityGroup = (
            ec2.SecurityGroup.from_security_group_id(self, "SecurityGroup", existing_group, mutable=False)
            if existing_group
            else self._group(allowed_ips, keep_data=keep_data)
        )
        self.network = Network(
            vpc=self._vpc,
            subnets=ec2.SubnetSelection(subnets=self._vpc.private_subnets),
            security_group=self.security_group,
        )

    def _group(self, allowed_ips: Sequence[str], *, keep_data: bool) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=self._vpc,
            description="OpenSearch domain of flow logs, Firehose and search_setup",
            allow_all_outbound=False,
        )
        group.add_ingress_rule(group, _HTTPS, "Firehose and search_setup to the domain")
        group.add_egress_rule(group, _HTTPS, "Firehose and search_setup to the domain")
        for network in allowed_ips:
            peer = ec2.Peer.ipv6(network) if ":" in network else ec2.Peer.ipv4(network)
            group.add_ingress_rule(peer, _HTTPS, "People who sign in")
        for part in group.node.find_all():
            if isinstance(part, CfnResource):
                part.apply_removal_policy(removal(keep_data=keep_data))
        return group

    def reach_secrets(self, *, endpoint: bool) -> str | None:
        """Let `search_setup` read a secret: through an endpoint, whose address is given, or by the subnets' own way."""
        if endpoint:
            return self._secrets_endpoint()
        self.security_group.add_egress_rule(ec2.Peer.any_ipv4(), _HTTPS, "search_setup to Secrets Manager")
        return None

    def _secrets_endpoint(self) -> str:
        """Make an endpoint in one subnet and give its address.

        It has no private DNS name, so it stands beside an endpoint that the VPC may have already, and is reached by
        its own name. Source: AWS PrivateLink Guide, "Access an AWS service using an interface endpoint".
        """
        group = ec2.SecurityGroup(
            self,
            "SecretsEndpointGroup",
            vpc=self._vpc,
            description="Endpoint of Secrets Manager for search_setup",
            allow_all_outbound=False,
        )
        group.add_ingress_rule(self.security_group, _HTTPS, "search_setup to Secrets Manager")
        self.security_group.add_egress_rule(group, _HTTPS, "search_setup to Secrets Manager")
        endpoint = ec2.CfnVPCEndpoint(
            self,
            "SecretsEndpoint",
            vpc_endpoint_type="Interface",
            service_name=f"com.amazonaws.{Aws.REGION}.secretsmanager",
            vpc_id=self._vpc.vpc_id,
            subnet_ids=[self.subnet_ids[0]],
            security_group_ids=[group.security_group_id],
            private_dns_enabled=False,
            policy_document={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": "*"},
                        "Action": "secretsmanager:GetSecretValue",
                        "Resource": f"arn:{Aws.PARTITION}:secretsmanager:{Aws.REGION}:{Aws.ACCOUNT_ID}:secret:*",
                        "Condition": {"StringEquals": {"aws:PrincipalAccount": Aws.ACCOUNT_ID}},
                    }
                ],
            },
        )
        named = Fn.select(0, endpoint.attr_dns_entries)  # "hosted zone:name", the regional name first
        return f"https://{Fn.select(1, Fn.split(':', named))}"
