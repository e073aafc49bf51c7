"""Checks under which settings tables, board and exporter have their figures, against ours."""

from collections.abc import Collection, Iterator, Mapping

from aggregates.shard.board import PartitionView, decode_status
from aggregates.shard.fingerprint import TZDATA, Fingerprint, differences, foreign, told
from events import TOPICS
from streams.doctor import Finding, fail, ok, warn
from streams.kafka.register import Register
from streams.kafka.topics import Topics

_RESTART = "restart the workers and the exporter with these settings: the first worker switches"
_REBUILD = "set it back, or `tidemark rebuild`, which computes new tables while these are served"


def check_tables(
    register: Register, found: Collection[str], names: Topics, own: Fingerprint
) -> Iterator[Finding]:
    """Checks that the tables in force were computed under our settings.

    Args:
        register: What tables there are.
        found: The topics that exist.
        names: Names of the installation.
        own: The fingerprint of our settings.
    """
    if register.erasing:
        what = "an erasure was cut off: what was computed of the erased events is still there"
        yield fail("erasure", what, "tidemark erase")
    serving = register.serving
    if serving is None:
        if any(names.changelog(name) in found for name in TOPICS) and not register.tables:
            what = "of an earlier version, which does not say under which settings"
            yield fail("tables", what, "tidemark rebuild, then restart workers and exporter")
            return
        yield ok("tables", "none in force yet: the first worker makes them")
        return
    differing = told(differences(serving.fingerprint.entries, own.entries))
    if register.in_force == own.digest:
        yield ok("tables", f"of these settings, fingerprint {own.digest}")
    elif register.rebuilt == own.digest:
        yield warn("tables", f"those of these settings are not in force yet: {differing}", _RESTART)
    else:
        yield fail("tables", f"computed under other settings: {differing}", _REBUILD)
    prefixes = sorted(
        register.app_id(digest) for digest in register.tables if digest != register.in_force
    )
    if prefixes:
        yield ok("tables apart", f"not in force: those of {', '.join(prefixes)}")


def check_board_settings(views: Mapping[int, PartitionView], own: Fingerprint) -> Iterator[Finding]:
    """Checks that what lies on the board was computed under our settings."""
    statuses = {n: decode_status(view.status) for n, view in sorted(views.items())}
    odd = {
        number: how
        for number, status in statuses.items()
        if status is not None and (how := foreign(status.fingerprint, status.settings, own))
    }
    if odd:
        first, how = next(iter(odd.items()))
        what = f"{len(odd)} of {len(statuses)} partitions are of other settings; {first}: {how}"
        yield fail("board settings", what, _RESTART)
    elif statuses:
        yield ok("board settings", f"all partitions are of fingerprint {own.digest}")


def check_exporter_settings(labels: Mapping[str, str], own: Fingerprint) -> Iterator[Finding]:
    """Checks that an exporter reads by our settings, from the labels of its build."""
    version = own.settings[TZDATA].strip('"')
    theirs = labels.get("tzdata", "")
    if theirs != version:
        what = f"its time zones are of IANA {theirs or 'unknown'}, ours of {version}"
        yield fail("exporter settings", what, "run one version everywhere; restart what is older")
    elif labels.get("fingerprint") != own.digest:
        what = f"its fingerprint is {labels.get('fingerprint') or 'unknown'}, ours {own.digest}"
        yield fail("exporter settings", what, "give both the same settings, and restart it")
    else:
        yield ok("exporter settings", f"fingerprint {own.digest}, IANA {version}")
