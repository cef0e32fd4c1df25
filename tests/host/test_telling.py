"""What a run says while it goes: each failure at once, a test that hangs by its stacks."""

import re
import subprocess
import sys

import pytest

from host.setup import ROOT

A_FILE = """
import time
def test_one_that_holds(): pass
def test_one_that_breaks(): assert "pain" == "beurre"
def test_one_that_hangs(): time.sleep(600)
def test_one_more(): pass
"""
A_FILE_THAT_CANNOT_BE_READ = "import nothing_of_that_name"


@pytest.fixture(scope="module", params=["-n0", "-n1"], ids=["alone", "with workers"])
def said(request, tmp_path_factory):
    """What pytest says of these two files, bound to two seconds a test."""
    folder = tmp_path_factory.mktemp("told")
    (folder / "test_a.py").write_text(A_FILE)
    (folder / "test_b.py").write_text(A_FILE_THAT_CANNOT_BE_READ)
    words = ["-p", "tests.telling", "-p", "no:django", "-p", "no:cacheprovider"]
    words += ["-c", "/dev/null", "-o", "timeout=2", "--continue-on-collection-errors"]
    words += ["-q", "--rootdir", folder, folder, request.param]
    run = [sys.executable, "-m", "pytest", *words]
    return subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=300).stdout


def line_of(said, name):
    """What was told of it, before the summary where all of it is written."""
    before = said[: re.search("^=+ (ERRORS|FAILURES) =", said, re.MULTILINE).start()]
    return re.search(f"^ÉCHEC {name} .*$", before, re.MULTILINE)


def test_a_failure_is_told_in_a_line_before_the_summary(said):
    told = line_of(said, "test_a.py::test_one_that_breaks")
    assert re.search(r" \(\d+\.\d s\) : .*test_a.py:4 AssertionError: assert 'pain'", told[0])
    assert line_of(said, "test_a.py::test_one_that_holds") is None


def test_a_test_that_hangs_fails_and_what_follows_it_runs(said):
    assert "Timeout (>2.0s)" in line_of(said, "test_a.py::test_one_that_hangs")[0]
    assert "2 failed, 2 passed, 1 error" in said


def test_a_file_that_cannot_be_read_is_told_too(said):
    assert "No module named 'nothing_of_that_name'" in line_of(said, "test_b.py")[0]


def test_the_files_that_last_are_named_at_the_end(said):
    assert re.search(r"^Les plus longs : \d+ s test_a.py", said, re.MULTILINE)
