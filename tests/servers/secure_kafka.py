"""A Kafka broker that lets nobody in unknown: TLS, mTLS, every mechanism of SASL, and ACLs."""

import asyncio
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest
from typing_extensions import override

from tests.servers.certificates import Authority
from tests.servers.kafka import QUICK, KafkaServer
from tests.servers.port import HOST, free_port
from tests.servers.tokens import AUDIENCE, TokenEndpoint

USER = "tidemark"
"""Whom ACLs are granted to, however it says who it is."""

PASSWORD = "correct-horse-battery"

_CLASSES = "org.apache.kafka.common.security"
_TYPES = {"--topic": 2, "--group": 3, "--cluster": 4, "--transactional-id": 5}
_PATTERNS = {"literal": 3, "prefixed": 4}
_OPERATIONS = {
    "ALL": 2,
    "READ": 3,
    "WRITE": 4,
    "CREATE": 5,
    "DELETE": 6,
    "ALTER": 7,
    "DESCRIBE": 8,
    "DESCRIBE_CONFIGS": 10,
    "IDEMPOTENT_WRITE": 12,
}
_ANY, _ALLOW = 1, 3

Acl = tuple[int, str, int, str, str, int, int]
"""Kind and name of a resource, pattern, user, host, operation, permission."""


class SecureKafkaServer(KafkaServer):
    """The plain listener is the administrator's; all others are for users with ACLs.

    Attributes:
        authority: What signed the brokers' and clients' certificates.
        tls_port: TLS, with a certificate of the client.
        sasl_port: TLS and SASL, every mechanism.
        clear_port: SASL without TLS.
    """

    name = "secure-kafka"

    def __init__(
        self, folder: Path, tokens: TokenEndpoint, certificate: Path | None = None
    ) -> None:
        """Chooses ports; ``certificate`` is another one than its authority's."""
        keys = folder / "keys.json"
        keys.write_text(tokens.keys())
        allowed = f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={keys.as_uri()}"
        super().__init__(jvm=(*QUICK, allowed))
        self.authority = Authority(folder)
        self.tls_port, self.sasl_port, self.clear_port = free_port(), free_port(), free_port()
        both = certificate or self.authority.sign("broker")
        self._properties = self._listeners() | self._tls(both) | self._sasl(keys.as_uri())

    def at(self, port: int) -> str:
        """The address of a listener."""
        return f"{HOST}:{port}"

    def grant(self, lines: str) -> None:
        """Grants what lines of ``kafka-acls`` say."""
        asyncio.run(self._call(CreateAclsRequest(*acl) for acl in acls_of(lines)))

    def revoke(self, lines: str) -> None:
        """Takes away what the lines say."""
        asyncio.run(self._call(DeleteAclsRequest(*acl) for acl in acls_of(lines)))

    def revoke_all(self) -> None:
        """Takes away every right."""
        every: Any = _ANY, None, _ANY, None, None, _ANY, _ANY
        asyncio.run(self._call([DeleteAclsRequest(*every)]))

    @override
    def storage(self) -> list[str]:
        return [
            f"--add-scram={mechanism}=[name={USER},password={PASSWORD}]"
            for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
        ]

    async def _call(self, requests: Iterable[Any]) -> None:
        client = AIOKafkaClient(bootstrap_servers=self.bootstrap)
        await client.bootstrap()
        try:
            for request in requests:
                answer = await client.send(client.get_random_node(), request)
                [answered] = [v for v in answer.to_object().values() if isinstance(v, list)]
                [[code, message]] = [(v["error_code"], v["error_message"]) for v in answered]
                assert code == 0, message
        finally:
            await client.close()

    def _listeners(self) -> dict[str, str]:
        ports = {"TLS": self.tls_port, "SASL": self.sasl_port, "CLEAR": self.clear_port}
        own = f"PLAINTEXT://{self.bootstrap}"
        all_listeners = ",".join([own, *(f"{n}://{self.at(port)}" for n, port in ports.items())])
        return {
            "listeners": f"{all_listeners},CONTROLLER://{HOST}:{self._controller_port}",
            "advertised.listeners": all_listeners,
            "listener.security.protocol.map": (
                "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SSL,SASL:SASL_SSL,CLEAR:SASL_PLAINTEXT"
            ),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": "User:ANONYMOUS",
            "ssl.principal.mapping.rules": "RULE:^CN=(.*)$/$1/",
        }

    def _tls(self, both: Path) -> dict[str, str]:
        return {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(both),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.authority.cafile),
            "listener.name.tls.ssl.client.auth": "required",
        }

    def _sasl(self, keys: str) -> dict[str, str]:
        plain = f'{_CLASSES}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
        found: dict[str, str] = {}
        for listener in ("sasl", "clear"):
            start = f"listener.name.{listener}"
            found[f"{start}.plain.sasl.jaas.config"] = plain
            for scram in ("scram-sha-256", "scram-sha-512"):
                module = f"{_CLASSES}.scram.ScramLoginModule required;"
                found[f"{start}.{scram}.sasl.jaas.config"] = module
            found[f"{start}.sasl.enabled.mechanisms"] = "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512"
        start = "listener.name.sasl.oauthbearer"
        oauth = f"{_CLASSES}.oauthbearer"
        return found | {
            "listener.name.sasl.sasl.enabled.mechanisms": (
                "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER"
            ),
            f"{start}.sasl.jaas.config": f"{oauth}.OAuthBearerLoginModule required;",
            f"{start}.sasl.server.callback.handler.class": (
                f"{oauth}.OAuthBearerValidatorCallbackHandler"
            ),
            "sasl.oauthbearer.jwks.endpoint.url": keys,
            "sasl.oauthbearer.expected.audience": AUDIENCE,
        }


def acls_of(lines: str) -> Iterable[Acl]:
    """Yields what lines of ``kafka-acls`` grant; a line that is not understood is an error."""
    for line in lines.replace("\\\n", " ").splitlines():
        words = shlex.split(line)
        if not words or words[0].startswith("#"):
            continue
        program, *rest = words
        assert program.startswith("kafka-acls"), line
        resources: list[tuple[int, str]] = []
        operations: list[str] = []
        principal, pattern = "", "literal"
        while rest:
            option = rest.pop(0)
            if option in ("--add", "--force"):
                continue
            if option == "--cluster":
                resources.append((_TYPES[option], "kafka-cluster"))
                continue
            value = rest.pop(0)
            if option in _TYPES:
                resources.append((_TYPES[option], value))
            elif option == "--operation":
                operations.append(value)
            elif option == "--allow-principal":
                principal = value
            elif option == "--resource-pattern-type":
                pattern = value
            else:
                assert option in ("--bootstrap-server", "--command-config"), option
        assert resources and operations and principal, line
        for kind, name in resources:
            kind_pattern = _PATTERNS["literal" if kind == _TYPES["--cluster"] else pattern]
            for operation in operations:
                yield (
                    kind,
                    name,
                    kind_pattern,
                    principal,
                    "*",
                    _OPERATIONS[operation.upper()],
                    _ALLOW,
                )
