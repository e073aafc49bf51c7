"""Hot types: structs that hold what the models hold, and what a decoded one says."""

import pytest

from events import EVENT_TYPES, HOT_TYPES, Batch, Decoder, Envelope, FeatureUse, HotType, SessionEnd
from tests.events.examples import MINIMAL, TIME, TIME_MS, encode, full_record, record_of

EFFECTIVE_MS = 1_772_323_200_000
DECODER = Decoder()


@pytest.mark.parametrize("hot", HOT_TYPES, ids=lambda hot: hot.name)
def test_structs_have_the_fields_of_the_models(hot: HotType) -> None:
    """No field of a model is missing from its struct; instant and place are all that it adds."""
    assert set(hot.data.__struct_fields__) == set(EVENT_TYPES[hot.name].model.model_fields)
    assert set(hot.struct.__struct_fields__) - set(Envelope.model_fields) == {
        "effective_ms",
        "index",
    }
    assert getattr(Batch(), hot.sink) == []


def test_use_content() -> None:
    """A use carries the record's fields, its times as text, and the instant at which it counts."""
    (use,) = DECODER.decode([encode(full_record("feature.used") | {"effective_ms": 5})]).uses
    assert isinstance(use, FeatureUse)
    assert (use.id, use.source, use.type, use.time) == ("evt_42", "test", "feature.used", TIME)
    assert (use.subject, use.sequence) == ("sub_7", "3")
    assert (use.data.account_id, use.data.user_id) == ("acct_19", "user_1")
    assert (use.data.feature, use.data.count, use.data.livemode) == ("export", 2, True)
    assert use.data.effective_at == "2026-03-01T00:00:00Z"
    assert use.effective_ms == EFFECTIVE_MS
    minimal = record_of("feature.used", MINIMAL["feature.used"])
    (use,) = DECODER.decode([encode(minimal)]).uses
    assert (use.effective_ms, use.data.count) == (TIME_MS, 1)


def test_session_content() -> None:
    """A session carries the same, and how long it lasted as a float."""
    (session,) = DECODER.decode([encode(full_record("session.ended"))]).sessions
    assert isinstance(session, SessionEnd)
    assert (session.id, session.type, session.time) == ("evt_42", "session.ended", TIME)
    assert (session.data.account_id, session.data.user_id) == ("acct_19", "user_1")
    assert (session.data.session_id, session.data.started_at) == ("ses_1", TIME)
    assert (session.data.duration_s, session.effective_ms) == (12.5, EFFECTIVE_MS)
    minimal = record_of("session.ended", MINIMAL["session.ended"])
    (session,) = DECODER.decode([encode(minimal)]).sessions
    assert (session.data.session_id, session.data.started_at) == (None, None)
    assert (session.data.duration_s, session.effective_ms) == (0.0, TIME_MS)
    assert isinstance(session.data.duration_s, float)


@pytest.mark.parametrize("hot", HOT_TYPES, ids=lambda hot: hot.name)
def test_user_may_be_the_subject(hot: HotType) -> None:
    """Without a user it is that of the subject, although the fast way demands one.

    Such a record, which only the models can read, keeps its place among the others.
    """
    data = MINIMAL[hot.name]
    anonymous = {name: value for name, value in data.items() if name != "user_id"}
    values = [
        encode(record_of(hot.name, anonymous, subject="user_9")),
        encode(record_of(hot.name, data)),
    ]
    found = getattr(DECODER.decode(values), hot.sink)
    assert [event.data.user_id for event in found] == ["user_9", "user_1"]
