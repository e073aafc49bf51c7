"""What can be seen without a network: the interpreter, the settings, time zones and currencies."""

import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from events import parse_instant
from events.zone import IANA_VERSION, UnknownZoneError, zone
from streams.clock import now_ms
from streams.doctor import Finding, fail, listed, ok, warn
from streams.settings import PREFIX, Settings, unknown_variables
from streams.settings.file import FILE

CLOCKS_APART_S: Final = 5.0
"""Difference of two clocks that is worth a word: the clock of Redis counts ages, ours reads
figures."""

SETTINGS_FILE: Final = Path(FILE)
"""Looked for in the working directory."""

_SHOWN: Final = ("aiokafka", "faust-streaming", "redis")
"""The distributions whose versions a report of a fault needs."""


def check_clock(name: str, server: str, begun_ms: int, theirs_ms: float, agrees: str) -> Finding:
    """Compares our clock with a server's, read at some moment between ``begun_ms`` and now."""
    apart_s = max(begun_ms - theirs_ms, theirs_ms - now_ms(), 0.0) / 1000
    if apart_s > CLOCKS_APART_S:
        what = f"this machine and {server} are {apart_s:.0f} s apart"
        return fail(name, what, "timedatectl set-ntp true, on both machines")
    return ok(name, f"{agrees} within {CLOCKS_APART_S:g} s")


def check_program() -> Finding:
    """Which interpreter and which versions run."""
    try:
        own = version("tidemark")
        others = [f"{name} {version(name)}" for name in _SHOWN]
    except PackageNotFoundError as error:
        return fail("program", f"{error.name} is not installed", "pip install -r requirements.lock")
    python = platform.python_version()
    return ok("program", f"tidemark {own}, Python {python}, {', '.join(others)}")


def check_variables(environment: Mapping[str, str]) -> Finding:
    """Whether each ``TIDEMARK_...`` variable is a setting: a misspelt one stops every command."""
    given = sorted(name for name in environment if name.upper().startswith(PREFIX))
    unknown = unknown_variables(environment)
    if not unknown:
        return ok("environment", f"{len(given)} settings: {listed(given) or 'none'}")
    meant = [f"{name}: is {' or '.join(near)} meant?" for name, near in unknown.items() if near]
    what = f"no settings, so other commands refuse to run: {', '.join(unknown)}"
    return fail("environment", what, "; ".join([*meant, f"unset {' '.join(unknown)}"]))


def check_settings_file(folder: Path) -> Finding:
    """Whether there is a file of settings; its content has been read by then."""
    path = folder / SETTINGS_FILE
    if path.exists():
        return ok("settings", f"{path} is read; the environment wins")
    return ok("settings", f"no {SETTINGS_FILE} in {folder}: defaults and the environment hold")


def settings_wrong(problem: str) -> Finding:
    """The finding for settings that do not load.

    Args:
        problem: What the loading said; it names the setting.
    """
    mend = f"correct or remove it, in {SETTINGS_FILE} or as {PREFIX}... in the environment"
    return fail("settings", problem.removeprefix("settings: ").replace("\n", "; "), mend)


def check_time_zone(settings: Settings) -> Finding:
    """Whether the reporting time zone's rules are there."""
    try:
        zone(settings.timezone)
    except UnknownZoneError:
        what = f"there is no time zone {settings.timezone!r}"
        return fail("time zone", what, "set TIDEMARK_TIMEZONE to an IANA name, as Europe/Berlin")
    return ok("time zone", f"{settings.timezone}, by the rules of IANA {IANA_VERSION}")


def check_currencies(settings: Settings, at_ms: int) -> Iterator[Finding]:
    """Whether each rate can be used today."""
    for code, rates in sorted(settings.exchange_rates.items()):
        since = [parse_instant(rate.valid_from) for rate in rates]
        if not (len(code) == 3 and code.isascii() and code.isupper()):
            what = f"exchange_rates: {code!r} is no ISO 4217 code, so no event has it"
            yield fail("currency", what, f"write {code.upper()!r}, if that is the code")
        elif code == settings.currency:
            what = f"exchange_rates: {code} is the reporting currency, whose rate is 1"
            yield warn("currency", what, f"remove {code} from exchange_rates")
        elif not since or min(since) > at_ms:
            what = f"exchange_rates: {code} has no rate that holds today"
            yield fail("currency", what, f"give {code} a rate with an earlier valid_from")
    known = ", ".join(sorted(settings.exchange_rates)) or "none"
    yield ok("currency", f"{settings.currency}; rates from: {known}")
