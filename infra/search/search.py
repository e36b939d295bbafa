"""The search stage as a whole: a domain of ours or one that is there already, set up for the first document."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import CustomResource
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_opensearchservice as opensearch
from constructs import Construct

from flowlogs.search.setup.security import role_name
from flowlogs.setting_kinds import Shape
from infra.search.domain import Saml, SearchDomain, Size, master_secret
from infra.search.network import DomainNetwork
from infra.search.setup import SearchSetup, setup_requests


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDomain:
    """The domain to be made."""

    name: str
    version: str
    size: Size
    allowed_ips: Sequence[str]
    saml: Saml | None
    key: kms.IKey | None
    keep_data: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingDomain:
    """A domain that is there already; without a secret it is set up by hand."""

    arn: str
    endpoint: str
    secret_arn: str
    nodes: int


class Search(Construct):
    """A domain that is set up before `ready`; whatever sends documents depends on that."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        domain: NewDomain | ExistingDomain,
        index_prefix: str,
        network: DomainNetwork | None,
        secrets_endpoint: bool,
        retention_days: int | None,
        shape: Shape,
        dashboards: bool,
        rotates: bool,
        delivery_role: iam.IRole,
        log_retention_days: int,
    ) -> None:
        super().__init__(scope, id_)
        self.index_prefix = index_prefix
        self.role_name = role_name(index_prefix)
        self.new_domain: opensearch.CfnDomain | None = None
        self.ready: CustomResource | None = None
        self.setup: SearchSetup | None = None
        self._network = network
        self._secrets_endpoint = secrets_endpoint
        self._retention_days = retention_days
        self._shape, self._dashboards, self._rotates = shape, dashboards, rotates
        self._days = log_retention_days
        if isinstance(domain, NewDomain):
            self._make(domain, delivery_role)
        else:
            self._use(domain, delivery_role)

    def _make(self, new: NewDomain, delivery_role: iam.IRole) -> None:
        secret = None if new.saml else master_secret(self, "MasterUser", keep_data=new.keep_data)
        self.secret_arn = secret.secret_arn if secret else None
        setup = self._setup(self.secret_arn)
        placed = f"vpc:{self._network.network.vpc.vpc_id}" if self._network else "public"
        guard = setup.guard(placement=placed)
        made = SearchDomain(
            self,
            "Domain",
            name=new.name,
            version=new.version,
            size=new.size,
            network=self._network,
            allowed_ips=new.allowed_ips,
            secret=secret,
            saml=new.saml,
            setup_role=setup.role,
            delivery_role=delivery_role,
            setup_requests=setup_requests(self.index_prefix, self.role_name, dashboards=self._dashboards),
            key=new.key,
            keep_data=new.keep_data,
            log_retention_days=self._days,
        )
        made.domain.node.add_dependency(guard)
        self.new_domain, self.arn, self.endpoint = made.domain, made.arn, made.endpoint
        self.ready = self._set_up(setup, delivery_role, new.size.nodes)
        self.ready.node.add_dependency(made.domain)

    def _use(self, existing: ExistingDomain, delivery_role: iam.IRole) -> None:
        self.secret_arn = existing.secret_arn or None
        self.arn, self.endpoint = existing.arn, existing.endpoint
        if self.secret_arn:
            self.ready = self._set_up(self._setup(self.secret_arn), delivery_role, existing.nodes)

    def _setup(self, secret_arn: str | None) -> SearchSetup:
        setup = SearchSetup(
            self,
            "SearchSetup",
            secret_arn=secret_arn,
            secrets_url=self._secrets_url() if secret_arn else None,
            network=self._network.network if self._network else None,
            log_retention_days=self._days,
        )
        self.setup = setup
        return setup

    def _secrets_url(self) -> str | None:
        return self._network.reach_secrets(endpoint=self._secrets_endpoint) if self._network else None

    def _set_up(self, setup: SearchSetup, delivery_role: iam.IRole, nodes: int) -> CustomResource:
        return setup.set_up(
            endpoint=self.endpoint,
            index_prefix=self.index_prefix,
            role_name=self.role_name,
            delivery_role_arn=delivery_role.role_arn,
            replicas=1 if nodes > 1 else 0,
            retention_days=self._retention_days if self.new_domain else None,  # theirs may hold others' indexes
            shape=self._shape,
            dashboards=self._dashboards,
            rotates=self._rotates,
        )
