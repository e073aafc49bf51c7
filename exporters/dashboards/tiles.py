"""Tiles: what each dashboard promises, and the KPIs that keep the promise.

Which KPI is on which dashboard is said in the catalogue. Here is the order of the first tiles, and
what is told to be missing while no KPI of that id exists.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard of KPIs.

    Attributes:
        number: Its number in the catalogue.
        uid: Its stable id in Grafana, and its file name.
        title: Name for people.
        description: Whom it is for.
        tiles: What it promises: names and KPI ids, in order.
    """

    number: int
    uid: str
    title: str
    description: str
    tiles: Sequence[tuple[str, Sequence[str]]]


BOARDS: Final = (
    Board(
        1,
        "tidemark-customer-success",
        "Customer success KPIs",
        "Who pays, what they pay, and what came, grew, shrank and left.",
        (
            ("MRR and ARR", ("mrr", "arr")),
            ("paying customers", ("paying_accounts",)),
            ("new customers", ("new_accounts",)),
            ("MRR change", ("net_new_mrr",)),
            ("new MRR", ("new_mrr",)),
            ("new ARR", ("new_arr",)),
            ("upsells", ("upsells",)),
            ("downgrades", ("downgrades",)),
            ("downgrade MRR and ARR", ("contraction_mrr", "contraction_arr")),
            ("churn number, MRR and ARR", ("churned_accounts", "churned_mrr", "churned_arr")),
        ),
    ),
    Board(
        2,
        "tidemark-saas",
        "SaaS",
        "Usage, adoption, recurring revenue and what a customer is worth.",
        (
            ("recurring revenue", ("mrr", "arr")),
            ("net MRR", ("net_new_mrr",)),
            ("net retention", ("net_revenue_retention_ratio",)),
            ("account retention", ("account_retention_ratio",)),
            ("daily usage", ("daily_usage_ratio",)),
            ("adoption", ("adoption_ratio",)),
            ("engagement", ("engagement_ratio",)),
            ("escalation", ("escalation_ratio",)),
            ("happiness", ("happiness_ratio",)),
            ("cancelled accounts", ("churned_accounts", "cancellations")),
            ("LTV", ("ltv",)),
            ("CAC", ("cac",)),
        ),
    ),
    Board(
        3,
        "tidemark-executive",
        "Executive",
        "Where the team's time goes, what is overdue, and how the figures moved in a week.",
        (
            ("work focus", ("work_focus_ratio",)),
            ("tasks completed", ("tasks_completed",)),
            ("overdue tasks", ("tasks_overdue",)),
            ("weekly trends", ("kpi_change_7d",)),
        ),
    ),
    Board(
        4,
        "tidemark-success-manager",
        "Success manager",
        "Satisfaction, resolution, major cases and the open backlog.",
        (
            ("CSAT now and over time", ("csat_ratio",)),
            ("first contact resolution", ("first_contact_resolution_ratio",)),
            ("MTTR", ("resolution_seconds",)),
            ("accounts impacted by a major case", ("accounts_impacted_by_major",)),
            ("child cases auto-created", ("major_child_tickets", "major_child_auto_ratio")),
            (
                "open backlog blocked and unblocked",
                ("ticket_backlog_blocked", "ticket_backlog_unblocked"),
            ),
            ("backlog growth", ("ticket_backlog_growth",)),
        ),
    ),
    Board(
        5,
        "tidemark-team",
        "Team",
        "How fast and how well support answers, and what customers say of it.",
        (
            ("average first response", ("first_response_seconds",)),
            ("average reply time", ("reply_seconds",)),
            ("tickets", ("tickets_created",)),
            ("backlog", ("ticket_backlog",)),
            ("first contact resolution", ("first_contact_resolution_ratio",)),
            ("resolution rate", ("ticket_resolution_ratio",)),
            ("average handle time", ("handle_seconds",)),
            ("NPS", ("nps",)),
            ("CSAT", ("csat_ratio",)),
        ),
    ),
)
