"""`make run`: its supervisor and what it says when something is missing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from devtools.redis_server import SetupProblem, find_redis_server
from tests.live import free_port
from tests.supervised import PROJECT, Run, copy_project


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return copy_project(tmp_path_factory.mktemp("run"))


@pytest.fixture
def run(folder):
    run = Run(folder, free_port())
    try:
        run.wait_until_open()
        yield run
    finally:
        run.kill()


def test_whatever_dies_is_started_again_and_ctrl_c_ends_everything(run, folder):
    for word in ("worker", "scheduler", "redis-server", "gunicorn"):
        victim = run.processes(word)[0]
        victim.kill()
        victim.wait(5)
        run.wait_until(lambda word=word, pid=victim.pid: any(p.pid != pid for p in run.processes(word)), 10)
    run.wait_until(run.ready, 20)

    second = Run(folder, free_port())
    assert second.process.wait(20) == 1
    assert "already running in this folder" in second.text()
    assert run.ready()

    taken = Run(folder, run.port, REDIS_URL="redis://127.0.0.1:1")
    assert taken.process.wait(20) == 1
    assert f"Port {run.port} cannot be used (address already in use); choose another: make run PORT=" in taken.text()

    started = time.monotonic()
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(10) == 0
    assert time.monotonic() - started < 5
    assert run.processes() == []


def test_only_the_processes_that_the_words_name_carry_them(run):
    supervisor = run.process.pid
    for word, least in (("gunicorn", 2), ("worker", 1), ("scheduler", 1)):
        named = run.processes(word)
        assert len(named) >= least
        for process in named:
            others = {"gunicorn", "worker", "scheduler"} - {word}
            command = " ".join(process.cmdline())
            assert not any(other in command for other in others)
            assert process.pid != supervisor


def test_nothing_is_left_when_the_supervisor_is_killed(run):
    run.kill()
    run.wait_until(lambda: run.processes() == [], 8)


def test_a_port_that_is_no_number_is_refused_in_one_sentence(folder):
    done = subprocess.run(
        [".venv/bin/python", "-m", "devtools.run"],
        cwd=folder,
        env=os.environ | {"PORT": "http"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == "PORT must be a number from 1 to 65535, not http.\n"


def test_flask_commands_find_the_redis_of_a_project_with_a_very_long_path(folder, tmp_path):
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    run = Run(folder, free_port(), VAR_DIR=str(deep))
    try:
        run.wait_until(run.ready, 60)
    finally:
        run.process.terminate()
        run.process.wait(10)


def call_setup_venv(tmp_path: Path, python: str) -> subprocess.CompletedProcess[str]:
    """devtools/setup-venv in an empty project, on a PATH whose only Python is this shell script."""
    (tmp_path / "devtools").mkdir()
    shutil.copy(PROJECT / "devtools" / "setup-venv", tmp_path / "devtools")
    (tmp_path / "requirements.txt").write_text("")
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "basename", "cat", "cksum", "rm"):
        (tools / name).symlink_to(shutil.which(name))
    (tools / "python3").write_text(python)
    (tools / "python3").chmod(0o755)
    return subprocess.run(
        [tmp_path / "devtools" / "setup-venv", "requirements.txt"],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
    )


def test_a_python_that_is_too_old_gets_one_sentence(tmp_path):
    done = call_setup_venv(tmp_path, "#!/bin/sh\nexit 1\n")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Gavel needs Python 3.11 or newer" in done.stderr


def test_a_python_without_venv_gets_a_sentence_that_says_what_to_install(tmp_path):
    done = call_setup_venv(tmp_path, '#!/bin/sh\ncase "$*" in *venv*) exit 1;; esac\n')
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_no_redis_server_anywhere_gets_one_sentence(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SetupProblem, match="needs a redis-server on the PATH"):
        find_redis_server()
