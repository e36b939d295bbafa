"""The delivery streams of a deployment with their decorators: ours, or those that are there already."""

from dataclasses import dataclass

from aws_cdk import Aws
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct, IDependable

from flowlogs.setting_kinds import Shape
from infra.bucket import Buckets
from infra.decorate import Decorator
from infra.deliver.lake_stream import LakeStream
from infra.deliver.parts import ErrorLogs
from infra.deliver.search_stream import DeliveryRole, SearchDomain, SearchStream
from infra.environment import decorator_environment
from infra.knowledge.reading import Reading
from infra.lake import Catalog, LakeTable, lake_table
from infra.search.domain import Saml, Size, domain_arn
from infra.search.network import DomainNetwork
from infra.search.search import ExistingDomain, NewDomain, Search
from infra.settings.settings import Settings

_EXTENSIONS = {"parquet": ".parquet", "json": ".ndjson.gz", "raw": ".log.gz"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A delivery stream: `ready` must be there before anything is sent; empty where the stream is not ours."""

    name: str
    arn: str
    decorator: Decorator
    ready: tuple[IDependable, ...] = ()


def stream_arn(name: str) -> str:
    """Give the ARN of a stream by its name, also before it is there."""
    return f"arn:{Aws.PARTITION}:firehose:{Aws.REGION}:{Aws.ACCOUNT_ID}:deliverystream/{name}"


class Streams(Construct):
    """Makes what each destination needs; `search` and `lake` are None where there is no such stream."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: Settings,
        buckets: Buckets,
        dead_letters: s3.IBucket,
        reading: Reading,
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, id_)
        self._settings = settings
        self._dead_letters = dead_letters
        self._reading = reading
        self._key = key
        self.search_stage: Search | None = None
        self.network: DomainNetwork | None = None
        self.delivery_role_arn: str | None = None
        self.lake_bucket: s3.Bucket | None = None
        self.catalog = self._catalog()
        self.lake_table: LakeTable | None = None
        self.search: Stream | None = None
        self.lake: Stream | None = None
        if settings.search:
            self.search = self._search(f"{settings.prefix}{settings.search_stream}")
        if settings.lake:
            self.lake = self._lake(f"{settings.prefix}{settings.lake_stream}", buckets)
        if settings.existing_search_stream:
            self.search = self._existing("search", settings.existing_search_stream)
        if settings.existing_lake_stream:
            self.lake = self._existing("lake", settings.existing_lake_stream)

    @property
    def all(self) -> dict[str, Stream]:
        """Give the streams there are by destination."""
        return {name: found for name, found in (("search", self.search), ("lake", self.lake)) if found}

    @property
    def ready(self) -> list[IDependable]:
        """Give what of them must be there before anything is sent."""
        return [part for stream in self.all.values() for part in stream.ready]

    def _decorator(self, destination: str, name: str) -> Decorator:
        settings = self._settings
        return Decorator(
            self,
            f"{destination.title()}Decorator",
            destination=destination,
            environment=decorator_environment(settings, destination),
            stream_arn=stream_arn(name),
            dead_letters=self._dead_letters,
            reading=self._reading,
            log_retention_days=settings.function_log_retention_days,
            reserved_concurrency=settings.reserved_concurrency,
        )

    def _existing(self, destination: str, name: str) -> Stream:
        decorator = self._decorator(destination, name)
        decorator.let(self._settings.existing_stream_roles)
        return Stream(name=name, arn=stream_arn(name), decorator=decorator)

    def _search(self, name: str) -> Stream:
        settings = self._settings
        decorator = self._decorator("search", name)
        error_logs = ErrorLogs(self, "SearchErrors", days=settings.function_log_retention_days)
        self.network = self._domain_network()
        delivery = DeliveryRole(
            self,
            "SearchDelivery",
            domain_arn=settings.existing_domain_arn or domain_arn(settings.domain_name),
            index_prefix=settings.index_prefix,
            inside_vpc=self.network is not None,
            failed=self._dead_letters,
            decorator=decorator.function,
            error_logs=error_logs,
        )
        self.delivery_role_arn = delivery.role.role_arn
        self.search_stage = Search(
            self,
            "Search",
            domain=self._domain(),
            index_prefix=settings.index_prefix,
            network=self.network,
            secrets_endpoint=settings.search_secrets_endpoint,
            retention_days=None if settings.index_rotation == "none" else settings.search_retention_days,
            shape=Shape(settings.search_shape),
            dashboards=settings.search_dashboards,
            rotates=settings.index_rotation != "none",
            delivery_role=delivery.role,
            log_retention_days=settings.function_log_retention_days,
        )
        made = SearchStream(
            self,
            "SearchStream",
            name=name,
            domain=SearchDomain(
                arn=self.search_stage.arn,
                index_prefix=settings.index_prefix,
                rotation=settings.index_rotation,
                subnet_ids=self.network.subnet_ids if self.network else (),
                security_group=self.network.security_group if self.network else None,
            ),
            role=delivery.role,
            failed=self._dead_letters,
            decorator=decorator.function,
            error_logs=error_logs,
        )
        if self.search_stage.ready:
            made.stream.node.add_dependency(self.search_stage.ready)
        return Stream(name=name, arn=made.arn, decorator=decorator, ready=(made,))

    def _domain_network(self) -> DomainNetwork | None:
        settings = self._settings
        if not settings.search_vpc_id:
            return None
        return DomainNetwork(
            self,
            "DomainNetwork",
            vpc_id=settings.search_vpc_id,
            subnet_ids=settings.search_subnet_ids,
            allowed_ips=settings.search_allowed_ips,
            existing_group=settings.existing_domain_security_group_id,
            keep_data=settings.keep_data,
        )

    def _domain(self) -> NewDomain | ExistingDomain:
        settings = self._settings
        if settings.existing_domain_arn:
            return ExistingDomain(
                arn=settings.existing_domain_arn,
                endpoint=settings.existing_domain_endpoint,
                secret_arn=settings.existing_domain_secret_arn,
                nodes=settings.search_nodes,
            )
        return NewDomain(
            name=settings.domain_name,
            version=settings.search_version,
            size=Size(
                instance_type=settings.search_instance_type,
                nodes=settings.search_nodes,
                volume_gb=settings.search_volume_gb,
                masters=settings.search_masters,
                master_type=settings.search_master_type,
            ),
            allowed_ips=settings.search_allowed_ips,
            saml=self._saml(),
            key=self._key,
            keep_data=settings.keep_data,
        )

    def _saml(self) -> Saml | None:
        settings = self._settings
        if settings.search_sign_in != "saml":
            return None
        return Saml(
            metadata=settings.saml_metadata,
            entity_id=settings.saml_entity_id,
            master_role=settings.saml_master_role,
            master_user=settings.saml_master_user,
            roles_key=settings.saml_roles_key,
            subject_key=settings.saml_subject_key,
        )

    def _catalog(self) -> Catalog | None:
        """Make the database where a table will be in it: of the lake, or of the files that a flow log writes."""
        settings = self._settings
        if not (settings.lake_table or settings.has_flow_log_bucket):
            return None
        return Catalog(self, "Catalog", database=settings.database_name)

    def _lake(self, name: str, buckets: Buckets) -> Stream:
        settings = self._settings
        self.lake_bucket = buckets.make(self, "Lake", days=settings.lake_retention_days)
        if self.catalog and settings.lake_table:
            self.lake_table = lake_table(self.catalog, bucket=self.lake_bucket, days=settings.lake_retention_days)
        decorator = self._decorator("lake", name)
        made = LakeStream(
            self,
            "LakeStream",
            name=name,
            bucket=self.lake_bucket,
            table=self.lake_table,
            extension=_EXTENSIONS[settings.lake_format],
            decorator=decorator.function,
            log_retention_days=settings.function_log_retention_days,
        )
        return Stream(name=name, arn=made.arn, decorator=decorator, ready=(made,))
