"""What every source of product analytics may be told."""

from typing import Final, Literal

from events.sources.options import Contents, Options

EVERY: Final = "*"
"""Stands for every name of an event that is not the vendor's own."""


class AnalyticsOptions(Options):
    """Options of Segment, RudderStack, PostHog and Amplitude."""

    features: tuple[str, ...] = ()
    """Name of an event that is the use of a feature; others are passed over. `*` is every name but
    the vendor's own: only where there is a bounded set of them. Without any, each event is a gap
    that says its name."""
    pages: str | None = None
    """Feature that every view of a page or screen is the use of; left out, views are passed
    over."""
    members: Contents = ()
    """CSV files with the columns `user_id` and `account_id`: whose usage belongs to which account
    where messages do not say it. Usage of those who are named need not wait for the end."""
    traits: tuple[str, ...] = ()
    """Property of a group that becomes an attribute of the account, such as `plan`, or under
    another name, such as `segment=industry`."""
    sessions: Literal["none", "id", "gap"] = "none"
    """Whether sessions are derived: `id` by the session id that messages name, `gap` from all acts
    of a person, apart by more than 30 minutes."""
