"""From Stripe's bytes to figures, worked out by hand in ``story.py``."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from streams.cli import main
from tests.events.sources.stripe.made import FEB_5, JAN_5, MAR_5, content, event, item, subscription
from tests.events.sources.stripe.story import events, same_update
from tests.field.case import Case, Expected, replayed, value_of

SAMPLES: Final = Path(__file__).parent / "samples"
PRICES: Final = ("--prices", str(SAMPLES / "prices.json"))
INVOLUNTARY: Final = {"window": "month", "reason": "involuntary"}
JANUARY, FEBRUARY, MARCH = "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"


Wanted = tuple[str, str, dict[str, str]]


def lines(path: Path, folder: Path, *options: str) -> list[bytes]:
    """Returns what the command makes of a file."""
    out = folder / "ours.ndjson"
    assert main(["import", "stripe", str(path), "--out", str(out), *options]) == 0
    return out.read_bytes().splitlines()


def figures(told: list[bytes], *wanted: Wanted) -> list[float | None]:
    """Returns KPIs at some times, as replay does."""
    expect = [Expected(at, kpi, labels, None) for at, kpi, labels in wanted]
    samples = replayed(Case("stripe", "source", "", (), expect, {}), told)
    return [value_of(samples, each) for each in expect]


def test_the_story(tmp_path: Path) -> None:
    """Revenue month by month: tiers, a discount by id, a tie, a pause that is a loss."""
    wanted: list[Wanted] = [(at, "mrr", {}) for at in (JANUARY, FEBRUARY, MARCH)]
    wanted += [("2026-04-10T12:00:00Z", "mrr", {})]
    wanted += [(MARCH, "committed_mrr", {})]
    for month in ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"):
        wanted += [
            (month, "churned_mrr", INVOLUNTARY),
            (month, "churned_accounts", {"window": "month"}),
        ]
    assert figures(lines(SAMPLES / "events.ndjson", tmp_path, *PRICES), *wanted) == [
        # 490 + 100 + 79.20 + 50 + 90.49; then 98 more; then 147 more and 50 less
        *(809.69, 907.69, 1_004.69),
        1_024.49,  # the discount of 19.80 is over
        904.69,  # less the year of 100 that is not to go on
        *(0, 0, 50, 1),
    ]


def test_the_samples_are_the_story() -> None:
    """The files hold what the story tells, and all fields that Stripe's library has beside that."""

    def holds(whole: Any, part: Any) -> bool:
        if isinstance(part, dict):
            return all(name in whole and holds(whole[name], part[name]) for name in part)
        if isinstance(part, list):
            return len(whole) == len(part) and all(map(holds, whole, part))
        return bool(whole == part)

    stored = (SAMPLES / "events.ndjson").read_bytes().splitlines()
    made = events()
    assert len(stored) == len(made) > 20
    assert all(holds(json.loads(line), each) for line, each in zip(stored, made, strict=True))


@pytest.mark.parametrize("place", range(4))
def test_four_shapes_of_one_update(place: int, tmp_path: Path) -> None:
    """The figures are the same whichever API version told the update; or all of them."""
    shapes = (SAMPLES / "shapes.ndjson").read_bytes().splitlines()
    assert len(shapes) == 4
    others = [made for made in events() if made["id"] != same_update("acacia")["id"]]
    path = tmp_path / "events.ndjson"
    path.write_bytes(content(*others) + shapes[place] + b"\n")
    wanted: list[Wanted] = [(FEBRUARY, "mrr", {}), (MARCH, "mrr", {})]
    wanted += [("2026-04-01T00:00:00Z", "churned_mrr", INVOLUNTARY)]
    expected = [907.69, 1_004.69, 50]
    assert figures(lines(path, tmp_path, *PRICES), *wanted) == expected
    path.write_bytes(content(*others) + b"\n".join(shapes) + b"\n")
    assert figures(lines(path, tmp_path, *PRICES), *wanted) == expected


def test_twice_is_nothing_new(tmp_path: Path) -> None:
    """Importing the same again, or a part of it, moves no figure and conflicts with nothing."""
    whole = lines(SAMPLES / "events.ndjson", tmp_path, *PRICES)
    again = lines(SAMPLES / "events.ndjson", tmp_path, *PRICES)
    assert again == whole
    half = tmp_path / "half.ndjson"
    half.write_bytes(content(*events()[:1], *events()[4:]))
    assert set(lines(half, tmp_path, *PRICES)) < set(whole)
    wanted: list[Wanted] = [(MARCH, "mrr", {}), (MARCH, "committed_mrr", {})]
    assert figures(whole + again, *wanted) == [1_004.69, 904.69]


@pytest.mark.parametrize(
    ("why", "lost"), [("final_payment_failure", 49), ("pause_requested", 0), (None, 0)]
)
def test_which_pause_is_churn(why: str | None, lost: float, tmp_path: Path) -> None:
    """A pause after the last failed payment is involuntary churn, and every other one is none."""
    details = {"paused": {"subscription": {"type": why}}} if why else None
    paused = subscription(item(1), status="paused", status_details=details)
    made = (
        event(subscription(item(1)), "customer.subscription.created", created=JAN_5),
        event(paused, "customer.subscription.paused", id="evt_2", created=FEB_5),
    )
    path = tmp_path / "events.ndjson"
    path.write_bytes(content(*made))
    wanted = [
        ("2026-02-28T00:00:00Z", "mrr", {}),
        ("2026-03-01T00:00:00Z", "churned_mrr", INVOLUNTARY),
    ]
    assert figures(lines(path, tmp_path), *wanted) == [0, lost]


def test_an_end_and_an_update_of_one_second(tmp_path: Path) -> None:
    """What ended does not come back by an update of that second, nor by one told once more."""
    first = subscription(item(1))["items"]
    second = subscription(item(2))["items"]
    made = [
        event(subscription(item(1)), "customer.subscription.created", created=JAN_5),
        event(
            subscription(item(3)),
            id="evt_3",
            created=MAR_5,
            before={"items": {"data": second["data"]}},
        ),
        event(
            subscription(item(2)),
            id="evt_2",
            created=MAR_5,
            before={"items": {"data": first["data"]}},
        ),
        event(
            subscription(item(3), status="canceled", ended_at=MAR_5),
            "customer.subscription.deleted",
            id="evt_1x",
            created=MAR_5,
        ),
    ]
    path = tmp_path / "events.ndjson"
    path.write_bytes(content(*made))
    assert figures(lines(path, tmp_path), (MARCH, "mrr", {})) == [0]


def test_gaps_end_in_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without its tiers a subscription is missing: the report names its price."""
    report, out = tmp_path / "gaps.ndjson", tmp_path / "ours.ndjson"
    path = str(SAMPLES / "events.ndjson")
    words = ["import", "stripe", path, "--out", str(out), "--report", str(report)]
    assert main(words) == 1
    [gap] = report.read_text().splitlines()
    assert "price_tiers_unknown" in gap
    assert "price_seats" in gap
    assert "evt_echo_2" in gap
    assert "price_seats" in capsys.readouterr().err
    assert figures(out.read_bytes().splitlines(), (MARCH, "mrr", {})) == [914.20]
