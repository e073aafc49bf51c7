"""The configuration of one topic: what was set for it, and changing some of that."""

from collections.abc import Mapping
from typing import Any, Final

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from streams.kafka.refusal import ALTER_CONFIGS, DESCRIBE_CONFIGS, check_code

_OF_THE_TOPIC: Final = 1
"""Source of a value that was set for the topic, and is no default."""


async def set_config(admin: Any, topic: str, wanted: Mapping[str, str | None]) -> bool:
    """Sets values of a topic's configuration; None takes one back to the broker's default.

    Kafka's first request for this replaces all that was set, and aiokafka knows no other: so what
    was set besides is sent along.

    Returns:
        Whether anything was otherwise before.

    Raises:
        RefusedError: If we may not.
        KafkaError: If the broker refuses.
    """
    before = await config_of(admin, topic)
    after = {**before, **wanted}
    kept = {name: value for name, value in after.items() if value is not None}
    if kept == before:
        return False
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, kept)
    for answer in await admin.alter_configs([resource]):
        for code, message, *_ in answer.resources:
            check_code(code, topic, ALTER_CONFIGS)
            if code:
                raise for_code(code)(message)
    return True


async def config_of(admin: Any, topic: str) -> dict[str, str]:
    """Returns what was set for a topic.

    Raises:
        KafkaError: If the broker refuses.
    """
    [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    [(code, message, _kind, _name, entries)] = answer.resources
    check_code(code, topic, DESCRIBE_CONFIGS)
    if code:
        raise for_code(code)(message)
    return {name: value for name, value, _, source, *_ in entries if source == _OF_THE_TOPIC}
