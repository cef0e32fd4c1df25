"""Print the tests of what was touched since main: the inner loop runs these and no more.

usage: python tools/touched.py
"""

import subprocess
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALWAYS = ("tests/architecture", "tests/kernel")


def paths_for(files: Iterable[str]) -> list[str]:
    """The tests of the rooms that hold these files, and these tests themselves."""
    wanted = set(ALWAYS)
    for file in files:
        match Path(file).parts:
            case ("cordee" | "tests", room, _, *_) if (ROOT / "tests" / room).is_dir():
                wanted.add(f"tests/{room}")
            case ("config" | "host", *_):
                wanted.add("tests/host")
    return sorted(wanted - {"tests/browser", "tests/factories"})


def touched() -> list[str]:
    """Files changed since the branch left main, committed or not."""
    base = _git("merge-base", "HEAD", "main") or ["HEAD"]
    changed = _git("diff", "--name-only", base[0])
    return [*changed, *_git("ls-files", "--others", "--exclude-standard")]


def _git(*words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.split("\n")[:-1] if done.returncode == 0 else []


if __name__ == "__main__":
    print(*paths_for(touched()))
