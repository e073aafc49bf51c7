"""Cells as values: each is read exactly, or is a gap that says what is needed."""

import pytest

from events.registry import EVENT_TYPES
from events.sources.csv_rows.field import fields_of
from tests.events.sources.csv_rows.mapped import cell, told
from tests.events.sources.importing import assert_accepted

BERLIN = 'timezone = "Europe/Berlin"'
SANTIAGO = 'timezone = "America/Santiago"'
HAVANA = 'timezone = "America/Havana"'
COST = 'category = {value = "service"}\n'


def test_every_field_of_every_type_can_be_read() -> None:
    """No model has a field of which nobody knows how it stands in a cell."""
    assert len(EVENT_TYPES) > 50
    for each in EVENT_TYPES.values():
        assert fields_of(each.model).keys() == each.model.model_fields.keys()


@pytest.mark.parametrize(
    ("mapping", "text", "instant"),
    [
        ("", "2026-03-14T09:26:53Z", "2026-03-14T09:26:53Z"),
        ("", "2026-03-14 09:26:53 UTC", "2026-03-14T09:26:53Z"),
        ("", "2018-11-25 02:21:09 -0500", "2018-11-25T07:21:09Z"),
        ("", "2026-03-14 17:26:53 GMT+8", "2026-03-14T09:26:53Z"),
        ("", "2026-03-14 05:56:53 GMT-3:30", "2026-03-14T09:26:53Z"),
        ("", "2026-03-14T10:26:53.123999+01:00", "2026-03-14T09:26:53.123Z"),
        (BERLIN, "2026-03-14 10:26", "2026-03-14T09:26:00Z"),
        (BERLIN, "2026-07-14", "2026-07-13T22:00:00Z"),
        (BERLIN + '\ntime_format = "%d.%m.%Y"', "14.07.2026", "2026-07-13T22:00:00Z"),
        (
            BERLIN + '\ntime_format = "%m/%d/%Y %I:%M %p"',
            "3/4/2026 1:05 PM",
            "2026-03-04T12:05:00Z",
        ),
        ("", "2026-03-14 10:26:53.5+01", "2026-03-14T09:26:53.500Z"),  # as PostgreSQL writes it
        ("", "2026-03-14 02:26-07", "2026-03-14T09:26:00Z"),
        (SANTIAGO, "2026-09-06", "2026-09-06T04:00:00Z"),  # a day that begins at 1:00
        (SANTIAGO + '\ntime_format = "%d/%m/%Y"', "06/09/2026", "2026-09-06T04:00:00Z"),
        (HAVANA, "2023-11-05", "2023-11-05T04:00:00Z"),  # a day with two midnights
        ('time_format = "unix"', "1773480413", "2026-03-14T09:26:53Z"),
        ('time_format = "unix_ms"', "1773480413500", "2026-03-14T09:26:53.500Z"),
    ],
)
def test_times_are_read_as_they_are_written(mapping: str, text: str, instant: str) -> None:
    """An offset is taken as it stands, a local time by its zone; microseconds are cut."""
    found = cell('effective_at = "X"\nseconds = {value = 1}', text, mapping)
    assert [each["effective_at"] for each in found.data] == [instant]
    assert_accepted(found.lines)


@pytest.mark.parametrize(
    ("mapping", "text", "reason"),
    [
        ("", "2026-03-14 10:26", "time_without_zone"),
        ("", "2026-03-14", "time_without_zone"),
        (BERLIN, "2026-10-25 02:30", "time_ambiguous"),
        (BERLIN, "2026-03-29 02:30", "time_missing"),
        (SANTIAGO, "2026-09-06 00:00", "time_missing"),
        (HAVANA, "2023-11-05 00:00", "time_ambiguous"),
        (BERLIN, "03/04/2026", "unreadable_time"),
        (BERLIN, "2026-03-14 10:26 CET", "unreadable_time"),
        (BERLIN, "2026-02-30", "unreadable_time"),
        (BERLIN, "2026-03-14Z", "unreadable_time"),
        (BERLIN + '\ntime_format = "%d.%m.%Y"', "14.13.2026", "unreadable_time"),
        (BERLIN, "0001-01-01", "unreadable_time"),
        ('time_format = "unix"', "1773480413.5", "unreadable_time"),
        ('time_format = "unix"', "999999999999999", "unreadable_time"),
    ],
)
def test_a_time_that_could_be_another_is_a_gap(mapping: str, text: str, reason: str) -> None:
    """Nothing is guessed: no zone, no order of day and month, no side of a change of the clock."""
    found = cell('effective_at = "X"\nseconds = {value = 1}', text, mapping)
    assert (found.reasons, found.lines) == ([reason], [])


def test_databases_write_what_is_empty_as_a_word() -> None:
    """Words that stand for an empty cell are said; by themselves they are texts like others."""
    entry = 'effective_at = "X"\nseconds = {value = 1}\ncategory = "Y"'
    assert cell(entry, "NULL").reasons == ["unreadable_time"]
    told = cell(entry, "NULL", 'empty = ["NULL", "None"]').data
    assert told == [{"seconds": 1, "category": "y"}]


def test_the_last_day_of_a_period_is_within() -> None:
    """A good guess is the start of that day, which loses it; inclusive tells the next one's."""
    entry = COST + 'amount = {column="Y", unit="minor", map={y=100}}\ncurrency = {value="EUR"}\n'
    last = 'period_end = {column = "X", inclusive = true}'
    for text, end in [
        ("2026-01-31", "2026-01-31T23:00:00Z"),
        ("2026-03-28", "2026-03-28T23:00:00Z"),
    ]:
        [data] = cell(entry + last, text, BERLIN, "cost.recorded").data
        assert data["period_end"] == end
    assert cell(entry + last, "2026-01-31 10:00", BERLIN, "cost.recorded").reasons == [
        "unreadable_time"
    ]


@pytest.mark.parametrize(
    ("mapping", "text", "number"),
    [
        ("", "7", 7),
        ("", "7.50", 7.5),
        ("", "7.0", 7),
        ("", "33.3", 33.3),
        ('decimal = ","', "7,25", 7.25),
        ('decimal = ","\nthousands = "."', "1.234,5", 1234.5),
        ('thousands = ","', "1,234", 1234),
        ('thousands = ","', "1234", 1234),
        ('thousands = " "', "12 345", 12345),
    ],
)
def test_numbers_are_read_by_their_signs(mapping: str, text: str, number: float) -> None:
    """What begins the fraction and what parts thousands is said, not guessed."""
    assert [each["seconds"] for each in cell('seconds = "X"', text, mapping).data] == [number]


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        ("", "7,5"),
        ("", "1,234"),
        ("", "1e3"),
        ("", "NaN"),
        ("", "٣"),
        ("", "(5)"),
        ("", "5 h"),
        ("", "9" * 30),
        ('thousands = ","', "12,34"),
        ('decimal = ","', "1.5"),
    ],
)
def test_a_number_with_other_signs_is_a_gap(mapping: str, text: str) -> None:
    """1,234 is a thousand or a bit more than one: without a word on it, it is neither."""
    found = cell('seconds = "X"', text, mapping)
    assert (found.reasons, found.lines) == (["unreadable_number"], [])


@pytest.mark.parametrize(
    ("entry", "text", "currency", "amount"),
    [
        ('unit = "major"', "49.00", "EUR", 4900),
        ('unit = "major"', "49", "USD", 4900),
        ('unit = "major"', "0.1", "usd", 10),
        ('unit = "major"', "1200", "JPY", 1200),
        ('unit = "major"', "1200.00", "JPY", 1200),
        ('unit = "major"', "1.5", "KWD", 1500),
        ('unit = "minor"', "4900", "EUR", 4900),
        ('unit = "major", strip = "$ "', "$ 49.90", "USD", 4990),
        ('unit = "major", strip = "€ "', "49.90 €", "EUR", 4990),
        ('unit = "major", map = {free = 0}', "free", "EUR", 0),
    ],
)
def test_amounts_become_minor_units(entry: str, text: str, currency: str, amount: int) -> None:
    """Exact, by the decimals that ISO 4217 gives the currency; a yen has none."""
    line = COST + f'amount = {{column = "X", {entry}}}\ncurrency = {{value = "{currency}"}}'
    found = cell(line, text, kind="cost.recorded")
    assert [each["amount"] for each in found.data] == [amount]
    assert_accepted(found.lines)


def test_cents_of_floats_are_exact() -> None:
    """1.15 times 100 is 114.99999999999999 in binary; here it is 115, as every amount is exact."""
    line = COST + 'amount = {column = "X", unit = "major"}\ncurrency = {value = "EUR"}'
    texts = [f"{cents // 100}.{cents % 100:02}" for cents in range(10_000)]
    mapping = f"""
[[rows]]
type = "cost.recorded"
time = {{ value = "2026-01-01T00:00:00Z" }}
[rows.fields]
{line}
"""
    found = told(mapping, "X,Y\n" + "".join(f"{text},y\n" for text in texts))
    assert [each["amount"] for each in found.data] == list(range(10_000))


@pytest.mark.parametrize(
    ("entry", "text", "currency", "reason"),
    [
        ('unit = "major"', "49.005", "EUR", "amount_too_fine"),
        ('unit = "major"', "49.5", "JPY", "amount_too_fine"),
        ('unit = "minor"', "49.5", "EUR", "unreadable_number"),
        ('unit = "major"', "$49", "USD", "unreadable_number"),
        ('unit = "major"', "", "USD", "empty_cell"),
    ],
)
def test_no_amount_is_rounded(entry: str, text: str, currency: str, reason: str) -> None:
    """Half a yen, or no amount at all, is a gap and never 0."""
    line = COST + f'amount = {{column = "X", {entry}}}\ncurrency = {{value = "{currency}"}}'
    found = cell(line, text, kind="cost.recorded")
    assert (found.reasons, found.lines) == ([reason], [])


def test_a_price_a_piece_is_multiplied() -> None:
    """Our amount is for the whole quantity: 3 seats at 16.335 are 49.005, which is no cents."""
    mapping = """
[[rows]]
type = "subscription.created"
id = "id"
time = "at"
[rows.fields]
account_id = "acct"
subscription_id = "id"
status = "state"
[[rows.fields.items]]
quantity = "qty"
amount = {column = "price", unit = "major", times = "qty"}
currency = "cur"
interval = {value = "month"}
"""
    rows = "id,acct,state,qty,price,cur,at\n" + "".join(
        f"s{n},a,{state},{qty},{price},EUR,2026-01-01T00:00:00Z\n"
        for n, (state, qty, price) in enumerate(
            [("active", "3", "16.33"), ("Active", "4", "16.335"), ("active", "3", "16.335")]
        )
    )
    found = told(mapping, rows)
    assert [each["items"][0]["amount"] for each in found.data] == [4899, 6534]
    assert found.reasons == ["amount_too_fine"]
    assert_accepted(found.lines)


def test_an_item_without_a_price_is_a_gap_and_no_empty_list() -> None:
    """A good guess leaves the item out: then the subscription is worth nothing, in silence."""
    mapping = """
[[rows]]
type = "subscription.updated"
time = {value = "2026-01-01T00:00:00Z"}
[rows.fields]
account_id = "acct"
subscription_id = "acct"
status = {value = "active"}
discounts = [{percent_off = "off", duration = {value = "forever"}}]
[[rows.fields.items]]
amount = {column = "price", unit = "major"}
currency = {value = "EUR"}
interval = {value = "month"}
"""
    found = told(mapping, "acct,price,off\na,,5\nb,10,\nc,10,12.5\n")
    assert found.reasons == ["empty_cell"]
    assert [each["discounts"] for each in found.data] == [
        [],
        [{"percent_off": 12.5, "duration": "forever"}],
    ]
    assert_accepted(found.lines)


def test_enumerations_go_by_the_map_and_else_by_their_own_words() -> None:
    """Case does not matter; another word is a gap that names it and what there is."""
    mapping = """
[[rows]]
type = "ticket.created"
time = {value = "2026-01-01T00:00:00Z"}
[rows.fields]
ticket_id = "id"
status = {column = "state", map = {"On-hold" = "hold", "" = "new"}}
priority = {column = "prio", map = {P1 = "urgent", P2 = "high"}}
auto_created = "auto"
"""
    rows = (
        "id,state,prio,auto\n1,SOLVED,P1,TRUE\n2,On-hold,,false\n3,,P2,\n"
        "4,Waiting,,\n5,new,P9,\n6,new,,x\n"
    )
    found = told(mapping, rows)
    assert [
        (each["status"], each.get("priority"), each.get("auto_created")) for each in found.data
    ] == [("solved", "urgent", True), ("hold", None, False), ("new", "high", None)]
    assert found.reasons == ["unknown_value"] * 3
    assert "'Waiting'" in found.gaps[0].needs
    assert "new, open, pending" in found.gaps[0].needs
    assert_accepted(found.lines)


def test_an_empty_cell_leaves_a_field_out() -> None:
    """A skipped score is no 0; a field that an event needs is a gap."""
    found = told(
        """
[[rows]]
type = "survey_response.created"
time = "t"
[rows.fields]
account_id = "a"
response_id = "r"
survey_type = {value = "csat"}
score = "s"
""",
        "a,r,s,t\nacme,1,,2026-01-01Z\nacme,2, ,2026-01-01T00:00:00Z\n,3,5,2026-01-01T00:00:00Z\n"
        "acme,4,5,\n",
    )
    assert found.data == [{"account_id": "acme", "response_id": "2", "survey_type": "csat"}]
    assert found.reasons == ["unreadable_time", "empty_cell", "empty_cell"]
    assert_accepted(found.lines)


def test_an_id_can_be_made_longer() -> None:
    """So that an export and webhooks tell one answer, and not two."""
    entry = (
        'account_id = "Y"\nsurvey_type = {value = "nps"}\n'
        'response_id = {column = "X", suffix = "/q"}'
    )
    assert cell(entry, "r1", kind="survey_response.created").data[0]["response_id"] == "r1/q"


def test_lists_are_split() -> None:
    """By the sign that the mapping names; without one, a cell is one entry."""
    entry = 'ticket_id = "Y"\naffected_account_ids = {column = "X"%s}'
    split = cell(entry % ', split = "|"', "a b| c |", kind="ticket.major_declared")
    whole = cell(entry % "", "a b| c", kind="ticket.major_declared")
    assert [each["affected_account_ids"] for each in split.data + whole.data] == [
        ["a b", "c"],
        ["a b| c"],
    ]
