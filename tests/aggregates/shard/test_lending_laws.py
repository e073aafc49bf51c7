"""Subscriptions that go around among accounts: what is lent arrives, and goes away again."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.aggregates.shard.test_merged_accounts import (
    ACCOUNTS,
    SEGMENTS,
    Told,
    _of,
    _states,
    figures,
    histories,
    merges,
    record,
    segment_facts,
    taken_back,
)
from tests.examples import examples

_SUBS = st.sampled_from(["x", "y", "z"])
_TRANSFERRED = "subscription.transferred"


def _replacing(state: dict[str, Any], sub: str, replaced: list[str]) -> dict[str, Any]:
    olds = [each for each in replaced if each != sub]
    more = {"replaces_subscription_ids": olds} if olds else {}
    return {**state, "subscription_id": sub, **more}


_told_states = st.builds(
    _replacing, _states, _SUBS, st.sampled_from([[], [], ["x"], ["y"], ["x", "y"], ["y", "z"]])
)
_kinds = st.one_of(
    st.tuples(st.sampled_from(["subscription.created", "subscription.updated"]), _told_states),
    _of(["subscription.deleted"], subscription_id=_SUBS),
    _of([_TRANSFERRED], subscription_id=_SUBS, into_account_id=st.sampled_from(ACCOUNTS)),
    _of([_TRANSFERRED], subscription_id=_SUBS, into_account_id=st.sampled_from(ACCOUNTS)),
)


@given(
    histories(_kinds, least=4),
    merges,
    st.sets(st.integers(0, 40)),
    st.randoms(use_true_random=False),
    st.integers(1, 6),
    st.sampled_from([1, 4]),
)
@examples(60)
def test_law_what_is_lent_is_what_stands(
    told: list[Told],
    merged: list[tuple[str, str]],
    withdrawn: set[int],
    random: Any,
    batch: int,
    partitions: int,
) -> None:
    """Told in any order, on several partitions, with events that are taken back: as if only what
    stands had been told, all at once, on one."""
    joined = [Told(a, 100, "account.merged", {"into_account_id": into}) for a, into in merged]
    story = [*segment_facts(SEGMENTS), *told, *joined]
    standing = [record(n, each) for n, each in enumerate(story) if n - 4 not in withdrawn]
    backs = [
        back
        for n, each in enumerate(story)
        if n - 4 in withdrawn
        for back in taken_back(n, each, 200 + n)
    ]
    records = [record(n, each) for n, each in enumerate([*story, *backs])]
    random.shuffle(records)
    assert figures(records, partitions, batch) == figures(standing, 1)
