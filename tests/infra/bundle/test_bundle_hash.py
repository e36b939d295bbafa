"""The hash of a bundle changes with what goes in, and with nothing else."""

import shutil
from pathlib import Path

import pytest

from infra.bundle.recipe import ROOT, recipe_of
from infra.bundle.target import LAMBDA, Target


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    checkout = tmp_path_factory.mktemp("original")
    for tree in ("flowlogs", "functions", "infra/bundle"):
        shutil.copytree(ROOT / tree, checkout / tree, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "requirements.lock", checkout / "requirements.lock")
    return checkout


@pytest.fixture
def checkout(original: Path, tmp_path: Path) -> Path:
    return shutil.copytree(original, tmp_path / "checkout")


def hash_of(checkout: Path, target: Target = LAMBDA, function: str = "ingestor") -> str:
    return recipe_of(function, target, checkout).fingerprint()


def test_the_same_input_elsewhere_has_the_same_hash(original: Path, checkout: Path) -> None:
    assert hash_of(checkout) == hash_of(original)
    assert hash_of(checkout) != hash_of(checkout, function="decorator")


@pytest.mark.parametrize(
    "file",
    [
        "functions/ingestor/handler.py",
        "functions/ingestor/wiring.py",
        "functions/__init__.py",
        "flowlogs/__init__.py",
        "flowlogs/record/log_format.py",
        "infra/bundle/tidying.py",
    ],
)
def test_a_changed_source_file_changes_it(original: Path, checkout: Path, file: str) -> None:
    (checkout / file).write_text((checkout / file).read_text() + "\n# changed\n")
    assert hash_of(checkout) != hash_of(original)


def test_a_new_data_file_beside_an_imported_module_changes_it(original: Path, checkout: Path) -> None:
    (checkout / "flowlogs/record/table.json").write_text("{}")
    assert hash_of(checkout) != hash_of(original)


@pytest.mark.parametrize(
    "file",
    ["docs/page.md", "flowlogs/cli/main.py", "flowlogs/decorate/encoder.py", "functions/decorator/handler.py",
     "flowlogs/record/__pycache__/values.cpython-311.pyc", "flowlogs/.hidden", "infra/bundle/notes.md"],
)  # fmt: skip
def test_a_file_that_does_not_go_in_changes_nothing(original: Path, checkout: Path, file: str) -> None:
    (checkout / file).parent.mkdir(parents=True, exist_ok=True)
    with (checkout / file).open("a") as text:
        text.write("\n# changed\n")
    assert hash_of(checkout) == hash_of(original)


def relock(checkout: Path, name: str) -> None:
    """Take one hash of a distribution out of the lock file."""
    lines = (checkout / "requirements.lock").read_text().splitlines(keepends=True)
    (at,) = (number for number, line in enumerate(lines) if line.startswith(f"{name}=="))
    assert lines[at + 1].endswith("\\\n")
    del lines[at + 1]
    (checkout / "requirements.lock").write_text("".join(lines))


def test_a_changed_line_of_the_lock_file_changes_it_where_it_goes_in(original: Path, checkout: Path) -> None:
    relock(checkout, "maxminddb")
    assert hash_of(checkout) == hash_of(original)
    assert hash_of(checkout, function="decorator") != hash_of(original, function="decorator")
    relock(checkout, "orjson")
    assert hash_of(checkout) != hash_of(original)


def test_another_target_changes_it(original: Path) -> None:
    targets = [LAMBDA, Target("3.13", LAMBDA.platform), Target("3.14", "x86_64-manylinux_2_28"), Target.here()]
    assert len({hash_of(original, target) for target in targets}) == len(targets)
