"""The first command on a fresh machine: what is missing is said in one sentence."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from host import frontend, needs, setup
from host.failures import CannotStart

FIND = setup.ROOT / "host" / "find_python.sh"


def program(folder, name, script):
    """Put a program on a path of our own."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def find_python(path, cwd):
    return subprocess.run(
        ["/bin/sh", FIND], cwd=cwd, env={"PATH": str(path)}, capture_output=True, text=True
    )


def python_that_says(version, *, venv):
    """A Python as far as the finder can see: it evaluates the three questions asked."""
    older = "exit 1" if version < (3, 11) else "exit 0"
    module = "exit 0" if venv else "exit 1"
    return f"""case "$2" in
  *"print("*) echo {version[0]}.{version[1]} ;;
  *"sys.exit"*) {older} ;;
  *"import venv"*) {module} ;;
esac"""


def test_no_python_is_one_sentence_with_the_line_to_type(tmp_path):
    outcome = find_python(tmp_path / "bin", tmp_path)
    assert outcome.returncode == 1
    assert outcome.stderr.count("\n") == 1
    assert "sudo apt install python3 python3-venv" in outcome.stderr


def test_an_old_python_is_named(tmp_path):
    program(tmp_path / "bin", "python3", python_that_says((3, 9), venv=True))
    outcome = find_python(tmp_path / "bin", tmp_path)
    assert outcome.returncode == 1
    assert "3.9 est trop ancien" in outcome.stderr
    assert outcome.stderr.count("\n") == 1


def test_a_python_without_venv_gives_the_line_to_type(tmp_path):
    program(tmp_path / "bin", "python3", python_that_says((3, 11), venv=False))
    outcome = find_python(tmp_path / "bin", tmp_path)
    assert outcome.returncode == 1
    assert "sudo apt install python3-venv" in outcome.stderr
    assert outcome.stderr.count("\n") == 1


def test_a_newer_python_is_preferred_to_an_old_default(tmp_path):
    program(tmp_path / "bin", "python3", python_that_says((3, 9), venv=True))
    program(tmp_path / "bin", "python3.12", python_that_says((3, 12), venv=True))
    outcome = find_python(tmp_path / "bin", tmp_path)
    assert (outcome.returncode, outcome.stdout.strip()) == (0, "python3.12")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An environment of our own, whose installer only writes down what it was asked."""
    locks = tmp_path / "requirements"
    locks.mkdir()
    for name in ("run", "dev", "uv"):
        (locks / f"{name}.txt").write_text(f"{name}==1.0\n")
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "LOCKS", locks)
    monkeypatch.setattr(setup, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(setup, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(setup, "STAMP", tmp_path / ".venv" / "stamp.json")
    monkeypatch.setattr(setup, "REPORT", tmp_path / "var" / "setup.log")
    asked = tmp_path / "asked"

    def create():
        program(tmp_path / ".venv", "unused", "")
        program(tmp_path / ".venv" / "bin", "python", "exit 0")
        program(tmp_path / ".venv" / "bin", "uv", f'[ "$1" = --version ] && echo uv 1.0 || '
                                                  f'echo "$@" >> {asked}')  # fmt: skip

    monkeypatch.setattr(setup, "_create", create)
    asked.touch()
    return tmp_path


def test_nothing_is_installed_twice(place):
    setup.refresh("run")
    setup.refresh("run")
    assert (place / "asked").read_text().count("--require-hashes") == 1


def test_a_changed_lock_is_installed(place):
    setup.refresh("run")
    (place / "requirements" / "run.txt").write_text("run==2.0\n")
    setup.refresh("run")
    assert (place / "asked").read_text().count("run.txt") == 2


def test_running_does_not_take_development_packages_away(place):
    setup.refresh("dev")
    setup.refresh("run")
    assert "run.txt" not in (place / "asked").read_text()
    (place / "requirements" / "dev.txt").write_text("dev==2.0\n")
    setup.refresh("run")
    asked = (place / "asked").read_text()
    assert asked.count("dev.txt") == 2
    assert "run.txt" not in asked


def test_an_environment_made_by_hand_for_work_keeps_its_packages(place):
    pytest_of_the_environment = place / ".venv" / "lib" / "python3.11" / "site-packages" / "pytest"
    pytest_of_the_environment.mkdir(parents=True)
    (pytest_of_the_environment / "__init__.py").touch()
    setup.refresh("run")
    assert "run.txt" not in (place / "asked").read_text()


def test_an_interrupted_installation_is_done_again(place):
    setup.refresh("run")
    program(place / ".venv" / "bin", "uv", '[ "$1" = --version ] && echo uv 1.0 || exit 1')
    (place / "requirements" / "run.txt").write_text("run==2.0\n")
    with pytest.raises(CannotStart):
        setup.refresh("run")
    (place / "requirements" / "run.txt").write_text("run==1.0\n")
    with pytest.raises(CannotStart):
        setup.refresh("run")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("error: hash mismatch for a2wsgi", "Le verrou requirements/run.txt"),
        ("error: failed to fetch the index", "n’ont pas pu être téléchargés"),
        ("OSError: [Errno 28] No space left on device", "Le disque est plein"),
    ],
)
def test_each_reason_of_a_failed_installation_has_its_sentence(place, words, sentence):
    setup.refresh("run")
    program(
        place / ".venv" / "bin", "uv",
        f'[ "$1" = --version ] && echo uv 1.0 && exit; echo "{words}"; exit 2',
    )  # fmt: skip
    (place / "requirements" / "run.txt").write_text("run==2.0\n")
    with pytest.raises(CannotStart, match=sentence):
        setup.refresh("run")


def unversioned(lines):
    """A requirement without its version is no lock."""
    return [lines[0].split("==")[0] + " \\", *lines[1:]]


def half_merged(lines):
    return [*lines, "<<<<<<< HEAD"]


@pytest.mark.parametrize("damage", [unversioned, half_merged])
def test_a_broken_lock_is_one_sentence_and_installs_nothing(tmp_path, damage):
    """The real uv and the real lock, damaged; nothing is on disk afterwards."""
    locks = tmp_path / "requirements"
    shutil.copytree(setup.LOCKS, locks)
    lock = locks / "run.txt"
    lock.write_text("\n".join(damage(lock.read_text().splitlines())))
    shutil.copytree(setup.ROOT / "host", tmp_path / "host")
    binaries = Path(sys.prefix) / "bin"
    code = (
        "from host import setup; import pathlib; "
        f"setup.ENVIRONMENT = pathlib.Path({str(tmp_path / 'venv')!r}); "
        "setup.PYTHON = setup.ENVIRONMENT / 'bin' / 'python'; "
        "setup.STAMP = setup.ENVIRONMENT / 'stamp.json'; "
        "import sys; sys.exit(setup.main())"
    )
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    (tmp_path / "venv" / "bin" / "uv").symlink_to(binaries / "uv")
    outcome = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert outcome.returncode == 1
    assert "Le verrou requirements/run.txt" in outcome.stdout.splitlines()[-1]
    packages = list((tmp_path / "venv").glob("lib/*/site-packages/*"))
    assert packages == []


class TestTheFrontend:
    @pytest.fixture
    def sources(self, tmp_path, monkeypatch):
        """A front-end whose npm only counts what it was asked."""
        folder = tmp_path / "frontend"
        (folder / "src").mkdir(parents=True)
        for name in ("package.json", "package-lock.json", ".npmrc", "src/main.js"):
            (folder / name).write_text("{}")
        program(
            tmp_path / "bin", "npm", f'echo "$1" >> {tmp_path}/asked; mkdir -p node_modules dist'
        )
        monkeypatch.setattr(sys, "prefix", str(tmp_path))
        return folder

    def asked(self, sources):
        return (sources.parent / "asked").read_text().split()

    def test_is_built_once_while_nothing_changes(self, sources):
        frontend.build(sources)
        frontend.build(sources)
        assert self.asked(sources) == ["ci", "run"]
        assert frontend.is_current(sources)

    def test_a_changed_script_is_built_without_installing_again(self, sources):
        frontend.build(sources)
        (sources / "src" / "main.js").write_text("{changed}")
        frontend.build(sources)
        assert self.asked(sources) == ["ci", "run", "run"]

    def test_a_changed_lock_installs_again(self, sources):
        frontend.build(sources)
        (sources / "package-lock.json").write_text("{changed}")
        frontend.build(sources)
        assert self.asked(sources) == ["ci", "run", "ci", "run"]

    def test_a_broken_lock_is_said_and_tried_again_next_time(self, sources):
        program(sources.parent / "bin", "npm", "echo npm error code EINTEGRITY; exit 1")
        with pytest.raises(CannotStart, match=r"frontend/package-lock\.json"):
            frontend.build(sources)
        assert not frontend.is_current(sources)


class TestWhatTestsNeed:
    def test_a_missing_browser_is_the_line_to_type_never_a_silence(self, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        with pytest.raises(CannotStart, match="sudo apt install chromium, puis"):
            needs.provide(["browser"])

    def test_root_has_it_installed_and_a_failure_is_still_said(self, monkeypatch, tmp_path):
        program(tmp_path, "apt-get", f'echo "$@" >> {tmp_path}/asked; exit 100')
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        with pytest.raises(CannotStart, match="sudo apt install chromium"):
            needs.provide(["browser"])
        assert "install -y --no-install-recommends chromium" in (tmp_path / "asked").read_text()

    def server(self, folder, version):
        (folder / version).mkdir()
        program(folder / version / "bin", "initdb", "")

    def test_the_oldest_postgresql_is_tried_and_no_other_in_its_name(self, monkeypatch, tmp_path):
        monkeypatch.setattr(needs, "SERVERS", tmp_path)
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        for version in ("16", "17"):
            self.server(tmp_path, version)
        with pytest.raises(CannotStart, match="15 et non 16, 17.* install postgresql-15"):
            needs.provide(["postgresql"])
        assert needs.postgresql() is None
        self.server(tmp_path, "15")
        needs.provide(["postgresql"])
        assert needs.postgresql() == tmp_path / "15" / "bin"

    def test_the_first_tests_ask_for_no_server_of_the_system(self):
        assert "postgresql" not in {need.name for need in needs.asked_for([])}
