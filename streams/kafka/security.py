"""Settings of Kafka's security, and the one place where they become options of a client.

Names and values are those of Kafka's own clients, with ``_`` for ``.``.
"""

import ssl
from pathlib import Path
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import ConfigDict, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from events.docstrings import Documented
from events.errors import TidemarkError
from streams.kafka.cluster import Cluster

_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")

_NO_PASSWORD: Final = (
    "servers of Kafka are HOST:PORT; a user and a password are kafka_sasl_username and "
    "kafka_sasl_password"
)


class SecurityError(TidemarkError):
    """A file that a setting of Kafka's security names cannot be used; the message says which."""


class KafkaSettings(Documented):
    """Where the Kafka cluster is, and how we are let in."""

    model_config = ConfigDict(frozen=True)

    kafka: str = "127.0.0.1:9092"
    """Bootstrap servers, ``HOST:PORT`` with commas between."""
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """How brokers are spoken to, as their listener has it: ``PLAINTEXT`` fits loopback alone,
    ``SASL_PLAINTEXT`` shows passwords of the mechanism ``PLAIN``, and all events, to the
    network."""
    kafka_sasl_mechanism: (
        Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] | None
    ) = None
    """How we say who we are, where the protocol has SASL."""
    kafka_sasl_username: str | None = None
    """User of ``PLAIN`` and ``SCRAM``."""
    kafka_sasl_password: SecretStr | None = None
    """Password of that user; never shown."""
    kafka_sasl_password_file: Path | None = None
    """File that holds the password instead, as Kubernetes and Docker give secrets."""
    kafka_sasl_oauthbearer_token_endpoint_url: str | None = None
    """Where ``OAUTHBEARER`` gets its tokens, by the grant ``client_credentials``: ``https://``, or
    ``http://`` on loopback. Its certificate is checked by the system's authorities, or those of
    ``SSL_CERT_FILE``."""
    kafka_sasl_oauthbearer_client_id: str | None = None
    """Client id at that endpoint."""
    kafka_sasl_oauthbearer_client_secret: SecretStr | None = None
    """Its secret; never shown."""
    kafka_sasl_oauthbearer_client_secret_file: Path | None = None
    """File that holds the secret instead; read for each token, so it may be rotated."""
    kafka_sasl_oauthbearer_scope: str | None = None
    """Scope that tokens are asked for, where the endpoint wants one."""
    kafka_ssl_cafile: Path | None = None
    """PEM file of the authorities that sign the brokers' certificates; left out, the system's."""
    kafka_ssl_certfile: Path | None = None
    """PEM file of our own certificate, for brokers that ask clients for one (mTLS)."""
    kafka_ssl_keyfile: Path | None = None
    """PEM file of its key; left out, the key is in the file of the certificate."""
    kafka_ssl_key_password: SecretStr | None = None
    """Password of that key; never shown."""
    kafka_ssl_key_password_file: Path | None = None
    """File that holds the password of the key instead."""
    kafka_ssl_check_hostname: bool = True
    """Whether a broker's certificate must be of the name by which it is reached. False lets whoever
    has a certificate of the same authority be the broker."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """Names settings that contradict each other: one that nothing uses protects nothing."""
        for problem in self._contradictions():
            raise PydanticCustomError("kafka_security", "{problem}", {"problem": problem})
        return self

    def cluster(self, servers: str | None = None) -> Cluster:
        """Returns the cluster, or another one that is reached in the same way.

        Raises:
            SecurityError: If a file that a setting names cannot be used, or servers come with a
                password.
        """
        if servers is not None and "@" in servers:
            raise SecurityError(_NO_PASSWORD)
        return Cluster(servers or self.kafka, self._options())

    def _contradictions(self) -> list[str]:
        protocol, mechanism = self.kafka_security_protocol, self.kafka_sasl_mechanism
        found = [
            f"kafka_{name} and kafka_{name}_file are both set: one secret is enough"
            for name in _SECRETS
            if self._given(name) and self._given(f"{name}_file")
        ]
        found += [_NO_PASSWORD] if "@" in self.kafka else []
        if mechanism is None and protocol.startswith("SASL"):
            found.append(f"kafka_security_protocol = {protocol} needs kafka_sasl_mechanism")
        used = {
            f"kafka_security_protocol = {protocol}": {
                "ssl_": protocol.endswith("SSL"),
                "sasl_": protocol.startswith("SASL"),
            },
            f"kafka_sasl_mechanism = {mechanism}": {
                "sasl_username": mechanism not in (None, "OAUTHBEARER"),
                "sasl_password": mechanism not in (None, "OAUTHBEARER"),
                "sasl_oauthbearer": mechanism == "OAUTHBEARER",
            },
        }
        found += [
            f"{name} is set, and {chosen} does not use it"
            for chosen, uses in used.items()
            for start, is_used in uses.items()
            if not is_used
            for name in KafkaSettings.model_fields
            if name.startswith(f"kafka_{start}") and self._given(name.removeprefix("kafka_"))
        ]
        found += [
            f"{chosen} needs kafka_{name}"
            for chosen, needs in (
                (f"kafka_sasl_mechanism = {mechanism}", _NEEDS.get(mechanism or "", ())),
                ("kafka_ssl_keyfile", ("ssl_certfile",) if self.kafka_ssl_keyfile else ()),
                ("kafka_ssl_key_password", ("ssl_certfile",) if self._has_key_password else ()),
            )
            for name in needs
            if not self._given(name) and not self._given(f"{name}_file")
        ]
        url = urlsplit(self.kafka_sasl_oauthbearer_token_endpoint_url or "https:")
        if url.scheme != "https" and (url.scheme != "http" or url.hostname not in _LOOPBACK):
            found.append(
                "kafka_sasl_oauthbearer_token_endpoint_url must be https://, or http:// on "
                "loopback: the client's secret goes there"
            )
        return found

    @property
    def _has_key_password(self) -> bool:
        return self._given("ssl_key_password") or self._given("ssl_key_password_file")

    def _given(self, name: str) -> bool:
        field = f"kafka_{name}"
        known = KafkaSettings.model_fields.get(field)
        return known is not None and getattr(self, field) != known.default

    def _options(self) -> dict[str, Any]:
        """Returns the options of aiokafka's clients but for the address."""
        protocol, mechanism = self.kafka_security_protocol, self.kafka_sasl_mechanism
        options: dict[str, Any] = {"security_protocol": protocol}
        if protocol.endswith("SSL"):
            options["ssl_context"] = self._ssl_context()
        if mechanism == "OAUTHBEARER":
            from streams.kafka.oauth import TokenProvider

            options |= {
                "sasl_mechanism": mechanism,
                "sasl_oauth_token_provider": TokenProvider(
                    str(self.kafka_sasl_oauthbearer_token_endpoint_url),
                    str(self.kafka_sasl_oauthbearer_client_id),
                    lambda: self._secret("sasl_oauthbearer_client_secret") or "",
                    self.kafka_sasl_oauthbearer_scope,
                ),
            }
        elif mechanism is not None:
            options |= {
                "sasl_mechanism": mechanism,
                "sasl_plain_username": self.kafka_sasl_username,
                "sasl_plain_password": self._secret("sasl_password"),
            }
        return options

    def _ssl_context(self) -> ssl.SSLContext:
        cafile, certfile = self.kafka_ssl_cafile, self.kafka_ssl_certfile
        try:
            context = ssl.create_default_context(cafile=cafile)
        except OSError as error:
            raise _unusable("kafka_ssl_cafile", cafile, error) from None
        context.check_hostname = self.kafka_ssl_check_hostname
        if certfile is not None:
            password = self._secret("ssl_key_password") or ""
            try:
                # A password is given in any case: else OpenSSL asks for one at the terminal.
                context.load_cert_chain(certfile, self.kafka_ssl_keyfile, password)
            except OSError as error:
                files = self.kafka_ssl_keyfile or certfile
                raise _unusable("kafka_ssl_certfile or kafka_ssl_keyfile", files, error) from None
        return context

    def _secret(self, name: str) -> str | None:
        """Returns a secret that is given as such or as a file."""
        given: SecretStr | None = getattr(self, f"kafka_{name}")
        if given is not None:
            return given.get_secret_value()
        path: Path | None = getattr(self, f"kafka_{name}_file")
        if path is None:
            return None
        try:
            return path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise _unusable(f"kafka_{name}_file", path, error) from None


_SECRETS: Final = ("sasl_password", "sasl_oauthbearer_client_secret", "ssl_key_password")

_USER: Final = ("sasl_username", "sasl_password")
_NEEDS: Final = {
    "PLAIN": _USER,
    "SCRAM-SHA-256": _USER,
    "SCRAM-SHA-512": _USER,
    "OAUTHBEARER": (
        "sasl_oauthbearer_token_endpoint_url",
        "sasl_oauthbearer_client_id",
        "sasl_oauthbearer_client_secret",
    ),
}
"""What each mechanism cannot do without."""


def _unusable(setting: str, path: Path | None, error: Exception) -> SecurityError:
    reason = getattr(error, "strerror", None) or type(error).__name__
    return SecurityError(f"settings: {setting}: {path}: {reason}")
