"""Formulas: what parses into which tree, what is refused and where, and which units fit."""

from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.catalogue.prose import in_words
from aggregates.formula.dimension import Checker, Dimension, Shape
from aggregates.formula.expression import (
    Binary,
    Count,
    Distinct,
    Earlier,
    Formula,
    FormulaError,
    Mean,
    Negative,
    Number,
    Quantile,
    Read,
    Within,
    reads,
)
from aggregates.formula.parser import MAX_DEPTH, MAX_LENGTH, parse
from tests.aggregates.catalogue.kpi_measures import BY_NAME
from tests.examples import examples

CHECKER = Checker(BY_NAME)
MRR = Read("mrr")
REPLY = Read("first_response")
MONEY, ACCOUNTS, PLAIN = Dimension(money=1), Dimension(count=1), Dimension()


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("mrr", MRR),
        ("  mrr\n", MRR),
        ("12", Number(12)),
        ("0.5", Number(0.5)),
        ("-mrr", Negative(MRR)),
        ("12 * mrr", Binary("*", Number(12), MRR)),
        ("1 + 2 * 3", Binary("+", Number(1), Binary("*", Number(2), Number(3)))),
        ("1 - 2 - 3", Binary("-", Binary("-", Number(1), Number(2)), Number(3))),
        ("(1\n + 2) / 3", Binary("/", Binary("+", Number(1), Number(2)), Number(3))),
        ("min(1, mrr)", Binary("min", Number(1), MRR)),
        ("max(1, mrr)", Binary("max", Number(1), MRR)),
        ("m(b='2', a='1')", Read("m", (("a", "1"), ("b", "2")))),
        ("total(m)", Read("m", total=True)),
        ("total(m(a='1'))", Read("m", (("a", "1"),), total=True)),
        ("start(mrr)", Earlier(MRR, "start")),
        ("prior(mrr)", Earlier(MRR, "prior")),
        ("change(mrr)", Binary("-", MRR, Earlier(MRR, "start"))),
        ("in_window(mrr, '30d')", Within(MRR, "30d")),
        ("mean(first_response)", Mean(REPLY)),
        ("count(first_response)", Count(REPLY)),
        ("distinct(m(a='1'))", Distinct(Read("m", (("a", "1"),)))),
        ("distinct_accounts(m)", Distinct(Read("m"), counts=True)),
        ("p50(first_response)", Quantile(REPLY, Fraction(1, 2))),
        ("p90(first_response)", Quantile(REPLY, Fraction(9, 10))),
        ("p99(first_response)", Quantile(REPLY, Fraction(99, 100))),
        ("quantile(first_response, 0.95)", Quantile(REPLY, Fraction(19, 20))),
    ],
)
def test_text_parses_into_tree(text: str, tree: Formula) -> None:
    """A formula is Python's expression syntax with the usual precedence; shares are exact."""
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        ("", 1, "empty"),
        ("mrr + ) 2", 7, "not an expression: unmatched"),
        ("mrr; mrr", 4, "not an expression"),
        ("mrr +", 6, "not an expression"),
        ("a\0b", 1, "not an expression"),
        ("1 + avg(mrr)", 5, "unknown function 'avg'"),
        ("mrr()", 1, "selects nothing"),
        ("mrr.real", 1, "'mrr.real' is not allowed"),
        ("mrr[0]", 1, "not allowed"),
        ("mrr ** 2", 1, "not allowed"),
        ("mrr // 2", 1, "not allowed"),
        ("mrr > 2", 1, "not allowed"),
        ("mrr if 1 else 2", 1, "not allowed"),
        ("[mrr]", 1, "not allowed"),
        ("lambda: mrr", 1, "not allowed"),
        ("(x := 1)", 2, "not allowed"),
        ("+mrr", 1, "not allowed"),
        ("mrr.real()", 1, "cannot be called"),
        ("mrr(**{})", 5, "** is not allowed"),
        ("mrr(reason=1)", 12, "label 'reason' needs a text"),
        ("mrr(mrr, reason='x')", 1, "unknown function 'mrr'"),
        ("True", 1, "True is no number"),
        ("'mrr'", 1, "'mrr' is no number"),
        ("1j", 1, "no number"),
        ("1e400", 1, "numbers go up to 1,000,000,000"),
        ("2 * 1000000001", 5, "numbers go up to"),
        ("total", 1, "total is a function"),
        ("start(mrr, mrr)", 1, "start() takes 1 argument and"),
        ("min(mrr)", 1, "min() takes 2 arguments and"),
        ("start(x=mrr)", 1, "takes 1 argument and no labels"),
        ("total(mrr + mrr)", 1, "total() takes a measure"),
        ("mean(2)", 1, "mean() takes a measure"),
        ("distinct(a + b)", 1, "distinct() takes a measure"),
        ("in_window(mrr, 30)", 16, "in_window() needs a text"),
        ("quantile(first_response, 1)", 26, "a share between 0 and 1"),
        ("quantile(first_response, mrr)", 26, "a share between 0 and 1"),
        ("x" * (MAX_LENGTH + 1), MAX_LENGTH, "longer than"),
        ("-" * (MAX_DEPTH + 1) + "mrr", MAX_DEPTH + 1, "nested deeper than"),
        ("1" * 400, 1, "numbers go up to"),
        ("change(" * 19 + "mrr" + ")" * 19, 1, "more than 1,000 steps"),
    ],
)
def test_what_is_no_formula_is_refused_with_its_column(
    text: str, column: int, problem: str
) -> None:
    """Only the listed forms are formulas; the error says what is wrong and at which column."""
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert problem in caught.value.problem
    assert caught.value.column == column
    assert str(caught.value).endswith(f"(formula, column {column})")


@examples(200)
@given(st.one_of(st.text(), st.text(alphabet="mr()+-*/.,='\"12 \n[]{}:", max_size=60)))
def test_any_text_parses_or_is_refused(text: str) -> None:
    """No text makes the parser fail in another way than with a FormulaError."""
    with suppress(FormulaError):
        parse(text)


def test_long_sums_parse_or_are_refused_without_recursion_errors() -> None:
    """A chain that is too deep is an error of the formula, not of the interpreter."""
    with pytest.raises(FormulaError, match="nested deeper"):
        parse("+".join(["1"] * (MAX_LENGTH // 2)))


def test_reads_lists_every_measure_from_left_to_right() -> None:
    """Every reading of a measure is found, inside functions too."""
    formula = parse("-start(a) / (in_window(b, '30d') + mean(c) * max(2, count(d)))")
    assert [read.measure for read in reads(formula)] == ["a", "b", "c", "d"]
    assert [read.measure for read in reads(parse("a * distinct(b)"))] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "window", "shape"),
    [
        ("12 * mrr", None, Shape(MONEY)),
        ("mrr / paying_accounts", None, Shape(Dimension(money=1, count=-1))),
        ("change(mrr) / start(mrr)", "month", Shape(PLAIN)),
        ("100 * churned_accounts / paying_accounts", "30d", Shape(PLAIN)),
        ("mrr * mrr", None, Shape(Dimension(money=2))),
        ("1 - retained_mrr / start(mrr)", "30d", Shape(PLAIN)),
        ("max(0, change(mrr))", "30d", Shape(MONEY)),
        ("0", None, Shape(None)),
        ("churned_mrr", "30d", Shape(MONEY, ("reason",))),
        ("churned_mrr + contraction_mrr", "30d", Shape(MONEY, ("reason",))),
        ("churned_mrr / start(mrr)", "30d", Shape(PLAIN, ("reason",))),
        ("mrr - churned_mrr", "30d", Shape(MONEY, ("reason",))),
        ("churned_mrr(reason='x') + new_mrr", "30d", Shape(MONEY)),
        ("total(churned_mrr) + new_mrr", "30d", Shape(MONEY)),
        ("mean(reply)", "30d", Shape(Dimension(time=1))),
        ("mean(first_response)", "7d", Shape(Dimension(time=1), ("clock",))),
        ("session_time / active_users", "30d", Shape(Dimension(time=1, count=-1))),
        ("count(reply) + paying_accounts", "30d", Shape(ACCOUNTS)),
        ("in_window(active_users, '30d')", "1d", Shape(ACCOUNTS)),
        ("in_window(active_users, '30d')", None, Shape(ACCOUNTS)),
        ("prior(new_mrr)", "month", Shape(MONEY)),
        ("-mrr", None, Shape(MONEY)),
        ("distinct(feature_accounts)", "30d", Shape(PLAIN)),
        ("distinct_accounts(referred_accounts)", "30d", Shape(ACCOUNTS)),
        ("distinct(feature_accounts) * active_accounts", "30d", Shape(ACCOUNTS)),
    ],
)
def test_shape_of_formula(text: str, window: str | None, shape: Shape) -> None:
    """Products and quotients multiply and divide dimensions; labels stay unless selected."""
    assert CHECKER.shape(parse(text), window) == shape


@pytest.mark.parametrize(
    ("text", "window", "problem"),
    [
        ("mrr + paying_accounts", None, "units do not match: + joins money with count"),
        ("min(mrr, 2)", None, "units do not match: min joins money with a plain number"),
        ("mrr / paying_accounts - mrr", None, "- joins money / count with money"),
        ("mmr", None, "unknown measure 'mmr'; did you mean 'mrr'?"),
        ("qwxyz", None, "unknown measure 'qwxyz'"),
        ("mrr(reason='x')", None, "mrr has no label 'reason' (its labels: none)"),
        ("churned_mrr(why='x')", "30d", "no label 'why' (its labels: reason)"),
        ("churned_mrr / feature_accounts", "30d", "labels (reason) and (feature) do not match"),
        ("new_mrr", None, "new_mrr is read over a window, and there is none"),
        ("active_users", "month", "active_users has no window 'month', only 1d, 7d, 30d"),
        ("prior(active_users)", "90d", "active_users has no window '90d'"),
        ("in_window(new_mrr, '4w')", "30d", "unknown window '4w', only month, quarter, year or"),
        ("start(mrr)", None, "start() needs a window"),
        ("start(new_mrr)", "30d", "start() takes levels, new_mrr is a flow: use prior()"),
        ("change(mrr + new_mrr)", "30d", "start() takes levels"),
        ("start(mean(resolution))", "30d", "start() takes levels, resolution is a duration"),
        ("first_response", "7d", "first_response is a duration: take its mean()"),
        ("distinct(first_response)", "7d", "first_response is a duration"),
        ("distinct(mrr)", None, "distinct() counts label values, and mrr leaves none"),
        ("distinct(churned_mrr(reason='x'))", "30d", "churned_mrr leaves none here"),
        ("mean(mrr)", None, "mrr is a level: mean(), sum(), quantile() and count() take durations"),
        ("p90(first_response)", "90d", "first_response has no window '90d'"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, window: str | None, problem: str) -> None:
    """Unknown names, labels and windows, and units that do not match, are errors at load."""
    with pytest.raises(FormulaError) as caught:
        CHECKER.shape(parse(text), window)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("dimension", "text", "scale"),
    [
        (Dimension(), "a plain number", 1.0),
        (Dimension(money=1), "money", 1e6),
        (Dimension(money=1, count=-1), "money / count", 1e6),
        (Dimension(time=1, count=-1), "time / count", 1e3),
        (Dimension(money=1, time=1, count=-2), "money * time / count / count", 1e9),
        (Dimension(money=-1), "1 / money", 1e-6),
    ],
)
def test_dimension_reads_and_scales(dimension: Dimension, text: str, scale: float) -> None:
    """Micro-units and ms become major units and seconds by powers of their scales."""
    assert str(dimension) == text
    assert dimension.scale == scale


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("12 * mrr", "12 times MRR"),
        ("retained_mrr / start(mrr)", "retained MRR divided by MRR at the start of the window"),
        ("prior(new_mrr)", "new MRR over the window before"),
        (
            "(mrr + new_mrr - past_due_mrr) / 2",
            "(MRR plus new MRR minus past due MRR) divided by 2",
        ),
        ("mrr - (mrr - new_mrr)", "MRR minus (MRR minus new MRR)"),
        ("mrr / (2 * 3)", "MRR divided by (2 times 3)"),
        ("100 * (a - b) / c", "100 times (a minus b) divided by c"),
        ("change(mrr)", "change of MRR"),
        ("-change(mrr)", "minus change of MRR"),
        ("max(0, mrr - 1)", "the larger of 0 and (MRR minus 1)"),
        ("min(0, mrr)", "the smaller of 0 and MRR"),
        ("churned_mrr(reason='voluntary')", "churned MRR (reason voluntary)"),
        ("in_window(active_users, '30d')", "active users over 30d"),
        ("mean(first_response)", "mean first response"),
        ("count(first_response)", "number of first response"),
        ("distinct(feature_accounts)", "number of kinds of feature accounts"),
        ("distinct_accounts(referred_accounts)", "number of different referred accounts"),
        ("quantile(first_response, 0.999)", "99.9 % quantile of first response"),
    ],
)
def test_formula_in_words(text: str, words: str) -> None:
    """The English says the formula without ambiguity: brackets stay where they matter."""
    assert in_words(parse(text)) == words
