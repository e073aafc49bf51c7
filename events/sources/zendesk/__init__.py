"""Zendesk: what its event webhooks send, told as tickets, answers and attributes of accounts.

Every record is told as it comes and by itself: nothing is remembered of one ticket, so that a
webhook's bodies come out as a whole file does. Knows no other source.
"""

from events.sources.zendesk.options import ZendeskOptions
from events.sources.zendesk.zendesk import Zendesk

__all__ = ["Zendesk", "ZendeskOptions"]
