"""What a function imports is found by reading: all of it, and nothing it does not import."""

import sys
from pathlib import Path

import pytest
from bundled_lambda import loaded_by
from packaging.utils import canonicalize_name

from infra.bundle.bundle_error import BundleError
from infra.bundle.distributions import BROUGHT_BY_LAMBDA, distributions_of
from infra.bundle.imports import OWN, closure_of
from infra.bundle.lock import Lock
from infra.bundle.recipe import ROOT, functions, recipe_of
from infra.bundle.target import LAMBDA, Target

MODULES = {
    "flowlogs/__init__.py": "",
    "flowlogs/used.py": "",
    "flowlogs/late.py": "",
    "flowlogs/typed.py": "",
    "flowlogs/unused.py": "import pyarrow",
    "flowlogs/part/__init__.py": "from flowlogs.part import deep",
    "flowlogs/part/deep.py": "VALUE = 1",
    "flowlogs/part/table.json": "{}",
    "flowlogs/part/.hidden": "",
    "flowlogs/beside/other.json": "{}",
    "flowlogs/near/__init__.py": "from . import sibling\nfrom .other import VALUE",
    "flowlogs/near/sibling.py": "",
    "flowlogs/near/other.py": "VALUE = 1",
    "functions/__init__.py": "",
    "functions/one/__init__.py": "",
    "functions/two/handler.py": "",
}


def closure_with(tmp_path: Path, handler: str) -> tuple[set[str], tuple[str, ...]]:
    for name, text in {**MODULES, "functions/one/handler.py": handler}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    closure = closure_of("functions.one.handler", tmp_path)
    always = {"functions/__init__.py", "functions/one/__init__.py", "functions/one/handler.py"}
    files = {str(file) for file in closure.files}
    assert always <= files
    return files - always - {"flowlogs/__init__.py"}, closure.third_party


@pytest.mark.parametrize(
    ("handler", "files"),
    [
        ("import json", set()),
        ("import flowlogs.used", {"flowlogs/used.py"}),
        ("from flowlogs import used", {"flowlogs/used.py"}),
        ("from flowlogs.used import whatever", {"flowlogs/used.py"}),
        ("def f():\n    def g():\n        import flowlogs.late", {"flowlogs/late.py"}),
        ("try:\n    import flowlogs.used\nexcept ImportError:\n    import flowlogs.late",
         {"flowlogs/used.py", "flowlogs/late.py"}),
        ("if TYPE_CHECKING:\n    import flowlogs.typed\nelse:\n    import flowlogs.used", {"flowlogs/used.py"}),
        ("if typing.TYPE_CHECKING:\n    import flowlogs.typed", set()),
        ("import flowlogs.part.deep", {f"flowlogs/part/{name}" for name in ("__init__.py", "deep.py", "table.json")}),
        ("import flowlogs.near", {f"flowlogs/near/{name}.py" for name in ("__init__", "sibling", "other")}),
    ],
    ids=["none", "import", "from package", "from module", "inside", "either", "else", "types", "package", "near"],
)  # fmt: skip
def test_what_is_imported_comes_along_and_nothing_else(tmp_path: Path, handler: str, files: set[str]) -> None:
    assert closure_with(tmp_path, handler) == (files, ())


def test_other_packages_are_named_by_their_first_name_and_pythons_own_are_not(tmp_path: Path) -> None:
    handler = "import os.path, orjson\nfrom aws_lambda_powertools.metrics import Metrics\ndef f():\n    import boto3.x"
    assert closure_with(tmp_path, handler)[1] == ("aws_lambda_powertools", "boto3", "orjson")


def test_an_own_module_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"^flowlogs\.missing is imported"):
        closure_with(tmp_path, "import flowlogs.missing")


def requirements_of(function: str) -> set[str]:
    lines = recipe_of(function, LAMBDA).requirements.splitlines()
    return {line.partition("==")[0] for line in lines if not line.startswith(" ")}


@pytest.mark.parametrize("function", functions())
def test_no_function_has_the_command_line_or_what_only_that_needs(function: str) -> None:
    files = [str(file) for file in recipe_of(function, LAMBDA).files]
    assert f"functions/{function}/handler.py" in files
    assert not [file for file in files if file.startswith(("flowlogs/cli", "flowlogs/generate", "flowlogs/docs"))]
    assert not [file for file in files if file.startswith("functions/") and file.split("/")[1] in others(function)]
    assert not requirements_of(function) & {"click", "rich", "geoip2", "zstandard", "boto3", "botocore"}
    assert ("pyarrow" in requirements_of(function)) == (function == "inventory"), "it is larger than all else together"


def others(function: str) -> set[str]:
    return set(functions()) - {function}


def test_only_the_decorator_and_geoip_read_geo_databases_and_only_the_inventory_writes_parquet() -> None:
    for function in ("decorator", "geoip"):
        assert requirements_of(function) - requirements_of("ingestor") == {"maxminddb"}
    assert requirements_of("inventory") - requirements_of("ingestor") == {"pyarrow"}
    assert requirements_of("ingestor") == {"aws-lambda-powertools", "jmespath", "orjson", "typing-extensions"}


@pytest.mark.slow
@pytest.mark.parametrize("function", functions())
def test_every_module_that_the_handler_loads_is_found_by_reading(function: str) -> None:
    loaded = loaded_by(function, [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); "])
    ours = {Path(file) for name, file in loaded["files"].items() if name.partition(".")[0] in OWN}
    closure = closure_of(f"functions.{function}.handler", ROOT)
    assert len(ours) > 5
    assert ours <= {ROOT / file for file in closure.files}


def test_requirements_are_followed_with_the_markers_of_the_target_and_without_extras() -> None:
    lock = Lock(ROOT / "requirements.lock")
    found = distributions_of(["aws_lambda_powertools", "boto3"], LAMBDA, lock)
    assert found == ["aws-lambda-powertools", "jmespath", "typing-extensions"]  # the parser extra would need pydantic
    assert not set(found) & BROUGHT_BY_LAMBDA
    assert "colorama" not in distributions_of(["click"], LAMBDA, lock)  # sys_platform == 'win32'


def test_a_package_that_nothing_installed_brings_is_said() -> None:
    with pytest.raises(BundleError, match="imports polars, which no installed distribution brings"):
        distributions_of(["polars"], LAMBDA, Lock(ROOT / "requirements.lock"))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("orjson==", "other==", "orjson is needed .* requirements.lock has none for Python 3.14 .*: run `make lock`"),
        ("orjson==", "orjson==0.", "orjson .* is installed here, but requirements.lock has 0.*: run `make setup`"),
    ],
    ids=["not locked", "another version"],
)
def test_a_lock_file_that_does_not_fit_the_environment_is_said(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    changed = (ROOT / "requirements.lock").read_text().replace(f"\n{old}", f"\n{new}")
    (tmp_path / "requirements.lock").write_text(changed)
    lock = Lock(tmp_path / "requirements.lock")
    with pytest.raises(BundleError, match=sentence):
        lock.entry(distributions_of(["orjson"], LAMBDA, lock)[0], LAMBDA)


def test_of_two_locked_versions_the_target_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(
        "a==1 ; python_full_version < '3.12' \\\n    --hash=sha256:11\n"
        "a==2 ; python_full_version >= '3.12' \\\n    --hash=sha256:22\n"
    )
    lock = Lock(tmp_path / "lock")
    name = canonicalize_name("a")
    assert lock.entry(name, LAMBDA).version == "2"
    assert lock.entry(name, Target("3.11", LAMBDA.platform)).text.endswith("sha256:11")


def test_a_platform_that_is_not_linux_is_refused() -> None:
    with pytest.raises(BundleError, match="Lambda runs Linux"):
        Target("3.14", "aarch64-apple-darwin")
