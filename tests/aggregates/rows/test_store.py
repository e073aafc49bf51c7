"""The store: how many rows a topic's table holds, whatever brought them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aggregates.rows.history import Fact
from aggregates.rows.kind import RowKey
from aggregates.rows.store import Store
from aggregates.shard.plan import Plan
from aggregates.success.tasks import TASKS
from aggregates.usage.seats import SEATS

PLAN = Plan()
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["task", "seats", "retraction", "again"]),
        st.sampled_from("ab"),
        st.sampled_from("xyz"),
    )
)


def counted(store: Store, topic: str) -> int:
    """The rows of a topic, counted one by one as they are packed."""
    keys: list[tuple[bytes, bytes]] = []
    for kind in PLAN.kinds.values():
        if kind.topic == topic:
            of: dict[str, dict[str, Any]] = store.rows[kind.name]
            named = [RowKey(kind.name, account, entity) for account in of for entity in of[account]]
            keys += store.packed(topic, named)
    withdrawn = sum(bool(store.withdrawn(topic, account)) for account in "ab")
    return len(keys) + withdrawn


@given(STEPS)
def test_the_count_is_kept(steps: list[tuple[str, str, str]]) -> None:
    """The counter equals the rows there are, filed, filed again, unpacked or withdrawn."""
    store, restored = Store(PLAN.kinds), Store(PLAN.kinds)
    for what, account, entity in steps:
        if what == "retraction":
            store.withdraw("account", account, entity)
            continue
        kind = SEATS if what == "seats" else TASKS
        key = RowKey(kind.name, account, "" if kind is SEATS else entity)
        row = store.row(key) or kind.new()
        row.insert(Fact(1, "", 1, f"{what}{entity}", "crm", "t", {}))
        store.put(key, row)
    for topic in ("account", "usage"):
        assert store.count(topic) == counted(store, topic)
        for packed_key, packed in store.packed(topic, store.take_dirty(topic)):
            for _ in range(2):
                named, row = restored.unpack(topic, packed_key, packed)
                if row is not None:
                    restored.file(named, row)
        assert restored.count(topic) == store.count(topic)
