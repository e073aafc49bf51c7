"""Customer satisfaction: who was asked after a ticket, and what was answered."""

from typing import Any, Final

from events.sources.source import GapError
from events.sources.told import Told
from events.sources.zendesk.notice import Notice
from events.sources.zendesk.shape import Rated, id_of

_SURVEY: Final = {"survey_type": "csat", "survey_id": "zendesk_csat"}
_SCORES: Final = {"good": 1, "bad": 0}


def csat_requested(notice: Notice) -> list[Told]:
    """Tells that the requester was asked."""
    return [notice.told("survey.sent", _about(notice))]


def csat_received(notice: Notice) -> list[Told]:
    """Tells an answer; a second one of the same ticket replaces it.

    Raises:
        GapError: If it is neither good nor bad.
    """
    score = (notice.event(Rated).satisfaction_score.score or "").lower()
    if score not in _SCORES:
        needs = "a rating that is good or bad; other scales are read from the survey's responses"
        raise GapError("score_unknown", needs)
    answer = {
        "response_id": f"zen:ticket:{notice.ticket_id}",
        "touchpoint": "ticket",
        "scale_min": 0,
        "scale_max": 1,
        "score": _SCORES[score],
        "assignee_id": id_of(notice.ticket.assignee_id),
    }
    return [notice.told("survey_response.created", _about(notice) | answer)]


def _about(notice: Notice) -> dict[str, Any]:
    if notice.account_id is None:
        raise GapError("no_organization", "the ticket's organisation: an answer is an account's")
    return {
        "account_id": notice.account_id,
        **_SURVEY,
        "ticket_id": notice.ticket_id,
        "respondent_id": id_of(notice.ticket.requester_id),
    }
