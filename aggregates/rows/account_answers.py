"""The answers of an account: what those that gave them say together."""

from typing import Final

from aggregates.row import DerivedKind
from aggregates.rows.responses import RESPONSES

ACCOUNT_ANSWERS: Final = DerivedKind("account_answers", (RESPONSES,))
"""All answers of an account."""
