"""What the source of Zendesk's events may be told."""

from pydantic import Field, field_validator

from events.envelope import EventData
from events.sources.options import Options
from events.ticket import EscalationTarget


class ZendeskOptions(Options):
    """Ids of theirs that mean something here. The docstring of a field is its help."""

    bots: tuple[str, ...] = ()
    """Ids of users that are programs: what they write is no reply, although Zendesk says staff."""
    time_spent_field: str | None = Field(default=None, min_length=1)
    """Id of the ticket field with all seconds worked so far, "Total time spent (sec)" of the Time
    Tracking app; its growth is work logged. Not that of the last update: it counts twice."""
    ticket_prefix: str = ""
    """Put before ids of tickets and answers, where several Zendesk accounts are imported: each
    counts from 1. Each needs a `source` of its own too."""
    escalations: dict[str, EscalationTarget] = Field(default_factory=dict)
    """Groups, by id, to which a ticket is handed on: `customer_success`, `tier2`, `engineering` or
    `manager`. For the file of options only."""
    attributes: dict[str, str] = Field(default_factory=dict)
    """Fields of organisations, by id, that are attributes of the account, such as `segment`. For
    the file of options only."""

    @field_validator("attributes")
    @classmethod
    def _are_attributes(cls, attributes: dict[str, str]) -> dict[str, str]:
        if wrong := set(attributes.values()) & {"", *EventData.model_fields}:
            raise ValueError(f"no attribute is called {min(wrong)!r}")
        return attributes
