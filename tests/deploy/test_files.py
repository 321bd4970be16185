"""Deployment files are valid by their own schemas and tools, and name only what exists."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if "build" in service}
METRICS = set(re.findall(r'"(chainwatch_[a-z_]+)"', (ROOT / "chainwatch/metrics.py").read_text(encoding="utf-8")))
KUBERNETES = "1.27"
"""The oldest version that the chart names; its schemas refuse what it does not know."""
SUFFIXES = ("_total", "_count", "_sum")


def known_metric(name: str) -> bool:
    bare = next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name)
    return name in METRICS or bare in METRICS or name.startswith("process_")


def test_the_compose_file_fits_its_schema() -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        "docker-compose.yml",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_service_is_locked_down_and_has_no_secret_in_its_environment(name: str) -> None:
    service = OURS[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    for variable in service["environment"]:
        assert not re.search(r"(KEY|PASSWORD|STORE)$", variable), f"{variable} would stand in clear"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(OURS))
def test_a_service_runs_a_command_that_exists(name: str) -> None:
    command = [sys.executable, "-m", "chainwatch.cli", *OURS[name]["command"], "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Usage: chainwatch" in done.stdout


def test_alert_rules_are_sound_and_use_known_metrics() -> None:
    path = ROOT / "deploy/prometheus/chainwatch.rules.yml"
    names = set(re.findall(r"\b(chainwatch_[a-z_]+|process_[a-z_]+)", path.read_text(encoding="utf-8")))
    assert {name for name in names if not known_metric(name)} == set()
    if shutil.which("promtool") is None:
        assert not os.environ.get("CI"), "in CI promtool must be present"
        pytest.skip("no promtool: run tools/real_parts.sh")
    test = ROOT / "deploy/prometheus/chainwatch.test.yml"
    for command in (["check", "rules", str(path)], ["test", "rules", str(test)]):
        done = subprocess.run(["promtool", *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_dashboard_asks_for_known_metrics() -> None:
    board = json.loads((ROOT / "deploy/grafana/chainwatch.json").read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    names = set(re.findall(r"\b(chainwatch_[a-z_]+|process_[a-z_]+)", "\n".join(asked)))
    assert len(asked) == 15
    assert {name for name in names if not known_metric(name)} == set()


def test_what_every_worker_tells_is_never_added_up_over_workers() -> None:
    """Each worker tells the figures of the whole installation."""
    board = json.loads((ROOT / "deploy/grafana/chainwatch.json").read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    rules = yaml.safe_load((ROOT / "deploy/prometheus/chainwatch.rules.yml").read_text(encoding="utf-8"))
    asked += [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    first = re.compile(r"(max|min)( by \([a-z, ]+\))? ?\((rate\(|increase\()?$")
    for expression in asked:
        for found in re.finditer(r"chainwatch_[a-z_]+", expression):
            assert first.search(expression[: found.start()]), expression


@pytest.mark.slow
@pytest.mark.parametrize("unit", sorted((ROOT / "deploy/systemd").glob("*.service")), ids=lambda unit: unit.name)
def test_a_unit_is_sound(unit: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze on this machine")
    for one in unit.parent.iterdir():
        text = one.read_text(encoding="utf-8").replace("/opt/chainwatch/bin/chainwatch", "/bin/true")
        (tmp_path / one.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / unit.name)], capture_output=True, text=True, check=False
    )
    assert [line for line in (done.stdout + done.stderr).splitlines() if unit.name in line] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [[], ["scale.enabled=true", "serviceMonitor.enabled=true", "rules.mine\\.yaml=version: 1", "sources=version: 1"]],
    ids=["one", "scale"],
)
def test_the_chart_renders_workers_that_are_locked_down(settings: list[str]) -> None:
    helm = shutil.which("helm") or ROOT / ".cache" / "bin" / "helm"
    if not Path(helm).exists():
        assert not os.environ.get("CI"), "in CI helm must be present"
        pytest.skip("no helm: run tools/real_parts.sh")
    chart = str(ROOT / "deploy/helm/chainwatch")
    options = [part for setting in settings for part in ("--set", setting)]
    assert subprocess.run([helm, "lint", chart, *options], capture_output=True, check=False).returncode == 0
    shown = subprocess.run([helm, "template", "watch", chart, *options], capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    found = [one for one in yaml.safe_load_all(shown.stdout) if one]
    for one in found:
        if one["kind"] != "ServiceMonitor":  # the Prometheus operator's own
            kubernetes_validate.validate(one, KUBERNETES, strict=True)
    workers = [one for one in found if one["kind"] in {"Deployment", "StatefulSet"}]
    assert len(workers) == (3 if settings else 1)
    own = {one["metadata"]["name"]: one["data"] for one in found if one["kind"] == "ConfigMap"}
    assert own == (
        {"watch-rules": {"mine.yaml": "version: 1"}, "watch-sources": {"sources.yaml": "version: 1"}}
        if settings
        else {}
    )
    misspelt = {**workers[0], "spec": {**workers[0]["spec"], "replica": 1}}
    with pytest.raises(kubernetes_validate.ValidationError, match="replica"):
        kubernetes_validate.validate(misspelt, KUBERNETES, strict=True)
    for worker in workers:
        pod = worker["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"]
        mounted = {mount["name"] for container in pod["containers"] for mount in container["volumeMounts"]}
        claims = {claim["metadata"]["name"] for claim in worker["spec"].get("volumeClaimTemplates", [])}
        assert mounted <= {volume["name"] for volume in pod["volumes"]} | claims
        for container in (*pod["initContainers"], *pod["containers"]):
            assert container["securityContext"]["readOnlyRootFilesystem"]
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_an_image_is_built_from_what_the_dockerfile_copies_alone() -> None:
    """The build context holds those files and no other, so no secret, home or environment gets into it."""
    lines = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = {
        part.partition("/")[0]
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for part in line.split()[1:-1]
    }
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == copied
    assert all((ROOT / one).exists() for one in copied)


@pytest.mark.parametrize("unit", sorted((ROOT / "deploy/systemd").glob("*.service")), ids=lambda unit: unit.name)
def test_a_unit_makes_its_installation_and_reaches_a_database(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    assert "PrivateNetwork=yes" not in text, "the store may be PostgreSQL"
    assert ("ExecStartPre=/opt/chainwatch/bin/chainwatch init --no-input" in text) == ("Type=oneshot" not in text)
