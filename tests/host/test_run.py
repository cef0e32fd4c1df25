"""The whole house, started for real: what is refused, what comes up, how it goes down."""

import fcntl
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from host.postgres import Server
from host.setup import ROOT

PATIENCE = 300  # a busy machine is slow, not broken


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def data():
    folder = Path("/tmp") / f"cordee-run-{os.getpid()}-{time.monotonic_ns()}"
    folder.mkdir()
    yield folder
    Server(folder).stop()
    shutil.rmtree(folder)


def environ(data, **variables):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CORDEE_")}
    kept.pop("DATABASE_URL", None)
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return kept | {"CORDEE_DATA": str(data)} | variables


def start(data, **variables):
    return subprocess.run(
        [sys.executable, "-m", "host.run"],
        cwd=ROOT,
        env=environ(data, **variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def sentence(outcome):
    """The one thing said: nothing on the error stream, no trace of a crash."""
    assert outcome.stderr == ""
    assert "Traceback" not in outcome.stdout
    return outcome.stdout.strip().splitlines()[-1]


def test_an_unknown_variable_stops_the_start_by_its_name(data):
    outcome = start(data, CORDEE_PROT="8000")
    assert outcome.returncode == 2
    assert "CORDEE_PROT" in sentence(outcome)
    assert list(data.iterdir()) == []


def test_a_port_taken_is_said_before_any_work(data):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        outcome = start(data, CORDEE_PORT=str(taken))
    assert outcome.returncode == 1
    assert f"Le port {taken}" in sentence(outcome)
    assert f"CORDEE_PORT={taken + 1}" in sentence(outcome)
    assert not (data / "postgres").exists()


def test_two_houses_do_not_share_a_data_folder(data):
    with (data / "run.lock").open("w") as lock:
        lock.write("4242")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        outcome = start(data, CORDEE_PORT=str(free_port()))
    assert outcome.returncode == 1
    assert "processus 4242" in sentence(outcome)


def test_an_unready_production_names_everything_it_misses(data):
    outcome = start(data, CORDEE_MODE="production")
    assert outcome.returncode == 1
    for name in ("SECRET_KEY", "BEHIND_TLS", "CONTROLLER", "DPO_CONTACT", "HOSTING", "SMS_GATEWAY"):
        assert f"CORDEE_{name}" in outcome.stdout, name
    assert not (data / "postgres").exists()


def test_a_database_that_does_not_answer_is_one_sentence(data):
    url = f"postgresql://cordee_app:motdepasse@127.0.0.1:{free_port()}/cordee"
    outcome = start(data, CORDEE_PORT=str(free_port()), DATABASE_URL=url)
    assert outcome.returncode == 1
    assert "DATABASE_URL ne répond pas" in sentence(outcome)
    assert "motdepasse" not in outcome.stdout


@pytest.mark.parametrize("role", ["superuser", "owner"])
def test_the_pages_never_get_a_role_that_owns_the_database(data, role):
    server = Server(data / "other", durable=False)
    server.start()
    try:
        server.ensure_database("cordee")
        url = server.superuser_url("cordee") if role == "superuser" else server.owner_url("cordee")
        outcome = start(data, CORDEE_PORT=str(free_port()), DATABASE_URL=url)
    finally:
        server.stop()
    assert outcome.returncode == 1
    assert "propriétaire ou superutilisateur" in sentence(outcome)


def test_a_nearly_full_disk_is_said_before_any_work(data):
    small = data / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "cordee", small]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small file system takes the rights of root")
    try:
        outcome = start(small, CORDEE_PORT=str(free_port()))
    finally:
        subprocess.run(["umount", small], check=True)
    assert outcome.returncode == 1
    assert "Le disque est plein" in sentence(outcome)


@pytest.mark.slow
def test_the_house_comes_up_mends_itself_and_goes_down(data):
    """One real start, because each costs half a minute: everything is looked at in one go."""
    port = free_port()
    with (data / "said").open("wb") as said:
        house = subprocess.Popen(
            [sys.executable, "-m", "host.run"],
            cwd=ROOT,
            env=environ(data, CORDEE_PORT=str(port), CORDEE_BACKUPS=str(data / "vault")),
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        until_said(data, house, "Ctrl-C arrête tout")
        said = (data / "said").read_text()
        assert f"http://127.0.0.1:{port}" in said
        assert "Données fictives" in said
        assert status(port, "/health") == 200
        family = psutil.Process(house.pid).children(recursive=True)
        assert len(family) >= 3
        for process in family:
            seen = process.environ()
            assert "CORDEE_OWNER_URL" not in seen
            assert "CORDEE_RETENTION_URL" not in seen
            assert "cordee_owner" not in seen.get("DATABASE_URL", "")  # pg_receivewal has none
        for name in ("worker", "web-1"):
            next(one for one in family if one.name() == f"cordee-{name}").kill()
            until_said(data, house, f"« {name} » est relancé")
            assert status(port, "/health") == 200
        os.kill(Server(data).postmaster, signal.SIGKILL)
        until_said(data, house, "PostgreSQL est relancé")
        until_ready(data, house, port)
        told, figures = answer(port, "/metrics")
        assert told == 200, (told, (data / "said").read_text())
        assert b"cordee_requests_total" in figures
        assert (data / "metrics").is_dir()
        assert (data / "vault" / "journal").is_dir()
        family = psutil.Process(house.pid).children(recursive=True)
    finally:
        house.send_signal(signal.SIGTERM)
        code = house.wait(PATIENCE)
    assert code == 0
    assert "Tout est arrêté." in (data / "said").read_text()
    assert [one for one in family if lives(one)] == []
    assert not Server(data).answers()


def until_said(data, house, words):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        said = (data / "said").read_text()
        if words in said:
            return
        assert house.poll() is None, said
        time.sleep(0.1)
    raise AssertionError((data / "said").read_text())


def until_ready(data, house, port):
    """Wait for the whole house: a worker that lost its server falls, waits, and starts again."""
    deadline = time.monotonic() + PATIENCE
    while status(port, "/ready") != 200:
        assert time.monotonic() < deadline, body(port, "/ready")
        assert house.poll() is None, (data / "said").read_text()
        time.sleep(0.1)


def lives(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def status(port, path):
    return answer(port, path)[0]


def body(port, path):
    return answer(port, path)[1]


def answer(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        said = connection.getresponse()
        return said.status, said.read()
    finally:
        connection.close()
