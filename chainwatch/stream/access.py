"""How Kafka's brokers are reached. Values only: nothing of Kafka is imported here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


class Blobs(Protocol):
    """Where values too large for a broker go: the archive, shared by writers and readers."""

    def put(self, data: bytes) -> str:
        """Keep the bytes; their SHA-256 (hex)."""

    def get(self, digest: str) -> bytes:
        """The bytes. Raises Problem where there are none."""


@dataclass(frozen=True, slots=True)
class Security:
    """How a client proves who it is, and how it knows the brokers."""

    protocol: str = "PLAINTEXT"
    mechanism: str | None = None
    user: str | None = None
    password: str | None = None
    ca_file: Path | None = None

    def __repr__(self) -> str:
        """Never the password."""
        return f"Security({self.protocol}, {self.mechanism}, user={self.user})"


@dataclass(frozen=True, slots=True)
class Access:
    """Brokers and security."""

    bootstrap: tuple[str, ...]
    """`host:port` of some brokers."""
    security: Security = Security()

    def options(self) -> dict[str, Any]:
        """Keyword arguments of every kafka-python client."""
        security = self.security
        options: dict[str, Any] = {"bootstrap_servers": list(self.bootstrap), "security_protocol": security.protocol}
        if security.mechanism:
            options |= {
                "sasl_mechanism": security.mechanism,
                "sasl_plain_username": security.user,
                "sasl_plain_password": security.password,
            }
        if security.ca_file:
            options["ssl_cafile"] = str(security.ca_file)
        return options
