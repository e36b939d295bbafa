import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted([*(ROOT / "flowlogs").rglob("*.py"), *(ROOT / "functions").rglob("*.py")])
INFRA = sorted([*(ROOT / "infra").rglob("*.py"), ROOT / "app.py"])
NAMES = [str(path.relative_to(ROOT)) for path in FILES]

MAY_IMPORT = {
    "record": {"errors"},
    "inventory": {"record", "published", "errors"},
    "ingest": {"record", "errors", "account", "invocation"},
    "decorate": {"record", "inventory", "errors"},
    "published": set(),
    "geoip": {"record", "decorate", "published", "errors"},
    "deliver": {"record", "ingest", "decorate", "errors", "account", "invocation", "setting_kinds"},
    "search": {"record", "decorate", "deliver", "errors", "invocation", "setting_kinds"},
    "enrich": {"record", "ingest", "decorate", "deliver", "inventory", "errors", "account"},
    "analyse": {"record", "decorate", "inventory", "errors"},
    "doctor": {"record", "ingest", "inventory", "published", "generate", "errors", "aws_codes"},
    "aws": {
        "analyse",
        "record",
        "ingest",
        "inventory",
        "geoip",
        "decorate",
        "search",
        "doctor",
        "generate",
        "published",
        "published_copy",
        "folder_store",
        "errors",
        "aws_codes",
    },
    "aws_codes": set(),
    "published_copy": {"published"},
    "folder_store": {"published", "published_copy"},
    "settings": {"record", "ingest", "errors", "metrics", "setting_kinds", "knowledge_settings"},
    "setting_kinds": {"record", "ingest", "errors"},
    "knowledge_settings": {"setting_kinds"},
    "errors": set(),
    "account": set(),
    "invocation": set(),
    "metrics": set(),
    "costs": {"errors", "metrics"},
    "sample": {"record", "ingest", "decorate", "deliver", "costs", "errors"},
    "publish": {"metrics"},
}
"""Packages and modules of flowlogs, and which others of flowlogs each may import. The rest stands outside."""


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports by a relative name"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part_of(module: str) -> str:
    return module.split(".")[1]


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_only_aws_knows_boto3_and_nothing_knows_the_infrastructure(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported(path)}
    assert not tops & {"aws_cdk", "infra", "constructs", "moto", "tests"}
    if path.parent != ROOT / "flowlogs" / "aws":
        assert not tops & {"boto3", "botocore", "s3transfer"}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_imports_point_inward(path: Path) -> None:
    parts = path.relative_to(ROOT).with_suffix("").parts
    own = parts[1] if len(parts) > 1 else ""
    ours = {name for name in imported(path) if name.split(".")[0] == "flowlogs" and "." in name}
    if parts[0] == "flowlogs" and own in MAY_IMPORT:
        assert {part_of(name) for name in ours} <= {own} | MAY_IMPORT[own]
    if parts[0] == "functions":
        assert "cli" not in {part_of(name) for name in ours}
        assert "generate" not in {part_of(name) for name in ours}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_nothing_but_the_command_line_imports_the_functions(path: Path) -> None:
    parts = path.relative_to(ROOT).parts
    functions = {name.split(".")[1] for name in imported(path) if name.startswith("functions.")}
    if parts[0] == "functions":
        assert functions <= {parts[1]}, "a function is deployed alone"
    elif parts[:2] != ("flowlogs", "cli"):
        assert not functions


@pytest.mark.parametrize("path", INFRA, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_infrastructure_looks_nothing_up_and_runs_no_function(path: Path) -> None:
    names = set(imported(path))
    assert not {name.split(".")[0] for name in names} & {"boto3", "botocore", "moto", "tests", "functions", "socket"}
    ours = {part_of(name) for name in names if name.split(".")[0] == "flowlogs" and "." in name}
    assert not ours & {"aws", "cli", "doctor", "generate"}


@pytest.mark.parametrize("path", [*FILES, *INFRA], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_named_for_nothing_in_particular(path: Path) -> None:
    names = {*path.relative_to(ROOT).parts[:-1], path.stem}
    assert not names & {"utils", "util", "common", "helpers", "helper", "base", "constants", "misc", "manager"}


@pytest.mark.parametrize("path", [*FILES, *INFRA], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_can_be_read_at_once(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 300


def test_the_files_are_found() -> None:
    assert len(FILES) > 80
    assert len(INFRA) > 40
    assert all(
        (ROOT / "flowlogs" / part).exists() or (ROOT / "flowlogs" / f"{part}.py").exists() for part in MAY_IMPORT
    )
