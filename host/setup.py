"""Make or refresh the environment. Runs with the Python of the system: standard library only.

usage: python -m host.setup run|dev
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from host.failures import DISK_FULL, CannotStart, is_full_disk, speaks_of_a_full_disk
from host.screen import say, step

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "cordee-requirements.json"
LOCKS = ROOT / "requirements"
REPORT = ROOT / "var" / "setup.log"
NETWORK = (
    "error sending request",
    "failed to fetch",
    "connection",
    "timed out",
    "network",
    "name resolution",
)

CONSOLE = """#!{python}
import sys

sys.path.insert(0, {root!r})
from config.console import main

sys.exit(main())
"""


def main() -> int:
    """Bring the environment to the wanted set of packages; do nothing when it is there."""
    try:
        refresh(sys.argv[1] if len(sys.argv) > 1 else "run")
    except CannotStart as refusal:
        say(str(refusal))
        return 1
    except OSError as error:
        say(DISK_FULL if is_full_disk(error) else f"L’environnement n’a pas pu être créé : {error}")
        return 1
    return 0


def refresh(wanted: str) -> None:
    """Install what the locks say, when they changed. Development packages are never taken away."""
    installed = _installed()
    if installed.get("set") == "dev" or _has_development_packages():
        wanted = "dev"
    target = {"set": wanted, "digest": digest(wanted), "python": sys.version}
    if installed == target:
        return
    with step("Environnement Python"):
        if not PYTHON.exists() or subprocess.run([PYTHON, "-c", ""], check=False).returncode:
            _create()
        STAMP.unlink(missing_ok=True)
        _install(wanted)
        console = ENVIRONMENT / "bin" / "cordee"
        console.write_text(CONSOLE.format(python=PYTHON, root=str(ROOT)))
        console.chmod(0o755)
        STAMP.write_text(json.dumps(target))


def digest(wanted: str) -> str:
    """Return the digest of the locks of a set."""
    locks = (LOCKS / f"{wanted}.txt", LOCKS / "uv.txt")
    return hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()


def _installed() -> dict[str, str]:
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text())
        return stamp
    except (OSError, ValueError):
        return {}


def _has_development_packages() -> bool:
    """Recognise an environment made for work by other means than this file."""
    return next(ENVIRONMENT.glob("lib/python*/site-packages/pytest/__init__.py"), None) is not None


def _create() -> None:
    if Path(sys.prefix).resolve() == ENVIRONMENT.resolve():
        raise CannotStart("Le dossier .venv est abîmé : tapez « rm -rf .venv », puis recommencez.")
    if ENVIRONMENT.exists():
        shutil.rmtree(ENVIRONMENT)
    venv.create(ENVIRONMENT, with_pip=True)


def _install(wanted: str) -> None:
    """Install uv from its own lock; it installs the rest, every file checked by its hash."""
    lock = LOCKS / f"{wanted}.txt"
    if not _has_right_uv():
        _run(
            [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "--require-hashes", "--no-deps", "-r", LOCKS / "uv.txt"], LOCKS / "uv.txt",
        )  # fmt: skip
    _run(
        [ENVIRONMENT / "bin" / "uv", "pip", "sync", "--quiet", "--require-hashes",
         lock, LOCKS / "uv.txt"], lock,
    )  # fmt: skip


def _has_right_uv() -> bool:
    uv = ENVIRONMENT / "bin" / "uv"
    wanted = (LOCKS / "uv.txt").read_text().split("==")[1].split()[0]
    if not uv.exists():
        return False
    found = subprocess.run([uv, "--version"], capture_output=True, text=True, check=False)
    return found.stdout.split()[1:2] == [wanted]


def _run(command: list[str | Path], lock: Path) -> None:
    # The certificates of the system: a hospital reads its traffic through an authority of its own.
    environ = os.environ | {"VIRTUAL_ENV": str(ENVIRONMENT), "UV_SYSTEM_CERTS": "1"}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode == 0:
        return
    raise CannotStart(_reason(done.stdout, lock.relative_to(ROOT)))


def _reason(output: str, lock: Path) -> str:
    """Say in one sentence why packages were not installed; keep the rest in a file."""
    if speaks_of_a_full_disk(output):
        return DISK_FULL
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(output)
    if any(sign in output.lower() for sign in NETWORK):
        return (
            f"Les paquets de {lock} n’ont pas pu être téléchargés : vérifiez la connexion au "
            f"réseau, puis recommencez (détail : {REPORT.relative_to(ROOT)})."
        )
    return (
        f"Le verrou {lock} ne correspond pas aux paquets reçus, ou est abîmé : rien n’a été "
        f"installé. Rétablissez-le (git checkout {lock}), puis recommencez "
        f"(détail : {REPORT.relative_to(ROOT)})."
    )


if __name__ == "__main__":
    sys.exit(main())
