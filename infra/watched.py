"""What the watch stage is told of the others."""

from aws_cdk import aws_s3 as s3

from infra.environment import NAMESPACE
from infra.function import Function
from infra.knowledge.knowledge import Knowledge
from infra.settings.settings import Settings
from infra.sources import Sources
from infra.streams import Streams
from infra.watch.pipeline import (
    GEOIP,
    INGESTOR,
    INVENTORY,
    LAKE,
    SEARCH,
    Pipeline,
    SshNames,
    decorator_of,
)

OLD_DAYS = {"dbip": 62, "maxmind": 21}
"""Age from which what we fetch is old: a month and the one before; three weeks that brought nothing, with nine days
left until the licence ends and decorators no longer use it, so that its age could be measured no more."""


def pipeline_of(
    settings: Settings, streams: Streams, sources: Sources, knowledge: Knowledge, dead_letters: s3.IBucket
) -> Pipeline:
    """Describe the deployment to what watches it."""
    functions = _functions(streams, sources, knowledge)
    events = knowledge.inventory.events if knowledge.inventory else None
    return Pipeline(
        prefix=settings.prefix,
        source=settings.source,
        log_format=settings.log_format,
        log_group=sources.group.log_group if sources.group else None,
        aggregation_seconds=settings.aggregation_seconds,
        has_flow_log=bool(settings.targets),
        streams={destination: stream.name for destination, stream in streams.all.items()},
        own_streams=() if "existing" in settings.destinations else (SEARCH, LAKE),
        lake_format=settings.lake_format,
        functions={name: made.function for name, made in functions.items()},
        function_log_groups=[made.log_group for made in functions.values()],
        function_namespace=f"{settings.prefix}{NAMESPACE}",
        dead_letters=dead_letters,
        domain_name=settings.domain_name if settings.new_domain else None,
        node_storage_gib=settings.search_volume_gb if settings.new_domain else None,
        queue=sources.new_files.queue if sources.new_files else None,
        dead_letter_queue=sources.new_files.dead_letters if sources.new_files else None,
        inventory_minutes=settings.inventory_minutes,
        geo_days=_geo_days(settings),
        event_queue=events.queue if events else None,
        event_dead_letters=events.dead_letters if events else None,
        ssh=SshNames(
            namespace=f"{settings.prefix}{settings.metric_namespace}",
            metric=settings.metric_name,
            filter=settings.metric_filter,
            alarm=settings.alarm_name,
        ),
    )


def _geo_days(settings: Settings) -> int | None:
    if settings.geo_databases:
        return OLD_DAYS["dbip"]  # whose they are is not known
    return OLD_DAYS.get(settings.geo_provider)


def _functions(streams: Streams, sources: Sources, knowledge: Knowledge) -> dict[str, Function]:
    """Give the functions by the names that alarms have for them."""
    found = {decorator_of(destination): stream.decorator.made for destination, stream in streams.all.items()}
    if sources.ingest:
        found = {INGESTOR: sources.ingest.made, **found}
    if streams.search_stage and streams.search_stage.setup:
        found["search set-up"] = streams.search_stage.setup.made
    gathering = {INVENTORY: knowledge.inventory, GEOIP: knowledge.geoip}
    return found | {name: stage.made for name, stage in gathering.items() if stage}
