"""What the documentation says of running the house is what the code does."""

import re
import subprocess
import sys

from config.environment import VARIABLES
from host.setup import ROOT

EXPLOITATION = (ROOT / "docs" / "exploitation.md").read_text(encoding="utf-8")


def test_the_table_of_variables_is_that_of_the_code():
    run = subprocess.run([sys.executable, "tools/write_variables.py", "--check"], cwd=ROOT)
    assert run.returncode == 0, "type « make map »"


def test_every_variable_named_in_the_documents_exists():
    named = set(re.findall(r"\bCORDEE_[A-Z_]+[A-Z]\b", EXPLOITATION + read_makefile()))
    assert named <= {one.name for one in VARIABLES}


def test_the_variables_of_the_tools_are_documented_too():
    programs = [*(ROOT / "bench").rglob("*.py"), ROOT / "host" / "find_python.sh"]
    read = {
        name
        for program in programs
        for name in re.findall(r"\b(BENCH_[A-Z]+|PYTHON)\b", program.read_text())
    }
    assert len(read) > 3
    assert read == set(re.findall(r"`(BENCH_[A-Z]+|PYTHON)`", EXPLOITATION))


def test_the_conditions_for_real_persons_come_first_and_promise_nothing():
    first = EXPLOITATION.split("\n## ")[1]
    for word in (
        "HDS",
        "opérateur de messages texte",
        "analyse d’impact",
        "registre",
        "note d’info",
    ):
        assert word in first, word
    assert "conforme" not in EXPLOITATION.lower()


def test_every_target_of_the_makefile_is_explained():
    targets = re.findall(r"^([a-z][a-z0-9-]*):", read_makefile(), re.MULTILINE)
    explained = re.findall(r"^([a-z][a-z0-9-]*):.*## \S", read_makefile(), re.MULTILINE)
    assert targets == explained


def read_makefile():
    return (ROOT / "Makefile").read_text(encoding="utf-8")
