"""The mapping: what it asks for is there, or it is refused with what there is."""

import re
from typing import Any

import pytest

from events.errors import TidemarkError
from events.sources.csv_rows.mapping import MappingError
from events.sources.csv_rows.source import CsvRows
from streams.cli.importing import options_of
from tests.events.sources.csv_rows.mapped import ANSWERS, source_of, told
from tests.events.sources.importing import assert_accepted, imported

FILE = "Id,Score,Company,When\nr1,9,acme,2026-01-01T00:00:00Z\n"

RULE = """
[[rows]]
type = "{type}"
time = "t"
{more}
[rows.fields]
{fields}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('score = "Score"', 'scroe = "Score"', "no field 'scroe'; did you mean 'score'"),
        ("survey_response.created", "survey.response", "no type 'survey.response'; did you mean"),
        ('score = "Score"', "", None),
        ('account_id = "Company"', "", "account_id: needed, and not in the mapping"),
        ('value = "nps"', 'value = "npps"', "no survey_type 'npps'; did you mean 'nps'"),
        (
            'score = "Score"',
            'score = {column = "Score", unit = "major"}',
            "unit is not for",
        ),
        ('score = "Score"', 'score = {column = "Score", value = 1}', "either a column or a value"),
        ('score = "Score"', 'score = {colunm = "Score"}', "score.colunm: Extra inputs"),
        ('score = "Score"', "score = []", "score: Input should be a valid dictionary"),
        ('score = "Score"', 'responded_at = {value = "soon"}', "responded_at: .*ISO 8601"),
        ('score = "Score"', 'attributes.tier = "Score"', "no field 'attributes'"),
    ],
)
def test_a_mistake_is_named_before_any_file_is_read(old: str, new: str, said: str | None) -> None:
    """A field, a type or a constant that there is not is refused, with the nearest one."""
    assert old in ANSWERS
    mapping = ANSWERS.replace(old, new)
    if said is None:
        source_of(mapping)
        return
    with pytest.raises(MappingError, match=said):
        source_of(mapping)


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("cost.recorded", 'category = "c"\namount = "a"\ncurrency = "u"', 'say unit = "major"'),
        (
            "subscription.created",
            'account_id="a"\nsubscription_id="s"\nstatus="x"\nitems="i"',
            "list of tables",
        ),
        (
            "subscription.created",
            'account_id="a"\nsubscription_id="s"\nstatus="x"\n'
            'items=[{amount={column="a", unit="minor"}}]',
            "currency, interval: needed",
        ),
        (
            "subscription.created",
            'account_id="a"\nsubscription_id="s"\nstatus="x"\n'
            'discounts=[{duration={value="once"}, amount_off={column="a", unit="major"}}]',
            "amount_off: needs its currency",
        ),
        ("user.added", 'account_id="a"\nuser_id={column="u", format="%d"}', "format is not for"),
    ],
)
def test_what_would_be_a_guess_must_be_said(kind: str, fields: str, said: str) -> None:
    """Whether 4900 is cents; in which currency; which columns make an item."""
    with pytest.raises(MappingError, match=re.escape(said)):
        source_of(RULE.format(type=kind, more="", fields=fields))


def test_the_subject_may_stand_for_the_entity() -> None:
    """A field that the envelope's subject gives is not needed."""
    rule = RULE.format(type="survey_response.created", more='subject = "Id"', fields="")
    fields = 'account_id = "Company"\nsurvey_type = {value = "nps"}\nscore = "Score"'
    found = told(rule.replace('time = "t"', 'time = "When"') + fields, FILE)
    assert found.events[0]["subject"] == "r1"
    assert_accepted(found.lines)


def test_attributes_of_ones_own_have_a_place() -> None:
    """They are told with accounts, and refused with all else."""
    more = 'attributes = {tier = "Tier", seats = "Seats"}'
    mapping = RULE.format(type="account.updated", more=more, fields='account_id = "a"')
    found = told(mapping, "a,Tier,Seats,t\nacme,gold,,2026-01-01T00:00:00Z\n")
    assert found.data == [{"account_id": "acme", "tier": "gold"}]
    assert_accepted(found.lines)
    with pytest.raises(MappingError, match="attributes are for account"):
        source_of(RULE.format(type="user.added", more=more, fields='account_id="a"\nuser_id="u"'))


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Id,Scores,Company,When", "no column 'Score'; did you mean 'Scores'"),
        ("Id,score,Company,When", "no column 'Score'; did you mean 'score'"),
        ("Id,Score,Score,Company,When", "several columns are 'Score': name its place, 2, 3"),
        ("Id;Score", "no column 'When'"),
    ],
)
def test_a_column_that_there_is_not_is_named(header: str, said: str) -> None:
    """With the columns that there are; one that is there twice is chosen by its place."""
    with pytest.raises(MappingError, match=re.escape(said)):
        told(ANSWERS, header + "\n1,2,3,4,5\n")


def test_a_column_can_be_named_by_its_place() -> None:
    """From 1 on; so one of several of the same name can be meant."""
    by_place = ANSWERS.replace('score = "Score"', "score = {column = 3}")
    file = "Id,Score,Score,Company,When\nr1,1,10,acme,2026-01-01T00:00:00Z\n"
    assert told(by_place, file).data[0]["score"] == 10
    with pytest.raises(MappingError, match="no column 9, but 3"):
        told(by_place.replace("= 3", "= 9"), "Id,Company,When\n")


def test_conditions_choose_the_rows() -> None:
    """A rule takes the rows for which all its conditions hold; a row may tell several events."""
    mapping = """
ignore = [{column = "state", equals = ["spam", "deleted"]}]
[[rows]]
type = "ticket.created"
id = "id"
time = "created"
when = {column = "created", empty = false}
fields = {ticket_id = "id", account_id = "org"}
[[rows]]
type = "ticket.status_changed"
id = "id"
time = "solved"
when = [{column = "solved", empty = false}, {column = "state", differs_from = "open"}]
fields = {ticket_id = "id", account_id = "org", current = {value = "solved"}}
"""
    at = "2026-01-01T00:00:00Z"
    file = (
        f"id,org,state,created,solved\n1,a,solved,{at},{at}\n2,a,open,{at},{at}\n"
        f"3,a,spam,{at},\n4,a,solved,,\n"
    )
    found = told(mapping, file)
    assert [event["id"] for event in found.events] == [
        "1/ticket.created",
        "1/ticket.status_changed",
        "2/ticket.created",
    ]
    assert (found.reasons, dict(found.out.passed)) == (["no_rule"], {"ignored by the mapping": 1})
    assert_accepted(found.lines)


def test_a_row_is_told_whole_or_not_at_all() -> None:
    """A ticket of which the solving cannot be read is not told as open for ever."""
    mapping = """
[[rows]]
type = "ticket.created"
time = "created"
fields = {ticket_id = "id"}
[[rows]]
type = "ticket.status_changed"
time = "solved"
fields = {ticket_id = "id", current = {value = "solved"}}
"""
    found = told(mapping, "id,created,solved\n1,2026-01-01T00:00:00Z,yesterday\n")
    assert (found.reasons, found.lines) == (["unreadable_time"], [])


def test_two_rules_of_a_type_have_ids_of_their_own() -> None:
    """So that two milestones of a row are two events."""
    rule = """
[[rows]]
type = "milestone.reached"
id = ["id", "org"]
time = "{}"
fields = {{account_id = "org", milestone = {{value = "{}"}}}}
"""
    found = told(
        rule.format("first", "invited") + rule.format("second", "first_value"),
        "id,org,first,second\n7,acme,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z\n",
    )
    assert [event["id"] for event in found.events] == [
        "7/acme/milestone.reached",
        "7/acme/milestone.reached/2",
    ]


LOGGED = """
[[rows]]
type = "time.logged"
time = "t"
fields = {account_id = "a", seconds = "s"}
"""
TWICE = "a,s,t\nacme,60,2026-01-01T00:00:00Z\nacme,60,2026-01-01T00:00:00Z\n"


def test_the_same_row_again_is_not_swallowed() -> None:
    """Two equal rows are one fact or two: the mapping says it, or the second is a gap."""
    gap, once, each = (
        told(f'repeated = "{how}"\n' + LOGGED, TWICE) for how in ("gap", "once", "each")
    )
    assert (len(gap.lines), gap.reasons) == (1, ["row_repeated"])
    assert (len(once.lines), once.reasons, once.out.passed.total()) == (1, [], 1)
    assert (len({event["id"] for event in each.events}), each.reasons) == (2, [])
    assert gap.lines[0] == once.lines[0] == each.lines[0]


def test_the_same_row_in_another_file_is_the_same_fact() -> None:
    """Exports overlap: the same id and bytes, which is a duplicate."""
    one = TWICE.rsplit("acme", 1)[0]
    found = told(LOGGED, one, one)
    assert found.reasons == []
    assert found.lines[0] == found.lines[1]


def test_accounts_are_ours() -> None:
    """Every id of an account goes through the map of accounts."""
    source = CsvRows(
        source_of(LOGGED).options.model_copy(
            update={"accounts": (b"theirs,account_id\nacme,A1\n",)}
        )
    )
    assert [each["account_id"] for each in imported(source, TWICE.encode()).data] == ["A1"]


def test_the_file_is_checked_as_options_are() -> None:
    """A mapping without rules, with an unknown key or encoding is refused by its place in it."""
    refused: list[tuple[dict[str, Any], str]] = [
        ({}, "rows: is needed, in a file of options: docs/sources/csv.md"),
        ({"rows": [{"type": "user.added"}]}, "rows.0.time: is needed"),
        ({"rows": [{"type": "user.added", "time": "t", "tme": 1}]}, "rows.0.tme: Extra"),
        ({"rows": [{"type": "a", "time": "t"}], "thousands": "."}, "cannot have '.' between"),
        ({"rows": [], "encoding": "utf-16"}, "utf-16 is not read here"),
        ({"rows": [], "encoding": "utf8x"}, "no encoding 'utf8x'"),
        ({"rows": [{"type": "a", "time": "t", "when": {"column": "x"}}]}, "one of equals"),
    ]
    for given, said in refused:
        with pytest.raises(TidemarkError, match=re.escape(said)):
            options_of(CsvRows, given)
    with pytest.raises(MappingError, match=r"'%d\.%m\.%Y %Z' is no format"):
        source_of('time_format = "%d.%m.%Y %Z"\n' + ANSWERS)
    with pytest.raises(MappingError, match=r"'DD\.MM\.YYYY' is no format.*give codes"):
        source_of('time_format = "DD.MM.YYYY"\n' + ANSWERS)
    with pytest.raises(MappingError, match="no field 'acount_id'; did you mean 'account_id'"):
        source_of(ANSWERS.replace("account_id", "acount_id"))
    with pytest.raises(MappingError, match=r"zone 'Berlin' \(meant: Europe/Berlin\?\)"):
        source_of('timezone = "Berlin"\n' + ANSWERS)
