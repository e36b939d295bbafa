"""What `make synth SET="…"` hands on to the CDK, and what it refuses because make or the shell would change it."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAKE = shutil.which("make") or "make"


def made(settings: str, target: str = "synth") -> subprocess.CompletedProcess[str]:
    """Have make print what it would run."""
    return subprocess.run(  # noqa: S603 (our own command)
        [MAKE, "--dry-run", "--silent", target, f"SET={settings}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("target", ["synth", "deploy", "destroy"])
def test_settings_go_to_the_cdk_one_by_one(target: str) -> None:
    ended = made("vpc_ids=vpc-1,vpc-2 search_keep=sample:10", target)
    assert ended.returncode == 0
    assert "-c 'vpc_ids=vpc-1,vpc-2' -c 'search_keep=sample:10'" in ended.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings", ["record_format=${srcaddr} ${dstaddr}", "alarm_name=SSH rejects", "a=it's", "prefix"]
)
def test_what_would_not_arrive_as_it_was_written_is_refused(settings: str) -> None:
    ended = made(settings)
    assert ended.returncode != 0
    assert "write such a setting into cdk.json" in ended.stderr


@pytest.mark.slow
def test_without_settings_those_of_cdk_json_hold() -> None:
    ended = made("")
    assert ended.returncode == 0
    synthesis = ended.stdout.splitlines()[-1]  # what comes before makes an environment that is out of date
    assert " -c " not in synthesis


@pytest.mark.slow
@pytest.mark.parametrize("npm", [True, False])
def test_the_tests_have_what_draws_the_dashboards_where_npm_is(npm: bool, tmp_path: Path) -> None:
    for name in ["npm"] if npm else []:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    ended = subprocess.run(  # noqa: S603 (our own command)
        [MAKE, "--dry-run", "--always-make", "test", "PYTHON=true"],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("npm ci" in ended.stdout) is npm
    assert "-m pytest" in ended.stdout
