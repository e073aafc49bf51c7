"""The manifest: what a backfill wrote, from which events, under which policies.

An auditor reads from it which part of the log a block was made of; the digest of a window is the
same whenever the same events, policies and catalogue make the same samples.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from exporters.history.target_labels import TargetLabels
from exporters.history.time_range import TimeRange, rfc3339


@dataclass(frozen=True, slots=True)
class FilledWindow:
    """What one window of a backfill holds.

    Attributes:
        window: Its times.
        series: Series with a sample.
        samples: Samples.
        sha256: Digest of its OpenMetrics text; empty if it was sent in another form.
        block: ULID of its block, if there is one.
        file: Name of its OpenMetrics file, if it was kept.
    """

    window: TimeRange
    series: int
    samples: int
    sha256: str = ""
    block: str = ""
    file: str = ""


@dataclass(slots=True)
class Manifest:
    """The account of one backfill.

    Attributes:
        version: Version of Tidemark.
        every: The step.
        time_range: All times.
        target_labels: Labels added to every series.
        policies: Settings in force that figures depend on.
        sources: What each source of events was, and how much of it was read.
        events: Records read.
        not_folded: Records that were left out, by reason.
        windows: What was written.
        tzdata: Version of the IANA time zone database.
        fingerprint: Digest of all that cells depend on, so that two accounts can be compared.
    """

    version: str
    every: str
    time_range: TimeRange
    target_labels: TargetLabels
    policies: Mapping[str, object]
    sources: Sequence[Mapping[str, object]]
    events: int
    not_folded: Mapping[str, int]
    windows: list[FilledWindow] = field(default_factory=list)
    tzdata: str = ""
    fingerprint: str = ""

    @property
    def samples(self) -> int:
        """Samples of all windows."""
        return sum(filled.samples for filled in self.windows)

    def text(self) -> str:
        """Returns the manifest as JSON."""
        windows = [
            {
                "from": rfc3339(filled.window.first_s),
                "to": rfc3339(filled.window.last_s),
                "series": filled.series,
                "samples": filled.samples,
                "sha256": filled.sha256,
                "block": filled.block,
                "file": filled.file,
            }
            for filled in self.windows
        ]
        account = {
            "tidemark": self.version,
            "from": rfc3339(self.time_range.first_s),
            "to": rfc3339(self.time_range.last_s),
            "every": self.every,
            "labels": dict(self.target_labels.labels),
            "samples": self.samples,
            "sources": list(self.sources),
            "events": self.events,
            "not_folded": dict(self.not_folded),
            "policies": dict(self.policies),
            "tzdata": self.tzdata,
            "fingerprint": self.fingerprint,
            "windows": [{name: value for name, value in w.items() if value != ""} for w in windows],
        }
        return json.dumps(account, indent=2) + "\n"
