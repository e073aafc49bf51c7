"""Settings from the environment: ``TIDEMARK_TIMEZONE`` is ``timezone``."""

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

from events.spelling import near
from streams.settings.error import SettingsError
from streams.variables import PREFIX, settings_of

NOT_SETTINGS: Final = frozenset({"TIDEMARK_BENCH", "TIDEMARK_ORACLE_SEEDS"})
"""Variables of our benchmarks and tests, which no command reads."""

_OF_A_CLUSTER: Final = re.compile(
    r"TIDEMARK(_\w+)?_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)"
)
"""What Kubernetes puts into every container beside a service named ``tidemark`` or
``tidemark-...``; it is nobody's spelling."""

_ADDRESS: Final = re.compile(r"(tcp|udp|sctp)://")
"""Beginning of the value of ``..._PORT`` that comes from there too."""


class Environment(EnvSettingsSource):
    """The environment, decimals inside JSON as written."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """Decodes a setting that has parts.

        Raises:
            SettingsError: If it is no JSON; the message names the variable.
        """
        try:
            return json.loads(value, parse_float=Decimal)
        except ValueError as error:
            name = f"{PREFIX}{field_name.upper()}"
            raise SettingsError(
                f"""{name}: lists and tables are JSON here, such as '["a", "b"]': {error}"""
            ) from error


def unknown_among(environment: Mapping[str, str], known: Iterable[str]) -> dict[str, list[str]]:
    """Returns the ``TIDEMARK_...`` variables that are no settings, each with what may be meant.

    Args:
        environment: Values of variables by name.
        known: Names of all settings.
    """
    names = set(known)
    return {
        variable: [f"{PREFIX}{each.upper()}" for each in near(name, names)]
        for variable, name in settings_of(environment).items()
        if name not in names
        and variable.upper() not in NOT_SETTINGS
        and not _of_a_cluster(variable, environment[variable])
    }


def _of_a_cluster(name: str, value: str) -> bool:
    return _OF_A_CLUSTER.fullmatch(name) is not None or (
        name.endswith("_PORT") and _ADDRESS.match(value) is not None
    )
