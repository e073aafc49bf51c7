"""The CloudEvents 1.0 envelope and what the data of every type has in common.

Owns the strictness of all models: unknown fields are ignored, nothing is coerced, and a decoded
event does not change.
"""

from typing import Annotated, ClassVar, Generic, Literal, TypeAlias, TypeVar, Unpack

from pydantic import BaseModel, ConfigDict, Field

from events.docstrings import Documented
from events.fields import SEQUENCE_MAX, TEXT_CHARS_MAX, WHOLE, Id, Instant

SequenceValue = (
    Annotated[str, Field(max_length=TEXT_CHARS_MAX)]
    | Annotated[int, Field(ge=0, le=SEQUENCE_MAX), WHOLE]
)
"""A producer's order inside a subject: a counter, or text that sorts."""


class Model(BaseModel):
    """Base of every model here: strict, unchangeable, deaf to unknown fields.

    What reads a model is built when it is first asked for: a command that reads no events, or few
    types, starts in half the time.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", defer_build=True)


class DataModel(Model, Documented):
    """Base of what data is made of: the docstrings of its fields are told to producers."""


class EventData(DataModel):
    """What every event's data may carry; an event without an account has just this."""

    ENTITY: ClassVar[str | None] = None
    """The field that names the entity; taken from the envelope's subject when left out. Subclasses
    set it by the keyword ``entity``."""

    PARTIAL: ClassVar[tuple[str, ...]] = ()
    """Fields that say something else when they are left out than when their default is sent: that
    it stays as it was. Subclasses set it by the keyword ``partial``."""

    account_id: Id | None = None
    """The account that the fact is about, and then the record's key; none if it is about none."""
    effective_at: Instant | None = None
    """When the fact counts, if not at the envelope's `time`: earlier if it was learned late, later
    if it is known before."""
    livemode: bool = True
    """False marks a test of the producer's: it is counted as `test_mode` and otherwise ignored."""

    def __init_subclass__(
        cls, entity: str | None = None, partial: tuple[str, ...] = (), **more: Unpack[ConfigDict]
    ) -> None:
        """Sets the entity of a class that has one, and the fields that may be left as they were."""
        super().__init_subclass__(**more)
        if partial:
            cls.PARTIAL = partial
        if entity is not None:
            cls.ENTITY = entity

    @classmethod
    def takes(cls, value: object) -> bool:
        """Returns whether a field that is not declared means something with this value."""
        return False

    def own_key(self) -> str | None:
        """Returns the entity's own id, which routes an event without account and subject."""
        entity_id: str | None = None if self.ENTITY is None else getattr(self, self.ENTITY)
        return entity_id


class AccountData(EventData):
    """Data of an event that means nothing without its account."""

    account_id: Id
    """The account that the fact is about, and the record's key."""


TypeName = TypeVar("TypeName", bound=str)
Data = TypeVar("Data", bound=EventData)


class Envelope(Model, Generic[TypeName, Data]):
    """A CloudEvents 1.0 event in JSON; `TypeName` is a literal that tells the data's model."""

    # Described by `Field`: of a model that a generic one makes no source is found to read.
    specversion: Literal["1.0"] = Field(description="Version of CloudEvents.")
    id: Id = Field(description="The event's id, unique within its source.")
    source: Id = Field(
        description="The system that tells it, such as `billing`; with `id` it tells duplicates."
    )
    type: TypeName = Field(
        description="What happened; a prefix of the producer's is taken off by a setting."
    )
    time: Instant = Field(description="When it happened.")
    subject: Id | None = Field(
        default=None,
        description="Id of the entity that it is about: taken where the data leaves that out, and "
        "the record's key where there is no account.",
    )
    sequence: SequenceValue | None = Field(
        default=None,
        description="The producer's order inside an entity, for facts effective at one instant: a "
        "counter, or text that sorts.",
    )
    dataschema: Id | None = Field(
        default=None,
        description="Type and version of the schema of `data`, such as `seats.set/1`, perhaps at "
        "the end of a URI; left out it is version 1. Schemas of a producer's own are let in by a "
        "setting.",
    )
    datacontenttype: str | None = Field(
        default=None, description="Media type of `data`; not looked at, it is JSON."
    )
    data: Data = Field(description="The fields of the type.")


AnyEnvelope: TypeAlias = "Envelope[str, EventData]"
"""An event of any type: a name for annotations, of which pydantic would make a model otherwise."""
