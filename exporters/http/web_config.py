"""The web configuration file: TLS, passwords and headers, in the form of Prometheus's exporters.

https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md. As there it
holds for every path, it is read again for each connection and each request, and a file that is
wrong lets nobody in. What Python's TLS cannot do is refused by its name, not passed over.
"""

import logging
import os
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from events.errors import TidemarkError

logger = logging.getLogger(__name__)

_BCRYPT: Final = re.compile(r"\$2[abxy]?\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}")

COST_MAX: Final = 14
"""Of a bcrypt hash: a password takes about a second to check then, twice as long with each more."""

_HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "Content-Security-Policy": (),
    "Strict-Transport-Security": (),
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("deny", "sameorigin"),
    "X-XSS-Protection": (),
}
"""The headers that may be set, and to what; nothing: to anything."""

_VERSIONS: Final = {"TLS12": ssl.TLSVersion.TLSv1_2, "TLS13": ssl.TLSVersion.TLSv1_3}

_CLIENTS: Final = {
    "NoClientCert": ssl.CERT_NONE,
    "VerifyClientCertIfGiven": ssl.CERT_OPTIONAL,
    "RequireAndVerifyClientCert": ssl.CERT_REQUIRED,
}

_Version = Literal["TLS12", "TLS13"]
_ClientAuth = Literal["NoClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert"]


class WebConfigError(TidemarkError):
    """The web configuration file cannot be used; the message says why, and tells no secret."""


def _hash(value: str) -> str:
    if (found := _BCRYPT.fullmatch(value)) is None:
        raise ValueError("is no bcrypt hash")
    if int(found[1]) > COST_MAX:
        raise ValueError(f"costs more than {COST_MAX}: who guesses would keep the exporter busy")
    return value


def _headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in headers.items():
        if name not in _HEADERS:
            raise ValueError(f"{name} is none of {', '.join(_HEADERS)}")
        if not value.isprintable() or not value.isascii():
            raise ValueError(f"{name} holds what no header may")
        if (allowed := _HEADERS[name]) and value not in allowed:
            raise ValueError(f"{name} may be {' or '.join(allowed)}")
    return headers


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tls(_Section):
    """How a connection is made; files lie beside the file of this unless absolute."""

    cert_file: Path
    key_file: Path
    client_auth_type: _ClientAuth = "NoClientCert"
    client_ca_file: Path | None = None
    min_version: _Version = "TLS12"
    max_version: _Version = "TLS13"

    @model_validator(mode="after")
    def _whole(self) -> "Tls":
        if (self.client_ca_file is None) != (self.client_auth_type == "NoClientCert"):
            raise ValueError("client_ca_file goes with a client_auth_type that verifies")
        return self

    def files(self, folder: Path) -> list[Path]:
        """Returns the files that it is made of."""
        named = (self.cert_file, self.key_file, self.client_ca_file)
        return [folder / path for path in named if path is not None]

    def context(self, folder: Path) -> ssl.SSLContext:
        """Loads certificate and key.

        Raises:
            OSError: If a file cannot be read or does not fit.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = _VERSIONS[self.min_version]
        context.maximum_version = _VERSIONS[self.max_version]
        # a password would be asked for on the terminal
        context.load_cert_chain(folder / self.cert_file, folder / self.key_file, password="")
        if self.client_ca_file is not None:
            context.load_verify_locations(folder / self.client_ca_file)
        context.verify_mode = _CLIENTS[self.client_auth_type]
        return context


class _Http(_Section):
    http2: bool = False
    headers: Annotated[dict[str, str], AfterValidator(_headers)] = Field(default_factory=dict)


class WebConfig(_Section):
    """What the file says; without one, neither TLS nor passwords."""

    tls: Annotated[Tls | None, Field(alias="tls_server_config")] = None
    http: Annotated[_Http, Field(alias="http_server_config")] = _Http()
    users: Annotated[
        dict[str, Annotated[str, AfterValidator(_hash)]],
        Field(alias="basic_auth_users", repr=False),
    ] = Field(default_factory=dict)

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of every answer."""
        return {name: value for name, value in self.http.headers.items() if value}


class _Loader(yaml.BaseLoader):
    """YAML in which every value is text, and no name comes twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{name!r} comes twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


_Stamp = tuple[tuple[int, int, int], ...]
"""Of each file what differs once it is another: place on the disk, size, time."""


class WebConfigFile:
    """Follows a file; one without a path says nothing. Not for several threads at once.

    Attributes:
        tls: Whether connections are made with TLS; a change of that takes a restart.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Reads the file, and certificate and key if it names them.

        Raises:
            WebConfigError: If it cannot be used.
        """
        self._path = path
        self._problem = ""
        self._read = None if path is None else _load(path)
        self.tls = self._read is not None and self._read.context is not None
        self._has_users = self._read is not None and bool(self._read.config.users)

    def current(self) -> WebConfig:
        """Returns what the file says now.

        Raises:
            WebConfigError: If it cannot be used now.
        """
        return WebConfig() if self._path is None else self._follow(self._path).config

    def context(self) -> ssl.SSLContext | None:
        """Returns how the next connection is made; None without TLS.

        Raises:
            WebConfigError: If the file cannot be used now.
        """
        return self._follow(self._path).context if self.tls and self._path is not None else None

    def _follow(self, path: Path) -> "_Read":
        try:
            if self._read is None or self._read.stamp != _stamp(self._read.files):
                self._read = None
                found = _load(path)
                if (found.context is not None) != self.tls:
                    raise WebConfigError(f"{path}: TLS was switched on or off: restart")
                if self._has_users and "users" not in found.config.model_fields_set:
                    what = "no basic_auth_users any more; {} says that all are to be let in"
                    raise WebConfigError(f"{path}: {what}")  # or somebody is writing it
                self._has_users = bool(found.config.users)
                self._read = found
        except WebConfigError as error:
            if str(error) != self._problem:
                logger.error("%s", error)
            self._problem = str(error)
            raise
        self._problem = ""
        return self._read


class _Read(NamedTuple):
    """What was read, and of which files."""

    config: WebConfig
    context: ssl.SSLContext | None
    files: list[Path]
    stamp: _Stamp


def _load(path: Path) -> _Read:
    config, folder = parse(path), path.parent
    tls = config.tls
    files = [path] if tls is None else [path, *tls.files(folder)]
    stamp = _stamp(files)  # before they are read: what changes meanwhile is read again
    try:
        context = None if tls is None else tls.context(folder)
    except OSError as error:
        what = "certificate, key and client_ca_file do not fit, or are no PEM"
        raise WebConfigError(f"{path}: tls_server_config: {what}: {error}") from error
    return _Read(config, context, files, stamp)


def parse(path: Path) -> WebConfig:
    """Reads a file.

    Raises:
        WebConfigError: If it is wrong; nothing of its values is told.
    """
    try:
        said = yaml.load(path.read_bytes(), _Loader)
    except OSError as error:
        raise WebConfigError(f"{path}: {error.strerror}") from None
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise WebConfigError(f"{path}{line}: {error.problem or error.context}") from None
    except (yaml.YAMLError, RecursionError):  # the latter of what is nested deep
        raise WebConfigError(f"{path} is no YAML") from None
    if isinstance(said, dict):
        said = {name: section for name, section in said.items() if section != ""}
    try:
        return WebConfig.model_validate(said or {})
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in each['loc'])}: {_told(each['type'], each['msg'])}"
            for each in error.errors(include_url=False, include_input=False)
        )
        raise WebConfigError(f"{path}: {wrong}") from None


def _told(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "no such name is known here"
    return message.removeprefix("Value error, ")


def _stamp(files: list[Path]) -> _Stamp:
    """Tells files apart from what they may become.

    Raises:
        WebConfigError: If one cannot be read.
    """
    stamps = []
    for path in files:
        try:
            with path.open("rb") as file:
                found = os.fstat(file.fileno())
        except OSError as error:
            raise WebConfigError(f"{path}: {error.strerror}") from None
        stamps.append((found.st_ino, found.st_size, found.st_mtime_ns))
    return tuple(stamps)
