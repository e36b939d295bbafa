"""Defects of panels: of the fields they read, their aggregations, queries, options and links."""

from sowing import Defect, Objects, inside, state


def unknown_field(objects: Objects) -> None:
    with state(objects, "overview-sources") as changed:
        changed["aggs"][1]["params"]["field"] = "src_ip"


def sum_of_addresses(objects: Objects) -> None:
    with state(objects, "overview-totals") as changed:
        changed["aggs"][1]["params"]["field"] = "srcaddr"


def map_of_text(objects: Objects) -> None:
    with state(objects, "overview-map") as changed:
        changed["aggs"][1]["params"]["field"] = "source-city"


def not_aggregatable_field(objects: Objects) -> None:
    with inside(objects["records"]["attributes"], "fields") as fields:
        next(field for field in fields if field["name"] == "action")["aggregatable"] = False


def another_title(objects: Objects) -> None:
    objects["overview-totals"]["attributes"]["title"] = "Overview: renamed"


def unknown_visualization(objects: Objects) -> None:
    with state(objects, "overview-totals") as changed:
        changed["type"] = "bar_of_gold"


def wrong_schema(objects: Objects) -> None:
    with state(objects, "overview-actions") as changed:
        changed["aggs"][1]["schema"] = "bucket"


def wrong_aggregation_for_a_schema(objects: Objects) -> None:
    with state(objects, "overview-map") as changed:
        changed["aggs"][1] = {**changed["aggs"][1], "type": "terms", "params": {"field": "srcaddr", "orderBy": "1"}}


def no_metric(objects: Objects) -> None:
    with state(objects, "overview-actions") as changed:
        del changed["aggs"][0]


def same_aggregation_id(objects: Objects) -> None:
    with state(objects, "overview-actions") as changed:
        changed["aggs"][1]["id"] = "1"


def order_by_nothing(objects: Objects) -> None:
    with state(objects, "overview-sources") as changed:
        changed["aggs"][1]["params"]["orderBy"] = "7"


def query_that_does_not_parse(objects: Objects) -> None:
    meta = objects["overview-rejects"]["attributes"]["kibanaSavedObjectMeta"]
    with inside(meta, "searchSourceJSON") as source:
        source["query"]["query"] = "action:REJECT AND"


def query_of_no_field(objects: Objects) -> None:
    with state(objects, "overview-coverage") as changed:
        split = next(agg for agg in changed["aggs"] if agg["type"] == "filters")
        split["params"]["filters"][0]["input"]["query"] = "log_status:OK"


def query_of_lucene(objects: Objects) -> None:
    meta = objects["overview-rejects"]["attributes"]["kibanaSavedObjectMeta"]
    with inside(meta, "searchSourceJSON") as source:
        source["query"]["language"] = "lucene"


def text_with_aggregations(objects: Objects) -> None:
    with state(objects, "overview-totals") as changed:
        changed["type"] = "markdown"


def control_of_no_field(objects: Objects) -> None:
    with state(objects, "traffic-options") as changed:
        changed["params"]["controls"][0]["fieldName"] = "dest_ip"


def control_twice(objects: Objects) -> None:
    with state(objects, "traffic-options") as changed:
        changed["params"]["controls"][1]["id"] = changed["params"]["controls"][0]["id"]


def control_without_a_pattern(objects: Objects) -> None:
    objects["traffic-options"]["references"][0]["id"] = "another"


def control_of_another_kind(objects: Objects) -> None:
    with state(objects, "traffic-options") as changed:
        changed["params"]["controls"][0]["type"] = "range"


def control_without_a_reference(objects: Objects) -> None:
    with state(objects, "traffic-options") as changed:
        del changed["params"]["controls"][0]["indexPatternRefName"]


def broken_link(objects: Objects) -> None:
    with state(objects, "overview-about") as changed:
        changed["params"]["markdown"] = changed["params"]["markdown"].replace("rejects)", "refusals)")


def unknown_column(objects: Objects) -> None:
    objects["sgdashboard-records"]["attributes"]["columns"].append("srcAddr")


def search_without_a_pattern(objects: Objects) -> None:
    objects["sgdashboard-records"]["references"][0]["id"] = "another"


DEFECTS: list[Defect] = [
    (
        unknown_field,
        "Overview: Which 10 sources send most?: terms of src_ip, which is no field of the index pattern",
    ),
    (not_aggregatable_field, "Overview: How many records are accepted?: terms of action, which is not aggregatable"),
    (sum_of_addresses, "Overview: How much traffic is there?: sum of srcaddr, whose type ip does not bear it"),
    (map_of_text, "geohash_grid of source-city, whose type string does not bear it"),
    (unknown_column, "SGDashboard: Which records are these?: column srcAddr is no field of the index pattern"),
    (another_title, "Overview: renamed: visState has another title: Overview: How much traffic is there?"),
    (unknown_visualization, "bar_of_gold is no type of visualization that every server has"),
    (wrong_schema, "Overview: How many records are accepted?: aggregation 2 is the bucket of a pie, which has none"),
    (wrong_aggregation_for_a_schema, "aggregation 2 is a terms, which the segment of a tile_map is not"),
    (no_metric, "Overview: How many records are accepted?: has 0 aggregations as metric, not 1 to 1"),
    (same_aggregation_id, "Overview: How many records are accepted?: 2 aggregations have the id 1"),
    (order_by_nothing, "aggregation 2 is ordered by 7, which is none of its metrics"),
    (query_that_does_not_parse, "query 'action:REJECT AND': a field or a value is missing before 'the end'"),
    (query_of_no_field, "query 'log_status:OK': the index pattern has no field 'log_status'"),
    (control_of_no_field, "terms of dest_ip, which is no field of the index pattern"),
    (control_twice, "2 controls have the id options-0"),
    (control_without_a_pattern, "the control of dstaddr has no index pattern of the export"),
    (control_of_another_kind, "the control of dstaddr is a range, no list"),
    (control_without_a_reference, "Traffic: Which records shall be shown?: lacks 'indexPatternRefName'"),
    (text_with_aggregations, "a visualization of type markdown has no aggregations"),
    (query_of_lucene, "Overview: How many are rejected a minute?: is queried in lucene"),
    (search_without_a_pattern, "SGDashboard: Which records are these?: searches no index pattern of the export"),
    (broken_link, "Overview: about: links to a dashboard flowlogs-cwl-refusals that there is not"),
]
