"""What the standards say of the paths that we use, and how their published examples are built: facts, no texts.

ECS: elastic/ecs 8.11, generated/elasticsearch/composable/component. VPCFLOW: elastic/integrations, packages/aws,
data_stream/vpcflow/fields/fields.yml. ECS_EXAMPLES: the paths of its sample_event.json and of the expected documents of
its pipeline tests (v5-all-fields, v8-samples, tgw-samples). OCSF: ocsf/ocsf-schema 1.5.0, class network_activity with
its objects and the profiles cloud, security_control and datetime. OCSF_EXAMPLE: ocsf/examples,
mappings/markdown/AWS/v1.5.0/VPC Flowlogs/samples/vpcflowlog.ocsf.
"""


def paths(text: str, type_: str) -> dict[str, str]:
    return dict.fromkeys(text.split(), type_)


def of_both(text: str, first: str, second: str) -> str:
    return " ".join(f"{end}.{path}" for end in (first, second) for path in text.split())


ECS = {
    **paths("@timestamp event.start event.end", "date"),
    **paths(
        """ecs.version event.kind event.category event.type event.action event.outcome event.reason event.module
        event.dataset cloud.provider cloud.account.id cloud.region cloud.availability_zone cloud.instance.id
        network.iana_number network.transport network.type network.direction orchestrator.cluster.id
        orchestrator.cluster.name orchestrator.resource.id orchestrator.resource.name service.name
        threat.enrichments.indicator.type threat.enrichments.indicator.provider threat.enrichments.matched.atomic
        threat.enrichments.matched.field""",
        "keyword",
    ),
    **paths(
        of_both(
            """address geo.country_iso_code geo.country_name geo.region_iso_code geo.region_name geo.city_name
            as.organization.name""",
            "source",
            "destination",
        ),
        "keyword",
    ),
    **paths(of_both("geo.location", "source", "destination"), "geo_point"),
    **paths(of_both("ip", "source", "destination"), "ip"),
    **paths("related.ip threat.enrichments.indicator.ip", "ip"),
    **paths(of_both("port bytes packets as.number", "source", "destination"), "long"),
    **paths("network.bytes network.packets", "long"),
    **paths("threat.enrichments", "nested"),
}
VPCFLOW = {
    **paths(
        """aws.vpcflow.version aws.vpcflow.account_id aws.vpcflow.interface_id aws.vpcflow.action
        aws.vpcflow.log_status aws.vpcflow.instance_id aws.vpcflow.vpc_id aws.vpcflow.subnet_id aws.vpcflow.tcp_flags
        aws.vpcflow.type""",
        "keyword",
    ),
    **paths("aws.vpcflow.pkt_srcaddr aws.vpcflow.pkt_dstaddr", "ip"),
}
_TEXT, _TEXTS, _NUMBER, _DEGREES = "string", "list of string", "integer", "number"
ECS_EXAMPLES = {
    **paths(
        """@timestamp cloud.account.id cloud.availability_zone cloud.instance.id cloud.provider cloud.region ecs.version
        event.action event.end event.kind event.outcome event.reason event.start network.direction network.iana_number
        network.transport network.type orchestrator.cluster.id orchestrator.cluster.name orchestrator.resource.id
        orchestrator.resource.name service.name aws.vpcflow.account_id aws.vpcflow.action aws.vpcflow.instance_id
        aws.vpcflow.interface_id aws.vpcflow.log_status aws.vpcflow.pkt_dst_service aws.vpcflow.pkt_dstaddr
        aws.vpcflow.pkt_src_service aws.vpcflow.pkt_srcaddr aws.vpcflow.subnet_id aws.vpcflow.tcp_flags
        aws.vpcflow.traffic_path aws.vpcflow.type aws.vpcflow.version aws.vpcflow.vpc_id aws.vpcflow.ecs_container_id
        aws.vpcflow.ecs_second_container_id aws.vpcflow.ecs_task_arn aws.vpcflow.ecs_task_definition_arn
        aws.vpcflow.ecs_task_id aws.vpcflow.tgw_attachment_id aws.vpcflow.tgw_dst_eni aws.vpcflow.tgw_dst_vpc_id
        aws.vpcflow.tgw_id aws.vpcflow.tgw_src_eni aws.vpcflow.tgw_src_vpc_id source.address source.ip
        source.as.organization.name source.geo.city_name source.geo.country_iso_code source.geo.country_name
        source.geo.region_iso_code source.geo.region_name destination.address destination.ip
        destination.as.organization.name destination.geo.city_name destination.geo.country_iso_code
        destination.geo.country_name destination.geo.region_iso_code destination.geo.region_name
        data_stream.dataset data_stream.namespace data_stream.type event.ingested event.original network.community_id
        source.geo.continent_name destination.geo.continent_name""",
        _TEXT,
    ),
    **paths("event.category event.type related.ip tags aws.vpcflow.tcp_flags_array", _TEXTS),
    **paths(
        """network.bytes network.packets source.bytes source.packets source.port source.as.number destination.port
        destination.as.number""",
        _NUMBER,
    ),
    **paths(of_both("geo.location.lat geo.location.lon", "source", "destination"), _DEGREES),
}
NOT_OURS = {
    **paths("data_stream.dataset data_stream.namespace data_stream.type", "indexes rotate by date, no data stream"),
    "event.ingested": "OpenSearch is not asked when it indexes",
    "event.original": "the line is not kept: every value of it is",
    "tags": "nothing to say",
    "network.community_id": "follows from the five-tuple",
    **paths("source.geo.continent_name destination.geo.continent_name", "we know no continents"),
}
"""Paths of Elastic's examples that our documents do not have, and why."""

OCSF = {
    **paths("time start_time end_time", "timestamp_t"),
    **paths("time_dt start_time_dt end_time_dt", "datetime_t"),
    **paths(
        """activity_name category_name class_name type_name severity status_code action disposition cloud.provider
        cloud.region cloud.zone cloud.account.uid metadata.version metadata.profiles metadata.product.name
        metadata.product.vendor_name metadata.product.version metadata.product.feature.name connection_info.boundary
        connection_info.direction connection_info.protocol_name connection_info.protocol_ver observables.name
        observables.type observables.value enrichments.name enrichments.value enrichments.type enrichments.provider""",
        "string_t",
    ),
    **paths(
        """activity_id category_uid class_uid severity_id action_id disposition_id connection_info.boundary_id
        connection_info.direction_id connection_info.protocol_num connection_info.protocol_ver_id
        connection_info.tcp_flags observables.type_id""",
        "integer_t",
    ),
    **paths("type_uid traffic.bytes traffic.packets", "long_t"),
    **paths("enrichments.data", "json_t"),
    **paths("observables enrichments", "object"),
    **paths(of_both("ip intermediate_ips", "src_endpoint", "dst_endpoint"), "ip_t"),
    **paths(of_both("port", "src_endpoint", "dst_endpoint"), "port_t"),
    **paths(of_both("autonomous_system.number", "src_endpoint", "dst_endpoint"), "integer_t"),
    **paths(of_both("location.lat location.long", "src_endpoint", "dst_endpoint"), "float_t"),
    **paths(
        of_both(
            """interface_uid instance_uid vpc_uid subnet_uid svc_name zone autonomous_system.name location.city
            location.country location.region""",
            "src_endpoint",
            "dst_endpoint",
        ),
        "string_t",
    ),
}
OCSF_INDEXED = {
    "timestamp_t": "date",
    "datetime_t": "date",
    "string_t": "keyword",
    "integer_t": "long",
    "long_t": "long",
    "port_t": "long",
    "float_t": "double",
    "ip_t": "ip",
    "json_t": "object",
    "object": "object",
}
OCSF_EXAMPLE = {
    **paths(
        """action activity_name category_name class_name cloud.account.uid cloud.provider cloud.region cloud.zone
        connection_info.boundary connection_info.direction connection_info.protocol_ver disposition dst_endpoint.ip
        dst_endpoint.svc_name end_time_dt metadata.product.feature.name metadata.product.name
        metadata.product.vendor_name metadata.product.version metadata.version severity src_endpoint.instance_uid
        src_endpoint.interface_uid src_endpoint.ip src_endpoint.subnet_uid src_endpoint.svc_name src_endpoint.vpc_uid
        start_time_dt status_code time_dt type_name observables.name observables.type observables.value
        unmapped.ecs_cluster_arn unmapped.ecs_cluster_name unmapped.ecs_container_id
        unmapped.ecs_container_instance_arn unmapped.ecs_container_instance_id unmapped.ecs_second_container_id
        unmapped.ecs_service_name unmapped.ecs_task_arn unmapped.ecs_task_definition_arn unmapped.ecs_task_id
        unmapped.reject_reason unmapped.sublocation_id unmapped.sublocation_type""",
        _TEXT,
    ),
    **paths("dst_endpoint.intermediate_ips metadata.profiles", _TEXTS),
    **paths(
        """action_id activity_id category_uid class_uid connection_info.boundary_id connection_info.direction_id
        connection_info.protocol_num connection_info.tcp_flags dst_endpoint.port severity_id src_endpoint.port time
        traffic.bytes traffic.packets type_uid observables.type_id""",
        _NUMBER,
    ),
}
