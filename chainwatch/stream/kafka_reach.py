"""Why brokers cannot be reached: kafka-python says no more than that they cannot. Connects once to each."""

import socket
import ssl

from chainwatch.stream.access import Access

SECONDS = 3.0
"""For a connection, and again for its TLS."""


def why_unreachable(access: Access) -> tuple[str, str]:
    """What hinders, and its cure, of the first broker that can be connected to; else of the last one."""
    found = ("no broker is named", "stream = 'kafka://HOST:PORT'")
    for broker in access.bootstrap:
        host, _, port = broker.rpartition(":")
        try:
            connection = socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS)
        except OSError as error:
            cure = "check that the brokers run and that this machine reaches them"
            found = f"{broker} cannot be connected to: {error.strerror or error}", cure
            continue
        with connection:
            return _of_tls(access, broker, host.strip("[]"), connection) or _of_login(access, broker)
    return found


def _of_tls(access: Access, broker: str, host: str, connection: socket.socket) -> tuple[str, str] | None:
    if not access.security.protocol.endswith("SSL"):
        return None
    ca_file = access.security.ca_file
    try:
        context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
        context.wrap_socket(connection, server_hostname=host).close()
    except ssl.SSLCertVerificationError as error:
        cure = "kafka_ca_file: the authority that signed it; the address must be one that it names"
        return f"the certificate of {broker} is not trusted: {error.verify_message}", cure
    except OSError as error:
        return f"no TLS with {broker}: {error.strerror or error}", "kafka_security_protocol and the port must agree"
    return None


def _of_login(access: Access, broker: str) -> tuple[str, str]:
    what = f"{broker} can be connected to, but does not answer this client"
    if access.security.protocol.startswith("SASL"):
        return what, "check kafka_user, kafka_password, kafka_sasl_mechanism; then the brokers' log"
    return what, "check kafka_security_protocol (TLS? SASL?); then the brokers' log"
