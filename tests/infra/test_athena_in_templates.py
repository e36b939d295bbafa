"""Athena in the templates: the workgroup, the views, the queries that are kept, the table of the flow log's files."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_lake import Case, all_cases, answered, write_lake
from template_reading import Deployed, listed, of, plain, written

from flowlogs.analyse.engines import Engine
from flowlogs.analyse.lake import open_lake
from flowlogs.analyse.named_query import queries
from flowlogs.analyse.sql_words import pieces
from flowlogs.analyse.views import views
from flowlogs.decorate.document import lake_columns
from flowlogs.inventory.kinds import KINDS
from flowlogs.record.log_format import LogFormat
from infra.athena.flow_log_files import columns_of
from infra.athena.kept_queries import kept_text, shortened
from infra.athena.views import kept_view, trino_type

LAKE = ("defaults", "s3", "s3 lake", "second stack", "firehose", "geo alone")
FILES_ALONE = ("s3 queue", "s3 topic")
WITH_FILES = ("s3", "s3 lake", "s3 queue", "s3 topic", "s3 event bus", "s3 beside", "second stack from s3")
NONE = ("cloudwatch search", "cloudwatch existing", "lake raw", "firehose lake json", "domain in a vpc")
QUERY, DESCRIPTION, NAME = 262_144, 1_024, 128
"""The longest that Athena takes. Source: Athena API, CreateNamedQuery."""


def workgroup_of(deployed: Deployed) -> dict[str, Any]:
    configuration: dict[str, Any] = deployed.one("Athena::WorkGroup")["WorkGroupConfiguration"]
    return configuration


@of(*LAKE, *FILES_ALONE)
def test_answers_lie_encrypted_in_a_bucket_of_ours_whatever_whoever_asks_says(deployed: Deployed) -> None:
    configuration = workgroup_of(deployed)
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["PublishCloudWatchMetricsEnabled"] is True
    assert configuration["EngineVersion"] == {"SelectedEngineVersion": "Athena engine version 3"}
    answers = configuration["ResultConfiguration"]
    assert written(answers["OutputLocation"]) == "s3://<AthenaQueryResults>/"
    assert written(answers["ExpectedBucketOwner"]) == "<AWS::AccountId>"
    option = "SSE_KMS" if deployed.name == "second stack" else "SSE_S3"
    assert answers["EncryptionConfiguration"]["EncryptionOption"] == option
    assert ("KmsKey" in answers["EncryptionConfiguration"]) == (option == "SSE_KMS")


@of("defaults", "s3 event bus")
def test_a_query_stops_at_the_limit_of_the_settings(deployed: Deployed) -> None:
    limit = None if deployed.name == "s3 event bus" else 100 * 10**9
    assert workgroup_of(deployed).get("BytesScannedCutoffPerQuery") == limit


@of(*LAKE)
def test_a_workgroup_that_was_used_can_be_removed(deployed: Deployed) -> None:
    assert deployed.one("Athena::WorkGroup")["RecursiveDeleteOption"] is True


@of("defaults", "second stack")
def test_outputs_say_where_to_ask(deployed: Deployed) -> None:
    outputs = deployed.outputs
    prefix = "b" if deployed.name == "second stack" else ""
    assert outputs["AthenaDatabase"] == (f"{prefix}_flowlogs" if prefix else "flowlogs")
    assert outputs["AthenaWorkgroup"] == (f"{prefix}-flowlogs" if prefix else "flowlogs")
    assert outputs["QueryResultBucket"] == "<AthenaQueryResults>"
    assert "FlowLogFilesTable" not in outputs


@of(*NONE)
def test_without_a_table_there_is_nothing_of_athena(deployed: Deployed) -> None:
    assert not deployed.all("Athena::WorkGroup")
    assert not deployed.all("Athena::NamedQuery")
    assert not deployed.all("Glue::Database")
    assert not {name for name in deployed.outputs if "Athena" in name or "Query" in name}


@of("defaults", "second stack")
def test_every_named_query_is_kept_in_the_workgroup(deployed: Deployed) -> None:
    kept = {each["Name"]: each for each in deployed.all("Athena::NamedQuery").values()}
    assert kept.keys() == queries().keys()
    for name, each in kept.items():
        assert each["Database"] == deployed.outputs["AthenaDatabase"]
        assert each["WorkGroup"] == deployed.outputs["AthenaWorkgroup"]
        assert each["QueryString"] == kept_text(queries()[name])
        assert 0 < len(each["QueryString"]) <= QUERY
        assert each["Description"] == f"{queries()[name].title}: {queries()[name].question}"
        assert len(each["Description"]) <= DESCRIPTION
        assert 0 < len(each["Name"]) <= NAME
    group = deployed.id_of("Athena::WorkGroup")
    assert all(group in deployed.waits_for(id_) for id_ in deployed.all("Athena::NamedQuery"))


@of("geo alone", "nothing known")
def test_without_an_inventory_no_query_is_kept_that_asks_its_history(deployed: Deployed) -> None:
    tables = {each["TableInput"]["Name"] for each in deployed.all("Glue::Table").values()}
    history = {kind.table for kind in KINDS.values()}
    assert not tables & history
    for each in deployed.all("Athena::NamedQuery").values():
        assert not set(re.findall(r"\w+", each["QueryString"])) & history, each["Name"]


@of(*FILES_ALONE)
def test_without_a_lake_no_query_or_view_of_it_is_kept(deployed: Deployed) -> None:
    assert not deployed.all("Athena::NamedQuery")
    assert [each["TableInput"]["Name"] for each in deployed.all("Glue::Table").values()] == ["flow_log_files"]


@pytest.mark.parametrize("name", queries())
def test_a_kept_query_says_what_it_is_and_asks_the_last_week(name: str) -> None:
    text = kept_text(queries()[name])
    assert text.startswith(f"-- {queries()[name].title}\n-- {queries()[name].question}\n")
    assert not any(line.startswith((" ", "\t")) or not line for line in text.splitlines())
    assert "$" not in "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    if not {"seen", "conversations", "directed"}.isdisjoint(re.findall(r"\w+", queries()[name].sql)):
        assert "current_date - INTERVAL '8' DAY" in text


@of("defaults", "s3 lake")
def test_a_template_has_room_left(deployed: Deployed) -> None:
    """The saved queries are most of a template, of which CloudFormation takes 1 MB."""
    assert len(json.dumps(deployed.template, indent=1)) < 700_000


def said(sql: str) -> list[str]:
    return [piece.text for piece in pieces(sql) if piece.is_said]


@pytest.mark.parametrize("engine", Engine)
@pytest.mark.parametrize("name", queries())
def test_a_shortened_query_has_the_same_words(name: str, engine: Engine) -> None:
    values = {each.name: each.example for each in queries()[name].parameters}
    text = queries()[name].text(engine, values)
    assert said(shortened(text)) == said(text)
    assert len(shortened(text)) < len(text)


@pytest.mark.parametrize(
    ("sql", "short"),
    [
        ("  SELECT 1  -- one\n\n      , 2 /* two\n */ + 3\t-- three", "SELECT 1\n, 2\n+ 3"),
        ("SELECT 'a  --\n  b' AS \"c  /*\n  d\"", "SELECT 'a  --\n  b' AS \"c  /*\n  d\""),
        ("-- head\n\nSELECT a/**/b, c-- d", "SELECT a b, c"),
        ("SELECT 'it''s'  '  ', 4", "SELECT 'it''s' '  ', 4"),
        ("", ""),
        (" -- nothing\n", ""),
    ],
)
def test_literals_and_quoted_names_are_not_shortened(sql: str, short: str) -> None:
    assert shortened(sql) == short


PIECES = ["'a  b'", "'\n -- '", '"x  y"', "'/*'", "--  c\n", "/* d\n\n*/", "  ", "\n  ", "\t", "f", "(", ",", "1", "''"]


@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text())
def test_a_shortened_text_has_the_same_words_and_cannot_be_shortened_more(sql: str) -> None:
    assert said(shortened(sql)) == said(sql)
    assert shortened(shortened(sql)) == shortened(sql)


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_a_shortened_query_has_the_answer_of_the_whole_one(case: Case, tmp_path: Path) -> None:
    lake = open_lake([str(write_lake(tmp_path / "lake", case.flows))])
    values = case.given_values(tmp_path)
    text = queries()[case.query].text(Engine.DUCKDB, values, case.window, once=case.once)
    assert answered(lake.execute(shortened(text))) == answered(lake.execute(text))


@of(*LAKE)
def test_views_are_kept_as_athena_keeps_its_own(deployed: Deployed) -> None:
    kept = {
        each["TableInput"]["Name"]: each["TableInput"]
        for each in deployed.all("Glue::Table").values()
        if each["TableInput"]["TableType"] == "VIRTUAL_VIEW"
    }
    assert kept.keys() == {view.name for view in views()}
    for view in views():
        found = kept[view.name]
        assert found["Parameters"]["presto_view"] == "true"
        assert found["StorageDescriptor"]["SerdeInfo"], "Athena says: Table storage descriptor is missing SerDe info"
        columns = {each["Name"]: each["Type"] for each in found["StorageDescriptor"]["Columns"]}
        assert columns == view.columns
        definition = decoded(found["ViewOriginalText"])
        assert definition["originalSql"] == view.sql
        assert (definition["catalog"], definition["schema"]) == ("awsdatacatalog", deployed.outputs["AthenaDatabase"])
        assert [each["name"] for each in definition["columns"]] == list(view.columns)
    table = deployed.id_of("Glue::Table", "StreamsCatalog")
    assert all(table in deployed.waits_for(id_) for id_ in deployed.all("Glue::Table", "AthenaViews"))


def decoded(text: str) -> dict[str, Any]:
    found = re.fullmatch(r"/\* Presto View: (\S+) \*/", text)
    assert found
    definition: dict[str, Any] = json.loads(base64.b64decode(found[1]))
    return definition


@pytest.mark.parametrize(
    ("glue", "trino"),
    [
        ("string", "varchar"),
        ("bigint", "bigint"),
        ("timestamp", "timestamp(3)"),
        ("array<string>", "array(varchar)"),
        ("map<string,string>", "map(varchar,varchar)"),
        ("array<map<string,double>>", "array(map(varchar,double))"),
    ],
)
def test_types_are_said_in_trinos_words(glue: str, trino: str) -> None:
    assert trino_type(glue) == trino


def test_every_type_of_a_view_is_known() -> None:
    types = {trino_type(type_) for view in views() for type_ in view.columns.values()}
    assert types <= {"varchar", "bigint", "double", "timestamp(3)", "array(varchar)", "map(varchar,varchar)"}
    assert len(kept_view(views()[0], "flowlogs")) < 100_000


def files_of(deployed: Deployed) -> dict[str, Any]:
    return next(
        each["TableInput"]
        for each in deployed.all("Glue::Table").values()
        if each["TableInput"]["Name"] == "flow_log_files"
    )


@of(*WITH_FILES)
def test_the_table_of_files_has_the_columns_of_the_record_format_in_its_order(deployed: Deployed) -> None:
    table = files_of(deployed)
    log_format = LogFormat.parse(deployed.outputs["RecordFormat"])
    columns = {each["Name"]: each["Type"] for each in table["StorageDescriptor"]["Columns"]}
    assert list(columns) == [field.key for field in log_format.fields]
    assert columns == columns_of(log_format)
    assert {columns[name] for name in ("start", "bytes", "protocol")} == {"bigint"}
    assert {columns[name] for name in ("account_id", "srcaddr")} == {"string"}
    keys = [each["Name"] for each in table["PartitionKeys"]]
    assert keys == ["file_account", "file_region", "file_time"]
    assert not set(keys) & {*columns, *lake_columns()}, "a column of a record would have the name of a partition"


@of(*WITH_FILES)
def test_the_table_of_files_reads_text_with_a_header(deployed: Deployed) -> None:
    table = files_of(deployed)
    serde = table["StorageDescriptor"]["SerdeInfo"]
    assert serde["SerializationLibrary"].endswith("LazySimpleSerDe")
    assert serde["Parameters"]["field.delim"] == " "
    assert serde["Parameters"]["serialization.null.format"] == "-"
    assert table["Parameters"]["skip.header.line.count"] == "1"


PLACES = {
    "s3": "s3://<SourcesFlowLogBucketFiles>/network/AWSLogs/aws-account-id=${file_account}/aws-service=vpcflowlogs/"
    "aws-region=${file_region}/${file_time}/",
    "s3 lake": "s3://<SourcesFlowLogBucketFiles>/AWSLogs/${file_account}/vpcflowlogs/${file_region}/${file_time}/",
    "s3 queue": "s3://their-bucket/network/AWSLogs/${file_account}/vpcflowlogs/${file_region}/${file_time}/",
    "s3 event bus": "s3://their-bucket/AWSLogs/aws-account-id=${file_account}/aws-service=vpcflowlogs/"
    "aws-region=${file_region}/${file_time}/",
}
TIMES = {
    "s3": ("'year='yyyy'/month='MM'/day='dd'/hour='HH", "HOURS"),
    "s3 lake": ("yyyy/MM/dd", "DAYS"),
    "s3 event bus": ("'year='yyyy'/month='MM'/day='dd", "DAYS"),
    "s3 queue": ("yyyy/MM/dd", "DAYS"),
}


@of(*PLACES)
def test_partitions_lie_where_ec2_writes_files(deployed: Deployed) -> None:
    parameters = {name: written(value) for name, value in files_of(deployed)["Parameters"].items()}
    assert parameters["storage.location.template"] == PLACES[deployed.name]
    time = {
        name: parameters[f"projection.file_time.{name}"] for name in ("type", "format", "interval", "interval.unit")
    }
    format_, unit = TIMES[deployed.name]
    assert time == {"type": "date", "format": format_, "interval": "1", "interval.unit": unit}
    days = 90 if deployed.name in ("s3", "s3 lake") else 365
    assert parameters["projection.file_time.range"] == f"NOW-{days}DAYS,NOW+1DAYS"


@of("s3", "s3 lake")
def test_flow_logs_of_our_bucket_are_those_of_its_own_account_and_region(deployed: Deployed) -> None:
    parameters = {name: written(value) for name, value in files_of(deployed)["Parameters"].items()}
    assert parameters["projection.file_account.type"] == parameters["projection.file_region.type"] == "enum"
    assert parameters["projection.file_account.values"] == "<AWS::AccountId>"
    assert parameters["projection.file_region.values"] == "<AWS::Region>"


@of("s3 queue", "s3 event bus")
def test_flow_logs_of_their_bucket_are_of_the_accounts_that_are_named_or_must_be_in_a_query(deployed: Deployed) -> None:
    parameters = files_of(deployed)["Parameters"]
    said = {
        name: (parameters[f"projection.file_{name}.type"], parameters.get(f"projection.file_{name}.values"))
        for name in ("account", "region")
    }
    if deployed.name == "s3 queue":
        assert said == {"account": ("injected", None), "region": ("injected", None)}
    else:
        accounts, regions = "210987654321,345678901234", "eu-west-1,us-east-1"
        assert said == {"account": ("enum", accounts), "region": ("enum", regions)}


def test_a_field_that_is_not_known_is_text() -> None:
    assert columns_of(LogFormat.parse("${version} ${new-field}")) == {"version": "bigint", "new_field": "string"}


@of("s3", "s3 queue")
def test_nobody_is_given_a_permission_by_it(deployed: Deployed) -> None:
    actions = {
        action
        for role in deployed.all("IAM::Role").values()
        for policy in role.get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
        for action in listed(statement["Action"])
    }
    assert not {action for action in actions if action.startswith("athena:")}
    assert plain(deployed.id_of("Athena::WorkGroup")) == "AthenaWorkgroupWorkGroup"
