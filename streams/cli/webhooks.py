"""The webhooks that the settings name, ready to be posted to."""

import os
from collections.abc import Iterator
from typing import Any

from events.errors import TidemarkError
from events.sources.registry import SOURCES, source_of
from events.sources.source import Source
from exporters.gateway import SIGNATURES, Webhook
from streams.cli.importing import options_of
from streams.settings import Settings, SettingsError
from streams.settings.webhooks import WebhookSettings


def webhooks_of(settings: Settings) -> list[Webhook]:
    """Returns the webhooks of the settings.

    Raises:
        SettingsError: If a source, an option, or a secret is not there.
    """
    return [_webhook(name, each) for name, each in settings.webhooks.items()]


def webhook_source(name: str, given: WebhookSettings) -> Source[Any]:
    """Returns the source of a webhook, which knows nothing yet.

    Raises:
        SettingsError: If there is no such source, or an option of it is wrong.
    """
    where = f"settings: webhooks.{name}"
    if given.source not in SOURCES:
        known = ", ".join(SOURCES)
        raise SettingsError(f"{where}.source: {given.source!r} is none of {known}")
    cls = source_of(given.source)
    try:
        return cls(options_of(cls, given.options))
    except TidemarkError as error:
        raise SettingsError(f"{where}.options: {error}") from error


def _webhook(name: str, given: WebhookSettings) -> Webhook:
    where = f"settings: webhooks.{name}"
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise SettingsError(f"{where}: the name is part of a path: letters, digits, - and _")
    source = webhook_source(name, given)
    signature = given.signature or source.SIGNATURE
    if signature is None:
        raise SettingsError(
            f"{where}.signature: {given.source} signs nothing: name one of {', '.join(SIGNATURES)}"
        )
    secrets = list(_secrets(where, given))
    if not secrets:
        raise SettingsError(f"{where}: needs a secret: secret_files or secret_variables")
    return Webhook(name, source, SIGNATURES[signature], secrets)


def _secrets(where: str, given: WebhookSettings) -> Iterator[str]:
    """Reads secrets. An error tells which by its number: what stands there may be the secret."""
    for number, path in enumerate(given.secret_files, 1):
        entry = f"{where}.secret_files, entry {number}"
        try:
            yield _secret(entry, path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError(f"{entry}: {error.strerror}; name a file, not the secret") from None
        except UnicodeDecodeError:
            raise SettingsError(f"{entry}: is no text") from None
    for number, variable in enumerate(given.secret_variables, 1):
        entry = f"{where}.secret_variables, entry {number}"
        if variable not in os.environ:
            raise SettingsError(f"{entry}: is not set; name a variable, not the secret")
        yield _secret(entry, os.environ[variable])


def _secret(where: str, text: str) -> str:
    secret = text.strip()
    if not secret:
        raise SettingsError(f"{where}: there is nothing in it")
    return secret
