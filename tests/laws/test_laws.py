"""``make laws`` finds the laws, runs those that wait, and tells of each."""

import json
from pathlib import Path

from tests.last_runs import LastRuns
from tests.laws.found import Law, laws
from tests.laws.page import page
from tests.laws.record import Run, law_of, waiting

_ONE, _OTHER = "tests/a/test_b.py::test_law_one", "tests/a/test_b.py::test_law_other"


def test_laws_are_found_by_what_they_are() -> None:
    """Properties only; what else stands in their modules is no law."""
    found = {law.name: law.says for law in laws("tests/aggregates/reading")}
    law = "tests/aggregates/reading/test_reading_laws.py::test_grid_equals_one_by_one"
    assert found[law].startswith("A grid gives, bit for bit,")
    assert not any("test_distribution_of_nothing_is_zero" in name for name in found)


def test_the_record_goes_on_where_it_was_left(tmp_path: Path) -> None:
    """What held for as many is not run again; of what waits the quickest comes first."""
    path = tmp_path / "record.ndjson"
    record = LastRuns(path, Run, law_of)
    names = [_ONE, _OTHER, "new"]
    assert waiting(names, record.runs, 10) == names
    record.add(Run(_OTHER, 100, False, 100, "abc", "2026-11-29"))
    record.add(Run(_ONE, 100, True, 200, "abc", "2026-11-29"))
    assert waiting(names, record.runs, 100) == [_OTHER, "new"]
    again = LastRuns(path, Run, law_of)
    assert waiting(names, again.runs, 101) == [_OTHER, _ONE, "new"]
    record.add(Run(_OTHER, 100, True, 100, "abd", "2026-11-29"))
    assert LastRuns(path, Run, law_of).runs == record.runs
    assert [json.loads(line)["law"] for line in path.read_text().splitlines()] == [_ONE, _OTHER]
    path.write_text(path.read_text() + '{"law": "of another version", "percent": 1}\n')
    assert LastRuns(path, Run, law_of).runs == record.runs


def test_the_page_tells_of_each_law() -> None:
    """How many examples it held for, and on which build; or that it did not."""
    known = [Law(_ONE, "One | more."), Law(_OTHER, "Other."), Law("tests/c/test_d.py::law", "D.")]
    runs = {
        _ONE: Run(_ONE, 20_000, True, 200, "abc", "2026-11-29"),
        _OTHER: Run(_OTHER, 20_000, False, 100, "abc", "2026-11-29"),
    }
    lines = page(known, runs).splitlines()
    assert "Of 3 laws 1 held in their last long run, for 20,000 examples in all." in lines
    assert "| One \\| more. | 20,000 | abc, 2026-11-29 |" in lines
    assert "| Other. | **not** for 20,000 | abc, 2026-11-29 |" in lines
    assert lines[lines.index("## c") + 4] == "| D. | none yet | |"
