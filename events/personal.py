"""What in an event tells of whom: the fields whose texts are ids of accounts, people and things.

Every field of text is in one of these sets, by its name; a test looks through all models. All else
in an event (instants, amounts, counts, flags) tells nothing without an id.
"""

from typing import Final

ACCOUNTS: Final = frozenset(
    {
        "account_id",
        "affected_account_ids",
        "into_account_id",
        "parent_account_id",
        "referred_account_id",
    }
)
"""Ids of accounts, the event's own or others."""

PEOPLE: Final = frozenset({"author_id", "into_user_id", "requester_id", "respondent_id", "user_id"})
"""Ids of the people of an account."""

OWNERS: Final = frozenset({"into_user_id", "respondent_id", "user_id"})
"""Of these, those of whoever the event as a whole is about; a ticket is its account's."""

DEEDS: Final = frozenset({"response_id", "session_id"})
"""Ids of what one person alone did, in an event that is about that person."""

THINGS: Final = frozenset(
    {
        "agent_id",
        "assignee_id",
        "blocker_id",
        "charge_id",
        "comment_id",
        "id",
        "invoice_id",
        "into_ticket_id",
        "item_id",
        "onboarding_id",
        "problem_id",
        "referral_id",
        "replaces_subscription_id",
        "replaces_subscription_ids",
        "response_id",
        "retracts",
        "session_id",
        "subscription_id",
        "task_id",
        "ticket_id",
        "visitor_id",
    }
)
"""Ids of what belongs to an account, by which other systems would find it again."""

CHANGED_THINGS: Final = frozenset(
    {"ticket.agent_assignment_changed", "ticket.problem_link_changed"}
)
"""Types whose ``previous`` and ``current`` are such ids; of others they are labels."""

PROSE: Final = frozenset({"feedback", "reason", "role"})
"""What people wrote, or what a person is."""

LABELS: Final = frozenset(
    {
        "author_role",
        "billing_reason",
        "by",
        "campaign",
        "category",
        "channel",
        "csm_id",
        "currency",
        "current",
        "duration",
        "feature",
        "from_group_id",
        "goal",
        "group_id",
        "interval",
        "kind",
        "milestone",
        "owner_id",
        "plan",
        "plan_id",
        "previous",
        "priority",
        "product_id",
        "program",
        "region",
        "retracts_source",
        "retracts_type",
        "schedule_id",
        "segment",
        "status",
        "submitter_role",
        "survey_id",
        "survey_type",
        "target",
        "touchpoint",
        "trial_reason",
        "type",
        "usage_type",
    }
)
"""Names that many share, which figures are told apart by, and the vendor's own staff."""
