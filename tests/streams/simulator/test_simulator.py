"""The made-up company: reproducible, in order, valid, and lively enough to try every KPI on."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice, pairwise, takewhile
from typing import Any
from unittest.mock import patch

import msgspec
import pytest

from events import EVENT_TYPES, Decoder, parse_instant
from streams.simulator import Company, disturb, simulate
from streams.simulator.agenda import Agenda, Process
from streams.simulator.disorder import LATE_LINES, SHUFFLE_LINES
from streams.simulator.stamp import DAY_MS

END_MS = parse_instant("2026-02-01T00:00:00Z")
BATCH_LINES = 5_000

RARE_TYPES = {
    *("account.merged", "subscription.transferred", "ticket.account_changed"),
    "onboarding.cancelled",
}
"""Types the company never tells: the first need a second account, the last is for who gives up."""


@pytest.fixture(scope="module")
def history() -> list[bytes]:
    """Two years of a company of 200 accounts."""
    return list(simulate(seed=1, accounts=200, days=730, end_ms=END_MS))


@pytest.fixture(scope="module")
def told(history: list[bytes]) -> list[dict[str, Any]]:
    """The same without the plain uses and sessions, which are most of it."""
    return [msgspec.json.decode(line) for line in history if not _is_hot(line)]


def _is_hot(line: bytes) -> bool:
    return b'"type":"feature.used"' in line or b'"type":"session.ended"' in line


def test_same_arguments_same_bytes() -> None:
    """A company is fixed by its arguments: two of them tell the very same bytes."""
    assert list(simulate(7, 30, 60, END_MS)) == list(simulate(7, 30, 60, END_MS))


def test_another_seed_is_another_company() -> None:
    """The seed decides the history."""
    assert list(simulate(7, 30, 20, END_MS)) != list(simulate(8, 30, 20, END_MS))


@pytest.mark.parametrize("accounts", [0, -3])
def test_a_company_needs_accounts(accounts: int) -> None:
    """A company of nobody is refused."""
    with pytest.raises(ValueError, match="needs an account"):
        Company(seed=1, accounts=accounts, start_ms=0)


def test_history_is_a_prefix_of_a_longer_one() -> None:
    """Living on does not change the past."""
    start_ms = END_MS - 50 * DAY_MS
    company = Company(3, 40, start_ms, horizon_days=50)
    shorter = list(takewhile(lambda timed: timed[0] < END_MS, company.events()))
    longer = list(islice(company.events(), len(shorter) + 500))
    assert longer[: len(shorter)] == shorter
    assert [line for _, line in shorter] == list(simulate(3, 40, 50, END_MS))


def test_accounts_have_arrived_at_the_end() -> None:
    """However short the history, it ends with the accounts asked for and the company itself."""
    for days in (10, 100):
        lines = simulate(3, 40, days, END_MS)
        created = sum(b'"account.created"' in line for line in lines)
        assert created in (40, 41, 42)


def test_more_activity_changes_only_usage() -> None:
    """Every part draws its own chance: busier users leave all other sources as they were."""

    def others(activity: float) -> list[bytes]:
        company = Company(5, 40, END_MS, activity=activity)
        lines = takewhile(lambda timed: timed[0] < END_MS + 40 * DAY_MS, company.events())
        return [line for _, line in lines if b'"source":"app"' not in line]

    assert others(3.0) == others(1.0) != []


def test_lines_come_in_the_order_of_time() -> None:
    """Instants never fall, equal the line's own time, and lie within the history.

    The start is no whole day and no whole second on purpose.
    """
    start_ms = END_MS + 12_345_678
    previous_ms = start_ms
    for time_ms, line in islice(Company(2, 50, start_ms).events(), 30_000):
        assert time_ms >= previous_ms
        assert parse_instant(msgspec.json.decode(line)["time"]) == time_ms
        previous_ms = time_ms


def test_simulated_days_are_half_open() -> None:
    """The history covers [end - days, end) and is not empty on its first day."""
    lines = [msgspec.json.decode(line) for line in simulate(1, 200, 30, END_MS)]
    instants = [parse_instant(event["time"]) for event in lines]
    assert min(instants) >= END_MS - 30 * DAY_MS
    assert max(instants) < END_MS
    assert sum(instant < END_MS - 29 * DAY_MS for instant in instants) > 100


def test_every_line_is_a_valid_event(history: list[bytes]) -> None:
    """The decoder takes every line the quick way, which knows its type and every field.

    Uses and sessions are written by one form each: every twentieth stands for the others.
    """
    decoder = Decoder()
    lines = [line for line in history if not _is_hot(line)]
    lines += [line for line in history if _is_hot(line)][::20]
    for start in range(0, len(lines), BATCH_LINES):
        with patch("events.codec.Decoder._decode_into") as models:
            batch = decoder.decode(lines[start : start + BATCH_LINES])
        assert (models.call_count, batch.rejects, dict(batch.ignored)) == (0, [], {})


def test_disordered_lines_are_as_valid(history: list[bytes]) -> None:
    """Disorder never damages a line."""
    batch = Decoder().decode(list(disturb(history[:20_000], seed=4)))
    assert batch.rejects == []


def test_ids_are_unique(history: list[bytes]) -> None:
    """No two events share an id, whatever their source."""
    ids = {line.split(b'"id":"', 1)[1].split(b'"', 1)[0] for line in history}
    assert len(ids) == len(history)


def test_lines_are_compact(history: list[bytes]) -> None:
    """A line is what a compact encoder writes, so that bytes are not wasted on disk."""
    for line in history[::97]:
        assert msgspec.json.encode(msgspec.json.decode(line)) == line


def test_sequence_counts_up_within_a_subject(told: list[dict[str, Any]]) -> None:
    """Where a subject is numbered, its events are 1, 2, 3 in the order of time."""
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for event in told:
        if "sequence" in event:
            numbers[event["source"], event["subject"]].append(int(event["sequence"]))
    assert numbers
    for sequence in numbers.values():
        assert sequence == list(range(1, len(sequence) + 1))


def test_volume(history: list[bytes]) -> None:
    """Two years of 200 accounts are some hundred thousand events, most of them usage."""
    assert 300_000 <= len(history) <= 500_000


def test_every_kind_of_event_occurs(told: list[dict[str, Any]]) -> None:
    """Each type of the vocabulary is told, save those a single company cannot tell."""
    kinds = {event["type"] for event in told} | {"feature.used", "session.ended"}
    assert set(EVENT_TYPES) - kinds == RARE_TYPES


def test_subscriptions_live_full_lives(told: list[dict[str, Any]]) -> None:
    """Trials convert or expire; plans and seats move both ways; payments fail and recover."""
    seen: Counter[str] = Counter()
    states: dict[str, dict[str, Any]] = {}
    for event in told:
        data = event["data"]
        if event["type"] == "subscription.deleted":
            seen["voluntary" if data["voluntary"] else "involuntary"] += 1
            seen[data["reason"]] += 1
        elif "items" in data:
            seen.update(_moves(states.get(data["subscription_id"]), data))
            states[data["subscription_id"]] = data
    expected = {
        "trial",
        "converted",
        "trial_expired",
        "upgrade",
        "downgrade",
        "more_seats",
        "fewer_seats",
        "add_on",
        "paused",
        "resumed",
        "past_due",
        "recovered",
        "unpaid",
        "voluntary",
        "involuntary",
        "discount",
        "returned",
    }
    assert expected - set(seen) == set()
    assert seen["converted"] > 10
    assert seen["more_seats"] > seen["fewer_seats"]


def _moves(before: dict[str, Any] | None, after: dict[str, Any]) -> Iterator[str]:
    """Name what changed between two states of a subscription."""
    yield from (["discount"] if "discounts" in after else [])
    if before is None:
        yield from (["trial"] if after["status"] == "trialing" else [])
        yield from (["returned"] if "replaces_subscription_id" in after else [])
        return
    plans = ["starter", "pro", "business"]
    old, new = (plans.index(state["items"][0]["plan_id"]) for state in (before, after))
    yield from (["upgrade"] if new > old else ["downgrade"] if new < old else [])
    old, new = (state["items"][0]["quantity"] for state in (before, after))
    yield from (["more_seats"] if new > old else ["fewer_seats"] if new < old else [])
    yield from (["add_on"] if len(after["items"]) > len(before["items"]) else [])
    if before["status"] != after["status"]:
        named = {
            ("trialing", "active"): "converted",
            ("paused", "active"): "resumed",
            ("past_due", "active"): "recovered",
        }
        yield named.get((before["status"], after["status"]), after["status"])


def test_renewals_come_early_in_time_and_late(told: list[dict[str, Any]]) -> None:
    """Most terms are renewed as they end; some before, some days after, some are let lapse."""
    seen: Counter[str] = Counter()
    for event in told:
        data = event["data"]
        if event["type"] == "subscription.renewed":
            assert data["term_start"] == data["previous_term_end"]
            lag_ms = parse_instant(event["time"]) - parse_instant(data["previous_term_end"])
            kinds = ("early", "in time", "late")
            seen[kinds[(lag_ms > -DAY_MS) + (lag_ms > DAY_MS)]] += 1
        elif event["type"] == "subscription.deleted" and data["reason"] == "not_renewed":
            seen["lapsed"] += 1
    assert seen["in time"] > 10 * (seen["early"] + seen["late"])
    assert min(seen["early"], seen["late"]) >= 5
    assert seen["lapsed"] >= 2


def test_cancellations_are_sometimes_withdrawn(told: list[dict[str, Any]]) -> None:
    """After a request to cancel either the end comes or an update takes it back."""
    following: Counter[str] = Counter()
    by_subscription: dict[str, list[str]] = defaultdict(list)
    for event in told:
        if event["type"].startswith("subscription."):
            by_subscription[event["subject"]].append(event["type"])
    for kinds in by_subscription.values():
        for kind, after in pairwise(kinds):
            if kind == "subscription.cancellation_requested":
                following[after] += 1
    assert set(following) == {"subscription.deleted", "subscription.updated"}


def test_retractions_name_an_earlier_event(told: list[dict[str, Any]]) -> None:
    """What is taken back was told before, by the same source, about the same subject."""
    earlier: dict[str, tuple[str, str]] = {}
    retractions = 0
    for event in told:
        if event["type"] == "event.retracted":
            retractions += 1
            assert earlier[event["data"]["retracts"]] == (event["source"], event["subject"])
        earlier[event["id"]] = (event["source"], event.get("subject", ""))
    assert retractions > 0


def test_tickets_are_answered_by_people_and_bots(told: list[dict[str, Any]]) -> None:
    """All statuses, all author roles but the system's, internal notes; children of a major case."""
    comments = [e["data"] for e in told if e["type"] == "ticket.comment_added"]
    created = [e["data"] for e in told if e["type"] == "ticket.created"]
    statuses = {e["data"]["current"] for e in told if e["type"] == "ticket.status_changed"}
    assert statuses == {"open", "pending", "hold", "solved", "closed"}
    assert {comment["author_role"] for comment in comments} == {"end_user", "agent", "bot"}
    assert {comment["is_public"] for comment in comments} == {True, False}
    assert any(ticket["is_major"] for ticket in created)
    assert any(ticket["auto_created"] and "problem_id" in ticket for ticket in created)


def test_major_cases_touch_accounts(told: list[dict[str, Any]]) -> None:
    """Each account that a major case touches is told so under its own key, till it is over.

    Tickets are linked to major cases and to ordinary problems; some move to other hours.
    """
    majors = [event["data"] for event in told if event["type"].startswith("ticket.major_")]
    listed = {
        (data["ticket_id"], account)
        for data in majors
        if "account_id" not in data
        for account in data["affected_account_ids"]
    }
    own = Counter((d["ticket_id"], d["account_id"]) for d in majors if "account_id" in d)
    assert listed == set(own)
    assert {2} <= set(own.values()) <= {1, 2}
    links = [e["data"] for e in told if e["type"] == "ticket.problem_link_changed"]
    assert {link["problem_is_major"] for link in links} == {True, False}
    moves = [e["data"]["current"] for e in told if e["type"] == "ticket.schedule_changed"]
    assert set(moves) == {"round_the_clock"}


def test_surveys_of_each_kind_are_answered(told: list[dict[str, Any]]) -> None:
    """Every kind comes back, some without a score, some from nobody in particular."""
    answers = [e["data"] for e in told if e["type"] == "survey_response.created"]
    assert {answer["survey_type"] for answer in answers} == {"nps", "csat", "ces", "satisfaction"}
    assert any("score" not in answer for answer in answers)
    assert any("respondent_id" not in answer for answer in answers)


def test_surveys_are_sent_to_many(told: list[dict[str, Any]]) -> None:
    """A survey is one of a quarter, a channel or the beginning, whoever is asked; all are told."""
    sent = Counter(e["data"]["survey_id"] for e in told if e["type"] == "survey.sent")
    answers = Counter(
        e["data"]["survey_id"] for e in told if e["type"] == "survey_response.created"
    )
    for kind, least in (("nps_", 2), ("review_", 2), ("csat_", 3), ("ces_onboarding", 1)):
        assert sum(survey.startswith(kind) for survey in sent) >= least
    assert len(sent) < 30
    assert answers.keys() <= sent.keys()
    assert all(sent[survey] >= answers[survey] for survey in answers)


def test_working_days_are_busier(history: list[bytes]) -> None:
    """People use the product on weekdays; a weekend day sees less than a third of it."""
    uses: Counter[int] = Counter()
    for line in history:
        if b'"type":"session.ended"' in line:
            event = msgspec.json.decode(line)
            uses[(parse_instant(event["time"]) // DAY_MS + 3) % 7] += 1
    assert max(uses[5], uses[6]) * 3 < min(uses[day] for day in range(4))


def test_disorder_loses_and_alters_nothing() -> None:
    """Disturbed lines are the same lines, some of them twice; the same seed, the same disorder."""
    lines = [b"%d" % number for number in range(20_000)]
    disturbed = list(disturb(lines, seed=9))
    assert disturbed == list(disturb(lines, seed=9))
    assert disturbed != lines
    assert set(disturbed) == set(lines)
    assert len(lines) * 1.01 < len(disturbed) < len(lines) * 1.03


def test_disorder_is_bounded() -> None:
    """Only late lines move further than the shuffle's bound, none further than theirs."""
    moved = [
        at - int(line)
        for at, line in enumerate(
            disturb((b"%d" % number for number in range(20_000)), seed=9, duplicates=0.0)
        )
    ]
    assert max(map(abs, moved)) <= LATE_LINES
    assert sum(abs(step) > 2 * SHUFFLE_LINES for step in moved) < 0.015 * len(moved)


def test_tidy_disorder_still_shuffles() -> None:
    """Without late lines and repetitions every line stays within the shuffle's bound."""
    lines = [b"%d" % number for number in range(5_000)]
    moved = [at - int(line) for at, line in enumerate(disturb(lines, seed=9, late=0, duplicates=0))]
    assert 0 < max(map(abs, moved)) <= SHUFFLE_LINES


def test_agenda_refuses_a_process_that_stands_still() -> None:
    """A process that wakes without moving on would never end; it is stopped."""

    def stuck() -> Process:
        yield 10
        yield 10

    agenda = Agenda()
    agenda.start(0, stuck())
    with pytest.raises(ValueError, match="asked to wake"):
        agenda.until(DAY_MS)


def test_agenda_refuses_a_line_for_the_past() -> None:
    """A line for a day that is already told would break the order; it is refused."""
    agenda = Agenda()
    agenda.until(DAY_MS)
    agenda.lines.append((DAY_MS - 1, b"late"))
    with pytest.raises(ValueError, match="told too late"):
        agenda.until(2 * DAY_MS)
