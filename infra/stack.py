"""The stack: the stages in the order in which a record travels them."""

from aws_cdk import Stack, Tags
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.athena.athena import Athena
from infra.bucket import Buckets
from infra.knowledge.knowledge import Knowledge
from infra.notes import add_notes
from infra.outputs import add_outputs
from infra.settings.settings import Settings
from infra.sources import Sources
from infra.streams import Streams
from infra.watch.watch import Watch
from infra.watched import pipeline_of


class FlowLogsStack(Stack):
    """Everything that one deployment makes, in the account and region of whoever deploys: nothing is looked up."""

    def __init__(self, scope: Construct, *, settings: Settings) -> None:
        super().__init__(
            scope,
            settings.stack_name,
            description="flowlogs: enriches VPC flow logs on their way to OpenSearch and S3",
        )
        key = kms.Key.from_key_arn(self, "Key", settings.kms_key_arn) if settings.kms_key_arn else None
        buckets = Buckets(self, "Buckets", key=key, keep_data=settings.keep_data)
        self.dead_letters = buckets.make(self, "DeadLetters", days=settings.dead_letter_retention_days)
        self.knowledge = Knowledge(self, "Knowledge", settings=settings, buckets=buckets)
        self.streams = Streams(
            self,
            "Streams",
            settings=settings,
            buckets=buckets,
            dead_letters=self.dead_letters,
            reading=self.knowledge.reading,
            key=key,
        )
        self.sources = Sources(
            self,
            "Sources",
            settings=settings,
            buckets=buckets,
            dead_letters=self.dead_letters,
            streams=self.streams,
        )
        if self.streams.lake_table:
            self.knowledge.show_history(self.streams.catalog)
        self.athena = (
            Athena(
                self,
                "Athena",
                settings=settings,
                buckets=buckets,
                catalog=self.streams.catalog,
                table=self.streams.lake_table,
                files=self.sources.files,
                history=self.knowledge.inventory is not None,
                key=key,
            )
            if self.streams.catalog
            else None
        )
        self.knowledge.begin(after=self.sources.made)
        self.watch = Watch(
            self,
            "Watch",
            pipeline=pipeline_of(settings, self.streams, self.sources, self.knowledge, self.dead_letters),
            alert_email=settings.alert_email or None,
        )
        add_outputs(
            self, settings, self.streams, self.sources, self.athena, self.knowledge, self.watch, self.dead_letters
        )
        add_notes(self, settings, alarms=len(self.watch.alarms))
        for name, value in settings.tags.items():
            Tags.of(self).add(name, value)
