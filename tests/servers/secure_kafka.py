"""A Kafka broker that lets nobody in unknown: TLS, mTLS, every mechanism of SASL, and ACLs."""

import argparse
import asyncio
import shlex
from collections.abc import Iterable
from itertools import product
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

ACL = (
    "kafka-acls.sh --bootstrap-server HOST:PORT --command-config admin.properties --add "
    f"--allow-principal User:{USER}"
)
"""What the page on security calls ``$acl``."""

_CLASSES = "org.apache.kafka.common.security"
_SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")
_LISTENERS = {"TLS": "SSL", "SASL": "SASL_SSL", "CLEAR": "SASL_PLAINTEXT", "EXPIRED": "SSL"}

_TOPIC, _GROUP, _TRANSACTION = 2, 3, 5
_PATTERNS = {"literal": 3, "prefixed": 4}
_OPERATIONS = {
    "Read": 3,
    "Write": 4,
    "Create": 5,
    "Delete": 6,
    "Describe": 8,
    "DescribeConfigs": 10,
    "AlterConfigs": 11,
}
_ANY, _ALLOW = 1, 3

Acl = tuple[int, str, int, str, str, int, int]
"""Kind and name of a resource, pattern, user, host, operation, permission; Kafka's numbers."""


class SecureKafkaServer(KafkaServer):
    """The plain listener is the administrator's; all others are for users with ACLs.

    ``at`` names the others: ``TLS`` wants a client's certificate, ``SASL`` takes every mechanism
    under TLS, ``CLEAR`` all but ``OAUTHBEARER`` without it, ``EXPIRED`` has an old certificate.

    Attributes:
        authority: What signed the brokers' and clients' certificates.
    """

    name = "secure-kafka"
    ready_s = 120.0  # it loads what a plain one does without

    def __init__(self, folder: Path, tokens: TokenEndpoint) -> None:
        """Chooses ports, and makes certificates in a folder."""
        keys = folder / "keys.json"
        keys.write_text(tokens.keys())
        allowed = f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={keys.as_uri()}"
        super().__init__(jvm=(*QUICK, allowed))
        self.authority = Authority(folder)
        self._ports = {listener: free_port() for listener in _LISTENERS}
        self._properties = self._open() | self._tls() | self._sasl(keys.as_uri())

    def at(self, listener: str) -> str:
        """The address of a listener."""
        return f"{HOST}:{self._ports[listener]}"

    def grant(self, lines: str) -> None:
        """Grants what lines of ``kafka-acls.sh`` say, and nothing else."""
        every: Any = _ANY, None, _ANY, None, None, _ANY, _ANY
        asyncio.run(self._call([DeleteAclsRequest(*every)]))
        self.allow(lines)

    def allow(self, lines: str, user: str = USER) -> None:
        """Grants a user what lines say, beside what was granted before."""
        named = lines.replace("$acl", ACL.replace(f"User:{USER}", f"User:{user}"))
        asyncio.run(self._call([CreateAclsRequest(*acl) for acl in acls_of(named)]))

    @override
    def storage(self) -> list[str]:
        return [f"--add-scram={each}=[name={USER},password={PASSWORD}]" for each in _SCRAM]

    async def _call(self, requests: Iterable[Any]) -> None:
        client = AIOKafkaClient(bootstrap_servers=self.bootstrap)
        await client.bootstrap()
        try:
            for request in requests:
                answer = await client.send(client.get_random_node(), request)
                [answered] = [v for v in answer.to_object().values() if isinstance(v, list)]
                assert [each["error_code"] for each in answered] == [0], answered
        finally:
            await client.close()

    def _open(self) -> dict[str, str]:
        own = {"PLAINTEXT": self.bootstrap, **{name: self.at(name) for name in self._ports}}
        advertised = ",".join(f"{name}://{address}" for name, address in own.items())
        protocols = {"PLAINTEXT": "PLAINTEXT", "CONTROLLER": "PLAINTEXT", **_LISTENERS}
        return {
            "listeners": f"{advertised},CONTROLLER://{HOST}:{self._controller_port}",
            "advertised.listeners": advertised,
            "listener.security.protocol.map": ",".join(f"{n}:{p}" for n, p in protocols.items()),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": "User:ANONYMOUS",
            "ssl.principal.mapping.rules": "RULE:^CN=(.*)$/$1/",
            # Each listener has threads of its own, and each of them a validator of tokens.
            "num.network.threads": "1",
        }

    def _tls(self) -> dict[str, str]:
        expired = self.authority.sign("expired", expired=True)
        return {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.authority.sign("broker")),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.authority.cafile),
            "listener.name.tls.ssl.client.auth": "required",
            "listener.name.expired.ssl.keystore.location": str(expired),
        }

    def _sasl(self, keys: str) -> dict[str, str]:
        plain = f'{_CLASSES}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
        found: dict[str, str] = {}
        for start in ("listener.name.sasl", "listener.name.clear"):
            found[f"{start}.plain.sasl.jaas.config"] = plain
            for each in _SCRAM:
                module = f"{_CLASSES}.scram.ScramLoginModule required;"
                found[f"{start}.{each.lower()}.sasl.jaas.config"] = module
            found[f"{start}.sasl.enabled.mechanisms"] = ",".join(["PLAIN", *_SCRAM])
        oauth = f"{_CLASSES}.oauthbearer.OAuthBearer"
        start = "listener.name.sasl.oauthbearer.sasl"
        found["listener.name.sasl.sasl.enabled.mechanisms"] += ",OAUTHBEARER"
        return found | {
            f"{start}.jaas.config": f"{oauth}LoginModule required;",
            f"{start}.server.callback.handler.class": f"{oauth}ValidatorCallbackHandler",
            "sasl.oauthbearer.jwks.endpoint.url": keys,
            "sasl.oauthbearer.expected.audience": AUDIENCE,
        }


def acls_of(lines: str) -> Iterable[Acl]:
    """Yields what lines of ``kafka-acls.sh`` grant; a line that is not understood fails."""
    for line in filter(None, lines.replace("$acl", ACL).splitlines()):
        program, *words = shlex.split(line)
        assert program == "kafka-acls.sh", line
        given = _reader.parse_args(words)
        resources = [(_TOPIC, name) for name in given.topic]
        resources += [(_GROUP, name) for name in given.group]
        resources += [(_TRANSACTION, name) for name in given.transactional_id]
        assert resources, line
        assert given.operation, line
        for (kind, name), operation in product(resources, given.operation):
            pattern = _PATTERNS[given.resource_pattern_type]
            yield kind, name, pattern, given.allow_principal, "*", _OPERATIONS[operation], _ALLOW


def _new_reader() -> argparse.ArgumentParser:
    reader = argparse.ArgumentParser(exit_on_error=False)
    for option in ("--bootstrap-server", "--command-config", "--allow-principal"):
        reader.add_argument(option, required=True)
    for option in ("--operation", "--topic", "--group", "--transactional-id"):
        reader.add_argument(option, action="append", default=[])
    reader.add_argument("--resource-pattern-type", default="literal", choices=_PATTERNS)
    reader.add_argument("--add", action="store_true", required=True)
    return reader


_reader = _new_reader()
