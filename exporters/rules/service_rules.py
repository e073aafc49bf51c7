"""Rules about the service itself, as ``service_rules.toml`` has them."""

from importlib.resources import files
from typing import Final

import msgspec

from exporters.dashboards.query import matcher
from exporters.rules.options import SERVICE_UID, RuleOptions
from exporters.rules.rule import Alert, Recording, Rule, RuleFile, RuleGroup, Severity

SERVICE_FILE: Final = "tidemark-service.yml"

_COMMENT: Final = (
    "Tidemark itself: exporters, workers, and the events that should come in.",
    "Written by `tidemark rules`: change how that is called, not this file.",
)


class _AlertEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    expr: str
    hold_s: int
    severity: Severity
    summary: str
    description: str
    labels: dict[str, str] = {}

    def made(self, options: RuleOptions) -> Alert:
        labels = {name: v.replace("<job>", options.job) for name, v in self.labels.items()}
        return options.alert(
            self.name,
            self.expr.replace('job="<job>"', matcher("job", options.job)),
            {"severity": self.severity, "family": "service", **labels},
            self.summary,
            self.description,
            hold_s=self.hold_s,
            dashboard=SERVICE_UID,
        )


class _RulesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    recordings: dict[str, str]
    alert: tuple[_AlertEntry, ...]


_FILE: Final = msgspec.toml.decode(
    files("exporters.rules").joinpath("service_rules.toml").read_bytes(), type=_RulesFile
)


def service_rule_file(options: RuleOptions) -> RuleFile:
    """Returns the rules about the service."""
    rules: list[Rule] = [Recording(record, expr) for record, expr in _FILE.recordings.items()]
    rules += [alert.made(options) for alert in _FILE.alert]
    group = RuleGroup("tidemark-service", options.interval(None), tuple(rules))
    return RuleFile(SERVICE_FILE, _COMMENT, (group,))
