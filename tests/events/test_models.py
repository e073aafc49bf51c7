"""The models: what each type accepts, demands, defaults and refuses."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from events import EVENT_TYPES, HOT_TYPES, Decoder, Event, EventData, HotEvent
from tests.events.examples import FULL, MINIMAL, TIME, encode, full_record, record_of

NAMES = sorted(EVENT_TYPES)
ACCOUNTLESS = {
    name
    for name, kind in EVENT_TYPES.items()
    if not kind.model.model_fields["account_id"].is_required()
}


def decode(record: object) -> Event | HotEvent[Any]:
    """The one event of a record that must be accepted."""
    batch = Decoder().decode([encode(record)])
    assert batch.rejects == []
    found: list[Event | HotEvent[Any]] = [*batch.events, *batch.uses, *batch.sessions]
    (event,) = found
    return event


def refusal(record: object) -> tuple[str, str]:
    """Reason and detail of a record that must be rejected."""
    (reject,) = Decoder().decode([encode(record)]).rejects
    return reject.reason, reject.detail


def data_of(name: str, **fields: object) -> Any:
    """The model made of a type's minimal data and some fields."""
    event = decode(record_of(name, MINIMAL[name] | fields))
    assert isinstance(event, Event)
    return event.data


@pytest.mark.parametrize("examples", [FULL, MINIMAL])
def test_every_type_has_examples(examples: dict[str, Any]) -> None:
    """A type without an example fails here, and so does an example without a type."""
    assert sorted(examples) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_minimal_is_accepted(name: str) -> None:
    """What a type cannot do without is enough."""
    assert decode(record_of(name, MINIMAL[name])).type == name


@pytest.mark.parametrize("name", NAMES)
def test_minimal_is_minimal(name: str) -> None:
    """No field of the minimal data can be left out."""
    for field in MINIMAL[name]:
        rest = {key: value for key, value in MINIMAL[name].items() if key != field}
        refusal(record_of(name, rest))


@pytest.mark.parametrize("name", NAMES)
def test_full_sets_every_field(name: str) -> None:
    """The full data sets every field of the model, and the model keeps every one."""
    event = decode(full_record(name))
    assert set(full_record(name)["data"]) == set(EVENT_TYPES[name].model.model_fields)
    assert Decoder().decode([encode(full_record(name))]).ignored == {}
    if isinstance(event, Event):
        assert event.told == set(EVENT_TYPES[name].model.PARTIAL)
    else:
        assert name in HOT_TYPES


@pytest.mark.parametrize("name", NAMES)
def test_round_trip(name: str) -> None:
    """A model written as JSON is the event it was read from."""
    envelope = EVENT_TYPES[name].envelope
    read = envelope.model_validate(full_record(name))
    assert envelope.model_validate(read.model_dump(mode="json")) == read


@pytest.mark.parametrize("name", NAMES)
def test_an_envelope_takes_its_own_type_alone(name: str) -> None:
    """Types with the same fields are told apart by `type`."""
    kind = EVENT_TYPES[name]
    assert type(kind.validate(full_record(name)).data) is kind.model
    with pytest.raises(ValidationError):
        kind.validate({**full_record(name), "type": f"{name}.else"})


@pytest.mark.parametrize("name", NAMES)
def test_wrong_kinds_are_refused(name: str) -> None:
    """No field takes an object, whatever its type: nothing is coerced."""
    for field in EVENT_TYPES[name].model.model_fields:
        assert (
            refusal(record_of(name, FULL[name] | {"account_id": "a", field: {"x": 1}}))[0]
            == "invalid_data"
        ), field


@pytest.mark.parametrize("name", sorted(set(NAMES) - ACCOUNTLESS))
def test_account_is_required(name: str) -> None:
    """A fact that means nothing without an account is refused without one."""
    assert refusal(record_of(name, FULL[name])) == (
        "invalid_data",
        "data.account_id: is missing",
    )


@pytest.mark.parametrize("name", sorted(ACCOUNTLESS))
def test_accountless_key_is_the_subject(name: str) -> None:
    """A fact of no account travels under its subject, whatever the data names."""
    event = decode(record_of(name, FULL[name], subject="s"))
    assert isinstance(event, Event)
    assert (event.key, event.account_id, event.subject) == ("s", None, "s")


@pytest.mark.parametrize(
    "name", sorted(name for name in NAMES if EVENT_TYPES[name].model.ENTITY is not None)
)
def test_entity_comes_from_the_subject(name: str) -> None:
    """An entity the data leaves out is the subject; one that it names wins over the subject."""
    entity = EVENT_TYPES[name].model.ENTITY
    assert entity is not None
    for data in (FULL[name] | {"account_id": "a"},):
        without = {key: value for key, value in data.items() if key != entity}
        for absent in (without, without | {entity: None}):
            event = decode(record_of(name, absent, subject="s"))
            assert getattr(event.data, entity) == "s"
        event = decode(record_of(name, data, subject="s"))
        assert getattr(event.data, entity) == data[entity]


@pytest.mark.parametrize(
    ("name", "fields", "expected"),
    [
        ("visitor.seen", {}, "v1"),
        ("goal.converted", {}, "v1"),
        ("task.created", {}, "task_1"),
        ("time.logged", {}, "csm_1"),
        ("ticket.created", {}, "t1"),
        ("ticket.major_declared", {}, "t1"),
        ("ticket.created", {"account_id": "a"}, "a"),
    ],
)
def test_key_without_subject(name: str, fields: dict[str, Any], expected: str) -> None:
    """The key is the account, else the entity's own id; for logged time, its owner."""
    event = decode(record_of(name, MINIMAL[name] | fields))
    assert isinstance(event, Event)
    assert event.key == expected


def test_defaults() -> None:
    """What is left out has the meaning the vocabulary gives it."""
    (item,) = data_of(
        "subscription.created", items=[{"amount": 1, "currency": "usd", "interval": "week"}]
    ).items
    assert (item.quantity, item.interval_count, item.usage_type) == (1, 1, "licensed")
    assert item.currency == "USD"
    assert data_of("subscription.paused").status == "paused"
    assert data_of("subscription.created").items == []
    created = data_of("ticket.created")
    assert (created.status, created.submitter_role, created.is_major) == ("new", "end_user", False)
    assert data_of("user.added").is_internal is False
    assert data_of("survey_response.created").score is None


@pytest.mark.parametrize(
    ("survey_type", "scale"),
    [("nps", (0, 10)), ("csat", (1, 5)), ("ces", (1, 7)), ("satisfaction", (1, 5))],
)
def test_scales(survey_type: str, scale: tuple[int, int]) -> None:
    """A scale left out is the usual one of its survey type, end by end."""
    answer = data_of("survey_response.created", survey_type=survey_type)
    assert (answer.scale_min, answer.scale_max) == scale
    if survey_type != "nps":
        wider = data_of("survey_response.created", survey_type=survey_type, scale_max=10)
        assert (wider.scale_min, wider.scale_max) == (scale[0], 10)


@pytest.mark.parametrize(
    ("survey_type", "scale_min", "scale_max", "score", "valid"),
    [
        ("nps", 0, 10, 0, True),
        ("nps", 1, 10, 10, True),
        ("nps", 1, 10, 0, False),
        ("nps", 0, 5, 3, False),
        ("nps", 0, 10, 11, False),
        ("csat", 1, 5, 5.5, False),
        ("csat", 1, 5, 4.5, True),
        ("csat", 5, 5, None, False),
        ("csat", 5, 1, None, False),
        ("ces", -3, 3, -3, True),
        ("ces", 1, 7, None, True),
    ],
)
def test_scores(
    survey_type: str, scale_min: int, scale_max: int, score: float | None, valid: bool
) -> None:
    """A score lies on its scale, a scale ascends, and NPS has one of its two scales."""
    data = MINIMAL["survey_response.created"] | {
        "survey_type": survey_type,
        "scale_min": scale_min,
        "scale_max": scale_max,
        "score": score,
    }
    batch = Decoder().decode([encode(record_of("survey_response.created", data))])
    assert (len(batch.events), len(batch.rejects)) == ((1, 0) if valid else (0, 1))


def test_percent_is_exact() -> None:
    """A percentage is the decimal that was sent, not the nearest binary fraction."""
    state = data_of(
        "subscription.created", discounts=[{"percent_off": 33.3, "duration": "forever"}]
    )
    assert str(state.discounts[0].percent_off) == "33.3"


def test_models_do_not_change() -> None:
    """A decoded fact cannot be changed."""
    data = data_of("seats.set")
    with pytest.raises(AttributeError, match="immutable"):
        data.seats = 3


@pytest.mark.parametrize("name", NAMES)
def test_documented(name: str) -> None:
    """Every model says what it means, and is an EventData."""
    model = EVENT_TYPES[name].model
    assert issubclass(model, EventData)
    assert model.__doc__ not in (None, "", BaseModel.__doc__)
    assert model.__doc__ not in {base.__doc__ for base in model.__mro__[1:]}


def test_domain_dates_stay_in_the_model() -> None:
    """`effective_ms` is `effective_at`, else `time`; a start date moves neither."""
    event = decode(
        record_of("subscription.created", MINIMAL["subscription.created"] | {"start_date": TIME})
    )
    assert isinstance(event, Event)
    assert event.effective_ms == event.time_ms == getattr(event.data, "start_date")  # noqa: B009
