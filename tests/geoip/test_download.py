"""What is fetched is whole, comes over HTTPS, and takes no sign-in elsewhere."""

import base64
import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_internet import LocalInternet, Page, moved

from flowlogs.geoip.account import Account
from flowlogs.geoip.download import Fetched, Request, Web
from flowlogs.geoip.fetch_failed import FetchFailed, NotThere

ACCOUNT = Account("123456", "correct_horse")
BODY = bytes(range(256)) * 300
MOST = 1_000_000


class Time:
    """A clock that moves only while somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = 1000.0, list[float]()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)


@pytest.fixture
def internet(tmp_path: Path) -> Iterator[LocalInternet]:
    with LocalInternet(tmp_path) as internet:
        yield internet


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def web(time: Time) -> Web:
    return Web({}, clock=time.clock, sleep=time.sleep)


def request(internet: LocalInternet, path: str = "/file", **more: object) -> Request:
    return Request(**{"url": f"http://{internet.here}{path}", "most_bytes": MOST, **more})  # type: ignore[arg-type]


def fetch(web: Web, asked: Request, folder: Path, seconds: float = 60) -> Fetched:
    fetched = web(asked, folder / "fetched", seconds)
    assert fetched is not None
    return fetched


def test_a_file_comes_whole_with_its_sum_and_tag(internet: LocalInternet, web: Web, tmp_path: Path) -> None:
    internet.pages[f"{internet.here}/file"] = Page(BODY, headers={"ETag": '"v1"'})
    fetched = fetch(web, request(internet), tmp_path)
    assert fetched.path.read_bytes() == BODY
    assert (fetched.sha256, fetched.etag) == (hashlib.sha256(BODY).hexdigest(), '"v1"')
    assert internet.asked[0].authorization is None


def test_what_has_not_changed_does_not_come_again(internet: LocalInternet, web: Web, tmp_path: Path) -> None:
    internet.pages[f"{internet.here}/file"] = lambda asked: Page(
        status=304 if asked.headers.get("If-None-Match") == '"v1"' else 200
    )
    assert web(request(internet, etag='"v1"'), tmp_path / "fetched", 60) is None
    assert web(request(internet, etag='"v0"'), tmp_path / "fetched", 60) is not None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_sign_in_follows_a_redirect_on_the_same_server_and_no_other(
    internet: LocalInternet, web: Web, tmp_path: Path, status: int
) -> None:
    internet.pages |= {
        f"{internet.here}/file": moved("/other?part=1", status),
        f"{internet.here}/other?part=1": moved(f"http://{internet.there}/signed?by=key", status),
        f"{internet.there}/signed?by=key": Page(BODY),
    }
    assert fetch(web, request(internet, account=ACCOUNT), tmp_path).path.read_bytes() == BODY
    basic = f"Basic {base64.b64encode(b'123456:correct_horse').decode()}"
    assert [(asked.host, asked.authorization) for asked in internet.asked] == [
        (internet.here, basic),
        (internet.here, basic),
        (internet.there, None),
    ]


def test_another_port_is_another_server(internet: LocalInternet, web: Web, tmp_path: Path) -> None:
    with LocalInternet(tmp_path) as other:
        internet.pages[f"{internet.here}/file"] = moved(f"http://{other.here}/file")
        other.pages[f"{other.here}/file"] = Page(BODY)
        fetch(web, request(internet, account=ACCOUNT), tmp_path)
        assert [asked.authorization for asked in other.asked] == [None]


def test_redirects_that_never_end_are_given_up(internet: LocalInternet, web: Web, tmp_path: Path) -> None:
    internet.pages[f"{internet.here}/file"] = moved("/file")
    with pytest.raises(FetchFailed, match="redirects more than 5 times"):
        fetch(web, request(internet), tmp_path)
    assert len(internet.asked) == 6


@pytest.mark.parametrize("fault", [500, 502, 503, 504, 429, 408])
def test_a_server_that_is_busy_is_asked_three_times(
    internet: LocalInternet, web: Web, time: Time, tmp_path: Path, fault: int
) -> None:
    internet.pages[f"{internet.here}/file"] = [Page(status=fault), Page(status=fault), Page(BODY)]
    assert fetch(web, request(internet), tmp_path).path.read_bytes() == BODY
    assert time.slept == [2, 8]
    internet.pages[f"{internet.here}/file"] = Page(status=fault)
    with pytest.raises(FetchFailed, match=rf"^127\.0\.0\.1 answered {fault}$"):
        fetch(web, request(internet), tmp_path)
    assert len(internet.asked) == 6


def test_a_line_that_breaks_off_is_tried_again_from_the_beginning(
    internet: LocalInternet, web: Web, tmp_path: Path
) -> None:
    internet.pages[f"{internet.here}/file"] = [Page(BODY, cut=50_000), Page(b"short", cut=0), Page(BODY)]
    assert fetch(web, request(internet), tmp_path).path.read_bytes() == BODY
    internet.pages[f"{internet.here}/file"] = Page(BODY, cut=50_000)
    with pytest.raises(FetchFailed, match="broke off in the middle"):
        fetch(web, request(internet), tmp_path)


def test_a_server_may_say_how_long_it_wants_to_be_left_alone(
    internet: LocalInternet, web: Web, time: Time, tmp_path: Path
) -> None:
    internet.pages[f"{internet.here}/file"] = [Page(status=503, headers={"Retry-After": "20"}), Page(BODY)]
    fetch(web, request(internet), tmp_path)
    assert time.slept == [20]


@pytest.mark.parametrize("wish", ["31", "86400"])
def test_a_wish_for_longer_than_we_wait_ends_it(
    internet: LocalInternet, web: Web, time: Time, tmp_path: Path, wish: str
) -> None:
    internet.pages[f"{internet.here}/file"] = Page(status=429, headers={"Retry-After": wish})
    with pytest.raises(FetchFailed, match="answered 429"):
        fetch(web, request(internet), tmp_path)
    assert time.slept == []


def test_no_pause_goes_beyond_the_time_there_is(internet: LocalInternet, web: Web, time: Time, tmp_path: Path) -> None:
    internet.pages[f"{internet.here}/file"] = Page(status=503)
    with pytest.raises(FetchFailed, match="answered 503"):
        fetch(web, request(internet), tmp_path, seconds=9)
    assert time.slept == [2]


def test_what_comes_too_slowly_is_given_up(internet: LocalInternet, time: Time, tmp_path: Path) -> None:
    internet.pages[f"{internet.here}/file"] = Page(BODY)

    def progress(done: int, total: int | None) -> None:
        time.now += 6

    web = Web({}, clock=time.clock, sleep=time.sleep, progress=progress)
    with pytest.raises(FetchFailed, match=r"is too slow: not all came in the time there was"):
        fetch(web, request(internet), tmp_path, seconds=5)
    assert len(internet.asked) == 1


def test_what_is_larger_than_expected_is_not_taken(internet: LocalInternet, web: Web, tmp_path: Path) -> None:
    internet.pages[f"{internet.here}/said"] = Page(BODY)
    internet.pages[f"{internet.here}/unsaid"] = Page(BODY, headers={"Connection": "close", "Content-Length": ""})
    for path in ("/said", "/unsaid"):
        with pytest.raises(FetchFailed, match="sends more than 0 MB"):
            fetch(web, request(internet, path, most_bytes=len(BODY) - 1), tmp_path)
    assert fetch(web, request(internet, "/said", most_bytes=len(BODY)), tmp_path).path.read_bytes() == BODY


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_is_told_apart(internet: LocalInternet, web: Web, tmp_path: Path, status: int) -> None:
    internet.pages[f"{internet.here}/file?key=secret"] = Page(status=status)
    with pytest.raises(NotThere, match=rf"^127\.0\.0\.1 has nothing at /file \({status}\)$"):
        fetch(web, request(internet, "/file?key=secret"), tmp_path)
    assert len(internet.asked) == 1


@pytest.mark.parametrize(("status", "said"), [(401, "the sign-in it wants"), (403, "who may fetch it"), (418, "")])
def test_a_refusal_says_what_to_check(
    internet: LocalInternet, web: Web, tmp_path: Path, status: int, said: str
) -> None:
    internet.pages[f"{internet.here}/file"] = Page(status=status)
    with pytest.raises(FetchFailed, match=rf"^127\.0\.0\.1 answered {status}.*{said}$"):
        fetch(web, request(internet), tmp_path)
    with pytest.raises(FetchFailed, match=rf"answered {status}: look there$"):
        fetch(web, request(internet, hints={status: "look there"}), tmp_path)
    assert len(internet.asked) == 2


def test_what_to_check_is_not_said_of_a_server_that_was_not_asked(
    internet: LocalInternet, web: Web, tmp_path: Path
) -> None:
    internet.pages[f"{internet.here}/file"] = moved(f"http://{internet.there}/file")
    internet.pages[f"{internet.there}/file"] = Page(status=403)
    with pytest.raises(FetchFailed, match=r"^localhost answered 403: check the address and who may fetch it$"):
        fetch(web, request(internet, hints={403: "check the licence key"}), tmp_path)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<!DOCTYPE html><html>Sign in</html>", "application/gzip"),
        (b"\xef\xbb\xbf \r\n<HTML>", "text/plain"),
        (b"<script>", "text/html; charset=utf-8"),
    ],
)
def test_a_web_page_is_no_data(
    internet: LocalInternet, web: Web, tmp_path: Path, body: bytes, content_type: str
) -> None:
    internet.pages[f"{internet.here}/file"] = Page(body, headers={"Content-Type": content_type})
    with pytest.raises(FetchFailed, match="sent a web page instead of data"):
        fetch(web, request(internet), tmp_path)


def test_a_list_may_call_itself_a_page(internet: LocalInternet, web: Web, tmp_path: Path) -> None:
    internet.pages[f"{internet.here}/file"] = Page(b"192.0.2.1\n", headers={"Content-Type": "text/html"})
    assert fetch(web, request(internet), tmp_path).path.read_bytes() == b"192.0.2.1\n"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.org/file", "only https is fetched, and this is http://example.org/file"),
        ("ftp://example.org/file", "only https is fetched"),
        ("file:///etc/passwd", "only https is fetched"),
        ("http://127.0.0.1.example.org/", "only https is fetched"),
        ("/file", "only https is fetched"),
        ("https://ann:secret@example.org/file?key=secret", "are not taken: https://example.org/file$"),
        ("https://example.org:none/", "that is no address"),
        ("https://[/", "that is no address"),
    ],
)
def test_only_https_without_a_sign_in_within_is_asked(web: Web, tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(FetchFailed, match=said) as refused:
        fetch(web, Request(url, MOST), tmp_path)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("http://example.org/", "only https is fetched"),
        ("file:///etc/passwd", "only https is fetched"),
        ("https://ann:secret@example.org/", "not taken: https://example.org/"),
        ("http://[::1/", "redirects to what is no address"),
    ],
)
def test_no_redirect_leads_where_nobody_may_be_asked(
    internet: LocalInternet, web: Web, tmp_path: Path, location: str, said: str
) -> None:
    internet.pages[f"{internet.here}/file"] = moved(location)
    with pytest.raises(FetchFailed, match=said):
        fetch(web, request(internet), tmp_path)


def test_nobody_there_is_said_without_the_address(web: Web, time: Time, tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: a connection is refused
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/file?key=secret"
        with pytest.raises(FetchFailed, match=r"^127\.0\.0\.1 cannot be reached \(NewConnectionError\)") as refused:
            fetch(web, Request(url, MOST), tmp_path)
    assert "secret" not in f"{refused.value!r} {Request(url, MOST, ACCOUNT)!r}"
    assert "correct_horse" not in repr(Request(url, MOST, ACCOUNT))
    assert time.slept == [2, 8]


def test_progress_is_told_in_bytes(internet: LocalInternet, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    internet.pages[f"{internet.here}/file"] = Page(BODY)
    fetch(Web({}, progress=lambda done, total: told.append((done, total))), request(internet), tmp_path)
    assert told[-1] == (len(BODY), len(BODY))
    assert [done for done, _ in told] == sorted({done for done, _ in told})
