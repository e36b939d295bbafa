"""The building of a server's program, with tools that only write down that they were called."""

import multiprocessing
import os
from pathlib import Path

import pytest

from java_node.program import CannotBuild, Program

JARS = 'for word; do case $word in -DoutputDirectory=*) mkdir -p "${word#*=}"; touch "${word#*=}/one.jar";; esac; done'
CLASSES = 'while [ "$1" != -d ]; do shift; done; touch "$2/One.class"'


@pytest.fixture
def one(tmp_path: Path) -> Program:
    folder = tmp_path / "sources"
    folder.mkdir()
    for name in ("pom.xml", "One.java", "logging.properties"):
        (folder / name).write_text("of any content")
    return Program(name="one", called="One", folder=folder, main="One", heap="8m", healthy="/")


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder of programs that stand in for the JDK's and Maven."""
    folder = tmp_path / "tools"
    folder.mkdir()
    called = tmp_path / "called"
    for name, work in {"mvn": JARS, "javac": CLASSES}.items():
        written(folder / name, f"echo {name} >> {called}\nsleep 0.2\n{work}")
    written(folder / "java", "echo 'openjdk version \"21.0.1\" 2023-10-17' >&2")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def written(tool: Path, text: str) -> None:
    tool.write_text(f"#!/bin/sh\n{text}\n")
    tool.chmod(0o755)


def calls(tmp_path: Path) -> list[str]:
    return (tmp_path / "called").read_text().split()


@pytest.mark.slow
def test_a_program_is_built_once(one: Program, tools: Path, tmp_path: Path) -> None:
    first = one.class_path(tmp_path / "cache")
    assert one.class_path(tmp_path / "cache") == first
    assert calls(tmp_path) == ["mvn", "javac"]
    classes, jars = first.split(os.pathsep)
    assert sorted(path.name for path in Path(classes).iterdir()) == ["One.class", "logging.properties"]
    assert [path.name for path in Path(jars).parent.iterdir()] == ["one.jar"]


@pytest.mark.slow
def test_jars_in_folders_of_their_own_are_found(one: Program, tools: Path, tmp_path: Path) -> None:
    nested = JARS.replace("one.jar", "plugin/two.jar").replace('mkdir -p "${word#*=}"', 'mkdir -p "${word#*=}/plugin"')
    written(tools / "mvn", f"{JARS}\n{nested}")
    _, *jars = one.class_path(tmp_path / "cache").split(os.pathsep)
    assert [path.removeprefix(str(Path(jars[0]).parent)) for path in jars] == ["/*", "/plugin/*"]


@pytest.mark.slow
@pytest.mark.parametrize("changed", ["pom.xml", "One.java", "logging.properties"])
def test_other_sources_are_another_program(changed: str, one: Program, tools: Path, tmp_path: Path) -> None:
    before = one.class_path(tmp_path / "cache")
    (one.folder / changed).write_text("of another content")
    assert one.class_path(tmp_path / "cache") != before


@pytest.mark.slow
def test_processes_that_build_at_once_build_it_once(one: Program, tools: Path, tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert len(set(pool.map(one.class_path, [tmp_path / "cache"] * 3))) == 1
    assert calls(tmp_path) == ["mvn", "javac"]


@pytest.mark.slow
@pytest.mark.parametrize(("broken", "called"), [("mvn", ["mvn"]), ("javac", ["mvn", "javac"])])
def test_a_build_that_fails_says_why_and_is_not_taken_for_a_whole_one(
    broken: str, called: list[str], one: Program, tools: Path, tmp_path: Path
) -> None:
    whole = (tools / broken).read_text()
    written(tools / broken, f"{whole}\necho no route to the repository >&2\nexit 3")
    with pytest.raises(CannotBuild, match=rf"{broken} ended with 3 and said:\nno route to the repository"):
        one.class_path(tmp_path / "cache")
    (tools / broken).write_text(whole)
    one.class_path(tmp_path / "cache")
    assert calls(tmp_path) == [*called, "mvn", "javac"]


@pytest.mark.slow
def test_a_jdk_and_maven_are_enough(one: Program, tools: Path) -> None:
    assert one.missing() is None


@pytest.mark.slow
@pytest.mark.parametrize("absent", ["java", "javac", "mvn"])
def test_what_is_not_installed_is_named(absent: str, one: Program, tools: Path) -> None:
    (tools / absent).unlink()
    assert one.missing(str(tools)) == f"a real One takes a JDK (17 or newer) and Maven; not installed: {absent}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("says", "version"), [('openjdk version "11.0.2"', "11"), ('java version "1.8.0_392"', "1"), ("?", "of no version")]
)
def test_an_old_java_is_not_enough(says: str, version: str, one: Program, tools: Path) -> None:
    written(tools / "java", f"echo '{says}' >&2")
    assert f"; java is {version}" in (one.missing() or "")
