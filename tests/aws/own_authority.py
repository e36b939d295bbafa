"""An authority of this process, and the certificates it signs: keys are made for one run and never kept."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@dataclass(frozen=True, slots=True)
class OwnAuthority:
    """Writes into a folder: `ca_file` is what one has to trust."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def at(cls, folder: Path) -> "OwnAuthority":
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _signed(key, _named("authority"), key, _named("authority"), x509.BasicConstraints(True, None))
        made = cls(folder, key, certificate)
        made.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return made

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    def chain_for(self, *addresses: str, expired: bool = False) -> Path:
        """Write a file with the key and the certificate of a server at these addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(each)) for each in addresses])
        certificate = _signed(self.key, self.certificate.subject, key, _named("server"), names, expired=expired)
        chain = self.folder / f"{'-'.join(addresses)}-{expired}.pem"
        chain.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return chain


def _signed(
    by: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    of: ec.EllipticCurvePrivateKey,
    subject: x509.Name,
    extension: x509.ExtensionType,
    *,
    expired: bool = False,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(of.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 3 * _DAY)
        .not_valid_after(now - _DAY if expired else now + _DAY)
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        .sign(by, hashes.SHA256())
    )
