"""Who is a user when: what figures of all users are of.

A person comes with ``user.added`` and goes with ``user.removed``: the last of both that took effect
by T says whether it is a user at T. While there is none, a person who was seen, by any use or
session, is one, or, by the policy ``user_basis``, nobody is.
"""

from collections.abc import Sequence

from aggregates.contributions.cover import Spans
from aggregates.contributions.steps import StepFunction, where
from aggregates.policies.policy import Policy
from aggregates.time.tile import tile_of
from aggregates.usage.users import ANY, User, facts_of

_COMES, _GOES = "user.added", "user.removed"


def first_seen(users: Sequence[User]) -> int | None:
    """Returns the tile of a person's first use or session, or None."""
    return min((user.days[ANY][0] for user in users if ANY in user.days), default=None)


def membership(users: Sequence[User], seen: int | None, policy: Policy) -> StepFunction[bool]:
    """Returns whether a person is a user.

    Args:
        users: The users that are this person.
        seen: The tile in which it was first seen, or None.
        policy: The policy in force.
    """
    steps = [
        (tile_of(fact.effective_ms), fact.type == _COMES)
        for fact in facts_of(users)
        if fact.type in (_COMES, _GOES)
    ]
    if policy.user_basis == "seen" and seen is not None and (not steps or seen < steps[0][0]):
        steps.insert(0, (seen, True))
    return StepFunction.of(False, steps)


def absences(users: Sequence[User], days: Sequence[int], policy: Policy) -> Spans:
    """Returns where a person is no user, from its first active day on."""
    if not days or (policy.user_basis == "seen" and not any(user.was_removed for user in users)):
        return []
    member = membership(users, first_seen(users), policy)
    absent = where(member.view(lambda is_user: not is_user))
    return [(max(begin, days[0]), over) for begin, over in absent if over > days[0]]
