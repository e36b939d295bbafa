"""Whose certificates are trusted, and what is said of one that is not."""

import ssl
from pathlib import Path

from botocore.httpsession import get_cert_path
from urllib3.exceptions import HTTPError
from urllib3.util import create_urllib3_context

from flowlogs.errors import SettingsError
from flowlogs.search.domain_errors import CertificateRefused

_BY_AN_AUTHORITY = "give its authority by --ca-file"
_ADVICE = {
    10: "let who runs the server renew it",
    18: _BY_AN_AUTHORITY,
    19: _BY_AN_AUTHORITY,
    20: _BY_AN_AUTHORITY,
    21: _BY_AN_AUTHORITY,
    62: "use a name that stands in it",
    64: "use a name that stands in it",
}
"""By OpenSSL's code. Source: OpenSSL, `x509_vfy.h`: has expired; self-signed, or nobody we know has signed it; is for
another name, or another address."""
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"})
"""What OpenSSL calls an answer that is none of TLS, as of a server that speaks plain HTTP."""


def trusting(ca_file: str | None) -> ssl.SSLContext:
    """Trust the authorities of a file (PEM), or else the public ones; raise SettingsError where the file has none."""
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    try:
        context.load_verify_locations(ca_file or get_cert_path(True))
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError(f"{Path(ca_file or '').name!r} holds no certificates (PEM) to trust") from error
    return context


def distrust(endpoint: str, error: HTTPError) -> CertificateRefused | None:
    """Make of a failed request the error that no second try mends, where it is one; else None."""
    cause = error.args[0] if error.args else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        advice = _ADVICE.get(cause.verify_code, "let who runs the server repair it")
        return CertificateRefused(f"the certificate of {endpoint} is not trusted ({cause.verify_message}): {advice}")
    if isinstance(cause, ssl.SSLError) and cause.reason in _NO_TLS:
        return CertificateRefused(f"{endpoint} does not speak TLS: is it http:// and not https://?")
    return None
