"""Where Kafka is, and how a client proves who it is there. A password is in no text of this: not in its repr, not in an error."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Security = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["SCRAM-SHA-256", "SCRAM-SHA-512"]
"""Neither sends the password. PLAIN would, to whoever answers at the address."""


@dataclass(frozen=True, slots=True)
class Brokers:
    """The brokers of one cluster as `host:port[,host:port]`; on loopback nothing is proved."""

    addresses: str
    security: Security = "PLAINTEXT"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    mechanism: Mechanism = "SCRAM-SHA-512"
    ca_file: Path | None = None

    @property
    def asks_who(self) -> bool:
        """Whether a client must name a user and know its password."""
        return self.security.startswith("SASL")

    @property
    def no_answer(self) -> str:
        """What is said when no broker can be used: the client can't tell a wrong password from a broker that is away."""
        told = f"Kafka does not answer at {self.addresses}"
        return f"{told}, or does not take PLEK_KAFKA_USER with its password" if self.asks_who else told

    def tls(self) -> ssl.SSLContext | None:
        """Make what checks that it is Kafka who answers; None without TLS. OSError when the file of the authority can't be used."""
        return ssl.create_default_context(cafile=self.ca_file) if self.security.endswith("SSL") else None

    def options(self) -> dict[str, Any]:
        """Return all of it as aiokafka's clients spell it."""
        told: dict[str, Any] = {"bootstrap_servers": self.addresses, "security_protocol": self.security, "ssl_context": self.tls()}
        if self.asks_who:
            told |= {"sasl_mechanism": self.mechanism, "sasl_plain_username": self.user, "sasl_plain_password": self.password}
        return told
