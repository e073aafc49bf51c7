"""Law: over all accounts, a subscription that goes from one to another is as if it had stayed."""

from collections.abc import Mapping, Sequence
from math import inf
from random import Random
from typing import Any, Final, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy
from tests.aggregates.revenue.subscription_story import (
    at,
    deleted,
    invoice,
    item,
    ledger_of,
    requested,
    state,
    transferred,
)
from tests.examples import examples

ACCOUNTS: Final = ("a1", "a2", "a3")

OF_ONE_ACCOUNT: Final = (
    "plan_mrr_gained",
    "plan_mrr_lost",
    "plan_accounts_gained",
    "plan_accounts_lost",
    "churned_accounts",
    "upsold_accounts",
    "downgraded_accounts",
    "joined_accounts",
    "renewal_due_accounts",
    "renewed_accounts",
)
"""What compares an account with itself: what two did is counted of each of them."""


class Step(NamedTuple):
    """What happens to a subscription, some days after what happened before."""

    kind: str
    days: int
    dollars: int
    more: dict[str, Any]


def terms(days: int) -> dict[str, Any]:
    """Returns how a state says that it is in a term of so many days."""
    return {"term_days": days}


STEPS = st.builds(
    Step,
    st.sampled_from(
        [
            *["updated"] * 5,
            *["paused", "resumed", "resumed", "renewed", "renewed", "late", "trial", "offer"],
            *["requested", "invoice", "invoice", "off", "euros", "unpaid", "offer"],
        ]
    ),
    st.integers(1, 40),
    st.integers(0, 9).map(lambda tens: tens * 10),
    st.one_of(st.just({}), st.sampled_from([20, 90, 400]).map(terms)),
)


def told(step: Step, number: int, day: float, account: str) -> bytes:
    """Returns what is told of a step under an account."""
    name, more = f"u{number}", dict(step.more)
    if "term_days" in more:
        more = {"term_start": at(day), "term_end": at(day + step.more["term_days"])}
    items: Any = [item(step.dollars, plan_id="gold" if step.dollars > 50 else "free")]
    match step.kind:
        case "requested":
            ends = {"cancel_at": at(day + 30)} if step.dollars > 50 else {}
            return requested(name, day, account=account, **ends)
        case "invoice":
            return invoice(name, day, step.dollars, name=name, account=account)
        case "late" | "trial" | "unpaid":
            status = {"late": "past_due", "trial": "trialing"}.get(step.kind, step.kind)
            return state("updated", name, day, items, account=account, status=status, **more)
        case "offer":
            more |= {"status": "trialing", "trial_reason": "retention"}
            return state("updated", name, day, items, account=account, **more)
        case "off":
            off = [{"percent_off": 25, "duration": "repeating", "end": at(day + 60)}]
            more["discounts"] = off
            return state("updated", name, day, items, account=account, **more)
        case "euros":
            items[0]["currency"] = "EUR"
            return state("updated", name, day, items, account=account, **more)
        case kind:
            return state(kind, name, day, items, account=account, **more)


def stories(
    steps: Sequence[Step], moves: Mapping[int, float], ends: str, random: Random
) -> tuple[list[bytes], list[bytes]]:
    """Returns one life told under one account, and under those that it goes to in turn.

    Args:
        steps: What happens.
        moves: The steps with which it goes to another account, and how long after, in days; if
            below 0, how long before the next one.
        ends: Why it ends a few days after all of that; empty if it does not.
        random: Where to.
    """
    one, split, owner, day, over_day = [], [], "a1", 2.0, inf
    first = Step("created", 0, 100, {})
    for number, step in enumerate([first, *steps]):
        day += step.days
        then = steps[number].days if number < len(steps) else 3
        one.append(told(step, number, day, "a1"))
        split.append(told(step, number, day, owner))
        if step.kind not in ("requested", "invoice"):
            over_day = inf
        elif step.kind == "requested" and step.dollars > 50:
            over_day = day + 30
        move = moves.get(number, inf)
        goes_day = day + move + then * (move < 0)
        if 2 < goes_day < over_day:  # nobody hands over what has ended, or was not there before
            into = random.choice([each for each in ACCOUNTS if each != owner])
            split.append(transferred(f"t{number}", goes_day, owner, into))
            owner = into
    if ends:
        reason = None if ends == "once" else ends
        one.append(deleted("d", day + 3, reason=reason))
        split.append(deleted("d", day + 3, account=owner, reason=reason))
    return one, split


def totals(ledger: Ledger) -> dict[Any, dict[int, int]]:
    """Returns all cells, but for what compares an account with itself."""
    cells = ledger.cells.items()
    return {key: own for key, own in cells if own and key[0][0] not in OF_ONE_ACCOUNT}


MINUTES: Final = 20 / 1440
WAITS: Final = (0.5, 0.5, MINUTES, 0.0, -MINUTES)
"""Days after a step, or before the next: long, or in a group of changes with it."""

RATES: Final = {
    "EUR": [
        {"valid_from": "2026-01-01T00:00:00Z", "rate": "1.1"},
        {"valid_from": "2026-02-10T00:00:00Z", "rate": "1.25"},
        {"valid_from": "2026-04-01T00:00:00Z", "rate": "1.2"},
    ]
}
POLICIES = st.sampled_from(
    [
        {},
        {"fx_mode": "revalue"},
        dict(paused_policy="keep"),
        dict(past_due_churn_days=3, free_is_churn=False),
        dict(require_paid_invoice=True),
        dict(churn_recognition="canceled"),
        dict(trial_cohort="same_period", coalesce_minutes=0),
    ]
)


@given(
    st.lists(STEPS, max_size=8),
    st.dictionaries(st.integers(0, 8), st.sampled_from(WAITS), min_size=1, max_size=3),
    st.sampled_from(["", "once", "card_declined"]),
    POLICIES,
    st.randoms(use_true_random=False),
)
@examples(100)
def test_law_it_is_as_if_it_had_stayed(
    steps: Sequence[Step],
    moves: Mapping[int, float],
    ends: str,
    choices: dict[str, Any],
    random: Random,
) -> None:
    """All series of all families, at every tile and over every window, whatever is told again."""
    policy = Policy.model_validate({"exchange_rates": RATES, **choices})
    one, split = stories(steps, moves, ends, random)
    random.shuffle(split)
    found, wanted = (totals(ledger_of(*lines, policy=policy)) for lines in (split, one))
    different = {key for key in {*found, *wanted} if found.get(key) != wanted.get(key)}
    assert not different, b"\n".join(split).decode()
