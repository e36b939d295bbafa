"""A server's program: jars from Maven Central and classes of ours, made once and kept in the user's cache folder."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

TOOLS = ("java", "javac", "mvn")
OLDEST_JAVA = 17
_HERE = Path(__file__).parent


class CannotBuild(Exception):
    """The program was not made; the text says why."""


@dataclass(frozen=True, slots=True)
class Program:
    """What a server is made of, and how it is run.

    Its folder has a pom.xml, whose phase `package` puts jars into `outputDirectory` or folders of it, the classes, and
    properties for the class path. The class `main` takes the folder it may write to, and keeps to Life.java.
    """

    name: str
    """Of the program's folder in the cache, and of its files in the folder of the run."""
    called: str
    folder: Path
    main: str
    heap: str
    healthy: str
    """What is asked for by HTTP; it is answered with 200 when the server can be used."""

    def missing(self, path: str | None = None) -> str | None:
        """Say in one line what has to be installed before the server can run; None when nothing has to.

        `path` is where programs are looked for, like PATH; None is the process's own.
        """
        absent = [tool for tool in TOOLS if shutil.which(tool, path=path) is None]
        wanted = f"a real {self.called} takes a JDK ({OLDEST_JAVA} or newer) and Maven"
        if absent:
            return f"{wanted}; not installed: {', '.join(absent)}"
        version = _java_version(path)
        if version is None or version < OLDEST_JAVA:
            return f"{wanted}; java is {version or 'of no version that it says'}"
        return None

    def class_path(self, cache: Path) -> str:
        """Give the program's class path, building it in `cache` when these sources have not been built there.

        Raises CannotBuild with what the tool that failed said. What an interrupted build leaves never stands under
        the name of a whole one, and two processes do not build at once.
        """
        digest = hashlib.sha256(b"\0".join(source.read_bytes() for source in self._sources())).hexdigest()[:16]
        built = cache / f"{self.name}-{digest}"
        if not built.exists():
            cache.mkdir(parents=True, exist_ok=True)
            with (cache / f"{self.name}-{digest}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # let go of by the kernel, whatever becomes of this process
                if not built.exists():
                    self._build(built)
        return _class_path(built)

    def _sources(self) -> list[Path]:
        found = [*self.folder.glob("pom.xml"), *self.folder.glob("*.java"), *self.folder.glob("*.properties")]
        return [*sorted(found), *sorted(_HERE.glob("*.java"))]

    def _build(self, built: Path) -> None:
        building = built.with_suffix(".building")
        shutil.rmtree(building, ignore_errors=True)
        classes, jars = building / "classes", building / "lib"
        classes.mkdir(parents=True)
        java = [str(source) for source in self._sources() if source.suffix == ".java"]
        _ran("mvn", "-q", "-B", "-ntp", "-f", str(self.folder / "pom.xml"), "package", f"-DoutputDirectory={jars}")
        options = ["-proc:none", "-nowarn", "-encoding", "UTF-8", "--release", str(OLDEST_JAVA)]
        _ran("javac", *options, "-d", str(classes), "-cp", _class_path(building), *java)
        for resource in self.folder.glob("*.properties"):
            shutil.copy(resource, classes)
        building.rename(built)


def cache_folder() -> Path:
    """Give the folder where built programs are kept (XDG Base Directory Specification: XDG_CACHE_HOME)."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if Path(named).is_absolute() else Path.home() / ".cache") / "flowlogs-tests"


def _class_path(built: Path) -> str:
    jars = sorted({jar.parent for jar in (built / "lib").rglob("*.jar")})
    return os.pathsep.join([str(built / "classes"), *(f"{folder}/*" for folder in jars)])


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
