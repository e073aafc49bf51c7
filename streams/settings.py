"""Settings: ``tidemark.toml`` in the working directory, overridden by ``TIDEMARK_*`` variables.

Policies are settings like any other: ``timezone = "Europe/Berlin"`` in the file is
``TIDEMARK_TIMEZONE=Europe/Berlin`` in the environment. A number is the decimal that is written, in
either: ``rate = 1.1`` is eleven tenths, like ``rate = "1.1"``, and not the float next to it.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from aggregates.policies.policy import Policy
from events.errors import TidemarkError
from streams.kafka.security import KafkaSettings

PREFIX: Final = "TIDEMARK_"
"""Before each setting's name in the environment."""

NOT_SETTINGS: Final = frozenset({"TIDEMARK_BENCH", "TIDEMARK_ORACLE_SEEDS"})
"""Variables of our benchmarks and tests, which no command reads."""

_NEAR_MAX: Final = 3
"""Known names that a misspelt one may have meant, at most."""

_NEAR: Final = 0.7
"""Likeness of two names, from 0 to 1, at which one may be meant by the other."""

_OF_A_CLUSTER: Final = re.compile(
    r"TIDEMARK(_\w+)?_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)"
)
"""What Kubernetes puts into every container beside a service named ``tidemark`` or
``tidemark-...``; it is nobody's spelling."""

_ADDRESS: Final = re.compile(r"(tcp|udp|sctp)://")
"""Beginning of the value of ``..._PORT`` that comes from there too."""


class SettingsError(TidemarkError):
    """A setting is wrong; the message names it."""


class _File(TomlConfigSettingsSource):
    """The file, its decimals as written."""

    def _read_file(self, file_path: Path | Traversable) -> dict[str, Any]:
        with file_path.open("rb") as file:
            return tomllib.load(file, parse_float=Decimal)


class _Environment(EnvSettingsSource):
    """The environment, decimals inside JSON as written."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """Decodes a setting that has parts."""
        return json.loads(value, parse_float=Decimal)


class Settings(Policy, KafkaSettings, BaseSettings):
    """Where things are, how the service runs, and the policies in force."""

    model_config = SettingsConfigDict(
        env_prefix="TIDEMARK_",
        toml_file="tidemark.toml",
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
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
    listen: str = "127.0.0.1"
    """Address that the exporter binds to; loopback unless set on purpose."""
    port: Annotated[int, Field(ge=0, le=65535)] = 9108
    """Port of the exporter; 0 takes a free one."""
    web_config: Path | None = None
    """File with TLS, passwords and headers of the exporter, for every path, in the form of
    Prometheus's own exporters; followed while it serves. Without one it speaks plain HTTP, which is
    why it binds to loopback."""
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
        return init_settings, _Environment(settings_cls), _File(settings_cls)


def unknown_variables(environment: Mapping[str, str]) -> dict[str, list[str]]:
    """Returns the ``TIDEMARK_...`` variables that are no settings, each with what may be meant.

    >>> unknown_variables({"TIDEMARK_TIMEZON": "UTC", "TIDEMARK_PORT": "9108", "HOME": "/"})
    {'TIDEMARK_TIMEZON': ['TIDEMARK_TIMEZONE']}
    """
    known = sorted(name.upper() for name in Settings.model_fields)
    given = {
        name: name.upper().removeprefix(PREFIX)
        for name, value in sorted(environment.items())
        if name.upper().startswith(PREFIX) and not _of_a_cluster(name, value)
    }
    return {
        name: [PREFIX + near for near in get_close_matches(bare, known, _NEAR_MAX, _NEAR)]
        for name, bare in given.items()
        if bare not in known and PREFIX + bare not in NOT_SETTINGS
    }


def check_variables(environment: Mapping[str, str]) -> None:
    """Refuses misspelt variables: a setting that is not in force would change figures unseen.

    Raises:
        SettingsError: With the names, and those that they are near to.
    """
    unknown = unknown_variables(environment)
    if unknown:
        each = [
            f"{name} (meant: {' or '.join(near)}?)" if near else name
            for name, near in unknown.items()
        ]
        raise SettingsError(f"settings: no such setting: {', '.join(each)}; correct or unset it")


def _of_a_cluster(name: str, value: str) -> bool:
    return _OF_A_CLUSTER.fullmatch(name) is not None or (
        name.endswith("_PORT") and _ADDRESS.match(value) is not None
    )


def load_settings(**given: object) -> Settings:
    """Reads the settings.

    Args:
        **given: Settings given on the command line; ``None`` is not given.

    Raises:
        SettingsError: If a setting is wrong or unknown.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = "; ".join(
            ": ".join(filter(None, (".".join(map(str, each["loc"])), each["msg"])))
            for each in error.errors(include_url=False, include_input=False)
        )
        raise SettingsError(f"settings: {wrong}") from None
    except ValueError as error:
        raise SettingsError(f"tidemark.toml: {error}") from error
