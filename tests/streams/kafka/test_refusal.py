"""What is a refusal, which ends whoever meets it, and what may pass by trying on."""

import asyncio
import ssl
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    NotLeaderForPartitionError,
    TopicAuthorizationFailedError,
)

from streams.kafka.cluster import Cluster
from streams.kafka.refusal import READ, WRITE, RefusedError, asking, check_code, start, tls_problem
from tests.servers.certificates import Authority
from tests.servers.port import HOST, free_port


@pytest.mark.parametrize(
    ("error", "operation", "said"),
    [
        (TopicAuthorizationFailedError("a"), WRITE, "the topic a: grant it Write; docs/"),
        (TopicAuthorizationFailedError({"b", "a"}), READ, "the topic a, b: grant it Read; "),
        (
            GroupAuthorizationFailedError("Unable to get coordinator id for g"),
            READ,
            "the group g: ",
        ),
        (ClusterAuthorizationFailedError(), READ, "the cluster: grant it Read"),
        (ClusterAuthorizationFailedError(), WRITE, "write to no topic: grant it Write"),
    ],
)
def test_a_missing_right_is_named(error: KafkaError, operation: str, said: str) -> None:
    """By the resource, its name, and the operation that was asked for."""
    with pytest.raises(RefusedError, match=said), asking(operation):
        raise error


def test_other_errors_are_left_alone() -> None:
    """They may pass; and a refusal is none of those after which loops try on."""
    with pytest.raises(NotLeaderForPartitionError), asking(READ):
        raise NotLeaderForPartitionError
    assert not issubclass(RefusedError, KafkaError | OSError)


def test_answers_with_a_code_are_looked_at() -> None:
    """29 is a topic of which we may not know: it may be there or not. 3 is one that is not."""
    check_code(0, "t", READ)
    check_code(3, "t", READ)
    with pytest.raises(RefusedError, match="the topic t: grant it Read"):
        check_code(29, "t", READ)


async def started(address: str) -> None:
    """Starts a client on an address."""
    cluster = Cluster(address)
    admin = AIOKafkaAdminClient(request_timeout_ms=2_000, **cluster.options)
    try:
        await start(cluster, admin.start())
    finally:
        await admin.close()


async def test_a_broker_that_is_away_refuses_nothing() -> None:
    """A closed port and one that hangs up are for the caller to try again; each says what is seen,
    and what it may be."""
    with pytest.raises(KafkaConnectionError, match="refused"):
        await started(f"{HOST}:{free_port()}")
    server = await asyncio.start_server(lambda _, writer: writer.close(), HOST, 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(KafkaConnectionError, match="another protocol than kafka_security_prot"):
            await started(f"{HOST}:{port}")


async def test_a_certificate_of_another_name_is_told(tmp_path: Path) -> None:
    """A broker must be reached by a name in its certificate, unless that is not checked."""
    authority = Authority(tmp_path)
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inside.load_cert_chain(authority.sign("broker"))
    server = await asyncio.start_server(lambda _, writer: writer.close(), HOST, 0, ssl=inside)
    port = server.sockets[0].getsockname()[1]
    trusting = ssl.create_default_context(cafile=str(authority.cafile))
    async with server:
        with pytest.raises(ssl.SSLError) as caught:
            await asyncio.open_connection(HOST, port, ssl=trusting, server_hostname="kafka-1")
    assert "reach it by a name in its certificate, or set kafka_ssl_check_hostname" in tls_problem(
        caught.value
    )
    assert tls_problem(ConnectionResetError()) == ""
