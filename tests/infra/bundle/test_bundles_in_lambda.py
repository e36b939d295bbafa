"""Every function's bundle under AWS's Python runtime, with nothing else on the path."""

import base64
import gzip
import json
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bundled_lambda import DELETED, HERE, BundledLambda, alone, install_runtime, loaded_by
from memory_store import MemoryStore

from flowlogs.deliver.local.firehose import LocalFirehose
from flowlogs.deliver.local.http import HttpFront
from flowlogs.deliver.local.lake_files import LakeFiles
from flowlogs.inventory.kinds import KINDS
from flowlogs.published import POINTER, pointer_of
from infra.bundle.builder import build
from infra.bundle.recipe import ROOT, functions

sys.path.append(str(ROOT / "tests" / "geoip"))  # where the AWS is that every test of published files uses
from local_aws import BUCKET, LocalAws

pytestmark = pytest.mark.slow
SEARCH, LAKE = "VPCFlowLogsToElasticSearch", "Lake"
PYTHON = [Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("platstdlib"))]
DRIVEN = {"ingestor", "decorator", "search_setup", "inventory", "geoip"}
OWN = ("flowlogs", "functions", "orjson", "maxminddb", "pyarrow", "aws_lambda_powertools")
SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
INVENTORY = {"FLOWLOGS_LOOKUP_SECONDS": "0", "FLOWLOGS_INVENTORY": str(ROOT / "events/network-interfaces.json")}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder with a bundle of each function, and with what Lambda's runtime brings in `runtime`."""
    folder = tmp_path_factory.mktemp("places")
    install_runtime(folder / "runtime")
    for function in functions():
        build(function, HERE, folder / function)
    return folder


@pytest.fixture
def front(tmp_path: Path) -> Iterator[HttpFront]:
    firehose = LocalFirehose(tmp_path)
    for stream in (SEARCH, LAKE):
        firehose.create(stream, LakeFiles(tmp_path / stream))
    with HttpFront(firehose) as front:
        yield front
    firehose.discard()


def sample(name: str) -> Any:
    return json.loads((ROOT / f"events/{name}.json").read_text())


def bundled(function: str, places: Path, tmp_path: Path, environ: dict[str, str]) -> BundledLambda:
    return BundledLambda(function, environ, tmp_path, bundle=places / function, runtime=places / "runtime")


def test_every_function_is_driven_here() -> None:
    assert set(functions()) <= DRIVEN, "a function was added: drive its bundle in this file"


def test_the_ingestor_forwards_what_cloudwatch_logs_brings(places: Path, tmp_path: Path, front: HttpFront) -> None:
    event = sample("cloudwatch-logs")
    sent = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))["logEvents"]
    environ = {"AWS_ENDPOINT_URL_FIREHOSE": front.url, "FLOWLOGS_LAKE_STREAM": LAKE}
    with bundled("ingestor", places, tmp_path, environ) as function:
        answer = function.respond(event)
    assert {stream: account["delivered"] for stream, account in answer["lines"].items()} == dict.fromkeys(
        (SEARCH, LAKE), len(sent)
    )


def test_the_decorator_answers_what_firehose_brings(places: Path, tmp_path: Path, front: HttpFront) -> None:
    event = sample("firehose-lines")
    with bundled("decorator", places, tmp_path, INVENTORY | {"AWS_ENDPOINT_URL_FIREHOSE": front.url}) as function:
        answer = function.respond(event)
    assert [each["recordId"] for each in answer["records"]] == [each["recordId"] for each in event["records"]]
    decorated = [json.loads(base64.b64decode(each["data"])) for each in answer["records"] if each["result"] == "Ok"]
    assert len(decorated) == 6
    assert all(document["security-group-ids"] for document in decorated)


def test_the_search_setup_answers_that_it_is_deleted(places: Path, tmp_path: Path) -> None:
    if "search_setup" not in functions():
        pytest.skip("there is no search_setup")
    with bundled("search_setup", places, tmp_path, {}) as function:
        assert function.respond(DELETED) == {"PhysicalResourceId": DELETED["PhysicalResourceId"]}


def test_the_geoip_function_publishes_what_needs_no_fetching(places: Path, tmp_path: Path) -> None:
    environ = {"FLOWLOGS_GEOIP_STORE": f"s3://{BUCKET}/geo", "FLOWLOGS_GEO_PROVIDER": "none"}
    environ |= {"FLOWLOGS_AWS_RANGES": "false", "FLOWLOGS_NAMED_NETWORKS": "office=198.51.100.0/24"}
    with LocalAws(MemoryStore()) as aws:
        with bundled("geoip", places, tmp_path, environ | {"AWS_ENDPOINT_URL": aws.url}) as function:
            assert function.respond(SCHEDULED)["fetched"] == ["networks/own.txt"]
        pointer = pointer_of(aws.store.objects[f"geo/{POINTER}"])
        assert aws.store.objects[f"geo/{pointer.files['networks/own.txt']}"] == b"198.51.100.0/24 office\n"


def test_the_inventory_publishes_a_look_up_file_and_parquet_even_of_an_account_that_refuses(
    places: Path, tmp_path: Path
) -> None:
    environ = {"FLOWLOGS_INVENTORY_STORE": f"s3://{BUCKET}/inventory", "FLOWLOGS_ACCOUNTS": "210987654321"}
    with LocalAws(MemoryStore()) as aws:
        with bundled("inventory", places, tmp_path, environ | {"AWS_ENDPOINT_URL": aws.url}) as function:
            answer = function.respond(SCHEDULED)
        assert answer == {"discarded": False, "taken": 0, "failed": 1}
        kept = {key.removeprefix("inventory/"): content for key, content in aws.store.objects.items()}
    (look_up,) = pointer_of(kept[POINTER]).files.values()
    assert gzip.decompress(kept[look_up]).startswith(b"SQLite format 3\0")
    tables = [content for key, content in kept.items() if key.startswith("history/") and key.endswith(".parquet")]
    assert len(tables) == len(KINDS)
    assert all(table[:4] == table[-4:] == b"PAR1" for table in tables)


@pytest.mark.parametrize("function", functions())
def test_nothing_is_loaded_but_the_bundle_the_runtime_and_pythons_own_library(places: Path, function: str) -> None:
    loaded = loaded_by(function, alone("", places / function, places / "runtime"))
    assert loaded["path"][:2] == [str(places / function), str(places / "runtime")]
    assert not [path for path in loaded["path"] if "site-packages" in path or Path(path).is_relative_to(ROOT)]
    for name, file in loaded["files"].items():
        where = Path(file)
        own = name.partition(".")[0] in OWN
        allowed = [places / function] if own else [places, *PYTHON]
        assert any(where.is_relative_to(folder) for folder in allowed), f"{name} is loaded from {where}"
        assert not {"site-packages", "dist-packages"} & set(where.parts)


def test_a_bundle_with_a_package_missing_does_not_start(places: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(places / "ingestor", broken)
    shutil.rmtree(broken / "orjson")
    with BundledLambda("ingestor", {}, tmp_path, bundle=broken, runtime=places / "runtime") as function:
        answer = function.answer()
    assert (answer.kind, answer.body["errorType"]) == ("init-error", "Runtime.ImportModuleError")
    assert "orjson" in answer.body["errorMessage"]
