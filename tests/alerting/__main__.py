"""``make alerts``: runs all scenarios, writes the page, and fails if a count is wrong."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.alerting.page import details_of, page_of
from tests.alerting.run import run
from tests.alerting.scenarios import scenarios
from tests.servers import Generation, promtool_path

PAGE = Path(__file__).parents[2] / "docs" / "alert-messages.md"


def main() -> int:
    """Runs what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.alerting")
    parser.add_argument("--scenario", action="append", default=[], help="only this one")
    parser.add_argument("--out", type=Path, help="where the page is written")
    arguments = parser.parse_args()
    chosen = [
        each for each in scenarios() if not arguments.scenario or each.name in arguments.scenario
    ]
    with tempfile.TemporaryDirectory() as folder:
        outcomes = run(promtool_path(Generation.NEWEST), Path(folder), chosen)
    text = page_of(outcomes)
    sys.stdout.write(text)
    if arguments.scenario:
        sys.stdout.writelines(line for outcome in outcomes for line in details_of(outcome))
    if not arguments.scenario or arguments.out:
        (arguments.out or PAGE).write_text(text)
    return 0 if all(outcome.is_right for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
