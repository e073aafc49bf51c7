"""What a Kafka cluster refuses us, and what would mend it.

A wrong password, an unknown authority or a missing right does not pass by trying on, so it is no
``KafkaError``, after which some try on: it ends whoever meets it. aiokafka logs why a connection
failed and raises that it cannot bootstrap; so the reason is asked for once more, by hand.
"""

import ssl
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from os import strerror
from typing import Any, Final

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
    for_code,
)
from aiokafka.protocol.metadata import MetadataRequest

from events.errors import TidemarkError
from streams.kafka.cluster import Cluster
from streams.kafka.oauth import TokenError

READ: Final = "Read"
WRITE: Final = "Write"
DESCRIBE: Final = "Describe"
CREATE: Final = "Create"
DESCRIBE_CONFIGS: Final = "DescribeConfigs"
ALTER_CONFIGS: Final = "AlterConfigs"

ANSWER_MS: Final = 5_000
"""For a broker to say why; one that works does so within milliseconds."""

_RESOURCES: Final = {
    TopicAuthorizationFailedError: "topic",
    GroupAuthorizationFailedError: "group",
    ClusterAuthorizationFailedError: "cluster",
}

_EXPIRED: Final = 10
_OTHER_NAME: Final = (62, 64)
"""OpenSSL's codes of what is wrong with a certificate: its time, the host's name or address."""

_NO_TLS: Final = ("WRONG_VERSION_NUMBER", "UNEXPECTED_MESSAGE", "RECORD_LAYER_FAILURE")
"""OpenSSL's words for an answer in another protocol."""

_RIGHTS: Final = "docs/security.md lists the ACLs of each command"


class RefusedError(TidemarkError):
    """A cluster does not let us in, or not do something; the message says what to set or grant."""


@contextmanager
def asking(operation: str) -> Iterator[None]:
    """Names the right that the block's requests need.

    Raises:
        RefusedError: If the block fails with an error of authorization.
    """
    try:
        yield
    except tuple(_RESOURCES) as error:
        raise _lacking(type(error), error.args, operation) from error


def check_code(code: int, name: str, operation: str) -> None:
    """Fails where an answer says that an operation is not allowed on something.

    Raises:
        RefusedError: If it says so.
    """
    kind = for_code(code)
    if kind in _RESOURCES:
        raise _lacking(kind, (name,), operation)


async def start(cluster: Cluster, starting: Awaitable[Any]) -> None:
    """Waits until a client of aiokafka's has started.

    Raises:
        RefusedError: If the cluster does not let it in.
        KafkaError: If no broker answers as one does.
    """
    try:
        await starting
    except KafkaConnectionError as error:
        for host, port, _ in collect_hosts(cluster.servers):
            if reason := await _failure(cluster, host, port):
                where = f"Kafka at {host}:{port}"
                if said := _refusal(reason, cluster.security):
                    raise RefusedError(f"{where}: {said}") from error
                raise KafkaConnectionError(f"{where}: {_hint(reason, cluster)}") from error
        raise


def tls_problem(error: BaseException | None) -> str:
    """Says what is wrong with TLS, and which setting may mend it; empty if that is not it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code == _EXPIRED:
            return "its certificate has expired: renew it at the broker"
        if error.verify_code in _OTHER_NAME:
            return (
                f"{error.verify_message} reach it by a name in its certificate, or set "
                "kafka_ssl_check_hostname"
            )
        return (
            f"its certificate is not trusted ({error.verify_message}): set kafka_ssl_cafile to the "
            "authority that signed it"
        )
    reason = str(getattr(error, "reason", None))
    if not isinstance(error, ssl.SSLError) or isinstance(error, ssl.SSLEOFError):
        return ""
    if "ALERT" in reason:
        return (
            f"it refuses our certificate, or that there is none ({reason}): set kafka_ssl_certfile "
            "and kafka_ssl_keyfile"
        )
    if reason in _NO_TLS:
        return f"no TLS is spoken there ({reason}): set kafka_security_protocol as its listener has"
    return ""


def system_problem(error: OSError) -> str:
    """Says what the system says, without the address that asyncio puts there instead."""
    code = error.errno or 0  # the resolver's lie below 0, and mean others
    return strerror(code) if code > 0 else error.strerror or str(error)


def _lacking(kind: type[KafkaError], names: tuple[Any, ...], operation: str) -> RefusedError:
    resource = _RESOURCES[kind]
    if resource == "cluster" and operation == WRITE:  # an idempotent producer asks before it writes
        return RefusedError(f"Kafka lets this user write to no topic: grant it {WRITE}; {_RIGHTS}")
    # Of a group aiokafka says it in a sentence that ends with its name.
    every = (n for each in names for n in (each if _is_many(each) else [each]))
    named = sorted({str(name).rpartition(" ")[2] for name in every})
    what = f"{resource} {', '.join(named)}" if named and resource != "cluster" else resource
    return RefusedError(f"Kafka refuses this user the {what}: grant it {operation}; {_RIGHTS}")


def _is_many(found: object) -> bool:
    return isinstance(found, set | frozenset | list | tuple)


async def _failure(cluster: Cluster, host: str, port: int) -> Exception | None:
    """Connects to a broker and asks it something; returns what fails."""
    try:
        connection = await create_conn(host, port, request_timeout_ms=ANSWER_MS, **cluster.security)
        try:
            await connection.send(MetadataRequest([]))
        finally:
            connection.close()
    except (KafkaError, OSError, TimeoutError, ValueError) as error:
        return error
    return None


def _refusal(error: Exception, security: Mapping[str, Any]) -> str:
    """Says what is refused; empty if trying on may help."""
    protocol, mechanism = security["security_protocol"], security.get("sasl_mechanism")
    for cause in (error, error.__cause__, error.__context__):
        if problem := tls_problem(cause):
            return problem
    if isinstance(error, SaslAuthenticationFailed):
        if mechanism == "OAUTHBEARER":
            return "it refuses the token: check the audience and scope that its listener wants"
        return (
            f"it refuses the user {security['sasl_plain_username']!r} or the password "
            f"({mechanism}): check kafka_sasl_username and kafka_sasl_password"
        )
    if isinstance(error, UnsupportedSaslMechanismError):
        return f"it does not take {mechanism}: set kafka_sasl_mechanism to what its listener has"
    if isinstance(error, IllegalSaslStateError):
        return f"its listener has no SASL: kafka_security_protocol is {protocol}"
    if isinstance(error, TokenError) and error.refused:
        return f"there is no token for it: {error.args[0]}"
    if isinstance(error, ValueError):  # of SCRAM, where the answer is not of one who knows
        return "it does not prove that it knows the password: is it the right broker?"
    return ""


def _hint(error: Exception, cluster: Cluster) -> str:
    if isinstance(error, TokenError):
        return f"there is no token for it: {error.args[0]}"
    if isinstance(error, OSError) and (said := system_problem(error)):
        return said
    return (
        "takes the connection, and no request; is its listener of another protocol than "
        f"kafka_security_protocol = {cluster.security['security_protocol']}?"
    )
