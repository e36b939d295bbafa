"""Whom the client of a domain and of its Dashboards trusts, against servers that speak TLS."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from own_authority import OwnAuthority

from flowlogs.aws.opensearch import Domain, anonymous, password
from flowlogs.errors import SettingsError
from flowlogs.search.domain_errors import CertificateRefused

ANN = password("ann", "correct horse")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> OwnAuthority:
    return OwnAuthority.at(tmp_path_factory.mktemp("authority"))


@contextmanager
def serving(chain: Path | None) -> Iterator[tuple[str, list[str]]]:
    """Serve with a certificate, or without TLS; give the https address and what was asked there."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.command} {self.path} {self.headers['Authorization']}")
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_GET  # noqa: N815 (http.server's name)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who distrusts hangs up
    if chain is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_server_of_an_authority_that_is_trusted_is_signed_in_to(authority: OwnAuthority) -> None:
    with serving(authority.chain_for("127.0.0.1")) as (url, asked):
        domain = Domain(url, ANN, ca_file=str(authority.ca_file))
        domain.ping("/x")
        domain.dashboards(f"{url}/_dashboards").set_default_index("i")
    assert [each.partition(" Basic ")[0] for each in asked] == [
        "GET /x",
        "POST /_dashboards/api/opensearch-dashboards/settings/defaultIndex",
    ]


@pytest.mark.parametrize("where", ["domain", "dashboards"])
def test_without_its_authority_a_server_gets_no_sign_in_and_is_asked_once(authority: OwnAuthority, where: str) -> None:
    with serving(authority.chain_for("127.0.0.1")) as (url, asked):
        domain = Domain(url, ANN)
        with pytest.raises(CertificateRefused, match=r"is not trusted \(.*issuer.*\): give its authority by --ca-file"):
            _ = domain.get("/x") if where == "domain" else domain.dashboards(url).default_index()
    assert asked == []


def test_a_certificate_for_another_name_is_refused(authority: OwnAuthority) -> None:
    with (
        serving(authority.chain_for("127.0.0.2")) as (url, asked),
        pytest.raises(CertificateRefused, match=r"is not trusted \(.*mismatch.*\): use a name that stands in it"),
    ):
        Domain(url, ANN, ca_file=str(authority.ca_file)).ping()
    assert asked == []


def test_a_certificate_that_has_expired_is_refused(authority: OwnAuthority) -> None:
    with (
        serving(authority.chain_for("127.0.0.1", expired=True)) as (url, asked),
        pytest.raises(CertificateRefused, match=r"\(certificate has expired\): let who runs the server renew it"),
    ):
        Domain(url, ANN, ca_file=str(authority.ca_file)).ping()
    assert asked == []


def test_a_server_without_tls_is_told_from_one_that_sleeps() -> None:
    with (
        serving(None) as (url, asked),
        pytest.raises(CertificateRefused, match="does not speak TLS: is it http:// and not https://"),
    ):
        Domain(url, ANN).ping()
    assert asked == []


@pytest.mark.parametrize("text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n"])
def test_a_file_without_a_certificate_is_refused_before_anything_is_sent(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mine.pem"
    file.write_text(text)
    with pytest.raises(SettingsError, match=r"'mine.pem' holds no certificates \(PEM\) to trust"):
        Domain("http://127.0.0.1:9", anonymous(), ca_file=str(file))
