"""One full and one minimal example of each event type; the tests demand both of every type."""

import json
from typing import Any, Final

TIME: Final = "2026-03-14T09:26:53Z"
TIME_MS: Final = 1_773_480_413_000
LATER: Final = "2026-04-14T00:00:00Z"
COMMON: Final[dict[str, Any]] = {
    "account_id": "acct_19",
    "effective_at": "2026-03-01T00:00:00Z",
    "livemode": True,
}

ITEM: Final[dict[str, Any]] = {
    "item_id": "i1",
    "product_id": "prod_1",
    "plan_id": "pro",
    "amount": 4900,
    "currency": "USD",
    "quantity": 3,
    "interval": "month",
    "interval_count": 1,
    "usage_type": "licensed",
}
SHARE: Final[dict[str, Any]] = {
    "id": "d1",
    "percent_off": 33.3,
    "duration": "repeating",
    "start": TIME,
    "end": LATER,
}
SUM: Final[dict[str, Any]] = {"id": "d2", "amount_off": 500, "duration": "forever"}
STATE: Final[dict[str, Any]] = {
    "subscription_id": "sub_7",
    "status": "active",
    "items": [ITEM],
    "discounts": [SHARE, SUM],
    "start_date": TIME,
    "trial_start": TIME,
    "trial_end": LATER,
    "trial_reason": "retention",
    "term_start": TIME,
    "term_end": LATER,
    "auto_renew": True,
    "cancel_at": LATER,
    "replaces_subscription_id": "sub_6",
    "replaces_subscription_ids": ["sub_4", "sub_5"],
}
ANSWER: Final[dict[str, Any]] = {
    "response_id": "r1",
    "survey_id": "s1",
    "survey_type": "csat",
    "touchpoint": "after_ticket",
    "scale_min": 1,
    "scale_max": 5,
    "score": 4,
    "respondent_id": "user_1",
    "ticket_id": "t1",
    "assignee_id": "agent_1",
    "responded_at": TIME,
}
CHANGE: Final[dict[str, Any]] = {"ticket_id": "t1", "previous": "p", "current": "q"}
ATTRIBUTES: Final[dict[str, Any]] = {
    "segment": "smb",
    "region": "emea",
    "csm_id": "csm_1",
    "parent_account_id": "acct_1",
    "is_internal": False,
}
TASK: Final[dict[str, Any]] = {
    "task_id": "task_1",
    "owner_id": "csm_1",
    "category": "renewal",
    "due_at": LATER,
    "snoozed_until": TIME,
    "completed_at": TIME,
}
USER: Final[dict[str, Any]] = {"user_id": "user_1", "role": "admin", "is_internal": True}
TICKET: Final[dict[str, Any]] = {"ticket_id": "t1"}
MAJOR: Final[dict[str, Any]] = {"ticket_id": "t1", "affected_account_ids": ["acct_1", "acct_2"]}
REFERRAL: Final[dict[str, Any]] = {"referral_id": "ref_1", "referred_account_id": "acct_20"}
BLOCKER: Final[dict[str, Any]] = {"ticket_id": "t1", "by": "customer", "blocker_id": "b1"}

FULL: Final[dict[str, dict[str, Any]]] = {
    "subscription.created": STATE,
    "subscription.updated": STATE,
    "subscription.paused": STATE | {"resumes_at": LATER},
    "subscription.resumed": STATE | {"resumes_at": LATER},
    "subscription.renewed": STATE | {"previous_term_end": TIME, "auto": True},
    "subscription.cancellation_requested": {
        "subscription_id": "sub_7",
        "canceled_at": TIME,
        "cancel_at": LATER,
        "reason": "price",
        "feedback": "too dear",
    },
    "subscription.deleted": {
        "subscription_id": "sub_7",
        "ended_at": TIME,
        "reason": "payment_failed",
        "voluntary": False,
    },
    "subscription.transferred": {"subscription_id": "sub_7", "into_account_id": "acct_20"},
    "invoice.paid": {
        "invoice_id": "in_1",
        "subscription_id": "sub_7",
        "amount_paid": 4900,
        "currency": "EUR",
        "period_start": TIME,
        "period_end": LATER,
        "billing_reason": "cycle",
    },
    "charge.refunded": {
        "charge_id": "ch_1",
        "invoice_id": "in_1",
        "amount": 100,
        "currency": "EUR",
    },
    "user.added": USER,
    "user.removed": USER,
    "user.merged": {"user_id": "user_1", "into_user_id": "user_2"},
    "feature.used": {"user_id": "user_1", "feature": "export", "count": 2},
    "session.ended": {
        "user_id": "user_1",
        "session_id": "ses_1",
        "started_at": TIME,
        "duration_s": 12.5,
    },
    "milestone.reached": {"milestone": "first_value", "user_id": "user_1"},
    "seats.set": {"seats": 25},
    "survey.sent": {
        "survey_id": "s1",
        "survey_type": "nps",
        "respondent_id": "user_1",
        "ticket_id": "t1",
    },
    "survey_response.created": ANSWER,
    "survey_response.updated": ANSWER,
    "survey_response.deleted": {"response_id": "r1", "reason": "test"},
    "ticket.created": {
        "ticket_id": "t1",
        "requester_id": "user_1",
        "submitter_role": "agent",
        "channel": "email",
        "priority": "high",
        "type": "incident",
        "status": "open",
        "group_id": "g1",
        "assignee_id": "agent_1",
        "problem_id": "t0",
        "problem_is_major": True,
        "is_major": True,
        "auto_created": True,
        "schedule_id": "office",
    },
    "ticket.status_changed": {"ticket_id": "t1", "previous": "open", "current": "solved"},
    "ticket.comment_added": {
        "ticket_id": "t1",
        "comment_id": "c1",
        "author_id": "agent_1",
        "author_role": "agent",
        "is_public": True,
        "session_id": "chat_1",
    },
    "ticket.agent_assignment_changed": CHANGE,
    "ticket.priority_changed": CHANGE,
    "ticket.schedule_changed": CHANGE,
    "ticket.problem_link_changed": CHANGE | {"problem_is_major": True},
    "ticket.escalated": {"ticket_id": "t1", "target": "tier2", "from_group_id": "g1"},
    "ticket.blocked": BLOCKER,
    "ticket.unblocked": BLOCKER,
    "ticket.work_logged": {"ticket_id": "t1", "agent_id": "agent_1", "seconds": 90},
    "ticket.major_declared": MAJOR,
    "ticket.major_resolved": MAJOR,
    "ticket.merged": {"ticket_id": "t1", "into_ticket_id": "t2"},
    "ticket.account_changed": {"ticket_id": "t1", "into_account_id": "acct_2"},
    "ticket.deleted": TICKET,
    "ticket.undeleted": TICKET,
    "ticket.marked_as_spam": TICKET,
    "account.created": ATTRIBUTES,
    "account.updated": ATTRIBUTES,
    "account.merged": {"into_account_id": "acct_20"},
    "account.signed_up": {"visitor_id": "v1", "plan": "free", "referral_id": "ref_1"},
    "visitor.seen": {"visitor_id": "v1", "campaign": "spring"},
    "goal.converted": {"visitor_id": "v1", "goal": "trial"},
    "onboarding.started": {"onboarding_id": "on_1"},
    "onboarding.completed": {"onboarding_id": "on_1"},
    "onboarding.cancelled": {"onboarding_id": "on_1"},
    "referral.created": REFERRAL,
    "referral.converted": REFERRAL,
    "program.participated": {"program": "webinar"},
    "cost.recorded": {
        "category": "retention",
        "kind": "tools",
        "amount": 99_00,
        "currency": "USD",
        "period_start": TIME,
        "period_end": LATER,
        "segment": "smb",
    },
    "task.created": TASK,
    "task.updated": TASK,
    "task.completed": TASK,
    "task.reopened": TASK,
    "task.cancelled": TASK,
    "time.logged": {"owner_id": "csm_1", "category": "calls", "seconds": 600},
    "health.override_set": {"score": 80, "until": LATER, "reason": "call"},
    "event.retracted": {
        "retracts": "evt_1",
        "retracts_source": "crm",
        "reason": "typo",
        "retracts_type": "ticket.created",
    },
}
"""Data with every field of the type, beside the common ones."""

ACCOUNT: Final[dict[str, Any]] = {"account_id": "acct_19"}
OF_SUBSCRIPTION: Final = ACCOUNT | {"subscription_id": "sub_7"}
OF_STATE: Final = OF_SUBSCRIPTION | {"status": "active"}
OF_USER: Final = ACCOUNT | {"user_id": "user_1"}
OF_ANSWER: Final = ACCOUNT | {"response_id": "r1"}

MINIMAL: Final[dict[str, dict[str, Any]]] = {
    "subscription.created": OF_STATE,
    "subscription.updated": OF_STATE,
    "subscription.paused": OF_SUBSCRIPTION,
    "subscription.resumed": OF_STATE,
    "subscription.renewed": OF_STATE,
    "subscription.cancellation_requested": OF_SUBSCRIPTION,
    "subscription.deleted": OF_SUBSCRIPTION,
    "subscription.transferred": OF_SUBSCRIPTION | {"into_account_id": "acct_20"},
    "invoice.paid": ACCOUNT | {"amount_paid": 0, "currency": "USD"},
    "charge.refunded": ACCOUNT | {"amount": 0, "currency": "USD"},
    "user.added": OF_USER,
    "user.removed": OF_USER,
    "user.merged": OF_USER | {"into_user_id": "user_2"},
    "feature.used": OF_USER | {"feature": "export"},
    "session.ended": OF_USER | {"duration_s": 0},
    "milestone.reached": ACCOUNT | {"milestone": "first_value"},
    "seats.set": ACCOUNT | {"seats": 0},
    "survey.sent": ACCOUNT | {"survey_type": "nps"},
    "survey_response.created": OF_ANSWER | {"survey_type": "nps"},
    "survey_response.updated": OF_ANSWER | {"survey_type": "nps"},
    "survey_response.deleted": OF_ANSWER,
    "ticket.created": TICKET,
    "ticket.status_changed": TICKET | {"current": "open"},
    "ticket.comment_added": TICKET | {"author_role": "bot", "is_public": False},
    "ticket.agent_assignment_changed": TICKET,
    "ticket.priority_changed": TICKET,
    "ticket.schedule_changed": TICKET,
    "ticket.problem_link_changed": TICKET,
    "ticket.escalated": TICKET | {"target": "manager"},
    "ticket.blocked": TICKET | {"by": "internal"},
    "ticket.unblocked": TICKET,
    "ticket.work_logged": TICKET | {"seconds": 0},
    "ticket.major_declared": TICKET,
    "ticket.major_resolved": TICKET,
    "ticket.merged": TICKET | {"into_ticket_id": "t2"},
    "ticket.account_changed": TICKET | {"into_account_id": "acct_2"},
    "ticket.deleted": TICKET,
    "ticket.undeleted": TICKET,
    "ticket.marked_as_spam": TICKET,
    "account.created": ACCOUNT,
    "account.updated": ACCOUNT,
    "account.merged": ACCOUNT | {"into_account_id": "acct_20"},
    "account.signed_up": ACCOUNT,
    "visitor.seen": {"visitor_id": "v1"},
    "goal.converted": {"visitor_id": "v1", "goal": "trial"},
    "onboarding.started": ACCOUNT,
    "onboarding.completed": ACCOUNT,
    "onboarding.cancelled": ACCOUNT,
    "referral.created": ACCOUNT | {"referral_id": "ref_1"},
    "referral.converted": ACCOUNT | {"referral_id": "ref_1"},
    "program.participated": ACCOUNT | {"program": "webinar"},
    "cost.recorded": ACCOUNT | {"category": "service", "amount": 0, "currency": "USD"},
    "task.created": {"task_id": "task_1"},
    "task.updated": {"task_id": "task_1"},
    "task.completed": {"task_id": "task_1"},
    "task.reopened": {"task_id": "task_1"},
    "task.cancelled": {"task_id": "task_1"},
    "time.logged": {"owner_id": "csm_1", "seconds": 0},
    "health.override_set": ACCOUNT | {"score": 0},
    "event.retracted": ACCOUNT | {"retracts": "evt_1"},
}
"""Data of which nothing can be left out, where the envelope has no subject."""


def record_of(name: str, data: object, **envelope: object) -> dict[str, Any]:
    """An event with the envelope's required fields and those given."""
    required = {"specversion": "1.0", "id": "evt_42", "source": "test", "type": name, "time": TIME}
    return required | envelope | {"data": data}


def full_record(name: str) -> dict[str, Any]:
    """An event with every field of its type and of the envelope."""
    return record_of(
        name,
        COMMON | FULL[name],
        subject="sub_7",
        sequence="3",
        dataschema=f"{name}/1",
        datacontenttype="application/json",
    )


def encode(record: object) -> bytes:
    """A record as it travels."""
    return json.dumps(record).encode()
