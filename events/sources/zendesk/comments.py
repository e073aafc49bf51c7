"""What is written on tickets: comments, and messages of a conversation."""

from typing import Final

from events.sources.source import GapError
from events.sources.told import Told
from events.sources.zendesk.notice import Notice, required
from events.sources.zendesk.options import ZendeskOptions
from events.sources.zendesk.shape import Commented, MadePrivate, Messaged
from events.sources.zendesk.tickets import SYSTEM

_COMMENT_ADDED: Final = "ticket.comment_added"
_BOT_MARK: Final = "zd:"
"""Begins the ids of Zendesk's own bots, such as `zd:answerBot`."""

_ACTORS: Final = {
    "end_user": "end_user",
    "agent": "agent",
    "trigger": "system",
    "system": "system",
}
"""Our roles by theirs in a conversation."""


def comment_added(notice: Notice) -> list[Told]:
    """Tells a comment. Its event is named by its id, so that it can be taken back by it."""
    comment = notice.event(Commented).comment
    comment_id = required(comment.id, "the id of the comment")
    author = required(comment.author.id, "the author of the comment")
    role = "agent" if comment.author.is_staff else "end_user"
    return [
        notice.fact(
            _COMMENT_ADDED,
            {
                "effective_at": notice.created_at if notice.opens else None,
                "comment_id": comment_id,
                "author_id": author,
                "author_role": _program(author, notice.options) or role,
                "is_public": comment.is_public,
            },
            id=_event_of(comment_id),
        )
    ]


def _event_of(comment_id: str) -> str:
    return f"comment/{comment_id}"


def _program(author_id: str, options: ZendeskOptions) -> str | None:
    """Returns the role of an author that is none of the people."""
    if author_id == SYSTEM:
        return "system"
    is_bot = author_id in options.bots or author_id.startswith(_BOT_MARK)
    return "bot" if is_bot else None


def comment_made_private(notice: Notice) -> list[Told]:
    """Takes a comment back: what is private counts for nothing, whenever it was written."""
    comment_id = required(notice.event(MadePrivate).comment.id, "the id of the comment")
    return [
        notice.told(
            "event.retracted",
            {
                "account_id": notice.account_id,
                "retracts": _event_of(comment_id),
                "retracts_source": notice.source,
                "retracts_type": _COMMENT_ADDED,
                "reason": "made private",
            },
        )
    ]


def message_added(notice: Notice) -> list[Told]:
    """Tells a message of a conversation, whose replies count as one.

    It lies under the ticket's own key, where forgetting the account does not find it: so it does
    not name who wrote.

    Raises:
        GapError: If it is from somebody of a kind that is not known.
    """
    message = notice.event(Messaged)
    actor = required(message.actor.id, "the actor of the message")
    role = _ACTORS.get(message.actor.type)
    if role is None:
        needs = f"no role is known of the actor type {message.actor.type[:40]!r}"
        raise GapError("actor_unknown", needs)
    return [
        notice.fact(
            _COMMENT_ADDED,
            {
                "comment_id": required(message.message.id, "the id of the message"),
                "author_role": _program(actor, notice.options) or role,
                "is_public": True,
                "session_id": required(message.conversation_id, "the conversation"),
            },
        )
    ]
