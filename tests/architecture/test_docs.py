"""Documents: short, and kept true."""

import re
import subprocess
import sys

import pytest

from tests.architecture.house import ROOT, rooms

DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("**/*.md"))]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(document):
    broken = []
    for link, picture in LINK.findall(document.read_text(encoding="utf-8")):
        target = (link or picture).split("#")[0]
        if target and not re.match(r"[a-z]+:", target) and not (document.parent / target).exists():
            broken.append(target)
    assert not broken


def test_the_map_is_fresh():
    run = subprocess.run(
        [sys.executable, "tools/draw_map.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_map_names_every_room():
    text = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")
    assert all(f"**{room}**" in text for room in rooms())


def test_decision_records_are_numbered_without_a_gap_and_say_what_follows():
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [int(path.name[:4]) for path in records]
    assert numbers == list(range(1, len(records) + 1))
    for path in records:
        text = path.read_text(encoding="utf-8")
        assert re.search(r"^## (Decision|Consequences)", text, re.MULTILINE), path.name
        assert len(text.splitlines()) <= 60, f"{path.name}: one page"


def test_the_readme_promises_no_compliance():
    text = (ROOT / "README.md").read_text(encoding="utf-8").lower()
    assert "compliant" not in text
    assert "conforme" not in text


def test_no_lock_carries_the_address_of_a_registry():
    locks = [*ROOT.glob("requirements/*.txt"), *ROOT.glob("frontend/package-lock.json")]
    assert locks
    assert not [path.name for path in locks if re.search(r"https?://", _locked(path))]


def _locked(path) -> str:
    """A lock file without the home pages that npm copies out of each package."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r'"(url|funding|homepage)": "[^"]*"', "", text)
