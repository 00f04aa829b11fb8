"""The address of Kafka and the credentials of a client. The password is in no text of it: neither its repr nor an error."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Security = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["SCRAM-SHA-256", "SCRAM-SHA-512"]
"""Neither sends the password. PLAIN would, to any server that answers at the address."""


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """The brokers of one cluster as `host:port[,host:port]`, and the credentials; on loopback there are none."""

    addresses: str
    security: Security = "PLAINTEXT"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    mechanism: Mechanism = "SCRAM-SHA-512"
    ca_file: Path | None = None

    @property
    def authenticates(self) -> bool:
        """Whether a client must have a user and its password."""
        return self.security.startswith("SASL")

    @property
    def no_answer(self) -> str:
        """The message when no broker can be used: the client can't distinguish a wrong password from a broker that is away."""
        message = f"Kafka does not answer at {self.addresses}"
        return f"{message}, or does not accept PLEK_KAFKA_USER with its password" if self.authenticates else message

    def check(self) -> None:
        """Raise ValueError unless security, credentials and certificates fit together."""
        if self.authenticates and not (self.user and self.password):
            raise ValueError("PLEK_KAFKA_SECURITY authenticates: set PLEK_KAFKA_USER, and PLEK_KAFKA_PASSWORD or its _FILE")
        if self.user and not self.authenticates:
            raise ValueError("PLEK_KAFKA_USER needs SASL_SSL or SASL_PLAINTEXT as PLEK_KAFKA_SECURITY")
        if self.ca_file and not self.encrypts:
            raise ValueError("PLEK_KAFKA_CA_FILE needs SASL_SSL or SSL as PLEK_KAFKA_SECURITY")
        try:
            self.tls()
        except OSError as wrong:
            raise ValueError("the file that PLEK_KAFKA_CA_FILE names holds no certificates, or can't be read") from wrong

    @property
    def encrypts(self) -> bool:
        """Whether connections have TLS."""
        return self.security.endswith("SSL")

    def tls(self) -> ssl.SSLContext | None:
        """Make the TLS context that verifies Kafka's certificate; None without TLS. OSError when the CA file can't be used."""
        return ssl.create_default_context(cafile=self.ca_file) if self.encrypts else None

    def options(self) -> dict[str, Any]:
        """Return it as the arguments of aiokafka's clients."""
        options: dict[str, Any] = {"bootstrap_servers": self.addresses, "security_protocol": self.security, "ssl_context": self.tls()}
        if self.authenticates:
            options |= {"sasl_mechanism": self.mechanism, "sasl_plain_username": self.user, "sasl_plain_password": self.password}
        return options
