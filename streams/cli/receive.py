"""``tidemark receive``: events and webhooks over HTTP, to Kafka."""

import argparse

from exporters.gateway import EVENTS_PATH, WEBHOOKS_PATH, Gateway, Webhook
from exporters.http import WebConfigFile
from streams.cli.serving import listening, names_of, say, stopping
from streams.cli.webhooks import webhooks_of
from streams.clock import now_ms
from streams.kafka.log import KafkaLog
from streams.settings import load_settings


def add_receive(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark receive``."""
    add_gateway_port(command)
    command.add_argument("--listen", metavar="HOST", help="default: 127.0.0.1")
    command.set_defaults(run=_receive)


def add_gateway_port(command: argparse.ArgumentParser) -> None:
    """Declares where events are received."""
    command.add_argument(
        "--receive-port", type=int, metavar="PORT", help="of the gateway; default: 9109; 0: any"
    )


def invite_senders(url: str, webhooks: list[Webhook]) -> None:
    """Says where events are to be sent."""
    say(f"events:  {url}{EVENTS_PATH}")
    for each in webhooks:
        say(f"webhook: {url}{WEBHOOKS_PATH}{each.name}")


def _receive(arguments: argparse.Namespace) -> int:
    settings = load_settings(listen=arguments.listen, receive_port=arguments.receive_port)
    webhooks = webhooks_of(settings)
    log = KafkaLog(settings.cluster(), settings.dialect)
    gateway = Gateway(log, webhooks, now_ms, settings.dialect, names_of(settings))
    config = WebConfigFile(settings.web_config)
    with (
        stopping() as stop,
        listening(gateway, settings.listen, settings.receive_port, config) as url,
    ):
        invite_senders(url, webhooks)
        stop.wait()
    return 0
