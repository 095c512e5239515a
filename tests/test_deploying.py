"""Containers and units start what the Procfile starts, with every setting, and hold no secret."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parent.parent
PROCFILE = dict(line.split(": ", 1) for line in (PROJECT / "Procfile").read_text().splitlines())
# Set by the image or the file itself, or not for production.
NOT_PASSED_ON = {"GAVEL_ENV", "PORT", "VAR_DIR", "MEDIA_DIR", "SANDBOX_AUTO_APPROVE", "RATELIMIT_ENABLED", "TEST_DATABASE_URL"}
PROCESSES = ["web", "worker", "scheduler"]


def production():
    return yaml.safe_load((PROJECT / "compose.yaml").read_text())


def program(line: str) -> str:
    return re.sub(r"^(\w+=\S+ )+", "", line)


def test_containers_are_given_every_setting():
    listed = set(re.findall(r"^([A-Z][A-Z0-9_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))
    for name in ["release", *PROCESSES]:
        assert set(production()["services"][name]["environment"]) == listed - NOT_PASSED_ON


def test_containers_have_no_secret_of_their_own():
    for service in production()["services"].values():
        for name, value in service["environment"].items():
            if re.search("PASSWORD|SECRET|KEY|TOKEN", name):
                assert re.fullmatch(r"\$\{\w+:(\?.*|-)\}", value), name
    assert production()["services"]["web"]["environment"]["SECRET_KEY"].startswith("${SECRET_KEY:?")


def test_only_the_web_is_reached_from_outside_and_by_this_machine_alone():
    services = production()["services"]
    assert [name for name, one in services.items() if "ports" in one] == ["web"]
    assert all(port.startswith("127.0.0.1:") for port in services["web"]["ports"])
    assert [services[name]["networks"] for name in ("database", "redis")] == [["inside"], ["inside"]]
    assert production()["networks"]["inside"]["internal"] is True


@pytest.mark.parametrize("name", PROCESSES)
def test_containers_and_units_run_the_lines_of_the_procfile(name):
    image = re.findall(r"^CMD \[(.*)\]$", (PROJECT / "Dockerfile").read_text(), re.MULTILINE)[-1]
    command = production()["services"][name].get("command") or re.findall('"(.*?)"', image)
    assert " ".join(command) == program(PROCFILE[name])
    unit = (PROJECT / "deploy" / f"gavel-{name}.service").read_text()
    started = re.search(r"^ExecStart=/opt/gavel/venv/bin/(.*)$", unit, re.MULTILINE)[1]
    assert started.replace(" --bind 127.0.0.1:8000", "") == program(PROCFILE[name])


def test_the_image_is_built_from_what_it_needs_alone_and_not_run_as_root():
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored and not any(line.startswith("!.") or line == "!var" for line in ignored)
    assert re.search(r"^USER [1-9]\d*:\d+$", (PROJECT / "Dockerfile").read_text(), re.MULTILINE)


def test_a_backup_that_fails_leaves_no_file(tmp_path):
    done = subprocess.run(
        [PROJECT / "deploy" / "backup", tmp_path],
        env={"PATH": "/usr/bin:/bin", "DATABASE_URL": f"postgresql:///none?host={tmp_path}"}, capture_output=True, timeout=30)
    assert done.returncode != 0 and list(tmp_path.iterdir()) == []
