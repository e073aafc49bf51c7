"""``tidemark doctor``: what is wrong with an installation, and how to mend it."""

import argparse
import asyncio
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Final

from aiokafka.errors import KafkaError

from aggregates.catalogue.file import CatalogueError
from aggregates.shard.board import BoardUnavailableError
from aggregates.shard.fingerprint import Fingerprint, fingerprint_of
from streams.cli.board import redis_board
from streams.cli.core import load_core
from streams.cli.doctor_history import check_history
from streams.cli.table import Column, header, row_lines, terminal_width
from streams.clock import now_ms
from streams.doctor import Finding, Verdict, fail
from streams.doctor.board import check_board, check_redis
from streams.doctor.kafka import (
    check_advertised,
    check_bootstrap,
    check_group,
    check_topics,
    cluster_silent,
    refused,
)
from streams.doctor.kafka_facts import KafkaFacts, KafkaSilentError, gather_facts, knock
from streams.doctor.machine import (
    check_currencies,
    check_program,
    check_settings_file,
    check_time_zone,
    check_variables,
    settings_wrong,
)
from streams.doctor.records import check_records
from streams.doctor.tables import check_board_settings, check_tables
from streams.doctor.web import check_exporter, check_prometheus
from streams.kafka.cluster import Cluster
from streams.kafka.recent import recent_records
from streams.kafka.refusal import RefusedError
from streams.kafka.security import SecurityError
from streams.kafka.topics import Topics
from streams.settings import Settings, SettingsError, load_settings

_COLUMNS: Final = (Column("", width=4), Column("check", width=20), Column("finding"))
"""Verdict, name and text of a finding, wide enough for each: findings are shown as they come."""


def add_doctor(command: argparse.ArgumentParser) -> None:
    """Declares ``tidemark doctor``."""
    command.add_argument("--kafka", metavar="HOST:PORT", help="default: the setting")
    command.add_argument(
        "--redis", metavar="URL", help="default: the setting, which is the place for a password"
    )
    command.add_argument("--exporter", metavar="URL", help="also look at a running exporter")
    command.add_argument("--prometheus", metavar="URL", help="also look at Prometheus")
    command.add_argument(
        "--job", default="tidemark", metavar="NAME", help="Prometheus's job for the exporter"
    )
    command.add_argument(
        "--certificate",
        metavar="FILE",
        help="our certificate and its key, if exporter or Prometheus ask for one",
    )
    command.add_argument("--json", action="store_true", help="findings as JSON")
    command.set_defaults(run=_doctor)


def _doctor(arguments: argparse.Namespace) -> int:
    findings: list[Finding] = []
    if not arguments.json:
        print(header(_COLUMNS), flush=True)
    for finding in _findings(arguments):
        findings.append(finding)
        if not arguments.json:
            _show(finding)
    failed = sum(finding.verdict is Verdict.FAIL for finding in findings)
    warned = sum(finding.verdict is Verdict.WARN for finding in findings)
    if arguments.json:
        said = {"ok": not failed, "findings": [asdict(finding) for finding in findings]}
        print(json.dumps(said, indent=2))
    else:
        print(f"{failed} to mend, {warned} to look after, of {len(findings)} findings")
    return 1 if failed else 0


def _show(finding: Finding) -> None:
    lines = [*row_lines(_COLUMNS, (finding.verdict, finding.name, finding.what), terminal_width())]
    if finding.mend:  # as one line, however long: it is there to be copied
        lines += row_lines(_COLUMNS, ("", "", f"-> {finding.mend}"))
    print("\n".join(lines), flush=True)


def _findings(arguments: argparse.Namespace) -> Iterator[Finding]:
    yield check_program()
    yield check_variables(os.environ)
    try:
        settings = load_settings(kafka=arguments.kafka, redis=arguments.redis)
        cluster = settings.cluster()
    except (SettingsError, SecurityError) as error:
        yield settings_wrong(str(error))
        return
    own: Fingerprint | None = None
    try:
        plan, _ = load_core(settings)
        own = fingerprint_of(plan, settings.dialect)
    except SettingsError as error:
        yield settings_wrong(str(error))
    except CatalogueError as error:
        yield fail("kpis", str(error), "correct that file, or take it out of TIDEMARK_KPI_FILES")
    else:
        yield check_settings_file(Path.cwd())
    yield check_time_zone(settings)
    yield from check_currencies(settings, now_ms())
    topics = Topics()
    facts, kafka = asyncio.run(_kafka(cluster, settings, topics, own))
    yield from kafka
    yield from _redis(settings, facts, own)
    if arguments.exporter:
        yield from check_exporter(
            arguments.exporter, version("tidemark"), own, arguments.certificate
        )
    if arguments.prometheus:
        answers = list(check_prometheus(arguments.prometheus, arguments.job, arguments.certificate))
        yield from answers
        if answers[0].verdict is Verdict.OK:
            yield from check_history(arguments.prometheus, arguments.job, now_ms() // 1_000)


async def _kafka(
    cluster: Cluster, settings: Settings, topics: Topics, own: Fingerprint | None
) -> tuple[KafkaFacts | None, list[Finding]]:
    found = await knock(cluster.servers.split(","), cluster)
    findings = list(check_bootstrap(found))
    if any(finding.verdict is Verdict.FAIL for finding in findings):
        return None, findings
    try:
        facts = await gather_facts(cluster, topics)
    except RefusedError as error:
        return None, [*findings, refused(str(error))]
    except KafkaSilentError as error:
        return None, [*findings, cluster_silent(str(error))]
    findings.append(check_advertised(facts))
    if findings[-1].verdict is Verdict.FAIL:
        return None, findings
    served = facts.register.served(topics)
    findings += check_topics(
        facts.topics,
        served,
        cluster.servers,
        settings.partitions,
        settings.dead_letter_days,
        facts.register.begins,
    )
    if own is not None:
        findings += check_tables(facts.register, facts.topics, topics, own)
    findings += check_group(facts.group, facts.topics, served)
    partitions = {name: topic.partitions for name, topic in facts.topics.items()}
    try:
        recent = await recent_records(cluster, topics, partitions)
    except (KafkaError, TimeoutError, RefusedError) as error:
        findings.append(refused(f"records cannot be read: {error}"))
    else:
        findings += check_records(recent, settings.dialect)
    return facts, findings


def _redis(
    settings: Settings, facts: KafkaFacts | None, own: Fingerprint | None
) -> Iterator[Finding]:
    url = settings.redis.get_secret_value()
    server = list(check_redis(url))
    yield from server
    if any(f.verdict is Verdict.FAIL and f.name == "redis" for f in server):
        return
    board = redis_board(settings)
    try:
        snapshot = board.read({})
    except BoardUnavailableError as error:
        mend = "flush the keys of TIDEMARK_REDIS_PREFIX; the workers publish them anew"
        yield fail("board", str(error), mend)
        return
    finally:
        board.close()
    counts = {topic.partitions for topic in facts.topics.values()} if facts else set()
    partitions = counts.pop() if len(counts) == 1 else None
    yield from check_board(
        snapshot.partitions,
        snapshot.views,
        partitions,
        settings.stale_after,
        now_ms(),
        facts.cluster if facts else "",
        len(facts.group.owned) if facts else 0,
    )
    if own is not None:
        yield from check_board_settings(snapshot.views, own)
