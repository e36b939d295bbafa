"""app.py as a person runs it: refused settings in a line, real bundles, no account and no Docker."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from deployments import COMBINATIONS, ROOT, VPC, Deployments, context_of

pytestmark = pytest.mark.slow


def run(folder: Path, context: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Run app.py as the CDK's command does, without anything of an AWS account in its environment."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environ |= {
        "CDK_OUTDIR": str(folder / "cdk.out"),
        "CDK_CONTEXT_JSON": json.dumps(context),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(folder / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "16,18,20,22,24",
    }
    return subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=300
    )


def own_context(**given: Any) -> dict[str, Any]:
    """Give the context of cdk.json with bundling on, as `make synth` has it."""
    found = context_of(given)
    del found["aws:cdk:bundling-stacks"]
    return found


@pytest.mark.parametrize(
    ("context", "sentence"),
    [
        ({"traffic": "all"}, "Error: traffic is 'all': input should be 'ALL', 'ACCEPT' or 'REJECT'"),
        ({"vpc_id": VPC}, "Error: vpc_id is no setting: did you mean vpc_ids?"),
        ({"second_flow_log": "cloudwatch"}, "Error: second_flow_log is cloudwatch as source is: "),
    ],
    ids=["value", "name", "contradiction"],
)
def test_a_wrong_setting_ends_the_app_with_one_line_before_anything_is_built(
    tmp_path: Path, context: dict[str, Any], sentence: str
) -> None:
    ended = run(tmp_path, own_context(**context))
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith(sentence)
    assert "Traceback" not in ended.stderr + ended.stdout
    assert not list(tmp_path.rglob("*.template.json"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what the app wrote for the deployment `cloudwatch`, bundles and all."""
    folder = tmp_path_factory.mktemp("built")
    ended = run(folder, own_context(**COMBINATIONS["cloudwatch"]))
    assert ended.returncode == 0, ended.stderr
    return folder / "cdk.out"


def test_the_app_bundles_every_function_without_an_account_or_docker(built: Path) -> None:
    template = json.loads((built / "Flowlogs.template.json").read_text())
    assets = json.loads((built / "Flowlogs.assets.json").read_text())["files"]
    handlers = {}
    for function in template["Resources"].values():
        if function["Type"] == "AWS::Lambda::Function" and function["Properties"]["Handler"].startswith("functions."):
            key = function["Properties"]["Code"]["S3Key"].removesuffix(".zip")
            handlers[function["Properties"]["Handler"]] = built / assets[key]["source"]["path"]
    assert handlers.keys() == {
        f"functions.{name}.handler.handler" for name in ("ingestor", "decorator", "search_setup", "inventory", "geoip")
    }
    for handler, asset in handlers.items():
        assert (asset / f"{handler.rpartition('.')[0].replace('.', '/')}.py").is_file()
        assert (asset / "flowlogs" / "settings.py").is_file()
        assert list(asset.rglob("*.so")) or "search_setup" in handler
        assert not list(asset.rglob("boto3"))
    assert json.loads((built / "validation-report.json").read_text())["pluginReports"] == []


def test_the_template_is_the_same_with_bundles_and_without(built: Path, deployments: Deployments) -> None:
    with_bundles = json.loads((built / "Flowlogs.template.json").read_text())
    assert with_bundles == deployments.named("cloudwatch").template, "the tests look at templates without bundles"


def test_what_synthesis_says_is_warnings_and_the_months_figure(tmp_path: Path) -> None:
    assert run(tmp_path, context_of({"destinations": ["lake"]})).returncode == 0
    entries = json.loads((tmp_path / "cdk.out" / "Flowlogs.metadata.json").read_text())
    said = json.dumps(entries)
    assert "nothing says what to log" in said
    assert "aws:cdk:info" in said
    assert "month" in said
    assert "aws:cdk:error" not in said
