"""Settings of what the decorators know: the inventory over time, geo databases, named networks."""

from collections.abc import Callable
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from flowlogs.setting_kinds import ORGANIZATION, OWN
from infra.settings import kinds

_MOST_ACCOUNTS = 100
"""Accounts by id: the ARNs of their roles stand in one policy of at most 10,240 letters. Source: IAM quotas."""
_MOST_LETTERS = 1600
"""Letters of each list that stands in a function's environment, which takes 4 KB in all. Source: Lambda quotas."""


def _accounts(texts: list[str]) -> list[str]:
    kinds.function_setting("FLOWLOGS_ACCOUNTS")(" ".join(texts))
    if len(texts) > _MOST_ACCOUNTS:
        raise ValueError(
            f"{len(texts)} accounts are more than a policy holds, at most {_MOST_ACCOUNTS}: say organization"
        )
    return texts


def _joined(name: str) -> Callable[[list[str]], list[str]]:
    """Check a list as the function that gets it will; its parts have blanks between them there."""

    def check(texts: list[str]) -> list[str]:
        text = " ".join(texts)
        kinds.function_setting(name)(text)
        if len(text) > _MOST_LETTERS:
            raise ValueError(f"{len(text)} letters are more than a function's environment holds ({_MOST_LETTERS})")
        return texts

    return check


def _https(pairs: list[str]) -> list[str]:
    for pair in pairs:
        if not pair.partition("=")[2].startswith("https://"):
            raise ValueError(f"{pair[:80]!r} does not read name=https://host/path")
    return pairs


class InventorySettings(BaseModel):
    """The inventory."""

    inventory: bool = Field(
        True,
        description="whether interfaces, security groups and what belongs to them are taken on a schedule and kept as "
        "history; false: decorators ask EC2 for interfaces of their own account and region, as they are then",
    )
    inventory_accounts: Annotated[kinds.Listed, AfterValidator(_accounts)] = Field(
        [OWN],
        description="accounts to take: `own`, `organization` (all of it, from its management account or a delegated "
        "administrator), or account ids; each but the own needs the role of `accounts/inventory-role.yaml`",
    )
    inventory_regions: Annotated[kinds.Listed, AfterValidator(_joined("FLOWLOGS_REGIONS"))] = Field(
        [], description="regions of those accounts; empty: the deployment's own"
    )
    inventory_role_name: kinds.RoleName = Field("flowlogs-inventory", description="name of that role in every account")
    inventory_external_id: kinds.ExternalId = Field(
        "", description="external id that those roles ask for; empty: they ask for none"
    )
    inventory_minutes: Annotated[kinds.Number, Field(ge=1, le=60)] = Field(
        5, description="minutes from one run to the next"
    )
    inventory_memory: Annotated[kinds.Number, Field(ge=512, le=10240)] = Field(
        1769, description="MB of memory of the inventory function; raise it for large organizations"
    )
    inventory_retention_days: Annotated[kinds.Number, Field(ge=1)] = Field(
        365, description="days that the history is kept (Parquet, a day an object); the last state is always kept"
    )
    inventory_events: bool = Field(
        False,
        description="whether CloudTrail's events on interfaces are collected too, for interfaces that live shorter "
        "than `inventory_minutes`; they come only where a CloudTrail trail logs management events",
    )

    @property
    def other_accounts(self) -> list[str]:
        """Give the accounts by id, where they are named so; none for `own` and `organization`."""
        return [account for account in self.inventory_accounts if account not in (OWN, ORGANIZATION)]

    @property
    def whole_organization(self) -> bool:
        """Say whether every account of the organization is taken."""
        return ORGANIZATION in self.inventory_accounts

    @model_validator(mode="after")
    def _accounts_are_named(self) -> Self:
        if not self.inventory_accounts:
            raise ValueError("inventory_accounts: name own, organization or account ids; inventory=false takes none")
        if self.inventory_external_id and not (self.other_accounts or self.whole_organization):
            raise ValueError("inventory_external_id is for roles of other accounts: name them in inventory_accounts")
        return self


class GeoSettings(BaseModel):
    """Places, networks and threat lists."""

    geo_provider: Literal["dbip", "maxmind", "none"] = Field(
        "dbip",
        description="who provides City and ASN databases: `dbip` (DB-IP Lite, no key), `maxmind` (GeoLite2, with "
        "`geo_licence`) or `none`; docs/geo.md says what their licences ask of you",
    )
    geo_licence: kinds.Licence = Field(
        "",
        description="MaxMind's account and licence key, as docs/geo.md says: ARN of a secret, or `ssm:/name` of a "
        "parameter",
    )
    geo_licence_kms_key_arn: kinds.KeyArn = Field(
        "", description="key that this secret or parameter is encrypted with, if not AWS's own"
    )
    aws_ranges: bool = Field(True, description="whether AWS's own networks are named, by service and region")
    threat_lists: Annotated[kinds.Listed, AfterValidator(_https), AfterValidator(_joined("FLOWLOGS_THREAT_LISTS"))] = (
        Field([], description="lists of CIDRs whose addresses are marked: `name=https://host/list.txt`")
    )
    named_networks: Annotated[kinds.Listed, AfterValidator(_joined("FLOWLOGS_NAMED_NETWORKS"))] = Field(
        [], description="networks to be named: `name=CIDR`; a name may stand several times"
    )
    geo_databases: kinds.S3Place = Field(
        "",
        description="place in S3 that you keep yourself, with databases (.mmdb), `networks/` and `threats/`; nothing "
        "is fetched then",
    )
    geo_kms_key_arn: kinds.KeyArn = Field(
        "", description="key that the objects of `geo_databases` are encrypted with, if not AWS's own"
    )

    @property
    def fetches(self) -> bool:
        """Say whether there is anything to fetch, and nobody else who keeps it."""
        wanted = self.geo_provider != "none" or self.aws_ranges or self.threat_lists or self.named_networks
        return bool(wanted) and not self.geo_databases

    @model_validator(mode="after")
    def _licence_and_provider_agree(self) -> Self:
        if self.geo_provider == "maxmind" and not self.geo_licence:
            raise ValueError("geo_provider is maxmind: name geo_licence, the secret with its account and licence key")
        if self.geo_licence and self.geo_provider != "maxmind":
            raise ValueError("geo_licence is for geo_provider: maxmind; the others take no key")
        if self.geo_licence_kms_key_arn and not self.geo_licence:
            raise ValueError("geo_licence_kms_key_arn is the key of geo_licence: name that too")
        return self

    @model_validator(mode="after")
    def _fetched_or_kept(self) -> Self:
        for name in ("geo_licence", "threat_lists", "named_networks"):
            if self.geo_databases and getattr(self, name):
                raise ValueError(f"{name} is for what is fetched, but geo_databases is a place that you keep: choose")
        return self
