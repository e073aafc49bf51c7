"""Foreign sources: what Stripe, Zendesk, Segment and others send, told as our events.

A source is pure: bytes and options in, events in our form out. What it cannot tell exactly is a
gap with its reason, and never a 0 or an empty list. Imports the instants and the registry of
``events``; nothing of ``events`` imports this.
"""

from events.sources.accounts import AccountMap
from events.sources.options import Contents, Options
from events.sources.outbox import Gap, Outbox
from events.sources.records import Record, json_records, parts
from events.sources.registry import SOURCES, source_of
from events.sources.source import GapError, Source
from events.sources.told import Told

__all__ = [
    "SOURCES",
    "AccountMap",
    "Contents",
    "Gap",
    "GapError",
    "Options",
    "Outbox",
    "Record",
    "Source",
    "Told",
    "json_records",
    "parts",
    "source_of",
]
