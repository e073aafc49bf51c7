"""Replay by segment: what the exporter shows at the same edge, beside the whole, in each form."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from aggregates.catalogue.catalogue import Catalogue, load
from aggregates.catalogue.file import shipped_source
from aggregates.policies.policy import Policy
from aggregates.reading.reader import Reader
from aggregates.reading.sample import Sample
from aggregates.shard.plan import Plan
from exporters.figures import figures_at
from exporters.series import metric_families
from streams.cli import main
from streams.local.intake import Intake
from streams.local.replay import as_csv, as_json, as_openmetrics, edges_at, read_at
from streams.simulator import simulate

END_MS = 1_772_323_200_000  # 2026-03-01T00:00:00Z
AT = "2026-03-01T00:00:00Z"
PLAN = Plan(Policy(segments=("segment", "region")))
EDGES = edges_at([AT])


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return load(PLAN.measures.values(), shipped_source(), policy=PLAN.policy)


@pytest.fixture(scope="module")
def intake() -> Intake:
    """A small company's half a year."""
    taken = Intake(PLAN, bulk=True)
    taken.take(list(simulate(seed=3, accounts=12, days=120, end_ms=END_MS)))
    taken.settle()
    return taken


@pytest.fixture(scope="module")
def found(catalogue: Catalogue, intake: Intake) -> list[Sample]:
    """All samples, by segment too."""
    return read_at(catalogue, intake.shards[0].ledger, PLAN, EDGES, by_segment=True)


def test_openmetrics_is_what_the_exporter_shows(
    catalogue: Catalogue, intake: Intake, found: list[Sample]
) -> None:
    """Names, labels and values by segment are those of a scrape at the same edge."""
    reader = Reader(intake.shards[0].ledger, PLAN.calendar)
    figures = figures_at(reader, catalogue, np.array(EDGES, dtype=np.int64), "USD")
    scraped = {
        (series.name, tuple(sorted(series.labels))): series.values.tolist()[0]
        for family in metric_families(catalogue, figures, PLAN.policy.segments)
        for series in family.series
        if family.name.startswith("cs_by_segment_")
    }
    shown = {
        (f"cs_by_segment_{sample.kpi.id}", sample.every_label): sample.value
        for sample in found
        if sample.segment
    }
    assert shown
    assert shown == {key: value for key, value in scraped.items() if value == value}
    text = "".join(as_openmetrics(found))
    assert text.count("# TYPE cs_by_segment_mrr gauge\n") == 1
    assert text.count("\ncs_by_segment_mrr{") == sum(
        name == "cs_by_segment_mrr" for name, _ in shown
    )


def test_the_whole_comes_first(catalogue: Catalogue, intake: Intake, found: list[Sample]) -> None:
    """The figures of the whole are those of a replay without segments, before all others."""
    whole = read_at(catalogue, intake.shards[0].ledger, PLAN, EDGES)
    assert found[: len(whole)] == whole
    assert all(sample.segment for sample in found[len(whole) :])


def test_json_and_csv_have_the_attributes_as_labels(found: list[Sample]) -> None:
    """Each attribute is a label beside the others, in both forms."""
    records = [json.loads(line) for line in as_json(found)]
    of_one = [
        each["labels"] for each in records if each["kpi"] == "mrr" and "region" in each["labels"]
    ]
    assert of_one
    assert all(labels.keys() == {"currency", "segment", "region"} for labels in of_one)
    rows = [row for row in csv.DictReader(as_csv(found)) if row["kpi"] == "mrr"]
    told = [";".join(f"{n}={labels[n]}" for n in sorted(labels)) for labels in of_one]
    assert [row["labels"] for row in rows] == ["currency=USD", *told]


EVENTS = [
    {"type": "account.created", "data": {"account_id": "a", "plan_tier": "gold", "crm_id": 7}},
    {"type": "account.created", "data": {"account_id": "b", "plan_tier": "silver"}},
    {"type": "seats.set", "data": {"account_id": "a", "seats": 3}},
    {"type": "seats.set", "data": {"account_id": "b", "seats": 4}},
]


def replayed(
    arguments: list[str], settings: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> tuple[list[dict[str, str]], str]:
    """Runs the command; gives the labels of each share of seats, and what it says besides."""
    head = {"specversion": "1.0", "source": "crm", "time": "2026-01-05T00:00:00Z"}
    lines = [json.dumps(head | {"id": f"e{n}"} | event) for n, event in enumerate(EVENTS)]
    (folder / "events.ndjson").write_text("\n".join(lines))
    (folder / "tidemark.toml").write_text(settings)
    assert main(["replay", "events.ndjson", "--at", AT, *arguments]) == 0
    done = capfd.readouterr()
    records = [json.loads(line) for line in done.out.splitlines()]
    return [each["labels"] for each in records if each["kpi"] == "seat_utilisation_ratio"], done.err


@pytest.mark.parametrize(
    ("arguments", "settings", "tiers", "said"),
    [
        ([], 'segments = ["plan_tier"]', [None], ""),
        (["--by-segment"], 'segments = ["plan_tier"]', [None, "gold", "silver"], ""),
        (["--by", "segment"], 'segments = ["plan_tier"]', [None, "gold", "silver"], ""),
        (["--segment", "plan_tier=gold"], 'segments = ["plan_tier"]', ["gold"], ""),
        (
            ["--segment", "plan_tier=gold", "--by-segment", "--kpi", "cs_seat_utilisation_ratio"],
            'segments = ["plan_tier"]',
            ["gold"],
            "",
        ),
        (
            ["--by", "segment"],
            'segments = ["plan_tier"]\nsegment_values_max = 1',
            [None, "gold", "other"],
            "tidemark: segments: 'plan_tier' has 2 values; 1 of them are shown as other "
            "(segment_values_max is 1).\n",
        ),
        (
            [],
            'segments = ["plan_teir"]',
            [None],
            "tidemark: segments: no event gives the attribute 'plan_teir'; given are: crm_id, "
            "plan_tier; did you mean plan_tier?\n",
        ),
        (
            ["--by", "segment"],
            "",
            [None],
            "tidemark: segments: no event gives the attribute 'segment'; given are: crm_id, "
            "plan_tier\n",
        ),
    ],
)
def test_the_command(
    arguments: list[str],
    settings: str,
    tiers: list[str | None],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """`--by-segment` prints each value, `--segment` one; an attribute that no event gives is
    named on the way."""
    monkeypatch.chdir(tmp_path)
    labels, err = replayed(arguments, settings, tmp_path, capfd)
    assert [each.get("plan_tier") for each in labels] == tiers
    assert err == said
