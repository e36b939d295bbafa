"""One node for all processes of a run: the first that asks starts it, and the run's end is its end."""

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
from pathlib import Path
from urllib.parse import urlsplit

from opensearch_node.built import cache_folder, class_path

HEAP = "512m"
SECONDS_TO_START = 180
SECONDS_TO_END = 15
_LIFE, _ADDRESS, _LOG = "life", "address", "node.log"


class NodeNotStarted(Exception):
    """The node ended or did not answer in time; the text has the last lines of its log."""


@contextmanager
def folder_of_run() -> Iterator[Path]:
    """Make the folder that the processes of a run share; the node started in it ends with this context.

    It ends with this process too, however that ends: the node reads a pipe whose only writer is here, and the kernel
    closes it.
    """
    folder = Path(tempfile.mkdtemp(prefix="flowlogs-opensearch-"))
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


def running(folder: Path) -> str:
    """Give the address of the run's node, such as http://127.0.0.1:40123; start it when it is the first to ask.

    `folder` comes from folder_of_run, of this process or another. Raises NodeNotStarted, and CannotBuild.
    """
    classes = class_path(cache_folder())
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        address = folder / _ADDRESS
        if not address.exists():
            address.write_text(_started(classes, folder))
        return address.read_text()


def _started(classes: str, folder: Path) -> str:
    home = Path(tempfile.mkdtemp(prefix="node-", dir=folder))
    process = _start(classes, home, folder)
    try:
        return _answering(process, home, folder)
    except NodeNotStarted:
        shutil.rmtree(home, ignore_errors=True)
        raise


def _start(classes: str, home: Path, folder: Path) -> int:
    """Start the program and give its process id.

    Not by subprocess: its objects complain when the process outlives them, and a worker may end before the run does.
    """
    java = shutil.which("java") or "java"
    options = [f"-Xms{HEAP}", f"-Xmx{HEAP}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    folders = [f"-Djava.io.tmpdir={home}", f"-Djna.tmpdir={home}", f"-XX:ErrorFile={folder / 'crash.log'}"]
    log = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return os.posix_spawn(
        java,
        [java, *options, *folders, "-cp", classes, "OpenSearchNode", str(home)],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, str(folder / _LIFE), os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(folder / _LOG), log, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setpgroup=0,  # Ctrl-C is for pytest, whose teardowns still want the node
    )


def _answering(process: int, home: Path, folder: Path) -> str:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if os.waitpid(process, os.WNOHANG)[0]:
            raise NodeNotStarted(f"OpenSearch ended while it started; {_last_lines(folder)}")
        if (home / _ADDRESS).exists():
            url = (home / _ADDRESS).read_text()
            if _healthy(url):
                return url
        time.sleep(0.1)
    os.kill(process, signal.SIGKILL)
    raise NodeNotStarted(f"OpenSearch did not answer within {SECONDS_TO_START} s; {_last_lines(folder)}")


def _healthy(url: str) -> bool:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=5s")
        return connection.getresponse().status == http.client.OK
    return False


def _last_lines(folder: Path) -> str:
    lines = (folder / _LOG).read_text(errors="replace").splitlines()[-30:]
    return "the last lines of its log:\n" + "\n".join(lines)


def _wait_for_the_end(folder: Path) -> None:
    """Wait until the node has removed its home, its last act; one that was killed leaves it, hence the limit."""
    deadline = time.monotonic() + SECONDS_TO_END
    while any(folder.glob("node-*")) and time.monotonic() < deadline:
        time.sleep(0.05)
