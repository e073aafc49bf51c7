"""Hot types: structs that hold what the models hold, and what a decoded one says."""

import pytest

from events import HOT_TYPES, Batch, Decoder, Envelope
from events.dialect import PLAIN
from events.records import record_of as record_struct
from tests.events.examples import MINIMAL, TIME, TIME_MS, encode, full_record, record_of

EFFECTIVE_MS = 1_772_323_200_000
DECODER = Decoder()


@pytest.mark.parametrize("name", HOT_TYPES)
def test_a_hot_event_adds_an_instant_and_a_place(name: str) -> None:
    """Beside what its envelope says; and there is a list for it."""
    struct = record_struct(name, PLAIN)
    assert set(struct.__struct_fields__) - set(Envelope.model_fields) == {"effective_ms", "index"}
    assert getattr(Batch(), HOT_TYPES[name]) == []


def test_use_content() -> None:
    """A use carries the record's fields, and the instant at which it counts."""
    (use,) = DECODER.decode([encode(full_record("feature.used") | {"effective_ms": 5})]).uses
    assert (use.id, use.source, use.type, use.time) == ("evt_42", "test", "feature.used", TIME)
    assert (use.subject, use.sequence) == ("sub_7", "3")
    assert (use.data.account_id, use.data.user_id) == ("acct_19", "user_1")
    assert (use.data.feature, use.data.count, use.data.livemode) == ("export", 2, True)
    assert use.data.effective_at == EFFECTIVE_MS
    assert use.effective_ms == EFFECTIVE_MS
    minimal = record_of("feature.used", MINIMAL["feature.used"])
    (use,) = DECODER.decode([encode(minimal)]).uses
    assert (use.effective_ms, use.data.count) == (TIME_MS, 1)


def test_session_content() -> None:
    """A session carries the same, and how long it lasted as a float."""
    (session,) = DECODER.decode([encode(full_record("session.ended"))]).sessions
    assert (session.id, session.type, session.time) == ("evt_42", "session.ended", TIME)
    assert (session.data.account_id, session.data.user_id) == ("acct_19", "user_1")
    assert (session.data.session_id, session.data.started_at) == ("ses_1", TIME_MS)
    assert (session.data.duration_s, session.effective_ms) == (12.5, EFFECTIVE_MS)
    minimal = record_of("session.ended", MINIMAL["session.ended"])
    (session,) = DECODER.decode([encode(minimal)]).sessions
    assert (session.data.session_id, session.data.started_at) == (None, None)
    assert (session.data.duration_s, session.effective_ms) == (0.0, TIME_MS)
    assert isinstance(session.data.duration_s, float)


@pytest.mark.parametrize("name", HOT_TYPES)
def test_user_may_be_the_subject(name: str) -> None:
    """Without a user it is that of the subject, although the fast way demands one.

    Such a record, which only the models can read, keeps its place among the others.
    """
    data = MINIMAL[name]
    anonymous = {field: value for field, value in data.items() if field != "user_id"}
    values = [
        encode(record_of(name, anonymous, subject="user_9")),
        encode(record_of(name, data)),
    ]
    found = getattr(DECODER.decode(values), HOT_TYPES[name])
    assert [event.data.user_id for event in found] == ["user_9", "user_1"]
