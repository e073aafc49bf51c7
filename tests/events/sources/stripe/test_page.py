"""The page of the source has all that can be set, and all that can be missing."""

import re
from pathlib import Path
from typing import Final

from events.sources.stripe.options import StripeOptions

ROOT: Final = Path(__file__).parents[4]
PAGE: Final = (ROOT / "docs" / "sources" / "stripe.md").read_text(encoding="utf-8")


def test_every_option_is_on_the_page() -> None:
    """An option that is added is described, with its default."""
    rows = [line for line in PAGE.splitlines() if line.startswith("| `--")]
    assert len(rows) > 10
    for name, info in StripeOptions.model_fields.items():
        [row] = [row for row in rows if f"`--{name.replace('_', '-')}" in row]
        if isinstance(info.default, str):
            assert f"| `{info.default}` |" in row


def test_every_reason_is_on_the_page() -> None:
    """A gap's reason says what to do about it."""
    folder = ROOT / "events" / "sources" / "stripe"
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))
    reasons = set(re.findall(r'(?:GapError|out\.gap)\(\s*(?:held\.record, )?"(\w+)"', code))
    reasons |= set(re.findall(r'held\.record, "(\w+)"', code))
    assert len(reasons) > 20
    assert {reason for reason in reasons if f"`{reason}`" not in PAGE} == {"invoice_unknown"}
