"""Whatever a server answers is its own failure: what others have is published, and what a licence forbids goes."""

import base64
import socket
import threading
import zlib
from pathlib import Path

import pytest
from memory_store import MemoryStore
from published_places import Place
from world import DAY, NOW

from flowlogs.geoip.download import Request, Web
from flowlogs.geoip.fetch_failed import FetchFailed
from flowlogs.geoip.lists import AwsRanges, OwnNetworks, ThreatList
from flowlogs.geoip.probe import opened
from flowlogs.geoip.source import About, Found, Work
from flowlogs.published import Pointer, read_pointer, swap_pointer

OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LIST = b"185.0.0.1\n"
DIGITS = b"9" * 5000
ANSWERS = {
    "length of 5,000 digits": OK + b"Content-Length: " + DIGITS + b"\r\n\r\n" + LIST,
    "length that is no number": OK + b"Content-Length: ten\r\n\r\n" + LIST,
    "length below zero": OK + b"Content-Length: -1\r\n\r\n" + LIST,
    "two lengths": OK + b"Content-Length: 10\r\nContent-Length: 11\r\n\r\n" + LIST,
    "length beyond the end": OK + b"Content-Length: 99\r\n\r\n" + LIST,
    "length of foreign digits": OK + "Content-Length: \u0661\u0660\r\n\r\n".encode() + LIST,
    "chunk that is no number": CHUNKED + b"ten\r\n" + LIST + b"\r\n0\r\n\r\n",
    "chunk below zero": CHUNKED + b"-1\r\n" + LIST * 100,
    "chunk far below zero": CHUNKED + b"-ffff\r\n" + LIST * 100,
    "chunk that breaks off": CHUNKED + b"ff\r\n" + LIST,
    "chunk of 70,000 digits": CHUNKED + b"f" * 70_000 + b"\r\n" + LIST,
    "no chunk": CHUNKED,
    "no HTTP": b"SSH-2.0-server\r\n" + LIST,
    "nothing": b"",
    "status that is no number": b"HTTP/1.1 OK OK\r\n\r\n" + LIST,
    "status of 5,000 digits": b"HTTP/1.1 " + DIGITS + b" OK\r\n\r\n" + LIST,
    "header without end": OK + b"X: " + b"x" * 100_000,
    "a thousand headers": OK + b"".join(b"X-%d: x\r\n" % number for number in range(1000)) + b"\r\n" + LIST,
    "wish of 5,000 digits": b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: " + DIGITS + b"\r\n\r\n",
    "encoding that is none": OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\xff\xff",
    "compressed beyond measure": OK + b"Content-Encoding: deflate\r\n\r\n" + zlib.compress(LIST * 1_000_000),
    "zeros": OK + b"\r\n" + bytes(100_000),
    "deep JSON": OK + b"\r\n" + b"[" * 100_000,
    **{
        f"redirect to {where[:20].decode('latin-1')}": b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
        + where
        + b"\r\n\r\n"
        for where in (
            b"http://[::1/x",
            b"http://127.0.0.1:99999/",
            b"http://127.0.0.1:" + DIGITS + b"/",
            b"https://" + b"a" * 300 + b".test/",
            b"https://a..b/",
            b"http://127.0.0.1\x01/",
            b"https://\xff\xfe/",
            "https://\u2100.test/".encode(),
            b"http:///",
            b"",
        )
    },
}


class Hostile:
    """A server that answers everybody with the same bytes, and then hangs up."""

    def __init__(self, answer: bytes, then: bytes = b"") -> None:
        self._answer, self._then = answer, then
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/list"

    def __enter__(self) -> "Hostile":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                asked, _ = self._socket.accept()
            except OSError:
                return
            with asked:
                self._speak(asked)

    def _speak(self, asked: socket.socket) -> None:
        try:
            asked.recv(10_000)
            asked.sendall(self._answer)
            while self._then and not self._ended.wait(0.02):
                asked.sendall(self._then)
        except OSError:
            pass  # who asked is gone


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Give a place that still has a database which its licence no longer allows."""
    place = Place(tmp_path)
    place.work = Work(Web({}, sleep=lambda _: None), tmp_path, NOW, opened)
    place.store.write("files/old/GeoLite2-City.mmdb", b"old")
    about = {"kind": "database", "provider": "maxmind", "knows": "City", "built": NOW - 40 * DAY}
    pointer = Pointer(
        {"GeoLite2-City.mmdb": "files/old/GeoLite2-City.mmdb"}, {"described": {"GeoLite2-City.mmdb": about}}
    )
    assert swap_pointer(place.store, read_pointer(place.store), pointer)
    return place


OWN = OwnNetworks([("10.0.0.0/8", "own")])


class ForbiddenCity(OwnNetworks):
    """A source of the database that is there, of which nothing newer comes."""

    @property
    def file(self) -> str:
        return "GeoLite2-City.mmdb"

    def __call__(self, have: About | None, work: Work, seconds: float) -> Found | None:
        return None


@pytest.mark.parametrize("name", ANSWERS)
def test_whatever_a_server_answers_is_its_own_failure(place: Place, name: str) -> None:
    with Hostile(ANSWERS[name]) as server:
        sources = (ForbiddenCity([]), ThreatList("bad", server.url), AwsRanges(server.url), OWN)
        updated = place.run(*sources)
    assert [sentence.split(":")[0] for sentence in updated.failed] == ["threats/bad.txt", "networks/aws-ip-ranges.json"]
    assert not [sentence for sentence in updated.failed if len(sentence) > 400]
    assert place.files() == {"networks/own.txt": b"10.0.0.0/8 own\n"}
    assert updated.deleted == ["GeoLite2-City.mmdb"]
    assert place.objects() == ["files/run-1/networks/own.txt"]
    assert list(place.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "then"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (OK, b"X: x"),
        (OK + b"Content-Length: 100000\r\n\r\n", b"x"),
        (CHUNKED, b"0"),
        (CHUNKED + b"1\r\nx\r\n0\r\n", b"X: x\r\n"),
    ],
    ids=["status", "continue", "headers", "body", "chunk", "trailers"],
)
def test_a_server_that_sends_a_little_now_and_then_is_given_up(tmp_path: Path, answer: bytes, then: bytes) -> None:
    with Hostile(answer, then) as server, pytest.raises(FetchFailed):
        Web({}, sleep=lambda _: None)(Request(server.url, 1_000_000), tmp_path / "fetched", 0.3)


def test_a_chunk_of_minus_one_bytes_is_not_read_until_the_server_ends(tmp_path: Path) -> None:
    with Hostile(CHUNKED + b"-1\r\n", b"x" * 1000) as server, pytest.raises(FetchFailed, match="broke off"):
        Web({}, sleep=lambda _: None)(Request(server.url, 1_000_000), tmp_path / "fetched", 60)


class Raises(OwnNetworks):
    """A source whose server made a library raise what nobody thought of."""

    def __call__(self, have: About | None, work: Work, seconds: float) -> Found | None:
        (work.folder / "half.part").write_bytes(b"x")
        raise RecursionError(base64.b64encode(b"a server's text").decode())


def test_what_nobody_thought_of_is_told_by_its_kind_alone_and_leaves_no_file(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.store = MemoryStore(lambda: place.now)
    updated = place.run(Raises([]))
    assert updated.failed == ["networks/own.txt: what came cannot be read (RecursionError)"]
    assert list(tmp_path.iterdir()) == []
