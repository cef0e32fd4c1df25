"""`cordee`: every management command on the right database, under the right role."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from host import database
from host.postgres import Server
from host.setup import ROOT


@pytest.fixture
def data():
    folder = Path("/tmp") / f"cordee-console-{os.getpid()}-{time.monotonic_ns()}"
    folder.mkdir()
    yield folder
    Server(folder).stop()
    shutil.rmtree(folder)


def python(code, data, *words, **variables):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CORDEE_")}
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
        kept.pop(name, None)
    return subprocess.run(
        [sys.executable, *code, *words],
        cwd=ROOT,
        env=kept | {"CORDEE_DATA": str(data)} | variables,
        capture_output=True,
        text=True,
    )


def cordee(data, *words, **variables):
    code = ("-c", "import sys; from config.console import main; sys.exit(main())")
    return python(code, data, *words, **variables)


def test_a_server_that_is_up_stays_up(data):
    server = Server(data)
    server.start()
    assert cordee(data, "check").returncode == 0
    assert server.answers()


def test_only_preparation_is_given_the_owner(data):
    tell = "import os, sys; from config import console; console._execute = lambda words: print("
    tell += "'CORDEE_OWNER_URL' in os.environ) or 0; sys.exit(console.main())"
    assert python(("-c", tell), data, "prepare").stdout.strip() == "True"
    assert python(("-c", tell), data, "verify-thread").stdout.strip() == "False"


def test_a_prepared_base_compiles_no_plan(data):
    server = Server(data)
    server.start()
    assert cordee(data, "prepare", "--verbosity=0").returncode == 0
    with psycopg.connect(server.app_url(database.NAME)) as application:
        assert application.execute("SHOW jit").fetchone() == ("off",)


def test_only_what_removes_is_given_the_role_that_may(data):
    tell = "import os, sys; from config import console; console._execute = lambda words: print("
    tell += "[f'CORDEE_{one}_URL' in os.environ for one in ('RETENTION', 'OWNER')]) or 0;"
    tell += " sys.exit(console.main())"
    for word in ("archive", "purge-expired", "purge-messages"):
        assert python(("-c", tell), data, word).stdout.strip() == "[True, False]"
    assert python(("-c", tell), data, "verify-trace").stdout.strip() == "[False, False]"


def test_a_malformed_variable_is_one_sentence(data):
    outcome = cordee(data, "check", CORDEE_PORT="huit mille")
    assert outcome.returncode == 1
    assert outcome.stderr.startswith("La variable CORDEE_PORT est mal écrite")
    assert outcome.stderr.count("\n") == 1


def test_an_unready_production_is_refused_whatever_the_command(data):
    outcome = cordee(data, "create-administrator", CORDEE_MODE="production")
    assert outcome.returncode == 1
    assert "CORDEE_SECRET_KEY" in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert list(data.iterdir()) == []


def test_an_unknown_command_is_a_failure(data):
    assert cordee(data, "faire-le-cafe").returncode == 1


def test_a_base_that_was_never_prepared_is_said(data):
    outcome = cordee(data, "demo")
    assert outcome.returncode == 1
    assert "Traceback" not in outcome.stderr
    said = outcome.stderr.strip().splitlines()[-1]
    for part in ("n’est pas prête", "rien n’est perdu", "cordee prepare", "make run"):
        assert part in said
    assert said.endswith("(house.not_prepared)")


class TestForgettingTheDemonstration:
    def test_leaves_nothing_of_it(self, data):
        server = Server(data)
        server.start()
        server.ensure_database("cordee")
        cluster, url = server.folder, server.superuser_url()
        outcome = python(("-m", "host.reset"), data)
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr
        assert not cluster.exists()
        assert not (data / "secrets.json").exists()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)

    def test_never_touches_production(self, data):
        Server(data).start()
        outcome = python(("-m", "host.reset"), data, CORDEE_MODE="production")
        assert outcome.returncode == 1
        assert Server(data).answers()
