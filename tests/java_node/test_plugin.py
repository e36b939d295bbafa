"""The fixtures of servers, asked for by a project of four tests, in runs of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
ASKING = """
import pytest

@pytest.mark.parametrize("number", [1, 2])
def test_asks(opensearch, number):
    assert opensearch.url

def test_asks_too(opensearch):
    assert opensearch.url

def test_asks_another(trino):
    assert trino.url
"""


def run(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_asking.py").write_text(ASKING)
    (folder / "empty").mkdir(exist_ok=True)
    given = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CI"))}
    return subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider", *options, "."],
        cwd=folder,
        env={**given, "PATH": str(folder / "empty"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("workers", [[], ["-n", "2"], ["-p", "no:xdist"]], ids=["alone", "workers", "no-xdist"])
def test_without_java_and_maven_one_line_says_what_to_install(workers: list[str], tmp_path: Path) -> None:
    ended = run(tmp_path, *workers)
    lines = [line for line in ended.stdout.splitlines() if line.startswith("SKIPPED")]
    assert len(lines) == 2  # one for each server
    for line, tests, called in zip(sorted(lines), ["[1]", "[3]"], ["Trino", "OpenSearch"], strict=True):
        assert tests in line
        assert f"a real {called} takes a JDK (17 or newer) and Maven; not installed: java, javac, mvn" in line
    assert ended.returncode == 0


@pytest.mark.slow
def test_in_ci_nothing_is_skipped(tmp_path: Path) -> None:
    ended = run(tmp_path, CI="true")
    assert ended.returncode == 1
    assert "4 errors" in ended.stdout
    assert "not installed: java, javac, mvn" in ended.stdout


@pytest.mark.slow
def test_who_asks_for_the_server_is_slow(tmp_path: Path) -> None:
    assert "4 deselected" in run(tmp_path, "-m", "not slow").stdout
