"""The entry of the command line: quick, clean from the start, and at ease with streams that are closed."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from command_line import line, ran

import flowlogs as package
from flowlogs.cli import main

ROOT = Path(package.__file__).parents[1]
HEAVY = ("boto3", "pyarrow", "rich.console", "maxminddb", "flowlogs.record", "functions")


def in_its_own_process(*command: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(  # noqa: S603 (our own command)
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=60, check=False
    )


def test_each_command_is_there_and_no_other() -> None:
    for name, command in main.flowlogs.commands.items():
        assert isinstance(command, click.Command)
        assert command.name == name
    assert "another" not in main.flowlogs.commands
    assert ran("another").only_line == "Error: No such command 'another'."
    assert "Did you mean 'parse'?" in ran("prase").only_line


def test_help_lists_each_command_with_its_own_words() -> None:
    commands = main.flowlogs.commands
    assert commands.short_help == {name: command.get_short_help_str(200) for name, command in commands.items()}
    listed = " ".join(ran("--help").out.partition("Commands:\n")[2].split())
    assert listed == " ".join(f"{name} {words}" for name, words in sorted(commands.short_help.items()))


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["another"]], ids=" ".join)
def test_what_needs_no_command_imports_none(arguments: list[str]) -> None:
    program = f"""
import sys
from flowlogs.cli.main import main
sys.argv = ["flowlogs", *{arguments}]
try:
    main()
except SystemExit:
    pass
found = [name for name in {HEAVY} if name in sys.modules]
assert not found, found
"""
    done = in_its_own_process(sys.executable, "-c", program)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("what", ["click", "flowlogs.cli.parse"])
@pytest.mark.slow
def test_an_interrupt_while_it_still_imports_is_no_traceback(what: str) -> None:
    program = f"""
import sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == {what!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
sys.argv = ["flowlogs", "parse", "x"]
from flowlogs.cli.main import main
main()
"""
    done = in_its_own_process(sys.executable, "-c", program)
    assert done.returncode == 130
    assert done.stderr.strip() in (b"", b"Error: interrupted")


@pytest.mark.slow
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
@pytest.mark.parametrize(
    "arguments", ["parse LOG", "parse LOG --json", "geoip lookup 8.8.8.8 --geoip GEO", "--version"]
)
def test_a_closed_stream_is_no_traceback(tmp_path: Path, closed: str, arguments: str) -> None:
    (tmp_path / "log").write_bytes(line(1) + b"\n")
    (tmp_path / "threats").mkdir()
    (tmp_path / "threats" / "own.txt").write_text("8.8.8.8\n")
    words = arguments.replace("LOG", str(tmp_path / "log")).replace("GEO", str(tmp_path))
    done = in_its_own_process("/bin/sh", "-c", f"{sys.executable} -m flowlogs {words} {closed}")
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Error" not in done.stderr
