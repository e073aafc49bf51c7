"""Settings: ``tidemark.toml`` in the working directory, overridden by ``TIDEMARK_*`` variables.

Policies are settings like any other: ``timezone = "Europe/Berlin"`` in the file is
``TIDEMARK_TIMEZONE=Europe/Berlin`` in the environment.
"""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from aggregates.policies.policy import Policy
from events.errors import TidemarkError


class SettingsError(TidemarkError):
    """A setting is wrong; the message names it."""


class Settings(Policy, BaseSettings):
    """Where things are, how the service runs, and the policies in force."""

    model_config = SettingsConfigDict(
        env_prefix="TIDEMARK_",
        toml_file="tidemark.toml",
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
    )

    kafka: str = "127.0.0.1:9092"
    """Bootstrap servers, ``HOST:PORT`` with commas between."""
    redis: SecretStr = SecretStr("redis://127.0.0.1:6379/0")
    """URL of the shared board; it may hold a password and is never shown."""
    redis_prefix: Annotated[str, Field(min_length=1)] = "tidemark:v1"
    """Prefix of the board's keys."""
    partitions: Annotated[int, Field(ge=1, le=1024)] = 8
    """Partitions of each topic, where topics are created."""
    type_prefix: str = ""
    """What a producer puts before event types, for instance ``com.example.``."""
    listen: str = "127.0.0.1"
    """Address that the exporter binds to; loopback unless set on purpose."""
    port: Annotated[int, Field(ge=0, le=65535)] = 9108
    """Port of the exporter; 0 takes a free one."""
    stale_after: Annotated[float, Field(gt=0)] = 15.0
    """Seconds without news from a partition after which KPIs are not shown."""
    series_max: Annotated[int, Field(ge=1)] = 1000
    """Label values of one KPI that are exported; more are dropped and counted."""
    kpi_files: tuple[Path, ...] = ()
    """Files with KPIs of your own, or with changed fields of shipped ones."""
    flush_interval: Annotated[float, Field(gt=0, le=60)] = 1.0
    """Seconds between two checkpoints of a worker."""
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
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


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
            f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
            for each in error.errors(include_url=False, include_input=False)
        )
        raise SettingsError(f"settings: {wrong}") from None
    except ValueError as error:
        raise SettingsError(f"tidemark.toml: {error}") from error
