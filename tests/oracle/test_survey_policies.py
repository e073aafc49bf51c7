"""Surveys under other settings than the defaults: the ledger against SQL, account by account."""

from random import Random
from typing import Any, Final

import pytest

from aggregates.policies.policy import Policy
from aggregates.policies.surveys import CSAT_THRESHOLDS
from aggregates.shard.plan import Plan
from aggregates.surveys import (
    ces,
    csat,
    happiness,
    nps,
    nps_accounts,
    satisfaction_balance,
    sends,
    survey_answers,
)
from tests.oracle.batches import folded_in_batches, random_edges
from tests.oracle.ledger_figures import differences
from tests.oracle.recomputation import Recomputation
from tests.oracle.stories import Story, stories

ACCOUNTS = 60
EDGES = 10
FAMILIES: Final = (
    nps.FAMILY,
    nps_accounts.FAMILY,
    csat.FAMILY,
    ces.FAMILY,
    happiness.FAMILY,
    satisfaction_balance.FAMILY,
    survey_answers.FAMILY,
    sends.FAMILY,
)
FILES: Final = ("events", "windows", "persons", "surveys", "satisfaction")
"""The SQL of these families."""

SCALES: Final = {
    "nps": ((0, 10), (0, 10), (1, 10)),
    "csat": ((1, 5), (1, 5), (1, 3), (0, 4), (1, 7), (0, 9)),
    "ces": ((1, 7), (1, 7), (1, 5), (0, 10)),
    "satisfaction": ((1, 5), (1, 4), (0, 10)),
}
WINDOWS: Final = {
    "nps": ("90d", "365d"),
    "csat": ("30d", "90d"),
    "ces": ("90d",),
    "happiness": ("90d",),
    "satisfaction_balance": ("90d",),
    "survey_answers": ("90d",),
}
DEFAULTS: Final[dict[str, Any]] = {
    "nps_population": "latest",
    "nps_unscored": "leave_out",
    "csat_population": "latest",
    "csat_neutral": True,
    "csat_touchpoints": [],
    "ces_scale": "any",
    "ces_reversed": False,
    "satisfaction_surveys": ["csat", "satisfaction"],
    "surveys_apart": [],
}

SETTINGS: Final[list[dict[str, Any]]] = [
    {"nps_population": "all", "csat_population": "all", "surveys_apart": ["spring"]},
    {
        "nps_population": "account_average",
        "csat_population": "first",
        "csat_thresholds": {5: 3, 9: 5, 10: 10},
        "further_windows": {"nps": ["7d"], "csat": ["10d"]},
    },
    {
        "nps_population": "account_average",
        "nps_unscored": "count",
        "surveys_apart": ["summer", "spring", "winter"],
        "csat_neutral": False,
    },
    {
        "nps_unscored": "count",
        "csat_population": "first",
        "csat_neutral": False,
        "csat_touchpoints": ["ticket", "chat"],
        "satisfaction_surveys": ["nps", "ces", "csat"],
    },
    {
        "nps_population": "all",
        "nps_unscored": "count",
        "csat_touchpoints": ["chat"],
        "csat_thresholds": {5: 5, 4: 2.5, 7: 4.5},
        "ces_scale": "1-7",
        "satisfaction_surveys": ["ces"],
        "further_windows": {"nps": ["30d", "180d"], "ces": ["30d"], "happiness": ["7d"]},
    },
    {
        "csat_population": "all",
        "ces_reversed": True,
        "satisfaction_surveys": ["ces", "satisfaction"],
        "further_windows": {"satisfaction_balance": ["365d"], "survey_answers": ["1d"]},
    },
]


def _setup(policy: dict[str, Any]) -> str:
    """Returns the same settings as SQL."""
    told = {name: policy.get(name, value) for name, value in DEFAULTS.items()}
    columns = ", ".join(
        f"{value!r}{'::VARCHAR[]' if isinstance(value, list) else ''} AS {name}"
        for name, value in told.items()
    )
    thresholds = {**CSAT_THRESHOLDS, **policy.get("csat_thresholds", {})}
    further = policy.get("further_windows", {})
    windows = [
        (family, name)
        for family, names in WINDOWS.items()
        for name in (*names, *further.get(family, ()))
    ]
    return f"""
        CREATE TABLE survey_policy AS SELECT {columns};
        CREATE TABLE survey_thresholds AS
        FROM (VALUES {", ".join(map(repr, thresholds.items()))}) AS told (highest, least);
        CREATE TABLE survey_windows AS
        FROM (VALUES {", ".join(map(repr, windows))}) AS told (family, name)
    """


def _answer(story: Story) -> None:
    """Tells an answer to one of three surveys, its change or its end; or that one was sent.

    Or that the first respondent turned out to be the second, or the second the third, or is of the
    vendor's own staff, or not.
    """
    rng = story.rng
    if rng.random() < 0.07:
        user = rng.randint(1, 2)
        story.tell("user.merged", user_id=f"u{user}", into_user_id=f"u{user + 1}")
        return
    if rng.random() < 0.07:
        user, internal = rng.randint(1, 3), rng.random() < 0.6
        story.tell("user.added", user_id=f"u{user}", is_internal=internal)
        return
    survey_type = rng.choice(("nps", "nps", "csat", "csat", "ces", "satisfaction"))
    response = f"{survey_type}_{rng.randint(1, 3)}"
    survey = story.maybe(0.8, rng.choice(("spring", "summer", "autumn")))
    roll = rng.random()
    if roll < 0.08:
        story.tell("survey_response.deleted", response_id=response)
        return
    if roll < 0.15:
        asked = story.maybe(0.7, f"u{rng.randint(1, 3)}")
        story.tell("survey.sent", survey_type=survey_type, survey_id=survey, respondent_id=asked)
        return
    lowest, highest = rng.choice(SCALES[survey_type])
    story.tell(
        rng.choices(("survey_response.created", "survey_response.updated"), (4, 1))[0],
        response_id=response,
        survey_type=survey_type,
        survey_id=survey,
        touchpoint=story.maybe(0.8, rng.choice(("ticket", "chat", "phone"))),
        scale_min=lowest,
        scale_max=highest,
        score=story.maybe(0.85, rng.randint(2 * max(lowest, highest - 5), 2 * highest) / 2),
        respondent_id=story.maybe(0.8, rng.choice(("u1", "u2", "u3"))),
        ticket_id=story.maybe(0.8, rng.choice(("t1", "t2"))),
        responded_at=story.maybe(0.4, story.near(40)),
    )


@pytest.mark.parametrize("policy", SETTINGS)
def test_settings(policy: dict[str, Any]) -> None:
    """Which answers count, how, and over which windows, is as set, in SQL and here."""
    rng = Random(str(policy))
    lines = stories(11, ACCOUNTS, (_answer,))
    edges = random_edges(rng, EDGES)
    plan = Plan(Policy.model_validate(policy), families=FAMILIES)
    ledger = folded_in_batches(lines, plan, rng)
    oracle = Recomputation(lines, edges, _setup(policy), FILES)
    assert not differences(ledger, plan, oracle.figures(), edges)
    unscored = policy.get("nps_unscored") == "count"
    assert set(plan.measures) - oracle.measures() == (
        set() if unscored else {"nps_unscored", "nps_unscored_by_survey"}
    )
