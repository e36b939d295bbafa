"""What is deployed for Athena, asked for real: views over the lake, and the table over a flow log's own files."""

import base64
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from glue_in_trino import put
from template_reading import Deployed, of
from trino.exceptions import TrinoQueryError
from trino_node.plugin import Trino

from flowlogs.analyse.lake import open_lake
from flowlogs.analyse.named_query import queries
from flowlogs.analyse.views import views
from flowlogs.deliver.local.lake_rows import SCHEMA
from flowlogs.record.log_format import LogFormat
from infra.athena.kept_queries import kept_text
from infra.athena.views import kept_view

NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
YESTERDAY = NOW - timedelta(days=1)


def tables_of(deployed: Deployed) -> dict[str, dict[str, Any]]:
    found = (properties["TableInput"] for properties in deployed.all("Glue::Table").values())
    return {table["Name"]: table for table in found}


def record(second: int, **changed: Any) -> dict[str, Any]:
    start = int(YESTERDAY.timestamp()) + second
    return {
        "version": 5,
        "account_id": "012345678901",
        "interface_id": "eni-1",
        "srcaddr": "10.0.0.1",
        "dstaddr": "10.0.0.2",
        "srcport": 40000 + second,
        "dstport": 443,
        "protocol": 6,
        "packets": 3,
        "bytes": 180,
        "start": start,
        "end": start + 59,
        "timestamp": start * 1000,
        "action": "ACCEPT",
        "log_status": "OK",
        "security_group_ids": ["sg-1", "sg-2"],
        "extra": {"new-field": "x"},
    } | changed


ROWS = [record(0), record(0), record(1), record(2, action="REJECT"), record(3, srcaddr=None, log_status="NODATA")]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a lake with a record twice on one day, and once more on the day after."""
    folder = tmp_path_factory.mktemp("lake")
    for day, rows in ((YESTERDAY, ROWS), (NOW, [record(0)])):
        place = folder / "flows" / f"date={day:%Y-%m-%d}"
        place.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), place / "a.parquet")
    return folder


@pytest.fixture
def deployed_lake(deployed: Deployed, trino: Trino, lake: Path) -> str:
    """Put the lake's table and its views into a new schema, as they are deployed; give its name."""
    schema, tables = trino.schema(), tables_of(deployed)
    put(trino, schema, tables["flows"], {"s3://<StreamsLake>/": trino.bucket(lake)})
    for view in views():
        text = tables[view.name]["ViewOriginalText"]
        assert decoded(text)["schema"] == "flowlogs"
        put(trino, schema, tables[view.name], {}, kept_view(view, schema))  # the same, in the schema of this test
    return schema


def decoded(text: str) -> dict[str, Any]:
    definition: dict[str, Any] = json.loads(base64.b64decode(text.split(" ")[3]))
    return definition


@of("defaults")
def test_the_deployed_views_answer_as_those_of_a_laptop(deployed_lake: str, trino: Trino, lake: Path) -> None:
    connection = open_lake([str(lake)])
    for view in views():
        listed = ", ".join(f'"{name}"' for name in view.columns)
        query = f"SELECT {listed} FROM {{}}{view.name}"
        ours = connection.sql(query.format("")).fetchall()
        assert trino.names(f"SELECT * FROM {deployed_lake}.{view.name}") == list(view.columns)
        theirs = trino.rows(query.format(f"{deployed_lake}."))
        assert len(theirs) == len(ours) > 0
        assert sorted(map(str, theirs)) == sorted(map(str, ours))


@of("defaults")
def test_copies_are_left_out_day_by_day(deployed_lake: str, trino: Trino) -> None:
    counted = f'SELECT "date", count(*) FROM {deployed_lake}.{{}} GROUP BY "date" ORDER BY "date"'
    before, after = f"{YESTERDAY:%Y-%m-%d}", f"{NOW:%Y-%m-%d}"
    assert trino.rows(counted.format("flows")) == [(before, 5), (after, 1)]
    assert trino.rows(counted.format("flows_once")) == [(before, 4), (after, 1)]


@of("defaults")
@pytest.mark.parametrize("view", ["flows_once", "vpc_flow_logs"])
def test_a_condition_on_the_day_reaches_the_table_below_a_view(deployed_lake: str, trino: Trino, view: str) -> None:
    """Else each query on a view would read, and cost, the whole lake."""
    query = f"SELECT count(*) FROM {deployed_lake}.{view} WHERE \"date\" = '{NOW:%Y-%m-%d}'"
    ((plan,),) = trino.rows(f"EXPLAIN (TYPE IO, FORMAT JSON) {query}")
    (table,) = json.loads(plan)["inputTableColumnInfos"]
    (day,) = [each for each in table["constraint"]["columnConstraints"] if each["columnName"] == "date"]
    (allowed,) = day["domain"]["ranges"]
    assert allowed["low"]["value"] == allowed["high"]["value"] == f"{NOW:%Y-%m-%d}"


@of("defaults")
@pytest.mark.parametrize("name", queries())
def test_every_kept_query_can_be_asked(deployed: Deployed, trino: Trino, lake: Path, name: str) -> None:
    schema = asked_schema(deployed, trino, lake)
    text = kept_text(queries()[name])
    assert trino.rows(f"EXPLAIN (TYPE VALIDATE) {text}", schema) == [(True,)]


_SCHEMAS: dict[int, str] = {}


def asked_schema(deployed: Deployed, trino: Trino, lake: Path) -> str:
    """Make all tables once: of the history nothing is there to read, and nothing is read to validate."""
    if id(trino) not in _SCHEMAS:
        schema = _SCHEMAS[id(trino)] = trino.schema()
        for table in tables_of(deployed).values():
            if table["TableType"] != "VIRTUAL_VIEW":
                place = trino.bucket(lake)
                put(trino, schema, table, {"s3://<StreamsLake>/": place, "s3://<Knowledge>/": place})
    return _SCHEMAS[id(trino)]


def lines(log_format: LogFormat) -> Iterator[bytes]:
    yield log_format.header
    for row in (record(0), record(1, action="REJECT", region="eu-west-1"), record(2, srcaddr=None, bytes=None)):
        yield log_format.write({key: value for key, value in row.items() if value is not None})  # type: ignore[arg-type]


FOLDERS = {
    "s3 lake": "AWSLogs/{}/vpcflowlogs/{}/%Y/%m/%d/",
    "s3": "network/AWSLogs/aws-account-id={}/aws-service=vpcflowlogs/aws-region={}/year=%Y/month=%m/day=%d/hour=%H/",
    "s3 event bus": "AWSLogs/aws-account-id={}/aws-service=vpcflowlogs/aws-region={}/year=%Y/month=%m/day=%d/",
    "s3 queue": "network/AWSLogs/{}/vpcflowlogs/{}/%Y/%m/%d/",
}
TIMES = {"s3 lake": "%Y/%m/%d", "s3": "year=%Y/month=%m/day=%d/hour=%H"}
TIMES |= {"s3 event bus": "year=%Y/month=%m/day=%d", "s3 queue": "%Y/%m/%d"}
ACCOUNT = "210987654321"


@pytest.fixture
def files(deployed: Deployed, trino: Trino, tmp_path: Path) -> str:
    """Put files as EC2 writes them into a bucket, two of one day and one of the next; give the deployed table."""
    log_format = LogFormat.parse(deployed.outputs["RecordFormat"])
    for number, time in enumerate((YESTERDAY, YESTERDAY, NOW)):
        place = tmp_path / time.strftime(FOLDERS[deployed.name].format(ACCOUNT, "eu-west-1"))
        place.mkdir(parents=True, exist_ok=True)
        name = f"{ACCOUNT}_vpcflowlogs_eu-west-1_fl-1_{time:%Y%m%dT%H%MZ}_{number}.log.gz"
        (place / name).write_bytes(gzip.compress(b"\n".join(lines(log_format)) + b"\n"))
    bucket = trino.bucket(tmp_path)
    places = {"s3://<SourcesFlowLogBucketFiles>/": bucket, "s3://their-bucket/": bucket}
    places |= {"<AWS::AccountId>": ACCOUNT, "<AWS::Region>": "eu-west-1"}
    return put(trino, trino.schema(), tables_of(deployed)["flow_log_files"], places)


WHOSE = f"file_account = '{ACCOUNT}' AND file_region = 'eu-west-1'"


@of(*FOLDERS)
def test_the_files_of_a_flow_log_are_read_without_their_headers(deployed: Deployed, files: str, trino: Trino) -> None:
    where = f"WHERE {WHOSE}" if deployed.name == "s3 queue" else ""
    assert trino.rows(f"SELECT count(*), count(bytes), sum(bytes) FROM {files} {where}") == [(9, 6, 1080)]
    row = record(1, action="REJECT", region="eu-west-1")
    asked = ("version", "account_id", "srcaddr", "srcport", "start", "end", "action", "log_status", "region", "vpc_id")
    listed = ", ".join(f'"{name}"' for name in asked)
    (found,) = set(trino.rows(f"SELECT {listed} FROM {files} WHERE action = 'REJECT' AND {WHOSE}"))
    assert found == tuple(row.get(name) for name in asked)
    assert trino.rows(f"SELECT DISTINCT bytes, srcaddr FROM {files} WHERE srcaddr IS NULL AND {WHOSE}") == [
        (None, None)
    ]


@of(*FOLDERS)
def test_a_range_of_times_leaves_out_folders(deployed: Deployed, files: str, trino: Trino) -> None:
    since = NOW.strftime(TIMES[deployed.name])
    asked = f"FROM {files} WHERE {WHOSE} AND file_time >= '{since}'"
    assert trino.rows(f"SELECT count(*), min(file_time), min(file_account), min(file_region) {asked}") == [
        (3, since, ACCOUNT, "eu-west-1")
    ]
    ((plan,),) = trino.rows(f"EXPLAIN (TYPE IO, FORMAT JSON) SELECT count(*) {asked}")
    (table,) = json.loads(plan)["inputTableColumnInfos"]
    (time,) = [each for each in table["constraint"]["columnConstraints"] if each["columnName"] == "file_time"]
    assert all(each["low"]["value"] >= since for each in time["domain"]["ranges"])


@of("s3 queue")
def test_files_of_unknown_accounts_are_not_asked_without_their_names(
    deployed: Deployed, files: str, trino: Trino
) -> None:
    with pytest.raises(TrinoQueryError, match="file_account"):
        trino.rows(f"SELECT count(*) FROM {files}")
