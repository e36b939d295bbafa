"""A publication in S3 of which an answer breaks off on the way, over HTTP: what is here stays, and nothing is half."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_in_moto import AWS

from flowlogs.aws.published_objects import PublishedObjects
from flowlogs.aws.s3 import Address
from flowlogs.published import POINTER, Pointer

ADDRESS = Address("kept", f"inventory/{POINTER}")
CONTENT = bytes(range(256)) * 20_000  # bytes that gzip shortens, but not below what one read takes


class S3:
    """Objects by key; of those in `cut`, so many bytes are sent, and then the connection ends."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.cut: dict[str, int] = {}
        self.asked: list[str] = []

    def publish(self, **files: str) -> None:
        self.objects["pointer.json"] = Pointer(files).content()


class _Handler(BaseHTTPRequestHandler):
    s3: S3
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        key = self.path.split("?")[0].removeprefix("/kept/inventory/")
        content = self.s3.objects[key]
        self.s3.asked.append(key)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hash(content):x}"')
        self.end_headers()
        self.wfile.write(content[: self.s3.cut.get(key)])
        self.close_connection = key in self.s3.cut

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def s3() -> S3:
    return S3()


@pytest.fixture
def watched(s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PublishedObjects]:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("_Bound", (_Handler,), {"s3": s3}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    client: Any = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{server.server_port}", **AWS)
    yield PublishedObjects(ADDRESS, client)
    server.shutdown()
    server.server_close()
    thread.join()
    client.close()


def here(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("sent", [0, 1, 10, 2_000, -1])
@pytest.mark.parametrize("key", ["2", "2.gz"])
def test_an_object_that_breaks_off_is_an_os_error_and_the_last_good_one_stays(
    s3: S3, watched: PublishedObjects, tmp_path: Path, key: str, sent: int
) -> None:
    s3.objects |= {"1": b"last good", "2": CONTENT, "2.gz": gzip.compress(CONTENT, mtime=0)}
    s3.publish(a="1")
    watched.files()
    s3.publish(a=key)
    s3.cut[key] = sent
    for _ in range(2):
        watched.version()
        with pytest.raises(OSError, match=r"a cannot be fetched from s3://kept/inventory/pointer.json: "):
            watched.files()
        assert here(tmp_path) == {"a": b"last good"}
    s3.cut.clear()
    assert here(watched.files()[0]) == {"a": CONTENT}
    assert here(tmp_path) == {"a": CONTENT}


def test_a_pointer_that_breaks_off_is_an_os_error_and_not_another_version(s3: S3, watched: PublishedObjects) -> None:
    s3.objects["1"] = b"one"
    s3.publish(a="1")
    first = watched.version()
    s3.cut["pointer.json"] = 10
    with pytest.raises(OSError, match=r"^S3 answered "):
        watched.version()
    assert here(watched.files()[0]) == {"a": b"one"}
    s3.cut.clear()
    assert watched.version() == first


def test_of_several_files_those_that_came_whole_are_not_fetched_again(s3: S3, watched: PublishedObjects) -> None:
    s3.objects |= {"1": b"one", "2": CONTENT}
    s3.publish(a="1", b="2")
    s3.cut["2"] = 100
    with pytest.raises(OSError, match="b cannot be fetched"):
        watched.files()
    s3.cut.clear()
    assert here(watched.files()[0]) == {"a": b"one", "b": CONTENT}
    assert s3.asked.count("1") == 1


def test_an_object_is_never_in_memory_as_a_whole(
    s3: S3, watched: PublishedObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither packed nor plain: what is read and written at once is a part of it."""
    plain = bytes(8 << 20)
    s3.objects["1.gz"] = gzip.compress(plain, 0, mtime=0)
    s3.publish(a="1.gz")
    most, opened = [0], Path.open

    def noted(path: Path, *mode: Any) -> Any:
        file = opened(path, *mode)
        if mode == ("wb",):
            write = file.write

            class Noting:
                def __enter__(self) -> Any:
                    return self

                def __exit__(self, *_: object) -> None:
                    file.close()

                def write(self, content: bytes) -> int:
                    most.append(len(content))
                    return int(write(content))

                flush = file.flush

            return Noting()
        return file

    monkeypatch.setattr(Path, "open", noted)
    assert (watched.files()[0] / "a").stat().st_size == len(plain)
    assert 0 < max(most) <= 1 << 20
    assert sum(most) == len(plain)
