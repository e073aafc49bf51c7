"""deploy/kubernetes: by Kubernetes' own schemas, closed, bounded, and the same as the compose file.

No cluster runs here: what a kubelet makes of it is not shown by these tests.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from referencing import Registry
from referencing.jsonschema import DRAFT7

from streams.cli import COMMANDS
from streams.cli.audit import EXIT_MISMATCH, EXIT_NOT_COMPARED
from streams.settings import PREFIX, Settings, load_settings
from tests.deploy.test_compose import SECRET_NAME, Composition, services
from tests.servers.compose import ROOT
from tests.servers.process import ServerUnavailable
from tests.servers.required import available

FOLDER = ROOT / "deploy" / "kubernetes"
SCHEMAS = ROOT / ".cache" / "kubernetes" / "v1.37.0"
PART = {"app.kubernetes.io/part-of": "tidemark"}
BYTES = {"Mi": 2**20, "Gi": 2**30}

Object = dict[str, Any]


def objects() -> list[Object]:
    """Everything in the folder."""
    texts = [path.read_text() for path in sorted(FOLDER.glob("*.yaml"))]
    return [found for text in texts for found in yaml.safe_load_all(text)]


def of_kind(*kinds: str) -> list[Object]:
    """The objects of some kinds, of which there must be some."""
    found = [each for each in objects() if each["kind"] in kinds]
    assert found
    return found


def named(kind: str, name: str) -> Object:
    """The one object of a kind and name."""
    [found] = [each for each in of_kind(kind) if each["metadata"]["name"] == name]
    return found


def workloads() -> list[tuple[str, Object, Object]]:
    """What runs: the component, the pod's template, and its container."""
    found = []
    for each in of_kind("StatefulSet", "Deployment", "Job", "CronJob"):
        template = each["spec"].get("jobTemplate", each)["spec"]["template"]
        [container] = template["spec"]["containers"]
        component = template["metadata"]["labels"]["app.kubernetes.io/component"]
        found.append((component, template, container))
    return found


@cache
def definitions() -> Registry[Any]:
    """What the schemas refer to."""
    contents = json.loads((SCHEMAS / "_definitions.json").read_text())
    uri = "https://kubernetes.io/api/_definitions.json"
    found: Registry[Any] = Registry()
    whole: Registry[Any] = found.with_resource(uri, DRAFT7.create_resource(contents))
    return whole


def validator_of(version: str, kind: str) -> jsonschema.Draft7Validator:
    """What checks an object by the schema of its kind."""
    name = "-".join([kind, *version.split("/")]).lower().replace(".k8s.io", "")
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    return jsonschema.Draft7Validator(schema, registry=definitions())


def problems(found: Object) -> list[str]:
    """What is wrong with an object."""
    validator = validator_of(found["apiVersion"], found["kind"])
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(found)]


@pytest.fixture(scope="module", autouse=True)
def schemas() -> None:
    """The schemas, fetched."""
    with available():
        if not SCHEMAS.is_dir():
            raise ServerUnavailable("Kubernetes' schemas are not there: run `make servers`")


def test_every_object_is_valid() -> None:
    """No field that Kubernetes does not know, none of a wrong kind, none missing."""
    assert len(objects()) > 8
    found = {each["metadata"]["name"]: problems(each) for each in objects()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("serviceName: tidemark-worker", "servicename: tidemark-worker"),
        ("replicas: 2", "replicas: two"),
        ("name: worker\n", "title: worker\n"),
        ("periodSeconds: 10", "period: 10"),
        ("drop: [ALL]", "drops: [ALL]"),
    ],
)
def test_a_broken_copy_is_refused(right: str, wrong: str) -> None:
    """The check above does check, at every depth."""
    text = (FOLDER / "worker.yaml").read_text()
    assert right in text
    found = yaml.safe_load_all(text.replace(right, wrong, 1))
    assert any(problems(each) for each in found)


def test_variables_are_settings_and_no_secret_is_written_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a pod is told is a setting; secrets come from a Secret, which is not among the files."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    told = dict(named("ConfigMap", "tidemark-settings")["data"])
    for _, _, container in workloads():
        told |= {each["name"]: each.get("value", "") for each in container.get("env", ())}
        sources = [next(iter(each)) for each in container["envFrom"]]
        assert sources == ["configMapRef", "secretRef"]
    assert told.keys() <= known
    assert not [name for name in told if SECRET_NAME.search(name) or name.endswith("REDIS")]
    assert "Secret" not in {each["kind"] for each in objects()}
    texts = "".join(path.read_text() for path in FOLDER.glob("*.yaml"))
    assert not re.search(r"://[^/\s]*@", texts)
    for name, value in told.items():
        monkeypatch.setenv(name, value or "worker-0")
    assert load_settings().session_timeout == 30


def test_pods_are_what_the_compose_file_runs(composition: Composition) -> None:
    """The same image, command, limits, settings and checks, as far as both have them."""
    compared = 0
    for component, template, container in workloads():
        service = services(composition)[component]
        assert container["image"] == service["image"]
        assert container["args"] == service["command"]
        assert container["args"][0] in COMMANDS
        limits = service["deploy"]["resources"]["limits"]
        own = container["resources"]["limits"]
        assert float(own["cpu"]) == limits["cpus"]
        assert int(own["memory"][:-2]) * BYTES[own["memory"][-2:]] == int(limits["memory"])
        told = {each["name"]: each.get("value") for each in container.get("env", ())}
        for name, value in service["environment"].items():
            if name in told:
                assert told[name] == value
                compared += 1
        if "stop_grace_period" in service:
            seconds = template["spec"]["terminationGracePeriodSeconds"]
            assert f"{seconds}s" == service["stop_grace_period"]
    assert compared >= 2


def test_health_is_asked_for_as_in_the_compose_file(composition: Composition) -> None:
    """A worker's pulse by the same command; others at paths and the port that they serve."""
    worker = {component: container for component, _, container in workloads()}["worker"]
    pulse = ["CMD", *worker["livenessProbe"]["exec"]["command"]]
    assert pulse == services(composition)["worker"]["healthcheck"]["test"]
    for probe in ("startupProbe", "readinessProbe"):
        assert worker[probe]["exec"] == worker["livenessProbe"]["exec"]
    assert served_at("receive") == Settings.model_fields["receive_port"].default
    assert served_at("exporter") == Settings.model_fields["port"].default
    assert served_at("explorer") == Settings.model_fields["explorer_port"].default


def served_at(component: str) -> int:
    """The port of a component, which its probes, its Service and its pods agree on."""
    [container] = [each for name, _, each in workloads() if name == component]
    probes = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("readiness", "liveness")}
    assert {kind: probe["path"] for kind, probe in probes.items()} == {
        "readiness": "/-/ready",
        "liveness": "/-/healthy",
    }
    [port] = container["ports"]
    [served] = named("Service", f"tidemark-{component}")["spec"]["ports"]
    assert {port["name"], served["targetPort"]} == {probe["port"] for probe in probes.values()}
    assert served["port"] == port["containerPort"]
    return int(port["containerPort"])


def test_nothing_runs_as_root_or_gains_rights() -> None:
    """No root, no way to more rights, no writing beside /tmp, no token of the cluster's."""
    for component, template, container in workloads():
        pod, own = template["spec"], container["securityContext"]
        assert pod["securityContext"]["runAsNonRoot"], component
        assert str(pod["securityContext"]["runAsUser"]) in (ROOT / "Dockerfile").read_text()
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert own["allowPrivilegeEscalation"] is False
        assert own["readOnlyRootFilesystem"] is True
        assert own["capabilities"] == {"drop": ["ALL"]}
        kept = {each["name"] for each in pod["volumes"] if "emptyDir" not in each}
        read = {each["name"] for each in container["volumeMounts"] if each.get("readOnly")}
        assert kept == read
        assert not kept or component == "receive"
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}


def test_a_worker_has_a_name_of_its_own_and_time_to_come_back() -> None:
    """Its name in the group is the pod's, which is never there twice; a restart is no rebalance."""
    worker = named("StatefulSet", "tidemark-worker")
    [container] = worker["spec"]["template"]["spec"]["containers"]
    env = {each["name"]: each for each in container["env"]}
    field = env["TIDEMARK_INSTANCE"]["valueFrom"]["fieldRef"]["fieldPath"]
    assert field == "metadata.name"
    assert float(env["TIDEMARK_SESSION_TIMEOUT"]["value"]) > Settings().session_timeout
    assert worker["spec"]["serviceName"] == "tidemark-worker"
    assert named("Service", "tidemark-worker")["spec"]["clusterIP"] == "None"


def test_an_audit_that_found_something_has_failed_and_is_not_tried_again() -> None:
    """Its exit code for a difference ends the job; one that could not compare tries again."""
    [job] = of_kind("CronJob")
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    assert job["spec"]["failedJobsHistoryLimit"] > 0
    spec = job["spec"]["jobTemplate"]["spec"]
    [container] = spec["template"]["spec"]["containers"]
    [rule] = spec["podFailurePolicy"]["rules"]
    assert (rule["action"], rule["onExitCodes"]["operator"]) == ("FailJob", "In")
    assert rule["onExitCodes"]["containerName"] == container["name"]
    assert rule["onExitCodes"]["values"] == [EXIT_MISMATCH]
    assert EXIT_NOT_COMPARED not in rule["onExitCodes"]["values"]
    assert spec["backoffLimit"] > 0
    assert spec["template"]["spec"]["restartPolicy"] == "Never"


def test_nodes_are_drained_one_pod_at_a_time() -> None:
    """Every set of pods has a budget, which chooses just these pods; gateway and explorer are one
    pod each."""
    for each in of_kind("StatefulSet", "Deployment"):
        name = each["metadata"]["name"]
        budget = named("PodDisruptionBudget", name)["spec"]
        assert budget["maxUnavailable"] == 1
        assert (each["spec"]["replicas"] > 1) == (
            name not in ("tidemark-receive", "tidemark-explorer")
        )
        assert budget["selector"] == each["spec"]["selector"]
        assert each["spec"]["selector"]["matchLabels"].items() <= (
            each["spec"]["template"]["metadata"]["labels"].items()
        )


def allowed(component: str) -> Iterator[int]:
    """The ports that pods of a component may call."""
    labels = {**PART, "app.kubernetes.io/component": component}
    for each in of_kind("NetworkPolicy"):
        spec = each["spec"]
        chosen = all(
            labels.get(rule["key"]) in rule["values"]
            for rule in spec["podSelector"].get("matchExpressions", ())
        )
        if chosen and spec["podSelector"]["matchLabels"].items() <= labels.items():
            yield from (port["port"] for rule in spec.get("egress", ()) for port in rule["ports"])


@pytest.mark.parametrize(
    ("component", "ports"),
    [
        ("worker", {53, 9092, 6379}),
        ("exporter", {53, 6379}),
        ("topics", {53, 9092}),
        ("audit", {53, 9092, 6379}),
        ("receive", {53, 9092}),
        ("explorer", {53, 9092}),
    ],
)
def test_pods_call_what_they_need(component: str, ports: set[int]) -> None:
    """As in the compose file's networks: an exporter knows no Kafka, topics no board."""
    assert set(allowed(component)) == ports
    kafka = named("ConfigMap", "tidemark-settings")["data"]["TIDEMARK_KAFKA"]
    assert kafka.endswith(":9092")


def test_only_exporters_explorers_and_gateways_are_called() -> None:
    """All other pods take no connection at all; who names accounts none from other namespaces."""
    taking = [
        each["spec"]
        for each in of_kind("NetworkPolicy")
        if "Ingress" in each["spec"]["policyTypes"]
    ]
    closed = [spec for spec in taking if not spec.get("ingress")]
    assert [spec["podSelector"]["matchLabels"] for spec in closed] == [PART]
    found = {}
    for spec in taking:
        for rule in spec.get("ingress", ()):
            labels = spec["podSelector"]["matchLabels"]
            assert labels.items() >= PART.items()
            component = labels["app.kubernetes.io/component"]
            found[component] = [port["port"] for port in rule["ports"]]
            others = [each for each in rule["from"] if "namespaceSelector" in each]
            assert bool(others) == (component != "explorer")
    assert found == {"exporter": [9108], "receive": [9109], "explorer": [9110]}


def test_webhooks_of_the_gateway_come_by_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its settings lie where it works; the example among them is one, with a secret that lies where
    the Secret is mounted; without either it starts all the same."""
    [(template, container)] = [(t, c) for name, t, c in workloads() if name == "receive"]
    places = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    volumes = {each["name"]: each for each in template["spec"]["volumes"]}
    assert volumes["secrets"]["secret"]["optional"] is True
    text = named("ConfigMap", volumes["settings"]["configMap"]["name"])["data"]["tidemark.toml"]
    assert places["settings"] == container["workingDir"]
    monkeypatch.chdir(tmp_path)
    for example, count in ((text, 0), (re.sub(r"^# ?", "", text, flags=re.MULTILINE), 1)):
        (tmp_path / "tidemark.toml").write_text(example)
        webhooks = load_settings().webhooks.values()
        assert len(webhooks) == count
        files = [str(path) for each in webhooks for path in each.secret_files]
        assert all(path.startswith(places["secrets"] + "/") for path in files)
