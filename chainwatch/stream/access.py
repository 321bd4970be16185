"""How Kafka's brokers are reached. Values only: nothing of Kafka is imported here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from chainwatch.problem import Problem, Problems


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

    def check(self) -> None:
        """Raise Problems for what no client could work with: each with the setting's name and its cure."""
        found: list[Problem] = []
        if self.protocol.startswith("SASL"):
            given = {"kafka_sasl_mechanism": self.mechanism, "kafka_user": self.user, "kafka_password": self.password}
            missing = [name for name, value in given.items() if not value]
            found += [Problem(f"{self.protocol} needs it", place=name, cure=f"set {name}") for name in missing]
        elif self.mechanism:
            what = f"{self.mechanism} is not used with {self.protocol}"
            found.append(Problem(what, place="kafka_sasl_mechanism", cure="kafka_security_protocol = 'SASL_SSL'"))
        if self.ca_file is not None and not self.ca_file.is_file():
            found.append(Problem(f"no such file: {self.ca_file}", place="kafka_ca_file", cure="a file of PEM"))
        if found:
            raise Problems(found)

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
