"""The node's program: jars from Maven Central and one class of ours, made once and kept in the user's cache folder."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

SOURCES = [Path(__file__).with_name(name) for name in ("pom.xml", "OpenSearchNode.java", "log4j2.properties")]
TOOLS = ("java", "javac", "mvn")
OLDEST_JAVA = 17


class CannotBuild(Exception):
    """The program of the node was not made; the text says why."""


def missing(path: str | None = None) -> str | None:
    """Say in one line what has to be installed before a node can run; None when nothing has to.

    `path` is where programs are looked for, like PATH; None is the process's own.
    """
    absent = [tool for tool in TOOLS if shutil.which(tool, path=path) is None]
    wanted = f"a real OpenSearch takes a JDK ({OLDEST_JAVA} or newer) and Maven"
    if absent:
        return f"{wanted}; not installed: {', '.join(absent)}"
    version = _java_version(path)
    if version is None or version < OLDEST_JAVA:
        return f"{wanted}; java is {version or 'of no version that it says'}"
    return None


def cache_folder() -> Path:
    """Give the folder where built programs are kept (XDG Base Directory Specification: XDG_CACHE_HOME)."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if Path(named).is_absolute() else Path.home() / ".cache") / "flowlogs-tests"


def class_path(cache: Path) -> str:
    """Give the program's class path, building it in `cache` when these sources have not been built there.

    Raises CannotBuild with what the tool that failed said. What an interrupted build leaves never stands under
    the name of a whole one, and two processes do not build at once.
    """
    digest = hashlib.sha256(b"\0".join(source.read_bytes() for source in SOURCES)).hexdigest()[:16]
    program = cache / f"opensearch-{digest}"
    if not program.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / f"opensearch-{digest}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # let go of by the kernel, whatever becomes of this process
            if not program.exists():
                _build(program)
    return f"{program / 'classes'}{os.pathsep}{program / 'lib'}/*"


def _build(program: Path) -> None:
    building = program.with_suffix(".building")
    shutil.rmtree(building, ignore_errors=True)
    classes, jars = building / "classes", building / "lib"
    classes.mkdir(parents=True)
    pom, java, log = SOURCES
    _ran("mvn", "-q", "-B", "-ntp", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={jars}")
    release = str(OLDEST_JAVA)
    _ran("javac", "-proc:none", "-nowarn", "--release", release, "-d", str(classes), "-cp", f"{jars}/*", str(java))
    shutil.copy(log, classes)
    building.rename(program)


def _ran(*command: str) -> None:
    ended = subprocess.run(  # noqa: S603 (our own commands)
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if ended.returncode:
        said = "\n".join(ended.stdout.splitlines()[:15])  # the cause comes first, advice after it
        raise CannotBuild(f"{command[0]} ended with {ended.returncode} and said:\n{said}")


def _java_version(path: str | None) -> int | None:
    java = shutil.which("java", path=path) or "java"
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else None
