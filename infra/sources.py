"""Where the records come from: flow logs, the log group or bucket they write into, and the ingestor that reads it."""

from aws_cdk import aws_s3 as s3
from constructs import Construct, IDependable

from infra.bucket import Buckets
from infra.environment import ingestor_environment
from infra.ingest import SECONDS, Ingest, reading_files
from infra.settings.settings import Settings
from infra.source.bucket import FlowLogBucket, NewFiles
from infra.source.flow_logs import FlowLogs, Recorded
from infra.source.log_group import FlowLogGroup
from infra.streams import Streams


class Sources(Construct):
    """Makes the source; what does not apply is None. Each part waits for what stands behind it."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: Settings,
        buckets: Buckets,
        dead_letters: s3.IBucket,
        streams: Streams,
    ) -> None:
        super().__init__(scope, id_)
        self._settings = settings
        self._streams = streams
        self._flow_logs = FlowLogs(self, "FlowLogs", recorded=_recorded(settings))
        self.files = self._flow_log_bucket(buckets) if settings.has_flow_log_bucket else None
        self.new_files = self._messages() if settings.source == "s3" and not settings.s3_queue_arn else None
        self.ingest = self._ingest(dead_letters) if settings.source != "firehose" else None
        self.group = self._from_log_group() if settings.has_log_group else None
        if self.files:
            self._from_bucket(self.files)
        if settings.source == "firehose":
            for destination, stream in streams.all.items():
                self._flow_logs.into_stream(destination, stream.arn, stream.ready)

    @property
    def made(self) -> list[IDependable]:
        """Give what is made last: the flow logs, and what they wait for."""
        return [*self._streams.ready, self._flow_logs]

    @property
    def _queue_arn(self) -> str:
        return self.new_files.queue.queue_arn if self.new_files else self._settings.s3_queue_arn

    def _ingest(self, dead_letters: s3.IBucket) -> Ingest:
        settings, streams = self._settings, self._streams.all
        reading = (
            reading_files(
                queue_arn=self._queue_arn,
                files=self.files.bucket,
                prefix=settings.s3_prefix,
                key_arns=[
                    arn
                    for arn in (settings.s3_kms_key_arn or settings.kms_key_arn, settings.s3_queue_kms_key_arn)
                    if arn
                ],
            )
            if settings.source == "s3" and self.files
            else []
        )
        return Ingest(
            self,
            "Ingest",
            environment=ingestor_environment(settings, {name: stream.name for name, stream in streams.items()}),
            streams=[stream.arn for stream in streams.values()],
            reading=reading,
            asynchronous=settings.source == "cloudwatch",
            dead_letters=dead_letters,
            log_retention_days=settings.function_log_retention_days,
            reserved_concurrency=settings.reserved_concurrency,
        )

    def _from_log_group(self) -> FlowLogGroup:
        settings = self._settings
        group = FlowLogGroup(
            self,
            "FlowLogGroup",
            name=settings.log_group_name,
            names=settings.log_group_names,
            exists=settings.log_group_exists,
            days=settings.log_retention_days,
            keep_data=settings.keep_data,
        )
        first: list[IDependable] = [group]
        if settings.source == "cloudwatch" and self.ingest:
            subscription = self.ingest.subscribe(log_group=settings.log_group_name, arn=group.arn)
            for part in (group, *self._streams.ready):
                subscription.node.add_dependency(part)
            first.append(subscription)
        if settings.targets:
            self._flow_logs.into_log_group(group.arn, group.writer(), first)
        return group

    def _flow_log_bucket(self, buckets: Buckets) -> FlowLogBucket:
        settings = self._settings
        return FlowLogBucket(
            self,
            "FlowLogBucket",
            buckets=buckets,
            existing=settings.s3_bucket,
            prefix=settings.s3_prefix,
            hive=settings.s3_hive,
            days=settings.s3_retention_days,
        )

    def _messages(self) -> NewFiles:
        assert self.files is not None  # noqa: S101 (source s3 has a bucket)
        return NewFiles(
            self,
            "NewFiles",
            files=self.files,
            topic_arn=self._settings.s3_topic_arn,
            event_bus=self._settings.s3_event_bus,
            seconds=SECONDS,
        )

    def _from_bucket(self, files: FlowLogBucket) -> None:
        settings = self._settings
        first: list[IDependable] = []
        if settings.source == "s3" and self.ingest:
            mapping = self.ingest.read(queue_arn=self._queue_arn)
            for part in self._streams.ready:
                mapping.node.add_dependency(part)
            first.append(mapping)
        self._flow_logs.into_bucket(files, hourly=settings.s3_hourly, hive=settings.s3_hive, after=first)


def _recorded(settings: Settings) -> Recorded:
    return Recorded(
        targets=settings.targets,
        traffic=settings.traffic,
        seconds=settings.aggregation_seconds,
        format_string=settings.format_string,
        tag_keys=settings.tag_keys,
    )
