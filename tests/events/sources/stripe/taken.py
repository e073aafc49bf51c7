"""What comes of events of Stripe."""

import json
from collections.abc import Iterable
from typing import Any

from events.sources.outbox import Outbox
from events.sources.records import Record
from events.sources.source import take
from events.sources.stripe.options import StripeOptions
from events.sources.stripe.source import StripeSource
from events.sources.told import Told


def imported(events: Iterable[Any], **options: Any) -> Outbox:
    """Returns what comes of events."""
    source, out = StripeSource(StripeOptions(**options)), Outbox()
    records = 0
    for records, made in enumerate(events, 1):
        raw = made if isinstance(made, bytes) else json.dumps(made).encode()
        take(source, Record(raw, "events.ndjson", records), out)
    source.end(out)
    assert out.done == records
    return out


def told(*events: Any, **options: Any) -> list[Told]:
    """Returns what events tell, of which none may be a gap."""
    out = imported(events, **options)
    assert not out.gaps, out.gaps
    return [each for _, each in out.told]


def one(*events: Any, **options: Any) -> dict[str, Any]:
    """Returns the data of the one event that is told."""
    [each] = told(*events, **options)
    return each.data


def gap(*events: Any, **options: Any) -> str:
    """Returns the reason of the one gap."""
    [found] = imported(events, **options).gaps
    assert found.needs
    return found.reason
