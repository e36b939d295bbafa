"""What `flowlogs` leaves behind when it is interrupted, or when nobody reads its output any more."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import line

import flowlogs

pytestmark = pytest.mark.slow
ROOT = Path(flowlogs.__file__).parents[1]
_LINES = 150_000


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    for number in range(3):
        text = b"\n".join(line(port % 60_000) for port in range(_LINES // 3))
        (folder / f"{number}.log").write_bytes(text)
    return folder


def started(*arguments: str | Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "flowlogs", *map(str, arguments)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "AWS_EC2_METADATA_DISABLED": "true"}
    return subprocess.Popen(  # noqa: S603 (our own command)
        command,
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def half_written(folder: Path) -> list[Path]:
    return [path for path in files(folder) if ".part" in path.name or ".tmp" in path.name]


def wait_for_half_written(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while not half_written(folder):
        assert process.poll() is None, "it was done before anything could be interrupted"
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("when", [0.0, 0.7])
def test_an_interrupted_run_leaves_no_half_written_file_and_says_one_line(
    tmp_path: Path, logs: Path, when: float
) -> None:
    process = started("run", logs, "--out", tmp_path / "out")
    wait_for_half_written(tmp_path, process)
    time.sleep(when)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert [row for row in err.decode().splitlines() if row.strip()] == ["Error: interrupted"]
    assert out == b""
    assert half_written(tmp_path) == []
    assert {path.name for path in files(tmp_path)} <= {"functions.ndjson"}  # nothing that looks finished


def test_an_interrupted_generate_leaves_no_half_written_file_and_says_one_line(tmp_path: Path) -> None:
    process = started("generate", tmp_path / "out", "--lines", "400000")
    wait_for_half_written(tmp_path, process)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert [row for row in err.decode().splitlines() if row.strip()] == ["Error: interrupted"]
    assert half_written(tmp_path) == []
    assert not (tmp_path / "out/truth.json").exists()


def test_an_interrupted_parse_has_printed_whole_records(logs: Path) -> None:
    process = started("parse", logs)
    assert process.stdout
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Error: interrupted" in err.decode()
    assert b"Traceback" not in err
    assert json.loads(first)["srcport"] == 0
    for row in out.splitlines()[1:1000]:  # `communicate` passes over what `readline` had read ahead
        json.loads(row)


@pytest.mark.parametrize("arguments", [["parse"], ["parse", "--json"]], ids=" ".join)
def test_a_reader_that_goes_away_ends_it_without_a_word(logs: Path, arguments: list[str]) -> None:
    process = started(*arguments, logs)
    assert process.stdout
    assert process.stderr
    assert json.loads(process.stdout.readline())["srcport"] == 0
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=30) == 1
    assert err == b""


def test_a_reader_that_was_never_there_is_no_traceback(tmp_path: Path) -> None:
    process = started("run", ROOT / "events/flow-log-v2.log", "--out", tmp_path / "out", "--json")
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=30) == 1
    assert b"Traceback" not in err
    assert b"Exception ignored" not in err
    assert half_written(tmp_path) == []
