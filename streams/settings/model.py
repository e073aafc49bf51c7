"""The settings, and from where they are read.

Policies are settings like any other: ``timezone = "Europe/Berlin"`` in the file is
``TIDEMARK_TIMEZONE=Europe/Berlin`` in the environment. A number is the decimal that is written, in
either: ``rate = 1.1`` is eleven tenths, like ``rate = "1.1"``, and not the float next to it.
"""

from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from aggregates.policies.policy import Policy
from events.dialect import Dialect
from streams.kafka.security import KafkaSettings
from streams.settings.environment import Environment
from streams.settings.file import FILE, read_file
from streams.settings.webhooks import WebhookSettings
from streams.variables import PREFIX


class _File(TomlConfigSettingsSource):
    """The file, its decimals as written, its errors with their lines."""

    def _read_file(self, file_path: Path | Traversable) -> dict[str, Any]:
        return read_file(Path(str(file_path))).table


class Settings(Policy, KafkaSettings, BaseSettings):
    """Where things are, how the service runs, and the policies in force."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        toml_file=FILE,
        frozen=True,
        extra="forbid",
    )

    redis: SecretStr = SecretStr("redis://127.0.0.1:6379/0")
    """URL of the shared board; it may hold a password and is never shown."""
    redis_prefix: Annotated[str, Field(min_length=1)] = "tidemark:v1"
    """Prefix of the board's keys."""
    partitions: Annotated[int, Field(ge=1, le=1024)] = 8
    """Partitions of each topic, where topics are created."""
    dead_letter_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Days for which rejected records are kept, where topics are created: they hold whole records,
    personal data among them. A month is enough to notice, mend and feed back; queues of other
    systems keep theirs for one to two weeks."""
    type_prefix: str = ""
    """What a producer puts before event types, for instance ``com.example.``."""
    dataschema_prefixes: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Beginnings of ``dataschema`` that are a producer's own, for instance the address of a schema
    registry. An event that names such a schema is read as one that names none: its data has the
    fields of version 1. Otherwise it is rejected as `unknown_schema_version`."""
    listen: str = "127.0.0.1"
    """Address that the exporter binds to; loopback unless set on purpose."""
    allowed_hosts: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Further names by which what listens on loopback is reached, such as that of a proxy that
    passes on the name it was asked for. Addresses, names without a dot, `.localhost` and
    `.internal` always are; others are answered 421 where there is neither a password nor TLS,
    webhooks aside, since any page can have its own name lead here."""
    port: Annotated[int, Field(ge=0, le=65535)] = 9108
    """Port of the exporter; 0 takes a free one."""
    receive_port: Annotated[int, Field(ge=0, le=65535)] = 9109
    """Port of the gateway, which receives events and webhooks; 0 takes a free one."""
    explorer_port: Annotated[int, Field(ge=0, le=65535)] = 9110
    """Port of the explorer, which shows accounts; 0 takes a free one."""
    webhooks: dict[str, WebhookSettings] = Field(default_factory=dict)
    """Webhooks of the gateway by the last part of their path: `webhooks.billing` is posted to at
    `/webhooks/billing`."""
    web_config: Path | None = None
    """File with TLS, passwords and headers of the exporter and of the gateway, for every path but
    webhooks, which are signed, in the form of Prometheus's own exporters; followed while they
    serve. Without one they speak plain HTTP, which is why they bind to loopback."""
    account_pages: bool = True
    """Whether the pages and the API of ``tidemark run`` and of the explorer name accounts: those
    behind a figure, each with its rows and events, and in the ticker of what happened lately.
    Without them there is no explorer."""
    stale_after: Annotated[float, Field(gt=0)] = 15.0
    """Seconds without news from a partition after which KPIs are not shown."""
    series_max: Annotated[int, Field(ge=1)] = 1000
    """Label values of one KPI that are exported; more are dropped and counted."""
    kpi_files: tuple[Path, ...] = ()
    """Files with KPIs of your own, or with changed fields of shipped ones."""
    flush_interval: Annotated[float, Field(gt=0, le=60)] = 1.0
    """Seconds between two checkpoints of a worker."""
    instance: str = ""
    """Name of a worker that outlives its process, such as a pod's: if it is back within
    ``session_timeout`` it has its partitions again and nobody else's move. No two at once have the
    same. Left empty, a worker that stops gives its partitions to the others at once."""
    session_timeout: Annotated[float, Field(ge=6, le=45)] = 10.0
    """Seconds after which a worker that is not heard of loses its partitions to the others. Short,
    since figures stand still meanwhile; with an ``instance`` above the time of a restart."""
    pulse: Path | None = None
    """File that a worker touches each second while it is well, for health checks."""

    @property
    def dialect(self) -> Dialect:
        """How producers write events."""
        return Dialect(self.type_prefix, self.dataschema_prefixes)

    @property
    def policy(self) -> Policy:
        """The policies only, which folds and contributions depend on."""
        return Policy(**{name: getattr(self, name) for name in Policy.model_fields})

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Puts arguments before the environment, and the environment before the file."""
        return init_settings, Environment(settings_cls), _File(settings_cls)


POLICIES: Final = tuple(name for name in Settings.model_fields if name in Policy.model_fields)
"""Names of the settings that change what figures mean."""

SERVICE: Final = tuple(name for name in Settings.model_fields if name not in POLICIES)
"""Names of the others; pages and files have them first."""

SECRETS: Final = tuple(
    name
    for name, field in Settings.model_fields.items()
    if field.annotation in (SecretStr, SecretStr | None)
)
"""Names of the settings whose values are never shown."""
