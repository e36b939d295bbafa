"""The stack's outputs: the names of what a person needs next, and what `flowlogs doctor` reads."""

from collections.abc import Mapping

from aws_cdk import Aws, CfnOutput, Stack
from aws_cdk import aws_s3 as s3

from infra.athena.athena import Athena
from infra.knowledge.knowledge import Knowledge
from infra.lake import FLOWS
from infra.settings.settings import Settings
from infra.sources import Sources
from infra.streams import Stream, Streams
from infra.watch.watch import Watch


def add_outputs(
    stack: Stack,
    settings: Settings,
    streams: Streams,
    sources: Sources,
    athena: Athena | None,
    knowledge: Knowledge,
    watch: Watch,
    dead_letters: s3.IBucket,
) -> None:
    """Add an output for everything that applies; none is empty."""
    outputs = {
        **_of_source(settings, sources),
        **_of_streams(settings, streams),
        **_of_search(settings, streams),
        **_of_lake(settings, streams),
        **_of_athena(athena),
        **_of_knowledge(knowledge),
        **_of_watch(watch),
        "DeadLetterBucket": (dead_letters.bucket_name, "lines that could not be passed on, and failed documents"),
    }
    for name, (value, description) in outputs.items():
        if value:
            CfnOutput(stack, name, value=value, description=description)


def _of_source(settings: Settings, sources: Sources) -> Mapping[str, tuple[str | None, str]]:
    return {
        "Source": (settings.source, "where flow records are read"),
        "RecordFormat": (settings.format_string, "fields of a flow record, in their order"),
        "LogGroup": (settings.log_group_name if sources.group else None, "log group of flow records"),
        "FlowLogBucket": (sources.files.bucket.bucket_name if sources.files else None, "flow log files"),
        "FlowLogPrefix": (settings.s3_prefix if sources.files else None, "beginning of their keys"),
        "Ingestor": (sources.ingest.function.function_name if sources.ingest else None, "function that forwards lines"),
    }


def _of_streams(settings: Settings, streams: Streams) -> Mapping[str, tuple[str | None, str]]:
    found: dict[str, tuple[str | None, str]] = {"Destinations": (",".join(settings.destinations), "where documents go")}
    for destination, stream in streams.all.items():
        found |= _of_stream(destination, stream)
    return found


def _of_stream(destination: str, stream: Stream) -> Mapping[str, tuple[str | None, str]]:
    title = destination.title()
    return {
        f"{title}Stream": (stream.name, f"delivery stream {destination}"),
        f"{title}Decorator": (stream.decorator.function.function_name, "function that is the stream's transformation"),
        f"{title}DecoratorArn": (
            stream.decorator.function.function_arn if not stream.ready else None,
            "ARN to choose as the transformation of your stream (README)",
        ),
    }


def _of_search(settings: Settings, streams: Streams) -> Mapping[str, tuple[str | None, str]]:
    search = streams.search_stage
    if search is None:
        return {}
    saml = settings.search_sign_in == "saml"
    group = streams.network.security_group.security_group_id if streams.network else None
    return {
        "SamlEntityId": (search.endpoint if saml else None, "entity id of Dashboards, for the identity provider"),
        "SamlAcsUrl": (
            f"{search.endpoint}/_dashboards/_opendistro/_security/saml/acs" if saml else None,
            "address of Dashboards that the identity provider answers to",
        ),
        "SearchSecurityGroup": (group, "security group of Firehose and search_setup"),
        "SearchEndpoint": (search.endpoint, "the OpenSearch domain"),
        "Dashboards": (f"{search.endpoint}/_dashboards", "OpenSearch Dashboards: sign in here"),
        "DashboardsImport": (
            search.ready.get_att_string("Dashboards") if search.ready else None,
            "whether the dashboards were imported: done, left out or failed (docs/changing-a-deployment.md)",
        ),
        "SearchSecret": (search.secret_arn, "secret with the name and password to sign in with"),
        "IndexPrefix": (settings.index_prefix, "indexes are called so, with the date behind it"),
        "SearchDelivery": (streams.delivery_role_arn, "role that Firehose delivers with; map it by hand where needed"),
    }


def _of_lake(settings: Settings, streams: Streams) -> Mapping[str, tuple[str | None, str]]:
    if streams.lake_bucket is None:
        return {}
    lake = streams.lake_table
    table = f"{lake.database_name}.{lake.table_name}" if lake else None
    return {
        "LakeBucket": (streams.lake_bucket.bucket_name, "the lake"),
        "LakePrefix": (FLOWS, "beginning of the keys of documents"),
        "LakeFormat": (settings.lake_format, "what the objects are"),
        "GlueTable": (table, "table to ask in Athena"),
    }


def _of_athena(athena: Athena | None) -> Mapping[str, tuple[str | None, str]]:
    if athena is None:
        return {}
    return {
        "AthenaDatabase": (athena.database_name, "database of all tables"),
        "AthenaWorkgroup": (athena.workgroup.name, "workgroup to ask in"),
        "QueryResultBucket": (athena.results.bucket_name, "answers of its queries"),
        "FlowLogFilesTable": (athena.files_table, "table over the flow log's own files"),
    }


def _of_knowledge(knowledge: Knowledge) -> Mapping[str, tuple[str | None, str]]:
    inventory, geoip = knowledge.inventory, knowledge.geoip
    events = inventory.events if inventory else None
    return {
        "KnowledgeBucket": (knowledge.bucket.bucket_name if knowledge.bucket else None, "inventory and geo databases"),
        "InventoryFunction": (
            inventory.function.function_name if inventory else None,
            "function that takes the inventory",
        ),
        "InventoryRoleArn": (
            inventory.role.role_arn if inventory else None,
            "its role: CollectorRoleArn of accounts/inventory-role.yaml, for other accounts",
        ),
        "InventoryEventQueue": (events.queue.queue_name if events else None, "events on network interfaces"),
        "GeoipFunction": (geoip.function.function_name if geoip else None, "function that fetches geo databases"),
    }


def _of_watch(watch: Watch) -> Mapping[str, tuple[str | None, str]]:
    console = f"https://{Aws.REGION}.console.aws.amazon.com/cloudwatch/home?region={Aws.REGION}"
    return {
        "HealthDashboard": (f"{console}#dashboards:name={watch.dashboard.dashboard_name}", "the pipeline at a glance"),
        "AlarmTopic": (watch.topic.topic_arn, "topic that every alarm tells"),
    }
