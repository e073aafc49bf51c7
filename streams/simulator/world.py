"""What all parts of the made-up company share: seed, agenda, staff.

Every entity draws from a generator of its own, named after it, so that a change in one part does
not shift the others.
"""

from dataclasses import dataclass, field
from random import Random

from streams.simulator.agenda import Agenda, Reporter
from streams.simulator.scenario import CALM, Scenario
from streams.simulator.stamp import DAY_MS, month_number

_ACCOUNTS_PER_AGENT = 40
_ACCOUNTS_PER_MANAGER = 50
_LEAST_STAFF = 4
_SLOWEST_MONTH = 2.2
"""How many times longer replies take in the worst-staffed month."""


@dataclass(slots=True)
class World:
    """What all processes share.

    Attributes:
        seed: names the whole company; the same seed makes the same events.
        size: accounts that the company is built for; sets the staff.
        start_ms: nothing happens before.
        activity: how many sessions an active user has a day, 1 being ordinary.
        scenario: what happens to the company in addition to the ordinary.
    """

    seed: int
    size: int
    start_ms: int
    activity: float
    scenario: Scenario = CALM
    agenda: Agenda = field(default_factory=Agenda)
    _paces: dict[int, float] = field(default_factory=dict)

    def rng(self, *names: object) -> Random:
        """Returns an entity's own source of chance."""
        return Random("-".join(map(str, (self.seed, *names))))

    def reporter(self, source: str, prefix: str, account_id: str | None = None) -> Reporter:
        """Returns a reporter of a source about an account (or about none)."""
        return Reporter(self.agenda, source, prefix, account_id)

    @property
    def agents(self) -> int:
        """Support agents on staff."""
        return max(_LEAST_STAFF, self.size // _ACCOUNTS_PER_AGENT)

    @property
    def managers(self) -> int:
        """Customer-success managers on staff."""
        return max(_LEAST_STAFF, self.size // _ACCOUNTS_PER_MANAGER)

    def pace(self, time_ms: int) -> float:
        """Returns how much slower than at best support works: 1 to 2.2, times the scenario's."""
        month = month_number(time_ms // DAY_MS)
        if month not in self._paces:
            chance = self.rng("pace", month).random()
            self._paces[month] = 1.0 + (_SLOWEST_MONTH - 1.0) * chance * chance
        return self._paces[month] * self.scenario.at(time_ms).slowness
