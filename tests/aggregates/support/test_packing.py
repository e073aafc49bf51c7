"""Packed histories: every fact comes back as it was, in fewer bytes."""

from hypothesis import given
from hypothesis import strategies as st

from aggregates.rows.history import Fact, History
from aggregates.rows.kind import HistoryKind
from aggregates.support.packing import Packing
from events.retraction import Target

TYPES = ("one.created", "one.updated")
SEQUENCES = st.one_of(
    st.just(""),
    st.integers(0, 10**21).map(lambda number: str(number).rjust(20, "0")),
    st.sampled_from(["b2", "7", "\u0667" * 20, "-0000000000000000007"]),
)
INSTANTS = st.integers(946_684_800_000, 4_102_444_800_000)
FACTS = st.builds(
    Fact,
    INSTANTS,
    SEQUENCES,
    INSTANTS,
    st.text(max_size=5),
    st.sampled_from(["helpdesk", "phone", ""]),
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(["a", "b"]), st.none() | st.integers(0, 9) | st.text()),
)

TARGETS = st.text(max_size=3) | st.tuples(st.text(max_size=3), st.text(max_size=3))

PLAIN = HistoryKind(History, "plain", "ticket", TYPES, keep=lambda event: {})


@given(st.lists(FACTS, max_size=6), st.sets(TARGETS, max_size=3))
def test_comes_back(facts: list[Fact], retracted: set[Target]) -> None:
    """Packed and unpacked, facts and retractions are the same, whatever sequences and ids are."""
    ids = {each for each in retracted if isinstance(each, str)}
    retracted = {each for each in retracted if each in ids or each[1] not in ids}
    facts.sort(key=lambda fact: fact.order)
    packing = Packing(TYPES)
    assert packing.unpack(packing.pack(History(facts, retracted))) == (facts, retracted)


def test_is_smaller() -> None:
    """A fact of a usual history takes less than half of the plain form's bytes."""
    facts = [
        Fact(10**12 + n * 10**6, f"{n:020}", 10**12 + n * 10**6, f"evt_{n}", "crm", TYPES[1], {})
        for n in range(20)
    ]
    packed = Packing(TYPES).pack(History(facts))
    assert 2 * len(packed) < len(PLAIN.pack(History(facts)))
