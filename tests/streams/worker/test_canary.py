"""What the worker uses of Faust's and aiokafka's insides, and the defects that it works around.

A failure here after an upgrade says what to look at again, before a broker test fails in a stranger
way.
"""

import inspect

import aiokafka
import faust
import pytest
from aiokafka.consumer.fetcher import Fetcher, FetchResult, PartitionRecords
from aiokafka.consumer.group_coordinator import GroupCoordinator
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Producer


def test_the_versions_are_those_that_were_read() -> None:
    """Both are pinned: their insides are used."""
    assert faust.__version__ == "0.15.3"
    assert aiokafka.__version__.startswith("0.14.")


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (AIOKafkaConsumerThread, "_create_worker_consumer"),
        (AIOKafkaConsumerThread, "_fetch_records"),
        (AIOKafkaConsumerThread, "_ensure_consumer"),
        (faust.App, "_create_directories"),
        (Consumer, "_wait_next_records"),
        (Consumer, "_new_offset"),
        (Consumer, "_add_gap"),
        (Consumer, "_commit_offsets"),
        (Recovery, "_restart_recovery"),
        (Recovery, "_slurp_changelogs"),
        (Recovery, "_publish_stats"),
        (Recovery, "_wait"),
        (Fetcher, "fetched_records"),
        (Fetcher, "_create_fetch_waiter"),
        (FetchResult, "has_more"),
        (PartitionRecords, "_consumer_record"),
        (GroupCoordinator, "_do_heartbeat"),
        (Producer, "_settings_auth"),
    ],
)
def test_what_is_overridden_or_called_is_still_there(owner: type, name: str) -> None:
    """A renamed method would be overridden in vain, without a word."""
    assert hasattr(owner, name)


@pytest.mark.parametrize(
    ("owner", "name", "text"),
    [
        (AIOKafkaConsumerThread, "_create_worker_consumer", "fetch_max_wait_ms=1500"),
        (Consumer, "_commit_offsets", "self._committed_offset.update(committable_offsets)\n"),
        (Recovery, "_slurp_changelogs", 'logger.warning(f"recovery unknown topic'),
        (Recovery, "_slurp_changelogs", 'logger.warning(f"Error in recovery'),
        (GroupCoordinator, "check_errors", "self._pending_exception is not None"),
        (Consumer, "_drain_messages", "callback(message), self.suspend_flow.wait()"),
    ],
)
def test_defects_that_are_worked_around_are_still_there(owner: type, name: str, text: str) -> None:
    """When upstream has mended one, its workaround can go."""
    member = inspect.getattr_static(owner, name)
    assert text in inspect.getsource(getattr(member, "fun", member))
