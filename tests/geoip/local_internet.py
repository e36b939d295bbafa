"""The internet on a laptop: hosts by name behind a proxy, over TLS with authorities of its own, and plain HTTP.

Stands for any server that files are fetched from. What providers answer is said where a test makes them answer it.
"""

import datetime
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Asked(NamedTuple):
    """A request as a server saw it; `host` as the client called it."""

    host: str
    path: str
    authorization: str | None
    headers: Mapping[str, str]

    @property
    def address(self) -> str:
        return f"{self.host}{self.path}"


@dataclass(frozen=True)
class Page:
    """What a server answers; `cut` bytes of the body only, and then the line is dead."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


def moved(to: str, status: int = 302) -> Page:
    """Answer with a redirect."""
    return Page(status=status, headers={"Location": to})


Pages = dict[str, Page | list[Page] | Callable[[Asked], Page]]


class LocalInternet:
    """Serves `pages` by host and path while its context lasts; of several, one after the other and the last for ever.

    The query belongs to the path. A host stands with its port where it is asked with one. `asked` has every request,
    `tunnels` every CONNECT with its sign-in; `refuses` is the status that the proxy answers instead.
    """

    def __init__(self, folder: Path, hosts: Iterable[str] = ()) -> None:
        self.pages: Pages = {}
        self.asked: list[Asked] = []
        self.tunnels: list[tuple[str, str | None]] = []
        self.refuses: int | None = None
        self.authorities = folder / "authorities.pem"
        self.tls = _tls(folder, list(hosts)) if hosts else None
        self._server = _Server(("127.0.0.1", 0), type("_Bound", (_Handler,), {"internet": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def port(self) -> int:
        """The port of the proxy, which also answers plain HTTP as any host of this machine."""
        return self._server.server_port

    @property
    def here(self) -> str:
        """A host of this machine, as it stands in an address."""
        return f"127.0.0.1:{self.port}"

    @property
    def there(self) -> str:
        """Another name of the same machine: another host."""
        return f"localhost:{self.port}"

    def environ(self, sign_in: str = "") -> dict[str, str]:
        """Give the environment of a client that asks through the proxy and trusts the authorities."""
        return {"HTTPS_PROXY": f"http://{sign_in}127.0.0.1:{self.port}", "SSL_CERT_FILE": str(self.authorities)}

    def __enter__(self) -> "LocalInternet":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, asked: Asked) -> Page:
        """Answer a request."""
        self.asked.append(asked)
        page = self.pages.get(asked.address, Page(b"not here", 404))
        if isinstance(page, list):
            return page.pop(0) if len(page) > 1 else page[0]
        return page if isinstance(page, Page) else page(asked)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that refuse a certificate break the line."""


class _Handler(BaseHTTPRequestHandler):
    internet: LocalInternet
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    tunnel: str | None = None

    def do_CONNECT(self) -> None:
        self.internet.tunnels.append((self.path, self.headers["Proxy-Authorization"]))
        if self.internet.refuses is not None or self.internet.tls is None:
            self.send_error(self.internet.refuses or 502)
            return
        self.send_response(200)
        self.end_headers()
        self.tunnel = self.path.removesuffix(":443")
        self.connection = self.internet.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
        self.close_connection = False

    def do_GET(self) -> None:
        host = self.tunnel or self.headers["Host"]
        page = self.internet.answer(Asked(host, self.path, self.headers["Authorization"], dict(self.headers.items())))
        self.send_response(page.status)
        for name, value in {"Content-Length": str(len(page.body)), **page.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page.body if page.cut is None else page.body[: page.cut])
        if page.cut is not None:
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except OSError:
            pass  # who asked is gone, and what was still to be sent with it
        finally:
            self.connection.close()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _tls(folder: Path, hosts: list[str]) -> ssl.SSLContext:
    """Make authorities, whose certificate goes into a file, and a server's certificate for all hosts."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "authorities of a test")])
    begins = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    issued = x509.CertificateBuilder().issuer_name(name).not_valid_before(begins)
    issued = issued.not_valid_after(begins + datetime.timedelta(days=30))
    authority = (
        issued.subject_name(name)
        .public_key(authority_key.public_key())
        .serial_number(1)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    server = (
        issued.subject_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(2)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    (folder / "authorities.pem").write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    both = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + server.public_bytes(serialization.Encoding.PEM)
    (folder / "server.pem").write_bytes(both)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context
