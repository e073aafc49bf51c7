"""docker-compose.yml, read by the real docker-compose: valid, closed, bounded, and no secret in it.

No container engine runs here: what the images do inside is not shown by these tests.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from exporters.history.target_labels import DEFAULT_LABELS
from streams.settings import load_settings
from tests.deploy.conftest import COMPOSE_FILE, GIVEN
from tests.servers.compose import ROOT, ComposeProgram

CORRECTIONS = ROOT / "deploy" / "compose" / "corrections.yml"
WEBHOOKS = ROOT / "deploy" / "compose" / "webhooks.yml"
FIXED_TAG = re.compile(r"[a-z/]+:v?\d+\.\d+\.\d+")
SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|CREDENTIAL|_KEY\b")
OWN_USER = ("apache/kafka:", "prom/prometheus:", "prom/alertmanager:", "grafana/grafana:")
"""Images whose publishers have them run as another user than root."""

WRITABLE = {"kafka"}
"""The services that write beside their volumes: its image makes its configuration at the start."""

PROVISIONED = ("dashboards", "datasources")
"""What Grafana is given beforehand."""

Composition = Mapping[str, Any]


def services(composition: Composition) -> dict[str, dict[str, Any]]:
    """The services by name."""
    found: dict[str, dict[str, Any]] = composition["services"]
    return found


def is_one_shot(service: Mapping[str, Any]) -> bool:
    """Whether a service does something and ends."""
    return bool(service["restart"] == "no")


def test_the_file_is_valid(compose: ComposeProgram) -> None:
    """docker-compose accepts it with all profiles, and says nothing."""
    done = compose.config([COMPOSE_FILE], GIVEN, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("interval: 15s", "intervall: 15s", "intervall"),
        ("      topics: {condition:", "      topic: {condition:", 'undefined service "topic"'),
        ("condition: service_healthy", "condition: healthy", "condition"),
        ("networks: [metrics]", "networks: [metric]", "undefined network metric"),
        ("- prometheus:/prom", "- prometheos:/prom", "undefined volume prometheos"),
    ],
)
def test_a_broken_copy_is_refused(
    compose: ComposeProgram, tmp_path: Path, right: str, wrong: str, complaint: str
) -> None:
    """An unknown key and a name that nothing has fail: the check above does check."""
    text = COMPOSE_FILE.read_text()
    assert right in text
    copy = tmp_path / "docker-compose.yml"
    copy.write_text(text.replace(right, wrong, 1))
    done = compose.config([copy], GIVEN, "--quiet")
    assert done.returncode != 0
    assert complaint in done.stderr


def test_without_the_password_it_says_what_to_do(compose: ComposeProgram) -> None:
    """Grafana has no default password: the variable is named, and where to read about it."""
    done = compose.config([COMPOSE_FILE], {}, "--quiet")
    assert done.returncode != 0
    assert "GRAFANA_ADMIN_PASSWORD_FILE" in done.stderr
    assert ".env.example" in done.stderr


def test_the_example_sets_all_that_must_be_set() -> None:
    """.env.example has every variable of the file, and git ignores what becomes of it."""
    wanted = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE_FILE.read_text()))
    example = (ROOT / ".env.example").read_text()
    given = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, flags=re.MULTILINE))
    assert given == GIVEN
    assert given.keys() == wanted
    assert {"/.env", "/secrets/"} <= set((ROOT / ".gitignore").read_text().splitlines())


def test_images_have_fixed_tags(composition: Composition) -> None:
    """No `latest`, no tag that moves; our own image has the version of the project."""
    images = {service["image"] for service in services(composition).values()}
    assert [image for image in images if not FIXED_TAG.fullmatch(image)] == []
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert [image for image in images if image.startswith("tidemark:")] == [f"tidemark:{version}"]


def test_images_are_of_the_versions_that_tests_run(composition: Composition) -> None:
    """Kafka's jars, what is built from Go modules, and the components that draw the pictures.

    Redis is apart: tests run the one that the distribution has.
    """
    built = (ROOT / "scripts" / "build_newest.sh").read_text()
    [(major, minor, patch)] = re.findall(r"/prometheus@v0\.(\d)(\d\d)\.(\d+) ", built)
    [alertmanager] = re.findall(r"/alertmanager@v([\d.]+) ", built)
    jars = (ROOT / "deploy" / "kafka" / "pom.xml").read_text()
    [kafka] = re.findall(r"<artifactId>kafka_[\d.]+</artifactId>\s*<version>([\d.]+)", jars)
    preview = json.loads((ROOT / "deploy" / "grafana" / "preview" / "package.json").read_text())
    images = {service["image"] for service in services(composition).values()}
    assert {
        f"apache/kafka:{kafka}",
        f"prom/prometheus:v{major}.{int(minor)}.{patch}",  # as a module, 3.16.0 is 0.316.0
        f"prom/alertmanager:v{alertmanager}",
        f"grafana/grafana:{preview['dependencies']['@grafana/data']}",
    } <= images


def test_ports_are_published_on_loopback_only(composition: Composition) -> None:
    """Who wants more says so in a file of his own. Redis publishes none."""
    published = {
        (name, port["host_ip"])
        for name, service in services(composition).items()
        for port in service.get("ports", ())
    }
    assert {host for _, host in published} == {"127.0.0.1"}
    assert {name for name, _ in published} == {
        *("kafka", "exporter", "explorer", "receive", "prometheus", "alertmanager", "grafana")
    }


def test_redis_is_reached_by_its_users_only(composition: Composition) -> None:
    """It asks for no password, so its network leads nowhere and holds those who need it."""
    assert composition["networks"]["board"]["internal"] is True
    assert set(services(composition)["redis"]["networks"]) == {"board"}
    sharing = {name for name, s in services(composition).items() if "board" in s["networks"]}
    assert sharing == {"redis", "worker", "exporter", "audit", "doctor"}


def test_mounted_files_exist_and_cannot_be_written(composition: Composition) -> None:
    """Docker would make a folder, owned by root, of a path that is not there."""
    mounts = [
        mount
        for service in services(composition).values()
        for mount in service.get("volumes", ())
        if mount["type"] == "bind"
    ]
    assert mounts
    for mount in mounts:
        source = Path(mount["source"])
        assert source.is_relative_to(ROOT / "deploy"), mount
        assert source.exists(), mount
        assert mount["read_only"], mount


def test_no_secret_is_written_down(composition: Composition) -> None:
    """A secret comes as a file: no password in an environment, a command or an address."""
    for name, service in services(composition).items():
        for key, value in (service.get("environment") or {}).items():
            assert not SECRET_NAME.search(key) or key.endswith("__FILE"), (name, key)
            assert not re.search(r"://[^/]*@", str(value)), (name, key)
        assert "@" not in " ".join(service.get("command") or ()), name
    assert {tuple(secret) for secret in composition["secrets"].values()} == {("name", "file")}


def test_nothing_runs_as_root_or_gains_rights(composition: Composition) -> None:
    """No capability, no way to gain one, and a user that is not root."""
    for name, service in services(composition).items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name
        own = service["image"].startswith((*OWN_USER, "tidemark:"))
        assert own or service["user"].split(":")[0] not in ("0", "root"), name
        assert service.get("read_only", False) or name in WRITABLE, name


def test_everything_is_bounded(composition: Composition) -> None:
    """Memory and processors of every service, and the logs that it leaves."""
    for name, service in services(composition).items():
        limits = service["deploy"]["resources"]["limits"]
        assert limits["cpus"] > 0, name
        assert int(limits["memory"]) > 0, name
        assert {"max-size", "max-file"} <= service["logging"]["options"].keys(), name


def test_what_runs_on_is_watched_and_restarted(composition: Composition) -> None:
    """Every service but those that end has a health check and comes back by itself."""
    for name, service in services(composition).items():
        if is_one_shot(service):
            continue
        check = service["healthcheck"]
        assert check["test"][0] in ("CMD", "CMD-SHELL"), name
        assert {"interval", "timeout", "retries"} <= check.keys(), name
        assert service["restart"] == "unless-stopped", name
    assert {name for name, s in services(composition).items() if is_one_shot(s)} == {
        *("topics", "audit", "doctor")
    }


def test_data_is_kept_in_volumes(composition: Composition) -> None:
    """What must outlive a container lies where its service keeps it: the log, the history, ..."""
    kept = {
        mount["source"]: mount["target"]
        for service in services(composition).values()
        for mount in service.get("volumes", ())
        if mount["type"] == "volume"
    }
    assert kept.keys() == composition["volumes"].keys()
    kafka = services(composition)["kafka"]
    assert kept["kafka"] == kafka["environment"]["KAFKA_LOG_DIRS"]
    assert (
        f"--storage.tsdb.path={kept['prometheus']}"
        in services(composition)["prometheus"]["command"]
    )
    assert (
        f"--storage.path={kept['alertmanager']}" in services(composition)["alertmanager"]["command"]
    )


def test_two_workers_have_time_for_their_last_checkpoint(composition: Composition) -> None:
    """A worker stops within 15 s; Docker kills after ten unless told otherwise."""
    worker = services(composition)["worker"]
    assert worker["deploy"]["replicas"] == 2
    assert worker["stop_grace_period"] == "30s"


def test_prometheus_keeps_history_and_takes_no_orders(
    compose: ComposeProgram, composition: Composition
) -> None:
    """Years of retention; the interface that deletes comes with the file for corrections alone."""
    command = services(composition)["prometheus"]["command"]
    assert "--storage.tsdb.retention.time=5y" in command
    assert not [flag for flag in command if flag.startswith("--web.enable")]
    corrected = compose.read([COMPOSE_FILE, CORRECTIONS], GIVEN)
    assert services(corrected)["prometheus"]["command"] == [*command, "--web.enable-admin-api"]
    del corrected["services"]["prometheus"]["command"]
    rest = {**services(composition)["prometheus"]}
    del rest["command"]
    assert services(corrected)["prometheus"] == rest


def test_webhooks_come_by_files(
    compose: ComposeProgram,
    composition: Composition,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The file for webhooks adds settings that the gateway reads, and the secrets that they name;
    .env.example says how these are made."""
    added = compose.read([COMPOSE_FILE, WEBHOOKS], GIVEN)
    receive = services(added)["receive"]
    [mount] = receive["volumes"]
    assert mount["read_only"]
    assert mount["target"] == f"{receive['working_dir']}/tidemark.toml"
    (tmp_path / "tidemark.toml").write_text(Path(mount["source"]).read_text())
    monkeypatch.chdir(tmp_path)
    named = [path for each in load_settings().webhooks.values() for path in each.secret_files]
    targets = {Path("/run/secrets", secret["source"]): secret for secret in receive["secrets"]}
    assert set(named) == targets.keys() != set()
    example = (ROOT / ".env.example").read_text()
    for secret in targets.values():
        file = Path(added["secrets"][secret["source"]]["file"])
        assert str(file.relative_to(ROOT)) in example
    for name in ("working_dir", "volumes", "secrets"):
        del receive[name]
    assert receive == services(composition)["receive"]


def test_prometheus_scrapes_and_alerts_services_that_there_are(composition: Composition) -> None:
    """Every target names a service, at a port that it serves."""
    text = (ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text()
    lists = re.findall(r"^[^#\n]*targets:\s*\[([^\]]*)\]", text, flags=re.MULTILINE)
    targets = [target.strip(" \"'") for each in lists for target in each.split(",")]
    assert {"exporter:9108", "receive:9109", "explorer:9110"} <= set(targets)
    assert "alertmanager:9093" in targets
    served = {
        f"{name}:{port['target']}"
        for name, service in services(composition).items()
        for port in service.get("ports", ())
    }
    own = {target for target in targets if target.startswith("localhost:")}
    assert own <= {"localhost:9090"}
    assert set(targets) - own <= served


def test_the_exporter_is_called_what_a_backfill_calls_it(composition: Composition) -> None:
    """Prometheus gives its series the instance that a backfill gives by default, which is where the
    exporter is published; no other target is renamed to it."""
    text = (ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text()
    (rule,) = re.findall(r"relabel_configs:\n((?: {6}.*\n)+)", text)
    given = dict(re.findall(r"^\s+(?:- )?(\w+): (\S+)$", rule, flags=re.MULTILINE))
    (port,) = services(composition)["exporter"]["ports"]
    assert given == {
        "source_labels": "[__address__]",
        "regex": "exporter:9108",
        "target_label": "instance",
        "replacement": DEFAULT_LABELS["instance"],
    }
    assert given["replacement"] == f"{port['host_ip']}:{port['published']}"


def test_grafana_finds_what_is_provisioned(composition: Composition) -> None:
    """The dashboards lie where the provider looks, and the source is where Prometheus is."""
    mounts = {
        mount["target"]: Path(mount["source"])
        for mount in services(composition)["grafana"]["volumes"]
    }
    folders = {kind: mounts[f"/etc/grafana/provisioning/{kind}"] for kind in PROVISIONED}
    text = {kind: "".join(p.read_text() for p in f.glob("*.y*ml")) for kind, f in folders.items()}
    [path] = re.findall(r"^\s*path:\s*(\S+)", text["dashboards"], flags=re.MULTILINE)
    assert list(mounts[path].rglob("*.json"))
    urls = re.findall(r"^\s*url:\s*(\S+)", text["datasources"], flags=re.MULTILINE)
    assert urls == ["http://prometheus:9090"]
