"""Which labels figures get: those of the scraped target, and none that double every figure."""

import pytest

from exporters.history.error import HistoryError
from exporters.history.target import LabelOptions
from exporters.history.target_labels import Labels, TargetLabels

NOW_S = 1_764_000_000.0


def pod(name: str, **more: str) -> Labels:
    """Labels as the Prometheus operator gives them."""
    labels = {"job": "cs", "namespace": "prod", "service": "exporter", "pod": name}
    return tuple(sorted({**labels, "instance": f"10.0.0.{name[-1]}:9108", **more}.items()))


def taken(*targets: Labels, **given: str) -> TargetLabels:
    """The labels taken beside targets that are scraped now."""
    return LabelOptions(given).target(dict.fromkeys(targets, NOW_S), "http://p").labels


def refusal(*targets: Labels, **given: str) -> str:
    """What is said against the labels given."""
    with pytest.raises(HistoryError) as refused:
        taken(*targets, **given)
    return str(refused.value)


@pytest.mark.parametrize(
    "given", [{}, {"job": "cs"}, {"namespace": "prod", "instance": "10.0.0.1:9108"}]
)
def test_the_scraped_labels_are_taken(given: dict[str, str]) -> None:
    """All of them, with none given or with some that fit."""
    assert taken(pod("a-1"), **given).labels == pod("a-1")


@pytest.mark.parametrize(
    "given",
    [{"instance": "other:1"}, {"job": "tidemark"}, {"env": "prod"}, {"pod": "a-2"}],
)
def test_others_are_refused_with_both(given: dict[str, str]) -> None:
    """Every figure would be there twice: the scraped and the given labels are named, and the way
    to insist, which then takes the given ones."""
    said = refusal(pod("a-1"), **given)
    ((name, value),) = given.items()
    assert str(TargetLabels(pod("a-1"))) in said
    assert f'{name}="{value}"' in said
    assert "--as-given" in said
    insisted = LabelOptions(given, insisted=True).target({pod("a-1"): NOW_S}, "http://p")
    assert insisted.labels == TargetLabels.of(given)


def test_without_a_scrape_they_are_assumed() -> None:
    """Nobody asked, or nothing scraped: the given ones and defaults, and it is said."""
    for where, said in (("http://p", "http://p has scraped no exporter"), ("", "no server")):
        target = LabelOptions({"job": "cs"}).target({}, where)
        assert target.labels == TargetLabels.of({"job": "cs"})
        assert said in target.origin


def test_of_replicas_one_is_taken() -> None:
    """Two that differ in instance and pod alone show the same figures; the choice is always the
    same, any other of them may be named, and figures of each count as ours."""
    first, second = pod("a-1"), pod("a-2")
    assert taken(first, second).labels == taken(second, first).labels == first
    assert taken(first, second, pod="a-2").labels == second
    target = LabelOptions({"pod": "a-2"}).target(dict.fromkeys((first, second), NOW_S), "http://p")
    assert target.scope.labels == (("job", "cs"),)
    assert "one of 2" in LabelOptions().target({first: NOW_S, second: NOW_S}, "x").origin


def test_of_replaced_pods_the_last_is_taken() -> None:
    """Those that are gone are passed over, unless one is named."""
    seen = {pod("a-1"): NOW_S - 86_400, pod("z-9"): NOW_S, pod("b-2"): NOW_S - 900}
    assert LabelOptions().target(seen, "x").labels.labels == pod("z-9")
    assert LabelOptions({"pod": "a-1"}).target(seen, "x").labels.labels == pod("a-1")


@pytest.mark.parametrize(
    ("other", "named", "given"),
    [
        (pod("s-1", namespace="staging"), "namespace", {"namespace": "prod"}),
        (pod("s-1", job="quiet"), "job", {"job": "cs"}),
        (pod("s-1", region="eu"), "region", {"instance": "10.0.0.2:9108"}),
    ],
)
def test_several_installations_must_be_told_apart(
    other: Labels, named: str, given: dict[str, str]
) -> None:
    """Targets that differ in more than replicas do are not chosen from; what was given to tell
    them apart tells their figures apart as well."""
    said = refusal(pod("a-2"), other)
    assert f"differ in {named}" in said
    assert str(TargetLabels(other)) in said
    target = LabelOptions(given).target(dict.fromkeys((pod("a-2"), other), NOW_S), "x")
    assert target.labels.labels == pod("a-2")
    shared = {"job": "cs"} | {n: v for n, v in given.items() if n != "instance"}
    assert dict(target.scope.labels) == shared
