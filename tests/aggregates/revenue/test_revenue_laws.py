"""Laws of revenue and customers on random histories of two accounts with two subscriptions each."""

import json
from collections import Counter
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Series
from aggregates.policies.policy import Policy
from aggregates.shard.shard import Shard
from aggregates.time.tile import TILE_MS, edge_ms
from events import format_instant, parse_instant
from tests.aggregates.revenue.subscription_oracle import Movement, movements, records_of, revenue
from tests.aggregates.revenue.subscription_story import (
    MONEY_FLOWS,
    PLAN,
    START_MS,
    Read,
    fold,
    item,
    line,
    reader,
    shard_of,
)

ACCOUNTS = ("a1", "a2")
DAYS = 100
WINDOWS = ("month", "30d", "365d")
MINUTES = st.one_of(
    st.integers(0, DAYS * 96).map(lambda tile: tile * 15),
    st.integers(0, 40).map(lambda n: 20 * 1440 + 7 * n),  # close together: groups
)
EDGES = st.integers(0, (DAYS + 400) * 96).map(lambda tile: START_MS // TILE_MS + tile)


def instant(minute: int) -> str:
    """Returns a minute of the story as text."""
    return format_instant(START_MS + minute * 60_000)


PLANS: list[list[dict[str, str]]] = [[{}], [{"plan_id": "b"}, {"plan_id": "a"}]]
"""Items of a state by their plans."""
STATUSES = ["active"] * 6 + ["past_due", "trialing", "paused", "unpaid", "canceled"]


@st.composite
def states(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Returns a full state with some of its dates and discounts."""
    kind = draw(st.sampled_from(["created", "updated", "updated", "paused", "resumed", "renewed"]))
    interval = draw(st.sampled_from(["month", "year", "week"]))
    data: dict[str, Any] = {
        "status": draw(st.sampled_from(STATUSES)),
        "items": [
            item(draw(st.integers(0, 5)) * 10, interval, **p) for p in draw(st.sampled_from(PLANS))
        ],
    }
    times = {
        "cancel_at": 0.15,
        "start_date": 0.2,
        "resumes_at": 0.6 if kind == "paused" else 0.0,
        "term_end": 0.4,
        "term_start": 0.2,
        "previous_term_end": 0.4 if kind == "renewed" else 0.0,
        "trial_start": 0.5 if data["status"] == "trialing" else 0.0,
    }
    for name, odds in times.items():
        if odds and draw(st.floats(0, 1)) < odds:
            data[name] = instant(draw(MINUTES))
    if draw(st.integers(0, 3)) == 0:
        discount = {
            "percent_off": draw(st.sampled_from([10, 50, 100])),
            "duration": draw(st.sampled_from(["forever", "repeating", "once"])),
        }
        for name in ("start", "end"):
            if draw(st.booleans()):
                discount[name] = instant(draw(MINUTES))
        data["discounts"] = [discount]
    return f"subscription.{kind}", data


@st.composite
def ends(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Returns a request to cancel or a deletion."""
    if draw(st.booleans()):
        name, kind = "cancel_at", "subscription.cancellation_requested"
    else:
        name, kind = "ended_at", "subscription.deleted"
    data: dict[str, Any] = {}
    if draw(st.booleans()):
        data[name] = instant(draw(MINUTES))
    if draw(st.booleans()):
        data["reason"] = draw(st.sampled_from(["price", "payment_failed"]))
    return kind, data


def signups() -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """Returns that an account came by itself."""
    return st.builds(lambda: ("account.signed_up", dict[str, Any]()))


@st.composite
def stories(draw: st.DrawFn, extras: bool = True, replacing: bool = True) -> list[bytes]:
    """Returns lines; ``extras`` are retractions, merges, and free periods that keep customers."""
    lines: list[bytes] = []
    least = draw(st.sampled_from([0, 10]))
    facts = st.one_of(states(), states(), ends(), signups())
    told = draw(st.lists(facts, min_size=least, max_size=15))
    for number, (kind, data) in enumerate(told):
        account = draw(st.sampled_from(ACCOUNTS))
        sub = draw(st.sampled_from(["s1", "s2"]))
        if extras and data.get("status") == "trialing":
            data["trial_reason"] = draw(st.sampled_from(["retention", "new"]))
        if replacing and "items" in data and draw(st.integers(0, 5)) == 0:
            names = st.sampled_from([f"{account}.s1", f"{account}.s2", "s9"])
            data["replaces_subscription_ids"] = draw(st.lists(names, max_size=2))
        data = {"subscription_id": f"{account}.{sub}", **data}
        lines.append(record(kind, f"e{number}", draw(MINUTES), account, data))
        if extras and draw(st.integers(0, 9)) == 0:
            back = {"retracts": f"e{number}", "retracts_type": kind}
            lines.append(record("event.retracted", f"r{number}", draw(MINUTES), account, back))
    if extras and draw(st.integers(0, 3)) == 0:
        lines.append(record("account.merged", "m", draw(MINUTES), "a1", {"into_account_id": "a2"}))
    return lines


def record(kind: str, event_id: str, minute: int, account: str, data: dict[str, Any]) -> bytes:
    """Returns a line at a minute of the story; what was told later is of a higher sequence."""
    event = json.loads(line(kind, event_id, minute / 1440, account, **data))
    number = event_id.strip("abcdefghijklmnopqrstuvwxyz")
    return json.dumps({**event, "sequence": str(1 + int(number or 0))}).encode()


def everything(ledger: Ledger, edge: int) -> dict[Series, int]:
    """Returns the values of all series at an edge that are not 0."""
    read = reader(ledger)
    found = {series: read(series, edge) for series, _ in ledger.cells}
    return {series: value for series, value in found.items() if value}


@given(stories(), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(lines: list[bytes], random: Random) -> None:
    """Shuffled, duplicated and settled at any time, the ledger is the same as loaded in bulk."""
    ledger = shard_of(lines, bulk=True).ledger
    shuffled = [*lines, *random.choices(lines, k=len(lines) // 2)] if lines else []
    random.shuffle(shuffled)
    shard = Shard(PLAN)
    for each in shuffled:
        assert not fold(shard, [each])
        if random.random() < 0.4:
            shard.settle()
    shard.settle()
    assert shard.ledger == ledger


@given(stories(extras=False), st.data())
def test_what_is_retracted_never_was(lines: list[bytes], data: st.DataObject) -> None:
    """Retracting events leaves the ledger of the others."""
    out = data.draw(st.sets(st.sampled_from(lines))) if lines else set()
    backs = []
    for each in sorted(out):
        event = json.loads(each)
        back = {"retracts": event["id"], "retracts_type": event["type"]}
        account = event["data"]["account_id"]
        backs.append(record("event.retracted", f"r{event['id']}", 0, account, back))
    whole = data.draw(st.permutations([*lines, *backs]))
    assert shard_of(whole).ledger == shard_of([x for x in lines if x not in out]).ledger


@given(stories(), st.lists(EDGES, min_size=1, max_size=20))
def test_the_bridge_closes_at_every_instant(lines: list[bytes], edges: list[int]) -> None:
    """Start + movements = end, also inside a group; cohorts keep within their bounds."""
    ledger = shard_of(lines).ledger
    read = reader(ledger)
    for edge in [*edges, *{tile + 1 for cells in ledger.cells.values() for tile in cells}]:
        moves = sum(sign * read(s, edge) for s, sign in MONEY_FLOWS.items())
        mrr = read(("mrr",), edge)
        assert moves == mrr >= 0
        assert 0 <= read(("paying_accounts",), edge) <= len(ACCOUNTS)
        for name in WINDOWS:
            start = read(("mrr",), PLAN.calendar.windows[name].start(edge))
            capped = read(("capped_mrr", name), edge)
            assert 0 <= capped <= min(start, read(("retained_mrr", name), edge))
            left = read(("cohort_churned_mrr", name), edge)
            down = read(("cohort_contraction_mrr", name), edge)
            churned = left - read(("cohort_churned_gains_mrr", name), edge)
            lost = left + down - read(("cohort_lost_gains_mrr", name), edge)
            assert 0 <= churned <= lost <= start
            assert start - lost <= capped


@given(stories(extras=False), EDGES)
def test_the_past_does_not_depend_on_the_future(lines: list[bytes], edge: int) -> None:
    """Readings at T are the same without what takes effect, and is told, from T on."""
    before = [each for each in lines if _first_ms(each) < edge_ms(edge)]
    whole, part = shard_of(lines).ledger, shard_of(before).ledger
    assert everything(whole, edge) == everything(part, edge)


CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "renewal_grace_days": st.sampled_from([0, 7, 90]),
        "renewal_min_term_days": st.sampled_from([1, 30]),
        "trial_conversion_days": st.sampled_from([1, 14]),
        "trial_base": st.just("signups"),
        "trial_cohort": st.just("same_period"),
    },
).map(Policy.model_validate)


@given(stories(extras=False), CHOICES, EDGES, st.randoms(use_true_random=False))
def test_choices_of_renewal_and_conversion_keep_the_laws(
    lines: list[bytes], policy: Policy, edge: int, random: Random
) -> None:
    """Order and repetition do not matter, nor what comes later, whatever is chosen."""
    whole = shard_of(lines, policy).ledger
    shuffled = [*lines, *lines[::3]]
    random.shuffle(shuffled)
    assert shard_of(shuffled, policy).ledger == whole
    before = [each for each in lines if _first_ms(each) < edge_ms(edge)]
    assert everything(whole, edge) == everything(shard_of(before, policy).ledger, edge)


def _first_ms(each: bytes) -> int:
    event = json.loads(each)
    given = {"created": "start_date", "deleted": "ended_at"}.get(event["type"].split(".")[1], "")
    times = [event["time"], event["data"].get(given, event["time"])]
    return min(map(parse_instant, times))


@given(stories(extras=False, replacing=False), st.lists(EDGES, min_size=1, max_size=10))
def test_figures_are_those_of_the_dull_computation(lines: list[bytes], edges: list[int]) -> None:
    """Revenue, movements and cohorts agree with the oracle at any edge outside of a group."""
    read = reader(shard_of(lines).ledger)
    story = {account: records_of(lines, account) for account in ACCOUNTS}
    moves = {account: movements(records) for account, records in story.items()}
    near = [m.last_ms // TILE_MS + 1 for own in moves.values() for m in own]
    for edge in [*edges, *near]:
        total = sum(revenue(records, edge_ms(edge) - 1) for records in story.values())
        assert read(("mrr",), edge) == total
        for name in WINDOWS:
            start = PLAN.calendar.windows[name].start(edge)
            if not any(_inside(m, e) for own in moves.values() for m in own for e in (start, edge)):
                expected = Counter[str]()
                for account in ACCOUNTS:
                    _expect(expected, story[account], moves[account], start, edge)
                if name == "365d":
                    del expected["churned_accounts"]  # not read over that window
                assert _read(read, name, start, edge) == +expected


def _inside(movement: Movement, edge: int) -> bool:
    return movement.begin_ms < edge_ms(edge) <= movement.last_ms


def _expect(
    figures: Counter[str],
    records: list[dict[str, Any]],
    moves: list[Movement],
    start: int,
    edge: int,
) -> None:
    """Adds what one account is in a window, from the definitions."""
    begin_ms, end_ms = edge_ms(start), edge_ms(edge)
    then, now = revenue(records, begin_ms - 1), revenue(records, end_ms - 1)
    inside = [m for m in moves if begin_ms <= m.begin_ms < end_ms]
    sums = Counter[str]()
    for move in inside:
        kind = {"resume": "expansion", "pause": "contraction"}.get(move.kind, move.kind)
        sums[kind] += abs(move.after - move.before)
    figures.update(sums)
    churned = any(move.kind == "churn" for move in inside)
    figures["churned_accounts"] += churned
    if then:
        figures["retained"] += now
        figures["capped"] += min(now, then)
        figures["retained_accounts"] += now > 0
        figures["cohort_churned_accounts"] += churned
        for kind in ("churn", "contraction", "expansion"):
            figures[f"cohort_{kind}"] += sums[kind]
        figures["churned_gains"] += max(sums["churn"] - then, 0)
        figures["lost_gains"] += max(sums["churn"] + sums["contraction"] - then, 0)


def _read(read: Read, window: str, start: int, edge: int) -> Counter[str]:
    """Reads the same figures from the ledger."""

    def moved(*series: str) -> int:
        return read(series, edge) - read(series, start)

    def seen(name: str) -> int:
        return read((name, window), edge)

    figures = Counter(
        new=moved("new_mrr"),
        reactivation=moved("reactivation_mrr"),
        churn=moved("churned_mrr", "voluntary") + moved("churned_mrr", "involuntary"),
        contraction=moved("contraction_mrr", "downgrade") + moved("contraction_mrr", "pause"),
        expansion=moved("expansion_mrr", "upgrade") + moved("expansion_mrr", "resume"),
        retained=seen("retained_mrr"),
        capped=seen("capped_mrr"),
        retained_accounts=seen("retained_accounts"),
        cohort_churned_accounts=seen("cohort_churned_accounts"),
        cohort_churn=seen("cohort_churned_mrr"),
        cohort_contraction=seen("cohort_contraction_mrr"),
        cohort_expansion=seen("cohort_expansion_mrr"),
        churned_gains=seen("cohort_churned_gains_mrr"),
        lost_gains=seen("cohort_lost_gains_mrr"),
    )
    if window != "365d":
        figures["churned_accounts"] = seen("churned_accounts")
    return +figures
