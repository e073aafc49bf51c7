"""Organisations: a field of theirs may be an attribute of the account, such as its segment."""

from typing import Final

import msgspec

from events.fields import label_of
from events.sources.accounts import AccountMap
from events.sources.source import GapError
from events.sources.told import Told
from events.sources.zendesk.notice import instant_of, required, sequence_of
from events.sources.zendesk.options import ZendeskOptions
from events.sources.zendesk.shape import Envelope, FieldChange, Organization, id_of

_IS_INTERNAL: Final = "is_internal"


def custom_field_changed(
    envelope: Envelope, options: ZendeskOptions, source: str, account: AccountMap
) -> list[Told]:
    """Tells a field that the options call an attribute of the account.

    Raises:
        GapError: If what it holds cannot be one.
    """
    change = msgspec.json.decode(envelope.event, type=FieldChange)
    attribute = options.attributes.get(id_of(change.custom_field.id) or "")
    if attribute is None:
        return []
    organization = msgspec.json.decode(envelope.detail, type=Organization)
    theirs = required(organization.id, "the id of the organisation")
    value = None if change.current is None else change.current.value
    instant_of(envelope.time)
    return [
        Told(
            id=required(envelope.id, "the id of the event"),
            source=source,
            type="account.updated",
            time=envelope.time,
            sequence=sequence_of(envelope.time),
            data={"account_id": account(theirs), attribute: _value(attribute, value)},
        )
    ]


def _value(attribute: str, value: str | bool | float | None) -> str | bool | None:
    """Returns an attribute's value: text, None for none, and of ``is_internal`` a truth value."""
    if attribute == _IS_INTERNAL:
        if isinstance(value, bool):
            return value
        raise GapError("attribute_no_truth", f"a checkbox for {_IS_INTERNAL}")
    label = label_of(value)
    if label is None:
        raise GapError("attribute_no_label", "a text, a number or a truth value in the field")
    return label or None
