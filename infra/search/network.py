"""Where a domain inside a VPC stands, and who reaches it."""

from collections.abc import Sequence

from aws_cdk import Aws, Fn
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from infra.function import Network


class DomainNetwork(Construct):
    """The subnets and the security group of a domain inside a VPC; without a look-up, by ids alone.

    Whoever has the group reaches port 443 of the group, and so do the networks that people sign in from. With
    `secrets_endpoint`, `search_setup` reads the master user's secret through an endpoint that nobody else resolves.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        vpc_id: str,
        subnet_ids: Sequence[str],
        allowed_ips: Sequence[str],
        secrets_endpoint: bool,
    ) -> None:
        super().__init__(scope, id_)
        self.subnet_ids = tuple(subnet_ids)
        vpc = ec2.Vpc.from_vpc_attributes(
            self,
            "Vpc",
            vpc_id=vpc_id,
            availability_zones=[Fn.select(number, Fn.get_azs()) for number, _ in enumerate(subnet_ids)],
            private_subnet_ids=list(subnet_ids),
        )
        self.security_group = ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=vpc,
            description="OpenSearch domain of flow logs, Firehose and search_setup",
            allow_all_outbound=False,
        )
        https = ec2.Port.tcp(443)
        self.security_group.add_ingress_rule(self.security_group, https, "Firehose and search_setup to the domain")
        self.security_group.add_egress_rule(self.security_group, https, "Firehose and search_setup to the domain")
        for network in allowed_ips:
            peer = ec2.Peer.ipv6(network) if ":" in network else ec2.Peer.ipv4(network)
            self.security_group.add_ingress_rule(peer, https, "People who sign in")
        self.secrets_url = self._endpoint(vpc_id) if secrets_endpoint else None
        if not secrets_endpoint:
            self.security_group.add_egress_rule(ec2.Peer.any_ipv4(), https, "search_setup to Secrets Manager")
        self.network = Network(
            vpc=vpc,
            subnets=ec2.SubnetSelection(subnets=vpc.private_subnets),
            security_group=self.security_group,
        )

    def _endpoint(self, vpc_id: str) -> str:
        """Make an endpoint in one subnet and give its address.

        It has no private DNS name, so it stands beside an endpoint that the VPC may have already, and is reached by
        its own name. Source: AWS PrivateLink Guide, "Access an AWS service using an interface endpoint".
        """
        endpoint = ec2.CfnVPCEndpoint(
            self,
            "SecretsEndpoint",
            vpc_endpoint_type="Interface",
            service_name=f"com.amazonaws.{Aws.REGION}.secretsmanager",
            vpc_id=vpc_id,
            subnet_ids=[self.subnet_ids[0]],
            security_group_ids=[self.security_group.security_group_id],
            private_dns_enabled=False,
        )
        named = Fn.select(0, endpoint.attr_dns_entries)  # "hosted zone:name", the regional name first
        return f"https://{Fn.select(1, Fn.split(':', named))}"
