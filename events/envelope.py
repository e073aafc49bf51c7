"""The CloudEvents 1.0 envelope and what the data of every type has in common.

Owns the strictness of all models: unknown fields are ignored, nothing is coerced, and a decoded
event does not change.
"""

from typing import Annotated, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from events.fields import SEQUENCE_MAX, TEXT_CHARS_MAX, Id, Instant

Sequence = (
    Annotated[str, Field(max_length=TEXT_CHARS_MAX)] | Annotated[int, Field(ge=0, le=SEQUENCE_MAX)]
)
"""A producer's order inside a subject: a counter, or text that sorts."""


class Model(BaseModel):
    """Base of every model here: strict, unchangeable, deaf to unknown fields."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class Fact(Model):
    """What every event's data may carry. On its own: a fact that needs no account."""

    ENTITY: ClassVar[str | None] = None
    """The field that names the entity; taken from the envelope's subject when left out."""

    account_id: Id | None = None
    effective_at: Instant | None = None
    livemode: bool = True

    def own_key(self) -> str | None:
        """The entity's own id, which routes a fact of no account and no subject."""
        entity_id: str | None = None if self.ENTITY is None else getattr(self, self.ENTITY)
        return entity_id


class AccountFact(Fact):
    """A fact that means nothing without its account."""

    account_id: Id


TypeName = TypeVar("TypeName", bound=str)
Data = TypeVar("Data", bound=Fact)


class Envelope(Model, Generic[TypeName, Data]):
    """A CloudEvents 1.0 event in JSON; `TypeName` is a literal that tells the data's model."""

    specversion: Literal["1.0"]
    id: Id
    source: Id
    type: TypeName
    time: Instant
    subject: Id | None = None
    sequence: Sequence | None = None
    dataschema: Id | None = None
    datacontenttype: str | None = None
    data: Data
