"""Examples: what each command is called with, as its help shows it."""

from typing import Final, NamedTuple


class Example(NamedTuple):
    """A call of the program.

    Attributes:
        call: The command line, without the program's name.
        said: What it does.
    """

    call: str
    said: str


EXAMPLES: Final[dict[str, tuple[Example, ...]]] = {
    "run": (
        Example("run", "a made-up company: two years of history, then live"),
        Example("run --events events.ndjson --port 0", "your own events, on any free port"),
    ),
    "worker": (
        Example("worker", "by the settings"),
        Example("worker --log-format json", "each line of the log as JSON"),
    ),
    "rebuild": (Example("rebuild", "after a change of policies in the settings"),),
    "exporter": (
        Example("exporter --port 9108 --listen 0.0.0.0", "gauges, for other machines too"),
    ),
    "explorer": (
        Example("explorer", "pages with accounts on port 9110 of this machine"),
        Example("explorer --port 0", "a second one, on any free port"),
    ),
    "receive": (Example("receive --receive-port 9109", "events and webhooks, to Kafka"),),
    "topics": (Example("topics --partitions 8", "creates what is missing"),),
    "publish": (
        Example("publish events.ndjson", "each event to the topic of its type"),
        Example("publish --strict events.ndjson", "nothing of it unless all of it is right"),
    ),
    "simulate": (
        Example(
            "simulate --accounts 20 --days 90 --until today --out events.ndjson",
            "a small company, to a file",
        ),
        Example("simulate --kafka --live", "to Kafka, up to now and then on"),
    ),
    "import": (
        Example(
            "import stripe stripe.ndjson --out events.ndjson --report gaps.ndjson",
            "Stripe's events as ours, and what cannot be told with its reason",
        ),
        Example("import csv customers.csv --options customers.toml", "a table of your own"),
    ),
    "check": (
        Example("check events.ndjson", "what is wrong with a file, and what is in it"),
        Example("check events.ndjson --json", "the same for programs"),
    ),
    "replay": (
        Example(
            "replay events.ndjson --at now --kpi mrr --kpi nps --format table",
            "two figures as they are now",
        ),
        Example(
            "replay events.ndjson --from -90d --to today --every 7d --kpi mrr --by-segment "
            "--format csv",
            "a quarter by weeks, of each segment too",
        ),
        Example(
            "replay events.ndjson --at 2026-02 --at 2026-03 --out values.ndjson",
            "all KPIs as two months begin, exact, to a file",
        ),
    ),
    "explain": (
        Example("explain mrr events.ndjson --since -30d --by movement", "why MRR moved"),
        Example(
            "explain mrr_churn_ratio events.ndjson --since 2026-01 --at 2026-02 --by event",
            "which accounts and events made churn what it is",
        ),
    ),
    "audit": (
        Example("audit", "all that the board holds, against the log"),
        Example("audit --rate 10000 --format json", "slower, for programs"),
    ),
    "doctor": (
        Example("doctor", "Kafka, Redis, topics, workers and settings"),
        Example(
            "doctor --exporter http://127.0.0.1:9108 --prometheus http://127.0.0.1:9090",
            "what is scraped as well",
        ),
    ),
    "backfill": (
        Example(
            "backfill events.ndjson --from 2026-01 --out history",
            "blocks of samples in a folder, to be placed by hand",
        ),
        Example(
            "backfill kafka://127.0.0.1:9092 --prometheus-data /var/lib/prometheus "
            "--prometheus-url http://127.0.0.1:9090",
            "into a Prometheus that runs",
        ),
    ),
    "kpis": (
        Example("kpis", "each KPI with unit, windows and formula"),
        Example("kpis net_revenue_retention_ratio", "one of them, with the settings in force"),
    ),
    "settings": (
        Example("settings show --changed", "what is not as by default, and who says so"),
        Example("settings init --out tidemark.toml", "a file to begin with"),
    ),
    "schemas": (Example("schemas --out schemas", "a file for each event type"),),
    "erase": (
        Example("erase --account acct_19 --dry-run", "what would be replaced in the topics"),
        Example(
            "erase --account acct_19 --user u_7 --out left.ndjson events.ndjson",
            "a person, in a file",
        ),
    ),
    "dead-letters": (
        Example("dead-letters list --limit 20", "the first ones that were rejected, and why"),
        Example("dead-letters replay --dry-run", "what would be taken now"),
    ),
    "docs": (Example("docs --out docs", "pages on the KPIs, events and settings in force"),),
    "rules": (Example("rules --out rules --job tidemark", "recording rules and alerts in force"),),
    "dashboards": (Example("dashboards --out dashboards", "all of them, as JSON"),),
    "completion": (
        Example("completion bash", "to be read by .bashrc: source <(tidemark completion bash)"),
        Example("completion zsh", "to a file _tidemark on zsh's fpath"),
        Example("completion fish", "to ~/.config/fish/completions/tidemark.fish"),
    ),
}
"""By command."""


def examples_text(command: str) -> str:
    """Returns the examples of a command, as they stand at the end of its help."""
    lines = ["examples:"]
    for example in EXAMPLES[command]:
        lines += [f"  tidemark {example.call}", f"      {example.said}"]
    return "\n".join(lines)
