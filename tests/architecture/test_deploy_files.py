"""The files in deploy/ name only metrics, settings and options that exist."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from commentsite.config import ENVIRONMENT_PREFIX, SETTING_NAMES, load_settings
from commentsite.text.languages import INTERFACE_LANGUAGES
from tests.support.factories import SECRET
from tests.support.servers import find_program

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = yaml.safe_load((DEPLOY / "alerts" / "commentsite.yml").read_text())
DASHBOARD = json.loads((DEPLOY / "grafana" / "commentsite.json").read_text())


def expressions():
    for group in RULES["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def test_alerts_and_dashboard_ask_only_for_figures_that_are_counted(app, client):
    client.get("/letters/hello")
    families = list(text_string_to_metric_families(client.get("/metrics").text))
    known = {family.name for family in families}
    labels = {name for family in families for s in family.samples for name in s.labels}
    for title, expression in expressions():
        for name in re.findall(r"commentsite_\w+", expression):
            assert re.sub(r"_(total|bucket)$", "", name) in known, f"{title}: {name}"
        assert expression.count("(") == expression.count(")"), title
        for by in re.findall(r"by \((\w+)\)", expression):
            assert by in labels | {"class", "limit"}, f"{title}: {by}"


def test_prometheus_accepts_the_alert_rules():
    command = [find_program("promtool"), "check", "rules", DEPLOY / "alerts" / "commentsite.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_sample_of_the_environment_starts(tmp_path):
    text = (DEPLOY / "commentsite.env.sample").read_text()
    given = dict(re.findall(rf"^#?{ENVIRONMENT_PREFIX}(\w+)=(.*)$", text, re.MULTILINE))
    assert set(given) <= SETTING_NAMES
    settings = load_settings({**given, "INSTANCE": str(tmp_path), "SECRET_KEY": SECRET})
    assert settings.is_https
    assert settings.mail_server.tls == "starttls"


def test_compose_gives_only_settings_that_exist():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    for service in compose["services"].values():
        for name in service.get("environment", {}):
            if name.startswith(ENVIRONMENT_PREFIX):
                assert name.removeprefix(ENVIRONMENT_PREFIX) in SETTING_NAMES
        assert "/" not in service["image"]  # no registry is named


UNITS = sorted((DEPLOY / "systemd").iterdir())


@pytest.mark.parametrize("path", UNITS, ids=lambda p: p.name)
def test_systemd_understands_each_unit(path, tmp_path):
    text = path.read_text().replace("/opt/commentsite/.venv/bin/commentsite", "/bin/true")
    text = text.replace("WorkingDirectory=/opt/commentsite", "WorkingDirectory=/")
    for unit in UNITS:
        (tmp_path / unit.name).write_text(
            text if unit == path else "[Service]\nExecStart=/bin/true\n"
        )
    done = subprocess.run(
        [find_program("systemd-analyze"), "verify", "--man=no", tmp_path / path.name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not [line for line in done.stderr.splitlines() if path.name in line]


@pytest.mark.parametrize("path", [p for p in UNITS if p.suffix == ".service"], ids=lambda p: p.name)
def test_each_service_gives_up_privileges(path):
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="):
        assert f"\n{line}\n" in path.read_text()


def test_the_proxy_the_script_for_other_sites_and_the_catalogues_have_the_same_languages():
    """They cannot read the list of the program, or are made by hand."""
    proxy = re.search(r"\^\(/\(([a-z|]+)\)\)\?/", (DEPLOY / "nginx-site.conf").read_text())
    script = (DEPLOY.parent / "static" / "js" / "embed.js").read_text()
    titles = script.partition("TITLES = {")[2].partition("}")[0]
    catalogues = DEPLOY.parent / "commentsite" / "translations"
    assert tuple(proxy[1].split("|")) == INTERFACE_LANGUAGES
    assert tuple(re.findall(r'\b([a-z]+): "', titles)) == INTERFACE_LANGUAGES
    assert {"en", *(path.name for path in catalogues.iterdir())} == {*INTERFACE_LANGUAGES}
