"""A listener with TLS and SASL for a test's broker: a certificate authority of its own, one user, two mechanisms."""

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "chainwatch", "canary-of-the-broker"


class Secure:
    """The listener's port, certificates and user. `ca_file` is what clients trust."""

    def __init__(self, folder: Path, port: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = port
        self.ca_file, self._keys = folder / "ca.pem", folder / "broker.pem"
        authority = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of a test")])
        ca = _certificate(name, name, authority, authority, x509.BasicConstraints(ca=True, path_length=0))
        self.ca_file.write_bytes(_pem(ca))
        key = ec.generate_private_key(ec.SECP256R1())
        broker = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")])
        address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        certificate = _certificate(broker, name, key, authority, address)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._keys.write_bytes(private + _pem(certificate) + _pem(ca))

    def settings(self) -> dict[str, str]:
        """Of the broker."""
        modules = "org.apache.kafka.common.security"
        own = "listener.name.secure"
        return {
            f"{own}.ssl.keystore.type": "PEM",
            f"{own}.ssl.keystore.location": str(self._keys),
            f"{own}.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256",
            f"{own}.plain.sasl.jaas.config": f'{modules}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";',
            f"{own}.scram-sha-256.sasl.jaas.config": f"{modules}.scram.ScramLoginModule required;",
        }

    def users(self) -> list[str]:
        """Options that give the new cluster its user."""
        return ["--add-scram", f"SCRAM-SHA-256=[name={USER},password={PASSWORD}]"]


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).add_extension(extension, critical=False)
    day = dt.timedelta(days=1)
    return builder.not_valid_before(now - day).not_valid_after(now + day).sign(signer, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
