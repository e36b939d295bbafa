"""A function's code in an app of the CDK."""

import os
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from infra.bundle.code import ARCHITECTURE, RUNTIME, function_code, handler_of
from infra.bundle.target import LAMBDA

pytestmark = pytest.mark.slow
NO_BUNDLES: dict[str, list[str]] = {"aws:cdk:bundling-stacks": []}


def synthesize(folder: Path, names: list[str], **context: Any) -> list[str]:
    """Synthesize a stack with functions; give the asset of each, in order."""
    app = cdk.App(outdir=str(folder), context=context, analytics_reporting=False)
    stack = cdk.Stack(app, "Tested")
    for number, name in enumerate(names):
        lambda_.Function(
            stack,
            f"Function{number}",
            code=function_code(name),
            handler=handler_of(name),
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
        )
    resources = app.synth().get_stack_by_name("Tested").template["Resources"].values()
    return [each["Properties"]["Code"]["S3Key"] for each in resources if each["Type"] == "AWS::Lambda::Function"]


def assets_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith("asset.")]


def without_wheels(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(folder / "no-cache"))


def test_runtime_and_architecture_are_those_the_bundle_is_made_for() -> None:
    assert f"python{LAMBDA.python}" == RUNTIME.name
    assert {"arm64": "aarch64"}[ARCHITECTURE.name] == str(LAMBDA.platform).partition("-")[0]


def test_two_functions_of_one_code_have_one_asset_and_others_their_own(tmp_path: Path) -> None:
    first, second, other = synthesize(tmp_path, ["decorator", "decorator", "ingestor"])
    assert first == second != other
    assert len(assets_in(tmp_path)) == 2
    (asset,) = (path for path in assets_in(tmp_path) if first.startswith(path.name.removeprefix("asset.")))
    assert (asset / "functions/decorator/handler.py").exists()
    assert (asset / "orjson/orjson.cpython-314-aarch64-linux-gnu.so").exists()


def test_with_bundling_off_there_is_no_bundle_but_the_same_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = synthesize(tmp_path / "on", ["ingestor"])
    without_wheels(monkeypatch, tmp_path)
    monkeypatch.setattr("infra.bundle.code.build", lambda *_: pytest.fail("a bundle was made"))
    assert synthesize(tmp_path / "off", ["ingestor"], **NO_BUNDLES) == bundled
    assert assets_in(tmp_path / "off") == []


def test_a_bundle_that_cannot_be_made_ends_the_synthesis_and_docker_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = tmp_path / "docker"
    docker.write_text(f"#!/bin/sh\ntouch {tmp_path / 'asked'}\n")
    docker.chmod(0o755)
    monkeypatch.setenv("CDK_DOCKER", str(docker))
    without_wheels(monkeypatch, tmp_path)
    with pytest.raises(RuntimeError, match=r"uv cannot install what is locked for Python 3\.14"):
        synthesize(tmp_path / "out", ["ingestor"])
    assert not (tmp_path / "asked").exists()
    assert not [path for path in assets_in(tmp_path / "out") if not path.name.endswith("-building")]


def test_after_a_bundle_that_could_not_be_made_the_next_one_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = os.environ.get("UV_CACHE_DIR")
    without_wheels(monkeypatch, tmp_path)
    with pytest.raises(RuntimeError):
        synthesize(tmp_path / "out", ["ingestor"])
    monkeypatch.delenv("UV_OFFLINE")
    monkeypatch.delenv("UV_CACHE_DIR") if cache is None else monkeypatch.setenv("UV_CACHE_DIR", cache)
    synthesize(tmp_path / "out", ["ingestor"])
    (asset,) = assets_in(tmp_path / "out")
    assert (asset / "functions/ingestor/handler.py").exists()
