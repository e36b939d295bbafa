"""One server of each program for all processes of a run: the first that asks starts it, the run's end is its end."""

import contextlib
import fcntl
import http.client
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from java_node.program import Program, cache_folder

SECONDS_TO_START = 180
SECONDS_TO_END = 15
_LIFE, _HOMES, _ADDRESS, _LOG = "life", "home-", "address", "node.log"


class NodeNotStarted(Exception):
    """The server ended or did not answer in time; the text has the last lines of its log."""


@dataclass(frozen=True, slots=True)
class Node:
    """A server that runs."""

    url: str
    """Such as http://127.0.0.1:40123."""
    home: Path
    """The folder it was given."""


@contextmanager
def folder_of_run() -> Iterator[Path]:
    """Make the folder that the processes of a run share; the servers started in it end with this context.

    They end with this process too, however that ends: each reads a pipe whose only writer is here, and the kernel
    closes it.
    """
    folder = Path(tempfile.mkdtemp(prefix="flowlogs-nodes-"))
    pipe = folder / _LIFE
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # a pipe opens for writing when someone reads
    life = os.open(pipe, os.O_WRONLY)
    os.close(reader)
    try:
        yield folder
    finally:
        os.close(life)
        _wait_for_the_end(folder)
        shutil.rmtree(folder, ignore_errors=True)


def running(program: Program, folder: Path) -> Node:
    """Give the run's server of a program; start it when this is the first to ask.

    `folder` comes from folder_of_run, of this process or another. Raises NodeNotStarted, and CannotBuild.
    """
    classes = program.class_path(cache_folder())
    own = folder / program.name
    own.mkdir(exist_ok=True)
    with (own / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        address = own / _ADDRESS
        if not address.exists():
            node = _started(program, classes, own)
            address.write_text(f"{node.url}\n{node.home}")
        url, home = address.read_text().split("\n")
        return Node(url, Path(home))


def _started(program: Program, classes: str, folder: Path) -> Node:
    home = Path(tempfile.mkdtemp(prefix=_HOMES, dir=folder))
    process = _start(program, classes, home)
    try:
        return Node(_answering(program, process, home), home)
    except NodeNotStarted:
        shutil.rmtree(home, ignore_errors=True)
        raise


def _start(program: Program, classes: str, home: Path) -> int:
    """Start the program and give its process id.

    Not by subprocess: its objects complain when the process outlives them, and a worker may end before the run does.
    """
    java, own = shutil.which("java") or "java", home.parent
    options = [f"-Xms{program.heap}", f"-Xmx{program.heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    settings = ["-Duser.timezone=UTC", "-Dfile.encoding=UTF-8", f"-Djava.io.tmpdir={home}", f"-Djna.tmpdir={home}"]
    crash = f"-XX:ErrorFile={own / 'crash.log'}"
    log = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return os.posix_spawn(
        java,
        [java, *options, *settings, crash, "-cp", classes, program.main, str(home)],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, str(own.parent / _LIFE), os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(own / _LOG), log, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setpgroup=0,  # Ctrl-C is for pytest, whose teardowns still want the server
    )


def _answering(program: Program, process: int, home: Path) -> str:
    deadline = time.monotonic() + SECONDS_TO_START
    written = home / _ADDRESS
    while time.monotonic() < deadline:
        if os.waitpid(process, os.WNOHANG)[0]:
            raise NodeNotStarted(f"{program.called} ended while it started; {_last_lines(home.parent / _LOG)}")
        if written.exists():
            url = written.read_text()
            if _healthy(url, program.healthy):
                return url
        time.sleep(0.1)
    os.kill(process, signal.SIGKILL)
    raise NodeNotStarted(
        f"{program.called} did not answer within {SECONDS_TO_START} s; {_last_lines(home.parent / _LOG)}"
    )


def _healthy(url: str, path: str) -> bool:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    return False


def _last_lines(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-30:]
    return "the last lines of its log:\n" + "\n".join(lines)


def _wait_for_the_end(folder: Path) -> None:
    """Wait until servers have removed their homes, their last act; one that was killed leaves it, hence the limit."""
    deadline = time.monotonic() + SECONDS_TO_END
    while any(folder.glob(f"*/{_HOMES}*")) and time.monotonic() < deadline:
        time.sleep(0.05)
