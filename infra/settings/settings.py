"""All settings together, what must agree among them, and how they are read from CDK's context."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Self

from pydantic import ConfigDict, ValidationError, model_validator

from infra.settings.athena import AthenaSettings
from infra.settings.delivery import CostSettings, DeliverySettings, LakeSettings
from infra.settings.deployment import DeploymentSettings, WatchSettings
from infra.settings.flow_log import BucketSettings, FlowLogSettings, LogGroupSettings, format_hash, is_default
from infra.settings.knowledge import GeoSettings, InventorySettings
from infra.settings.search import ExistingDomainSettings, SearchSettings, SignInSettings

GROUPS = (
    FlowLogSettings,
    LogGroupSettings,
    BucketSettings,
    DeliverySettings,
    LakeSettings,
    AthenaSettings,
    InventorySettings,
    GeoSettings,
    SearchSettings,
    SignInSettings,
    ExistingDomainSettings,
    WatchSettings,
    CostSettings,
    DeploymentSettings,
)
"""The settings by what they are about, in the order of the docs."""

_MOST_TARGETS = 200
"""Flow logs of one stack: each is a resource, and CloudFormation takes 500. Source: CloudFormation quotas."""

_LONGEST = {"search_stream": 64, "lake_stream": 64, "log_group": 500, "lake_database": 200}
"""Letters that names take with the prefix before them, and a log group with a hash behind it.

Source: Firehose, CloudWatch Logs and Glue API models.
"""

_LONGEST_INDEX = {"weekly": 8, "monthly": 32}
"""Days that an index must be kept so that it is complete before it goes."""
_LARGEST_VOLUME = {"t3.small.search": 100, "t3.medium.search": 200}
"""GB of a node of these types. Source: OpenSearch Service quotas, "EBS volume size quotas"."""


class WrongSettings(Exception):
    """Settings that cannot be deployed; the text has a sentence for each thing that is wrong."""


class Settings(
    FlowLogSettings,
    LogGroupSettings,
    BucketSettings,
    DeliverySettings,
    LakeSettings,
    AthenaSettings,
    InventorySettings,
    GeoSettings,
    SearchSettings,
    SignInSettings,
    ExistingDomainSettings,
    WatchSettings,
    CostSettings,
    DeploymentSettings,
):
    """Everything that can be chosen about a deployment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def read(cls, context: Mapping[str, Any]) -> Self:
        """Read CDK's context; raise WrongSettings, with every wrong setting and what it takes.

        Keys with a colon or an at sign are CDK's own. An empty text, or null, stands for the default.
        """
        given = {name: value for name, value in context.items() if _is_ours(name)}
        if unknown := [name for name in given if name not in cls.model_fields]:
            raise WrongSettings("\n".join(_unknown(name) for name in unknown))
        try:
            return cls.model_validate({name: value for name, value in given.items() if value not in ("", None)})
        except ValidationError as error:
            raise WrongSettings("\n".join(_sentence(dict(problem)) for problem in error.errors())) from error

    @property
    def stack_name(self) -> str:
        """Give the stack's name."""
        return f"{self.prefix}Flowlogs"

    @property
    def domain_name(self) -> str:
        """Give the new domain's name."""
        return f"{self.prefix}{self.search_domain}"

    @property
    def log_group_name(self) -> str:
        """Give the log group's name: lines of two formats never lie in one new group."""
        if self.log_group_exists:
            return self.log_group
        end = "" if is_default(self.log_format) else f"-{format_hash(self.log_format)}"
        return f"{self.prefix}{self.log_group}{end}"

    @property
    def log_group_names(self) -> list[str]:
        """Give the log group's name with those that it has for other record formats; `?` stands for one digit."""
        name = f"{self.prefix}{self.log_group}"
        return [self.log_group] if self.log_group_exists else [name, f"{name}-????????"]

    @property
    def database_name(self) -> str:
        """Give the name of the Glue database, which has no hyphens."""
        return f"{self.prefix}{self.lake_database}".replace("-", "_")

    @property
    def workgroup_name(self) -> str:
        """Give the name of Athena's workgroup."""
        return f"{self.prefix}flowlogs"

    @property
    def lake_table(self) -> bool:
        """Say whether there is a table of the lake."""
        return self.lake and self.lake_format == "parquet"

    @property
    def search(self) -> bool:
        """Say whether a stream to OpenSearch is made."""
        return "search" in self.destinations

    @property
    def lake(self) -> bool:
        """Say whether a stream to S3 is made."""
        return "lake" in self.destinations

    @property
    def new_domain(self) -> bool:
        """Say whether a domain is made."""
        return self.search and not self.existing_domain_arn

    @property
    def has_log_group(self) -> bool:
        """Say whether a log group takes the flow records, read by the pipeline or not."""
        return "cloudwatch" in (self.source, self.second_flow_log)

    @property
    def has_flow_log_bucket(self) -> bool:
        """Say whether a bucket takes the flow log's files, read by the pipeline or not."""
        return "s3" in (self.source, self.second_flow_log)

    @model_validator(mode="after")
    def _check_destinations(self) -> Self:
        if not self.destinations:
            raise ValueError("destinations: name search, lake, both, or existing")
        if "existing" in self.destinations and len(self.destinations) > 1:
            raise ValueError("destinations: `existing` stands alone; without it, choose search, lake or both")
        named = self.existing_search_stream or self.existing_lake_stream
        if "existing" in self.destinations and not named:
            raise ValueError("destinations is existing: name existing_search_stream, existing_lake_stream or both")
        if named and "existing" not in self.destinations:
            raise ValueError("existing_search_stream and existing_lake_stream are for destinations: existing")
        if self.existing_search_stream and self.existing_search_stream == self.existing_lake_stream:
            raise ValueError("existing_search_stream and existing_lake_stream name the same stream: give each its own")
        if self.search and self.lake and self.search_stream == self.lake_stream:
            raise ValueError("search_stream and lake_stream have the same name: give each its own")
        return self

    @model_validator(mode="after")
    def _check_lengths(self) -> Self:
        for name, most in _LONGEST.items():
            if len(full := f"{self.prefix}{getattr(self, name)}") > most:
                raise ValueError(f"{name} would be {full}: at most {most} letters with the prefix, so shorten either")
        return self

    @model_validator(mode="after")
    def _check_source(self) -> Self:
        if self.second_flow_log == self.source:
            raise ValueError(f"second_flow_log is {self.source} as source is: every record would be there twice")
        if self.has_flow_log_bucket and self.s3_file_format == "parquet":
            raise ValueError(
                "s3_file_format: the ingestor reads text only, so flow logs in Parquet are refused: choose text"
            )
        if len(self.targets) > _MOST_TARGETS:
            raise ValueError(
                f"{len(self.targets)} flow logs are more than a stack holds: at most {_MOST_TARGETS}; log whole VPCs"
            )
        if self.second_flow_log != "none" and not self.targets:
            raise ValueError("second_flow_log needs to know what to log: name vpc_ids, subnet_ids or interface_ids")
        return self

    @model_validator(mode="after")
    def _check_bucket(self) -> Self:
        if self.source != "s3" and self.notifications:
            raise ValueError(f"{self.notifications[0]} is for source: s3")
        if self.source == "s3" and self.s3_bucket and len(self.notifications) != 1:
            raise ValueError(
                "s3_bucket is there already, and its notifications are never written: name the place that they reach, "
                "one of s3_queue_arn, s3_topic_arn and s3_event_bus"
            )
        if not self.s3_bucket and self.notifications:
            raise ValueError(f"{self.notifications[0]} belongs to a bucket that is there already: name it in s3_bucket")
        if not self.s3_bucket and (self.s3_accounts or self.s3_regions):
            raise ValueError(
                "s3_accounts and s3_regions are for an existing s3_bucket: a new one takes the flow logs of its own "
                "account and region"
            )
        if not self.s3_bucket and self.s3_kms_key_arn:
            raise ValueError("s3_kms_key_arn is for an existing s3_bucket; a new one takes kms_key_arn")
        return self

    @model_validator(mode="after")
    def _check_domain(self) -> Self:
        if self.new_domain and len(self.domain_name) > 28:  # OpenSearch Service API, DomainName
            raise ValueError(
                f"the domain would be called {self.domain_name}: at most 28 letters, so shorten prefix or search_domain"
            )
        if bool(self.existing_domain_arn) != bool(self.existing_domain_endpoint):
            raise ValueError("existing_domain_arn and existing_domain_endpoint belong together: name both")
        if bool(self.search_vpc_id) != bool(self.search_subnet_ids):
            raise ValueError("search_vpc_id and search_subnet_ids belong together: name both for a domain inside a VPC")
        if self.search_nodes > 1 and self.search_nodes % 2:
            raise ValueError("search_nodes: an even number is spread over two zones alike; choose 1, 2, 4, …")
        if self.existing_domain_arn and bool(self.search_vpc_id) != bool(self.existing_domain_security_group_id):
            raise ValueError(
                "an existing domain inside a VPC takes search_vpc_id, search_subnet_ids and "
                "existing_domain_security_group_id, a group that the domain's lets in: name all or none"
            )
        if self.existing_domain_security_group_id and not self.existing_domain_arn:
            raise ValueError(
                "existing_domain_security_group_id is for an existing domain: name existing_domain_arn too"
            )
        zones = min(self.search_nodes, 2)
        if self.new_domain and self.search_vpc_id and len(self.search_subnet_ids) != zones:
            raise ValueError(f"search_subnet_ids: {self.search_nodes} nodes take {zones} subnets, one in each zone")
        return self

    @model_validator(mode="after")
    def _check_retention(self) -> Self:
        least = _LONGEST_INDEX.get(self.index_rotation, 1)
        if self.search and self.search_retention_days < least:
            raise ValueError(
                f"search_retention_days: an index of {self.index_rotation} rotation is written for {least - 1} days "
                f"and would go before it is complete: at least {least}"
            )
        return self

    @model_validator(mode="after")
    def _check_small_nodes(self) -> Self:
        most = _LARGEST_VOLUME.get(self.search_instance_type)
        if most and self.search_volume_gb > most:
            raise ValueError(
                f"search_volume_gb: a {self.search_instance_type} takes at most {most} GB; choose a larger type"
            )
        if self.search_instance_type.startswith("t3.") and self.search_nodes > 10:
            raise ValueError("search_nodes: a domain takes at most 10 nodes of the types t3; choose another type")
        return self

    @model_validator(mode="after")
    def _check_sign_in(self) -> Self:
        if self.search_sign_in == "saml" and self.existing_domain_arn:
            raise ValueError("search_sign_in is saml: an existing domain keeps its own way to sign in; leave it out")
        if self.search_sign_in == "saml":
            if not (self.saml_metadata_file and self.saml_entity_id):
                raise ValueError("search_sign_in is saml: name saml_metadata_file and saml_entity_id")
            if not (self.saml_master_role or self.saml_master_user):
                raise ValueError(
                    "search_sign_in is saml: name saml_master_role or saml_master_user, or nobody could administer"
                )
        return self


def _is_ours(name: str) -> bool:
    return not set(name) & set(":@") and name not in _OF_CDK


_OF_CDK = {"acknowledged-issue-numbers", "cli-telemetry", "notices"}


def _unknown(name: str) -> str:
    close = get_close_matches(name, Settings.model_fields, n=1)
    return f"{name} is no setting" + (f": did you mean {close[0]}?" if close else "; docs/deployment.md has them all")


def _sentence(problem: dict[str, Any]) -> str:
    message = str(problem["msg"]).removeprefix("Value error, ")
    message = message[:1].lower() + message[1:] if message.startswith("Input should") else message
    place = [str(part) for part in problem["loc"] if str(part) in Settings.model_fields]
    if not place:
        return message
    return f"{place[0]} is {str(problem['input'])[:80]!r}: {message}"
