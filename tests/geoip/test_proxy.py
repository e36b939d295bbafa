"""Over TLS, and through the proxy that the environment names."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_internet import LocalInternet, Page, moved

from flowlogs.geoip.account import Account
from flowlogs.geoip.download import Request, Web
from flowlogs.geoip.fetch_failed import FetchFailed

HOSTS = ("download.example.test", "objects.other.test")
FILE = Request("https://download.example.test/file", 1000, Account("1", "key"))


@pytest.fixture
def internet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalInternet]:
    with LocalInternet(tmp_path, HOSTS) as internet:
        monkeypatch.setenv("SSL_CERT_FILE", str(internet.authorities))
        yield internet


def content(environ: dict[str, str], folder: Path, request: Request = FILE) -> bytes:
    fetched = Web(environ, sleep=lambda _: None)(request, folder / "fetched", 60)
    assert fetched is not None
    return fetched.path.read_bytes()


def test_https_goes_through_the_proxy_and_the_sign_in_stays_with_the_host(
    internet: LocalInternet, tmp_path: Path
) -> None:
    internet.pages["download.example.test/file"] = moved("https://objects.other.test/signed?by=key")
    internet.pages["objects.other.test/signed?by=key"] = Page(b"data")
    assert content(internet.environ(), tmp_path) == b"data"
    assert internet.tunnels == [("download.example.test:443", None), ("objects.other.test:443", None)]
    assert [asked.authorization is None for asked in internet.asked] == [False, True]


def test_a_redirect_never_leaves_tls(internet: LocalInternet, tmp_path: Path) -> None:
    internet.pages["download.example.test/file"] = moved(f"http://{internet.here}/file")
    internet.pages[f"{internet.here}/file"] = Page(b"data")
    said = "only https is fetched, and download.example.test redirects to http://127.0.0.1"
    with pytest.raises(FetchFailed, match=said):
        content(internet.environ(), tmp_path)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_the_proxy_may_ask_for_a_sign_in_and_need_no_scheme(internet: LocalInternet, tmp_path: Path, name: str) -> None:
    internet.pages["download.example.test/file"] = Page(b"data")
    assert content({name: f"ann:p%40ss@{internet.here}"}, tmp_path) == b"data"
    assert internet.tunnels == [("download.example.test:443", f"Basic {base64.b64encode(b'ann:p@ss').decode()}")]


@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_proxy_that_refuses_is_named_without_its_sign_in(
    internet: LocalInternet, tmp_path: Path, status: int
) -> None:
    internet.refuses = status
    with pytest.raises(FetchFailed, match="the proxy of HTTPS_PROXY does not lead to download") as refused:
        content(internet.environ("ann:secret@"), tmp_path)
    assert "secret" not in str(refused.value)
    assert len(internet.tunnels) == 3


def test_a_proxy_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="HTTPS_PROXY names a proxy of the kind socks5; it takes http and https"):
        content({"HTTPS_PROXY": "socks5://127.0.0.1:1"}, tmp_path)


@pytest.mark.parametrize("names", ["download.example.test", "other, .example.test", "EXAMPLE.TEST", "*"])
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_hosts_may_be_excepted_from_the_proxy(internet: LocalInternet, tmp_path: Path, name: str, names: str) -> None:
    with pytest.raises(FetchFailed, match=r"download\.example\.test cannot be reached"):
        content({**internet.environ(), name: names}, tmp_path)
    assert internet.tunnels == []


@pytest.mark.parametrize("names", ["", "ample.test", "objects.other.test", "test.example"])
def test_other_hosts_are_not_excepted(internet: LocalInternet, tmp_path: Path, names: str) -> None:
    internet.pages["download.example.test/file"] = Page(b"data")
    assert content({**internet.environ(), "NO_PROXY": names}, tmp_path) == b"data"


def test_a_certificate_that_nobody_here_trusts_is_refused(
    internet: LocalInternet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(FetchFailed, match="shows no certificate that is trusted here; SSL_CERT_FILE may name"):
        content(internet.environ(), tmp_path)
    assert internet.asked == []


def test_a_certificate_of_another_host_is_refused(internet: LocalInternet, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match=r"^elsewhere.example.test shows no certificate"):
        content(internet.environ(), tmp_path, Request("https://elsewhere.example.test/file", 1000))
    assert internet.asked == []
