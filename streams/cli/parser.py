"""The parser of the command line: argparse, whose errors say what may be meant and what to type."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final, NoReturn

EXIT_USAGE: Final = 2

_LISTED_MAX: Final = 12
"""Choices that an error lists; more of them are for the help."""


class Parser(argparse.ArgumentParser):
    """A parser; those of its commands are of the same class."""

    def __init__(self, *given: Any, **more: Any) -> None:
        """Takes what argparse takes; examples in the epilog keep their lines."""
        more.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*given, **more)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parses arguments; what is left is an error here, where the options are known."""
        given = with_joined_ages(sys.argv[1:] if args is None else args)
        found, left = super().parse_known_args(given, namespace)
        if left:
            self.error(self._left_over(left[0]))
        return found, left

    def error(self, message: str) -> NoReturn:
        """Ends the program with what is wrong, and where to read on."""
        more = ", with examples" if self.epilog else ""
        there = f"`{self.prog} --help` has all of it{more}"
        self.exit(EXIT_USAGE, f"tidemark: {message}\ntidemark: {there}\n")

    def _left_over(self, text: str) -> str:
        if not text.startswith("-"):
            return f"{text!r}: there is one argument too many"
        name = text.partition("=")[0]
        known = [each for each in self._option_string_actions if each.startswith("--")]
        return f"there is no option {name!r}{_hint(name, known)}"

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Refuses what is none of an argument's choices; argparse would list them all."""
        if action.choices is None or value in action.choices:
            return
        known = [str(each) for each in action.choices]
        hint = _hint(str(value), known)
        if not hint and len(known) <= _LISTED_MAX:
            hint = f"; give one of {', '.join(known)}"
        name = action.option_strings[-1] if action.option_strings else action.metavar or action.dest
        self.error(f"{name}: there is no {value!r}{hint}")


def _hint(name: str, known: Iterable[str]) -> str:
    from events.spelling import did_you_mean  # of use in errors only

    return did_you_mean(name, known)


def with_joined_ages(given: Sequence[str]) -> list[str]:
    """Returns arguments in which a time such as ``-30d`` is joined to its option.

    Alone, argparse takes it for an option.

    >>> with_joined_ages(["replay", "f", "--from", "-30d", "--to", "today"])
    ['replay', 'f', '--from=-30d', '--to', 'today']
    """
    joined: list[str] = []
    for text in given:
        is_age = text[:1] == "-" and text[1:2].isdecimal()
        if is_age and joined and joined[-1].startswith("--") and "=" not in joined[-1]:
            joined[-1] += f"={text}"
        else:
            joined.append(text)
    return joined
