"""Walls: one for each view that was asked for lately."""

from collections import OrderedDict
from itertools import count
from secrets import token_hex
from typing import Final

from exporters.pages.ticker import TickerPage
from exporters.pages.view import View
from exporters.pages.wall import Wall

WALLS_MAX: Final = 16
"""Views that are kept: a wall is some hundred kilobytes of text."""


class Walls:
    """Keeps walls; not for several threads at once.

    Numbers of moments are never given twice, so a wall that was dropped and made anew has changed
    for all who knew it.
    """

    def __init__(self, ticker: TickerPage | None = None) -> None:
        """Takes who knows what happened lately; None where that is not known."""
        self._series = token_hex(4)
        self._numbers = count(1)
        self._ticker = ticker
        self._walls: OrderedDict[View, Wall] = OrderedDict()

    def of(self, view: View) -> Wall:
        """Returns the wall of a view."""
        if view not in self._walls:
            self._walls[view] = Wall(view, self._series, self._numbers.__next__, self._ticker)
        self._walls.move_to_end(view)
        if len(self._walls) > WALLS_MAX:
            self._walls.popitem(last=False)
        return self._walls[view]
