"""The processes: restarted when they fall, never left behind."""

import os
import signal
import subprocess
import sys
import time

import pytest

from config.environment import parse
from host.failures import CannotStart
from host.health import wait_until_healthy
from host.processes import WITH_ITS_OWN, Child, Household, program
from host.setup import ROOT

PATIENCE = 120  # a busy machine is slow, not broken; what is left alone here lives longer


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().split()[2] != "Z"
    except FileNotFoundError:
        return False


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def household(tmp_path):
    def make(*programs):
        house = Household(
            [
                Child(f"essai-{number}", program([sys.executable, "-c", words], os.environ),
                      tmp_path / "logs" / f"{number}.log")
                for number, words in enumerate(programs)
            ]
        )  # fmt: skip
        made.append(house)
        return house

    made = []
    yield make
    for house in made:
        house.stop()


STEADY = "import time; time.sleep(600)"


def test_a_process_that_falls_is_said_and_started_again(household, capsys):
    house = household(STEADY)
    house.start()
    first = house.children[0].pid
    os.kill(first, signal.SIGKILL)

    def again():
        house.tend()
        return house.children[0].pid not in (None, first)

    assert until(again)
    said = capsys.readouterr().out
    assert "« essai-0 » s’est arrêté (signal 9)" in said
    assert "relancé" in said


def test_each_fall_in_a_row_waits_longer(household):
    house = household("raise SystemExit(3)")
    child = house.children[0]
    pauses = []
    for _ in range(8):
        child.start()
        child.running.join()
        assert child.fell() == 3
        pauses.append(child.pause)
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_process_that_ran_long_is_restarted_at_once_again(household):
    house = household("raise SystemExit(3)")
    child = house.children[0]
    child.falls = 6
    child.start()
    child.running.join()
    child.started_at -= 61
    child.fell()
    assert child.pause == 1


def test_stopping_stops_every_process_even_a_deaf_one(household):
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('deaf', flush=True); time.sleep(600)"
    )
    house = household(STEADY, deaf)
    house.children[1].patience = 1.0
    house.start()
    assert until(lambda: b"deaf" in house.children[1].log.read_bytes())
    pids = [child.pid for child in house.children]
    house.stop()
    assert not any(alive(pid) for pid in pids)


def test_a_process_that_has_its_own_is_let_stop_the_deaf_ones_among_them(tmp_path):
    stem = f"""
import signal
import time
from pathlib import Path
from host.processes import Child, Household
def deaf():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("deaf", flush=True)
    time.sleep(600)
own = Child("sourd", deaf, Path({str(tmp_path)!r}) / "own" / "deaf.log", patience=1.0)
stopping = []
signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
house = Household([own])
house.start()
print(own.pid, flush=True)
house.watch(lambda: stopping)
house.stop()
"""
    log = tmp_path / "logs" / "stem.log"
    body = program([sys.executable, "-c", stem], os.environ | {"PYTHONPATH": str(ROOT)})
    house = Household([Child("souche", body, log, patience=WITH_ITS_OWN)])
    house.start()
    assert until((tmp_path / "own" / "deaf.log").exists)
    assert until(lambda: b"deaf" in (tmp_path / "own" / "deaf.log").read_bytes())
    deaf = int(log.read_text())
    house.stop()
    assert not alive(deaf)


def test_what_a_process_started_stops_with_it(household):
    house = household(
        "import subprocess, time; "
        "print(subprocess.Popen(['sleep', '600']).pid, flush=True); time.sleep(600)"
    )
    house.start()
    log = house.children[0].log
    assert until(lambda: log.read_text().strip())
    grandchild = int(log.read_text())
    house.stop()
    assert until(lambda: not alive(grandchild))


def test_the_processes_do_not_outlive_a_house_that_was_killed_even_at_once(tmp_path):
    house = f"""
import importlib
import time
from pathlib import Path
from host.processes import Child, Household
log = Path({str(tmp_path)!r}) / "logs" / "child.log"
processes = importlib.import_module("host.processes")
tie = processes._belong_to_the_house
processes._belong_to_the_house = lambda name: (time.sleep(0.5), tie(name))
house = Household([Child("essai", lambda: time.sleep(600), log)])
house.start()
print(house.children[0].pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen(
        [sys.executable, "-c", house], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()
    assert until(lambda: not alive(child))


def test_a_long_log_begins_anew(household, monkeypatch):
    monkeypatch.setattr("host.processes.KEPT_LOG", 10)
    house = household("print('assez long pour tourner')")
    for _ in range(2):
        house.start()
        house.children[0].running.join()
    log = house.children[0].log
    assert log.with_suffix(".log.1").read_text() == log.read_text()


def test_a_process_that_refuses_its_settings_ends_the_start_with_its_own_sentence(household):
    house = household("import sys; print('Le mode production est refusé.'); sys.exit(78)")
    house.start()
    environment = parse({"CORDEE_PORT": "1"})
    with pytest.raises(CannotStart, match="^Le mode production est refusé.$"):
        wait_until_healthy(environment, house, lambda: False)


def test_a_process_that_keeps_falling_ends_the_start(household, monkeypatch):
    monkeypatch.setattr("host.processes.FIRST_PAUSE", 0.01)
    house = household("raise SystemExit('la clé manque')")
    house.start()
    with pytest.raises(CannotStart, match="« essai-0 » ne tient pas : la clé manque"):
        wait_until_healthy(parse({"CORDEE_PORT": "1"}), house, lambda: False)
