"""Checking of event files before anything is made of them: what is wrong, and what looks wrong.

Pure: lines in, findings out. What only the fold knows, such as a conflict, is told to it.
"""

from events.checking.checker import Checker
from events.checking.findings import Finding, Findings
from events.checking.foreign import foreign_source
from events.checking.form import HEAD_BYTES, Form, form_of
from events.checking.kinds import KINDS, Kind
from events.checking.profile import Profile

__all__ = [
    "HEAD_BYTES",
    "KINDS",
    "Checker",
    "Finding",
    "Findings",
    "Form",
    "Kind",
    "Profile",
    "foreign_source",
    "form_of",
]
