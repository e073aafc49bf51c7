"""The explainer: reads a figure account by account.

What rows contribute is added up once more, each account in a segment of its own, and read by the
formula as any segment is. So the parts are what the ledger was made of, to the last unit.
"""

from collections.abc import Collection, Sequence
from math import isclose

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.movements import UNNAMED
from aggregates.explanation.account import related, segments_of, target_of
from aggregates.explanation.by_account import ByAccount
from aggregates.explanation.explanation import Amount, Effects, Explanation, Part, Term, change_of
from aggregates.explanation.question import Question, QuestionError
from aggregates.explanation.reading import FigureReading, listed
from aggregates.formula.dimension import Checker
from aggregates.formula.expression import Formula, reads
from aggregates.formula.setting import SETTING_NAMES
from aggregates.formula.terms import terms_of
from aggregates.ledger.measure import Segment
from aggregates.reading.read_measures import names_read


class Explainer:
    """Explains the figures of settled shards, which hold all accounts between them."""

    def __init__(self, catalogue: Catalogue, contributed: ByAccount) -> None:
        self._catalogue = catalogue
        self._contributed = contributed

    def explain(self, question: Question, *, partial: bool = False) -> Explanation:
        """Returns what each account has in a figure, or in its change.

        Args:
            question: Which figure.
            partial: Whether only some events were folded, in which the values of labels and
                attributes that are asked for need not occur.

        Raises:
            QuestionError: If the question has several answers: a label has no value. Or none: a
                label or an attribute never has the value that is asked for.
        """
        self.prepare(question, partial=partial)
        return self.explained(question, partial=partial)

    def prepare(
        self, question: Question, accounts_max: int | None = None, *, partial: bool = False
    ) -> bool:
        """Does for ``explained`` all that looks at the shards; returns whether nothing is left.

        Args:
            question: Which figure.
            accounts_max: Accounts to look at this time; None for all.
            partial: As for ``explain``.

        Raises:
            QuestionError: If an attribute never has the value that is asked for.
        """
        if not partial:
            self._check_segment(question)
        return self._contributed.gather(measures_of(self._catalogue, question), accounts_max)

    def explained(self, question: Question, *, partial: bool = False) -> Explanation:
        """Returns what each account has in a figure by what was prepared.

        Raises:
            QuestionError: As ``explain`` does.
        """
        measures = measures_of(self._catalogue, question)
        own: dict[str, set[Segment]] = {}
        for segment in self._segments(measures, question):
            own.setdefault(segment[-1], set()).add(segment)
        accounts = sorted(own)
        sets = [frozenset[Segment]().union(*own.values()), *(frozenset(own[a]) for a in accounts)]
        calendar = self._contributed.plan.calendar
        reading = FigureReading(self._catalogue, calendar, self._contributed, question, sets)
        figures = reading.figures(partial=partial)
        formula = question.variant.formula
        found = {term: reading.amounts(term) for term in terms_of(formula)}
        moved = {name: reading.moved(movement) for name, movement in question.movements}
        if moved and any(unnamed := _unnamed(found[formula], moved.values())):
            moved[UNNAMED] = unnamed
        whole = {term: held[0] for term, held in found.items()}
        effects = Effects(formula, whole)
        parts = []
        for number, account in enumerate(accounts, 1):
            amounts = {term: held[number] for term, held in found.items()}
            movements = {name: held[number] for name, held in moved.items()}
            if any(map(any, amounts.values())) or any(movements.values()):
                effect = effects.of(amounts)
                parts.append(Part(account, amounts, figures[number], effect, movements))
        terms = tuple(Term(term, self._scale(term, question)) for term in found)
        movements = {name: held[0] for name, held in moved.items()}
        parts.sort(key=_size)
        return Explanation(question, figures[0], terms, whole, movements, tuple(parts))

    def related(self, account: str) -> set[str]:
        """Returns the accounts whose events may make what is read under one, itself included."""
        return related(account, self._contributed.shards)

    def target(self, account: str) -> str | None:
        """Returns the account that another was merged into in the end; None if it was not."""
        return target_of(account, self._contributed.shards)

    def _check_segment(self, question: Question) -> None:
        names = self._catalogue.policy.segments
        for name, value in question.segment.items():
            place = names.index(name)
            shards = self._contributed.shards
            known = {segment[place] for shard in shards for segment in segments_of(shard)}
            if value not in known:
                raise QuestionError(
                    f"no account has {name} {value!r}; there are {listed(known) or 'none'}"
                )

    def _segments(self, measures: Collection[str], question: Question) -> set[Segment]:
        """Returns the segments of the accounts that are asked about."""
        place = {name: number for number, name in enumerate(self._catalogue.policy.segments)}
        wanted = [(place[name], value) for name, value in question.segment.items()]
        segments_of = self._contributed.segments_of
        found = {segment for measure in measures for segment in segments_of(measure)}
        return {s for s in found if all(s[number] == value for number, value in wanted)}

    def _scale(self, term: Formula, question: Question) -> float:
        policy = self._catalogue.policy
        checker = Checker(self._catalogue.measures, SETTING_NAMES, policy.segments)
        shape = checker.shape(term, question.window)
        return 1.0 if shape.dimension is None else shape.dimension.scale


def measures_of(catalogue: Catalogue, question: Question) -> frozenset[str]:
    """Returns the names of the measures that a figure and its movements are made of."""
    formulas = [question.variant.formula, *(formula for _, formula in question.movements)]
    return names_read(catalogue, (read.measure for formula in formulas for read in reads(formula)))


def _unnamed(held: Sequence[Sequence[Amount]], moved: Collection[Sequence[Amount]]) -> list[Amount]:
    """Returns what movements leave of the change of each set; what a division rounds is nothing."""
    changes = [change_of(amounts) for amounts in held]
    named = [sum(amounts) for amounts in zip(*moved, strict=True)]
    return [
        0 if is_rounding(change, told) else change - told
        for change, told in zip(changes, named, strict=True)
    ]


def is_rounding(one: Amount, other: Amount) -> bool:
    """Returns whether two amounts, one of which was divided, would be equal if nothing rounded."""
    divided = isinstance(one, float) or isinstance(other, float)
    return divided and isclose(one, other, rel_tol=1e-9, abs_tol=1e-6)


def _size(part: Part) -> tuple[float | str, ...]:
    """Returns what parts are sorted by: the largest effect first, then the largest changes."""
    changes = [-abs(float(change_of(amounts))) for amounts in part.amounts.values()]
    first = changes[:1] if part.effect is None else [-abs(float(part.effect))]
    return (*first, *changes, part.account)
