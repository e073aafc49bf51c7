"""From what the SDKs send to figures: the story of the samples, worked out by hand.

On 2 March Ada opens a report (before she logged in), another one and a dashboard; on 3 March Bo and
Cy open a report, and Ada clicks about for 20 minutes. Ada and Bo are of Acme, Cy is of Birch. Ada
is asked twice and answers in two parts: 6, then 9; Cy answers 3; Bo was asked and said nothing.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from aggregates.catalogue.catalogue import load
from aggregates.catalogue.file import shipped_source
from aggregates.shard.plan import Plan
from events.dialect import PLAIN
from streams.cli import main
from streams.local.replay import edges_at, fold_history, read_at
from streams.local.sources import FileSource
from tests.events.sources.analytics.importing import SAMPLES

NOON = "2026-03-03T12:00:00Z"
FEATURES = ("--features", "Report Exported", "--features", "Dashboard Opened")
SURVEYS = """
[[surveys]]
survey = "survey_1"
question = "q_nps"
type = "nps"
"""

Figures = dict[tuple[str, ...], float | None]
Read = Callable[..., Figures]


@pytest.fixture
def figures(tmp_path: Path) -> Read:
    """Returns what imports a sample and reads all KPIs at noon, by id and values of labels."""
    (tmp_path / "options.toml").write_text(SURVEYS)

    def read(name: str, sample: str, *more: str) -> Figures:
        out = tmp_path / "history.ndjson"
        options: Sequence[str] = (
            ("--options", str(tmp_path / "options.toml")) if name == "posthog" else ()
        )
        content = str(SAMPLES / sample)
        arguments = ["import", name, content, "--out", str(out), "--allow-gaps", *FEATURES]
        assert main([*arguments, *options, *more]) == 0
        plan = Plan()
        intake = fold_history(plan, [FileSource(str(out))], PLAIN, lambda _: None)
        assert not intake.rejected
        catalogue = load(plan.measures.values(), shipped_source())
        found = read_at(catalogue, intake.ledger, plan, edges_at([NOON]), by_segment=True)
        return {
            (each.kpi.id, *(value for _, value in each.every_label)): each.value for each in found
        }

    return read


@pytest.mark.parametrize(
    ("name", "sample"),
    [
        ("segment", "segment.ndjson"),
        ("rudderstack", "rudderstack.ndjson"),
        ("posthog", "posthog.ndjson"),
        ("posthog", "posthog-v1.ndjson"),
    ],
)
def test_usage_of_the_story(name: str, sample: str, figures: Read) -> None:
    """Three users, two of them active today, and three days of use in all of 30."""
    found = figures(name, sample, "--traits", "segment=plan")
    assert found["active_users", "30d"] == 3
    assert found["active_users", "1d"] == 2
    assert found["daily_usage_ratio", "1d"] == pytest.approx(2 / 3)
    assert found["stickiness_ratio", "30d"] == pytest.approx(3 / 30 / 3)
    assert found["feature_adoption_ratio", "Report Exported", "30d"] == 1
    assert found["feature_adoption_ratio", "Dashboard Opened", "30d"] == 1 / 2
    assert found["active_users", "pro", "30d"] == 2
    assert found["active_users", "free", "30d"] == 1


def test_time_in_sessions(figures: Read) -> None:
    """Twice 20 minutes over three users; and by her session Ada was active today, too."""
    found = figures("posthog", "posthog.ndjson", "--sessions", "id")
    assert found["session_seconds_per_user", "30d"] == 2 * 20 * 60 / 3
    assert found["active_users", "1d"] == 3


def test_answers_of_the_story(figures: Read) -> None:
    """One promoter and one detractor; each part counted as an answer, NPS would be -33."""
    found = figures("posthog", "posthog.ndjson")
    assert found["nps", "90d"] == 0
    assert found["survey_response_ratio", "90d"] == pytest.approx(2 / 3)
