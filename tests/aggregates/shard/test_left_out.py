"""What is left out: counted by words of ours, with a place and no value of the record."""

from aggregates.rows.history import Refusal
from aggregates.shard.left_out import LeftOut, by_reason
from events import MISPLACED, WRONG_PARTITION, Decoder, Reject


def test_each_is_counted_by_topic_and_reason() -> None:
    """What never reached a shard has an outcome here; what a fold refused has it there."""
    left_out = LeftOut()
    left_out.reject("usage", "p 1", Reject(0, "no_key", "needs an account", b"{}"))
    left_out.reject("usage", "p 2", Refusal(0, WRONG_PARTITION, MISPLACED))
    left_out.reject("usage", "p 3", Refusal(0, "conflict", "event secret of billing"))
    left_out.reject("ticket", "p 4", Reject(0, "no_key", "needs an account", b"{}"))
    left_out.ignore("ticket", {"unknown_type": 2, "test_mode": 0})
    assert left_out.rejected == {
        ("usage", "no_key"): 1,
        ("usage", WRONG_PARTITION): 1,
        ("usage", "conflict"): 1,
        ("ticket", "no_key"): 1,
    }
    assert left_out.ignored == {("ticket", "unknown_type"): 2}
    assert left_out.outcomes == {
        ("usage", "rejected"): 1,
        ("usage", "wrong_partition"): 1,
        ("ticket", "rejected"): 1,
        ("ticket", "ignored"): 2,
    }
    assert by_reason(left_out.rejected) == {"no_key": 2, WRONG_PARTITION: 1, "conflict": 1}


def test_an_example_says_where_and_no_value_of_the_record() -> None:
    """The last of each reason, by place and field; of a refusal, which names ids, by its place."""
    left_out = LeftOut()
    secret = b'{"specversion": "1.0", "id": "secret", "type": "seats.set", "source": "secret", '
    for number, data in enumerate((b'"data": {"secret": 1}}', b'"time": "secret", "data": {}}')):
        [reject] = Decoder().decode([secret + data]).rejects
        left_out.reject("usage", f"record {number}", reject)
    left_out.reject("usage", "record 9", Refusal(0, "conflict", "event secret of billing"))
    assert set(left_out.examples) == {*left_out.rejected}
    told = left_out.examples["usage", "invalid_data"]
    assert told.startswith("record 1: ")
    assert "data.account_id" in told
    assert left_out.examples["usage", "conflict"] == "record 9"
    assert "secret" not in "".join(left_out.examples.values())
