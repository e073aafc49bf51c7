"""An account of the made-up company: what it is, and how well it fares.

Three numbers between 0 and 1 tie the parts together: `fit` is given at birth, `engagement` wanders
around it and drives usage, `mood` is what support leaves behind. Together they make `risk`, which
drives churn and the answers to surveys.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Self

from streams.simulator.agenda import Reporter, Subject
from streams.simulator.stamp import HOUR_MS

CALM_MOOD = 0.7
"""Where mood drifts back to when nothing happens."""
_SERVICE_PULL = 0.35
"""How strongly mood moves the engagement an account tends to."""
_DRIFT_BACK = 0.1
_DRIFT_SPREAD = 0.05
_MOOD_BACK = 0.06

SEGMENTS = ("smb", "mid_market", "enterprise")
_SEGMENT_ODDS = (0.62, 0.29, 0.09)
_FIRST_SEATS = {"smb": (2, 12), "mid_market": (10, 30), "enterprise": (40, 90)}
"""Seats at the first purchase: lowest, highest."""
_GROWN_SEATS = {"smb": ("mid_market", 18), "mid_market": ("enterprise", 50)}
"""The next segment and the seats from which an account belongs to it."""

_OFFSETS_HOURS = {
    "na": (-8.0, -7.0, -6.0, -5.0),
    "emea": (0.0, 1.0, 1.0, 2.0),
    "apac": (5.5, 8.0, 9.0, 10.0),
}
_REGION_ODDS = (0.5, 0.35, 0.15)


@dataclass(slots=True)
class SimulatedUser:
    """A person of an account.

    Attributes:
        user_id: never used for anybody else.
        role: admin, member or viewer.
        rate: chance to show up on an ordinary weekday of an ordinary account.
        fading: what is left of `rate` after a week.
        breadth: most features of one session.
        first_feature: where the user's run of the account's palette begins.
        taste: length of that run.
        owner_text: account and user as they are written in each of the user's usage lines.
    """

    user_id: str
    role: str
    rate: float
    fading: float
    breadth: int
    first_feature: int
    taste: int
    owner_text: str


@dataclass(slots=True)
class SimulatedAccount:
    """One customer account and its present circumstances."""

    number: int
    account_id: str
    segment: str
    region: str
    offset_ms: int
    csm_id: str
    arrived_ms: int
    first_seats: int
    fit: float
    crm: Subject
    success: Reporter
    is_internal: bool = False
    engagement: float = 0.6
    mood: float = CALM_MOOD
    plan: str = "trial"
    seats: int = 0
    has_access: bool = False
    is_paying: bool = False
    is_gone: bool = False
    referral_id: str | None = None
    visitor_id: str | None = None
    walks_out_ms: int | None = None
    users: list[SimulatedUser] = field(default_factory=list)

    @property
    def risk(self) -> float:
        """How much of a reason to leave there is: about 1 for an ordinary account, 0 to 4."""
        unease = 0.55 * (1.0 - self.engagement) + 0.45 * (1.0 - self.mood)
        return (unease / 0.38) ** 2

    def drift(self, rng: Random) -> None:
        """Passes a week: engagement wanders, mood calms down."""
        home = self.fit + _SERVICE_PULL * (self.mood - CALM_MOOD)
        moved = self.engagement + _DRIFT_BACK * (home - self.engagement)
        self.engagement = min(1.0, max(0.05, moved + rng.gauss(0.0, _DRIFT_SPREAD)))
        self.mood += _MOOD_BACK * (CALM_MOOD - self.mood)

    def feel(self, change: float) -> None:
        """Changes the mood: something pleased (positive) or annoyed the account."""
        self.mood = min(1.0, max(0.0, self.mood + change))

    def introduce(self, time_ms: int) -> None:
        """Emits that the account exists."""
        self.crm.emit(time_ms, "account.created", self._profile())

    def set_seats(self, time_ms: int, seats: int) -> None:
        """Takes a new number of licensed seats; a grown account moves to the next segment."""
        if seats != self.seats:
            self.seats = seats
            self.success.emit(time_ms, "seats.set", {"seats": seats})
        following, needed = _GROWN_SEATS.get(self.segment, ("", 0))
        if following and seats >= needed:
            self.segment = following
            self.crm.emit(time_ms, "account.updated", self._profile())

    def hand_over(self, time_ms: int, csm_id: str) -> None:
        """Assigns another customer-success manager."""
        self.csm_id = csm_id
        self.crm.emit(time_ms, "account.updated", self._profile())

    def _profile(self) -> dict[str, object]:
        return {
            "segment": self.segment,
            "region": self.region,
            "csm_id": self.csm_id,
            "is_internal": self.is_internal,
        }


@dataclass(slots=True, frozen=True)
class AccountTraits:
    """What chance decides about an account before it arrives."""

    segment: str
    region: str
    offset_ms: int
    first_seats: int
    fit: float

    @classmethod
    def of(cls, rng: Random) -> Self:
        """Draws a new account."""
        segment = rng.choices(SEGMENTS, _SEGMENT_ODDS)[0]
        region = rng.choices(tuple(_OFFSETS_HOURS), _REGION_ODDS)[0]
        offset_ms = int(rng.choice(_OFFSETS_HOURS[region]) * HOUR_MS)
        seats = rng.randint(*_FIRST_SEATS[segment])
        return cls(segment, region, offset_ms, seats, rng.betavariate(4.5, 3.0))
