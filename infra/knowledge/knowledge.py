"""The knowledge stage: what decorators know of interfaces and addresses, gathered by functions into one bucket."""

from collections.abc import Iterable

from aws_cdk import aws_s3 as s3
from constructs import Construct, IDependable

from infra.bucket import Buckets
from infra.environment import geoip_environment, inventory_environment
from infra.knowledge.asking import asking_aws
from infra.knowledge.geoip import Geoip, reading_licence
from infra.knowledge.history_tables import HistoryTables
from infra.knowledge.inventory import HISTORY, Inventory
from infra.knowledge.reading import Reading, kept_elsewhere, together
from infra.lake import Catalog
from infra.settings.settings import Settings


class Knowledge(Construct):
    """Makes the bucket and the functions that fill it; what does not apply is None.

    `reading` is what every decorator needs. Nothing runs before `begin`.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: Settings, buckets: Buckets) -> None:
        super().__init__(scope, id_)
        self._settings = settings
        self.bucket: s3.Bucket | None = None
        self.inventory: Inventory | None = None
        self.geoip: Geoip | None = None
        if settings.inventory or settings.fetches:
            self.bucket = buckets.make(self, "Knowledge", days=settings.inventory_retention_days, ending=HISTORY)
        if self.bucket and settings.inventory:
            self.inventory = self._inventory(self.bucket)
        if self.bucket and settings.fetches:
            self.geoip = self._geoip(self.bucket)

    def _inventory(self, bucket: s3.IBucket) -> Inventory:
        settings = self._settings
        return Inventory(
            self,
            "Inventory",
            environment=inventory_environment(settings),
            bucket=bucket,
            asking=asking_aws(
                accounts=settings.other_accounts,
                organization=settings.whole_organization,
                role_name=settings.inventory_role_name,
            ),
            every=settings.inventory_minutes,
            memory=settings.inventory_memory,
            with_events=settings.inventory_events,
            log_retention_days=settings.function_log_retention_days,
        )

    def _geoip(self, bucket: s3.IBucket) -> Geoip:
        settings = self._settings
        return Geoip(
            self,
            "Geoip",
            environment=geoip_environment(settings),
            bucket=bucket,
            licence=reading_licence(settings.geo_licence, settings.geo_licence_kms_key_arn),
            log_retention_days=settings.function_log_retention_days,
        )

    @property
    def reading(self) -> Reading:
        """Give what a decorator needs to read all of it."""
        readings = [gathering.reading() for gathering in (self.inventory, self.geoip) if gathering]
        if place := self._settings.geo_databases:
            readings.append(kept_elsewhere("FLOWLOGS_GEOIP", place, self._settings.geo_kms_key_arn))
        return together(readings)

    def begin(self, after: Iterable[IDependable]) -> None:
        """Have the functions run, on schedules that are made after `after`."""
        first = list(after)
        for gathering in (self.inventory, self.geoip):
            if gathering:
                gathering.begin(first)

    def show_history(self, catalog: Catalog | None) -> None:
        """Make the tables of the inventory's history, where there is a database to put them into."""
        if catalog and self.bucket and self.inventory:
            HistoryTables(
                self,
                "History",
                catalog=catalog,
                bucket=self.bucket,
                days=self._settings.inventory_retention_days,
            )
