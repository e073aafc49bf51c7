"""A KPI file of a user that filters by survey: read live and replayed alike."""

import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from aggregates.ledger.ledger import Ledger
from aggregates.shard.plan import Plan
from aggregates.time.tile import DAY_MS, edge_ms
from events import format_instant, parse_instant
from events.dialect import PLAIN
from streams.kpi_files import KpiFiles
from streams.local.intake import Intake
from streams.local.replay import fold_history, grid, read_at
from streams.local.sources import FileSource
from streams.simulator import Company, disturb

END = "2026-03-01T00:00:00Z"
PLAN = Plan()
OWN = """
[[kpi]]
id = "autumn_nps"
code = "+"
family = "surveys"
title = "NPS of autumn"
formula = '''100 * (
    nps_promoters_by_survey(survey="nps_2025_q4") - nps_detractors_by_survey(survey="nps_2025_q4")
) / (
    nps_promoters_by_survey(survey="nps_2025_q4") + nps_passives_by_survey(survey="nps_2025_q4")
    + nps_detractors_by_survey(survey="nps_2025_q4")
)'''
unit = "score"
windows = ["365d"]
good = "up"
source = "survey_response.*"
description = "NPS of the wave of autumn alone. No value without answers to it."

[[kpi]]
id = "csat_by_channel_ratio"
code = "+"
family = "surveys"
title = "CSAT by survey"
formula = "csat_positive_by_survey / csat_rated_by_survey"
unit = "ratio"
windows = ["90d"]
good = "up"
source = "survey_response.*"
description = "CSAT of each survey. No value without ratings."

[[kpi]]
id = "onboarding_effort"
code = "+"
family = "surveys"
title = "Effort of the beginning"
formula = '''ces_points_by_survey(survey="ces_onboarding") / (
    10000 * total(ces_answers_by_survey(survey="ces_onboarding"))
)'''
unit = "score"
windows = ["90d"]
good = "up"
source = "survey_response.*"
description = "Mean of how easy the beginning was, on 1-7. No value without answers."

[[kpi]]
id = "review_response_ratio"
code = "+"
family = "surveys"
title = "Response by survey"
formula = "survey_answers_by_survey / surveys_sent_by_survey"
unit = "ratio"
windows = ["90d"]
good = "up"
source = "survey.sent, survey_response.*"
description = "Answers given for each survey sent, by survey. No value if nothing was sent."
"""

Values = dict[tuple[str, str, tuple[tuple[str, str], ...]], float]
Fold = Callable[[Path, list[bytes]], Ledger]


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    """A small company's five months, as a network delivers them."""
    end_ms = parse_instant(END)
    company = Company(5, 40, end_ms - 150 * DAY_MS, activity=0.02)
    days = islice(company.days(), 151)
    told = [line for day in days for at_ms, line in day if at_ms < end_ms]
    return list(disturb(told, seed=5, late=0.05, duplicates=0.1))


def replayed(folder: Path, lines: list[bytes]) -> Ledger:
    """Folds a file as ``tidemark replay`` does."""
    path = folder / "events.ndjson"
    path.write_bytes(b"\n".join(lines))
    return fold_history(PLAN, [FileSource(str(path))], PLAIN, lambda _: None).ledger


def live(_: Path, lines: list[bytes]) -> Ledger:
    """Folds records batch by batch over two partitions, settling after each batch."""
    intake = Intake(PLAN, 2)
    for first in range(0, len(lines), 500):
        intake.take(lines[first : first + 500])
        intake.settle()
    ledger = Ledger()
    for shard in intake.shards:
        ledger.merge(shard.ledger)
    return ledger


def values(folder: Path, ledger: Ledger) -> Values:
    """Reads the KPIs of the file, week by week."""
    path = folder / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    files = KpiFiles(PLAN.measures.values(), [path])
    assert files.problem == ""
    edges = grid("2025-11-02T00:00:00Z", END, "7d")
    return {
        (format_instant(edge_ms(sample.edge)), sample.kpi.id, sample.labels): sample.value
        for sample in read_at(files.current(), ledger, PLAN, edges)
        if f'id = "{sample.kpi.id}"' in OWN
    }


def test_live_and_replayed_alike(tmp_path: Path, lines: list[bytes]) -> None:
    """A filter by survey gives the same values of the same surveys either way, all of them some."""
    found = values(tmp_path, live(tmp_path, lines))
    assert found == values(tmp_path, replayed(tmp_path, lines))
    assert {kpi for _, kpi, _ in found} == {
        "autumn_nps",
        "csat_by_channel_ratio",
        "onboarding_effort",
        "review_response_ratio",
    }
    rated = {dict(labels)["survey"] for _, kpi, labels in found if kpi == "csat_by_channel_ratio"}
    assert {"csat_email", "csat_web", "csat_chat"} <= rated


@pytest.mark.parametrize("fold", [live, replayed])
def test_against_a_count(tmp_path: Path, lines: list[bytes], fold: Fold) -> None:
    """NPS of the wave is that of the latest answer of each respondent to it, and to no other."""
    latest: dict[str, tuple[int, str, float]] = {}
    for answer in _answers(lines):
        who = answer.get("respondent_id") or answer["response_id"]
        place = parse_instant(answer["responded_at"]), answer["response_id"], answer["score"]
        latest[who] = max(latest.get(who, place), place)
    scores = [score for _, _, score in latest.values()]
    assert len(scores) > 5
    promoters, detractors = sum(s >= 9 for s in scores), sum(s <= 6 for s in scores)
    found = values(tmp_path, fold(tmp_path, lines))
    [nps] = [value for (at, kpi, _), value in found.items() if (at, kpi) == (END, "autumn_nps")]
    assert nps == pytest.approx(100 * (promoters - detractors) / len(scores))


def _answers(lines: list[bytes]) -> Iterator[dict[str, Any]]:
    """Yields the last state of each scored answer to the wave of autumn that was not deleted."""
    states: dict[str, dict[str, Any]] = {}
    for event in sorted(map(json.loads, set(lines)), key=lambda event: str(event["time"])):
        if event["type"].startswith("survey_response."):
            states[event["data"]["response_id"]] = event["data"]
    for state in states.values():
        if state.get("survey_id") == "nps_2025_q4" and state.get("score") is not None:
            yield state
