"""``tidemark explain``: why a figure is what it is, or moved: by account, movement and event."""

import argparse
from collections.abc import Iterable, Sequence
from typing import Final

from aggregates.explanation.by_account import ByAccount
from aggregates.explanation.by_event import ByEvent, Step
from aggregates.explanation.explainer import Explainer, measures_of
from aggregates.explanation.explanation import Explanation
from aggregates.explanation.question import QuestionError, ask
from aggregates.time.tile import edge_at
from streams.cli.core import load_core
from streams.cli.explain_document import document
from streams.cli.explain_json import json_lines
from streams.cli.explain_lines import csv_lines, explained_lines
from streams.cli.files import opened
from streams.cli.moment import EXAMPLES, Moments
from streams.cli.replay import add_accept_missing, followed, report, sources_of
from streams.clock import now_ms
from streams.local.explaining import events_of, fold_rows
from streams.local.intake import Intake
from streams.local.segment_filter import read_filters
from streams.settings import load_settings

_TOP: Final = 10
"""Accounts that are shown one by one unless more are asked for."""

_STDIN: Final = "-"


def add_explain(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark explain``."""
    command.add_argument("kpi", metavar="KPI", help="id of a KPI, or its metric")
    command.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="an NDJSON file, a data folder, - or kafka://HOST:PORT",
    )
    command.add_argument(
        "--at", metavar="T", default="now", help=f"time of the figure; default: now. {EXAMPLES}"
    )
    command.add_argument("--since", metavar="T0", help="explain the change from this time on")
    command.add_argument(
        "--by", choices=["account", "movement", "event"], default="account", help="what adds up"
    )
    command.add_argument("--window", help="one of the KPI's windows")
    command.add_argument(
        "--label", action="append", default=[], metavar="NAME=VALUE", help="a label of the figure"
    )
    command.add_argument(
        "--segment",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="only accounts of a segment",
    )
    command.add_argument("--account", action="append", metavar="ID", help="only show this account")
    command.add_argument(
        "--top", type=int, default=_TOP, metavar="N", help=f"accounts to show; default {_TOP}"
    )
    command.add_argument("--format", choices=["table", "json", "csv"], default="table")
    command.add_argument("--out", metavar="PATH", default="-", help="default: standard output")
    add_accept_missing(command)
    command.set_defaults(run=_explain)


def _explain(arguments: argparse.Namespace) -> int:
    by_event = arguments.by == "event"
    if by_event and _STDIN in arguments.sources:
        raise QuestionError("events are read twice for --by event, which - cannot: give a file")
    settings = load_settings()
    plan, catalogue = load_core(settings)
    moments = Moments(settings.timezone, now_ms())
    since = None if arguments.since is None else edge_at(moments.read("--since", arguments.since))
    question = ask(
        catalogue,
        arguments.kpi,
        edge_at(moments.read("--at", arguments.at)),
        since,
        window=arguments.window,
        labels=_labels(arguments.label),
        segment=read_filters(arguments.segment, plan.policy.segments),
    )
    if arguments.by == "movement" and not question.movements:
        raise QuestionError(
            _no_movements(question.kpi.id, [k.id for k in catalogue if k.movements])
        )
    computed = plan.only(measures_of(catalogue, question))
    intake = Intake(computed, dialect=settings.dialect, bulk=True)
    sources = sources_of(arguments, settings)
    with followed("folding", sources) as progress:
        fold_rows(intake, sources, progress)
    report(intake, sources)
    explainer = Explainer(catalogue, ByAccount(computed, intake.shards))
    explanation = explainer.explain(question)
    accounts = _chosen(explainer, explanation, arguments.account, arguments.top)
    steps: dict[str, Sequence[Step]] = {}
    if by_event:
        reader = ByEvent(plan, catalogue, question)
        related = {account: explainer.related(account) for account in accounts}
        sources, dialect = sources_of(arguments, settings), settings.dialect
        events = events_of(set().union(*related.values()), reader, sources, dialect)
        for account in accounts:
            # One that travels under two keys is read once; ids alone do not make two events one.
            own = {id(e): e for each in sorted(related[account]) for e in events[each]}
            steps[account] = list(reader.steps(account, own.values(), explanation.effects))
    with opened(arguments.out) as file:
        if arguments.format == "json":
            file.writelines(json_lines(explanation, arguments.by, steps))
            return 0
        found = document(explanation, accounts, steps, plan.policy.currency, arguments.by)
        match arguments.format:
            case "csv":
                file.writelines(line.encode() for line in csv_lines(found))
            case _:
                file.writelines(f"{line}\n".encode() for line in explained_lines(found))
    return 0


def _chosen(
    explainer: Explainer, explanation: Explanation, named: Sequence[str] | None, top: int
) -> list[str]:
    """Returns the accounts that are shown one by one.

    Raises:
        QuestionError: If one that was asked for has nothing in the figure.
    """
    known = [part.account for part in explanation.parts]
    if named is None:
        return [part.account for part in explanation.parts if part.counts][: max(top, 0)]
    for account in named:
        if account not in known:
            target = explainer.target(account)
            merged = "" if target is None else f": it was merged into {target!r}"
            kpi = explanation.question.kpi.id
            raise QuestionError(f"account {account!r} has nothing in {kpi}{merged}")
    return list(dict.fromkeys(named))


def _labels(texts: Iterable[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise QuestionError(f"--label {text!r} is not NAME=VALUE, such as reason=voluntary")
        found[name] = value
    return found


def _no_movements(kpi: str, others: Sequence[str]) -> str:
    return (
        f"--by movement needs --since and a KPI that names its movements, as "
        f"{', '.join(others)} do; {kpi} is explained --by account"
    )
