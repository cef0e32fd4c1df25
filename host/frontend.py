"""Build the front-end: scripts and styles, by npm and vite, skipped when nothing changed."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from host.failures import DISK_FULL, CannotStart, speaks_of_a_full_disk
from host.screen import say, step

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
MADE_HERE = {"node_modules", "dist"}


def is_current(frontend: Path = FRONTEND) -> bool:
    """Tell whether there is nothing to do."""
    return not (frontend / "package.json").exists() or (
        _has_packages(frontend) and _has_build(frontend)
    )


def build(frontend: Path = FRONTEND) -> None:
    """Install and build what changed."""
    if is_current(frontend):
        return
    install(frontend)
    shutil.rmtree(frontend / "dist", ignore_errors=True)
    _npm(frontend, "run", "build", "--silent")
    _stamp_of_build(frontend).write_text(_digest(_sources(frontend)))


def install(folder: Path) -> None:
    """Bring the packages that a lock names, when they are not there."""
    if _has_packages(folder):
        return
    _npm(folder, "ci", "--no-audit", "--no-fund", "--loglevel=error")
    _stamp_of_packages(folder).write_text(_digest(_locks(folder)))


def _has_packages(frontend: Path) -> bool:
    return _read(_stamp_of_packages(frontend)) == _digest(_locks(frontend))


def _has_build(frontend: Path) -> bool:
    return _read(_stamp_of_build(frontend)) == _digest(_sources(frontend))


def _stamp_of_packages(frontend: Path) -> Path:
    return frontend / "node_modules" / ".cordee-digest"


def _stamp_of_build(frontend: Path) -> Path:
    return frontend / "dist" / ".cordee-digest"


def _locks(frontend: Path) -> Iterable[Path]:
    return (frontend / name for name in ("package.json", "package-lock.json", ".npmrc"))


def _sources(frontend: Path) -> Iterable[Path]:
    """Return everything the build reads, including the styles that the kernel owns."""
    for path in sorted(frontend.iterdir()):
        if path.name in MADE_HERE:
            continue
        yield from sorted(path.rglob("*")) if path.is_dir() else (path,)
    if frontend == FRONTEND:
        yield from sorted((ROOT / "cordee" / "kernel" / "static").rglob("*"))


def _digest(paths: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for path in paths:
        if path.is_file():
            whole.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()


def _read(stamp: Path) -> str:
    return stamp.read_text() if stamp.exists() else ""


def _npm(frontend: Path, *words: str) -> None:
    """Run the npm of the environment, never one of the system."""
    programs = Path(sys.prefix) / "bin"
    environ = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"}
    environ |= {"CI": "1", "npm_config_update_notifier": "false", "NODE_USE_SYSTEM_CA": "1"}
    done = subprocess.run(
        [programs / "npm", *words],
        cwd=frontend,
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
    if speaks_of_a_full_disk(done.stdout):
        raise CannotStart(DISK_FULL)
    report = ROOT / "var" / "frontend.log"
    report.parent.mkdir(exist_ok=True)
    report.write_text(done.stdout)
    if "EINTEGRITY" in done.stdout or "npm ci` can only install" in done.stdout:
        raise CannotStart(
            f"Le verrou {frontend.name}/package-lock.json ne correspond pas aux paquets : "
            "rétablissez-le (git checkout), puis recommencez."
        )
    raise CannotStart(
        f"L’interface n’a pas pu être construite (npm {words[0]}) : vérifiez la connexion au "
        f"réseau, puis recommencez (détail : {report})."
    )


def main() -> int:
    """Build from the command line."""
    try:
        with step("Interface (npm, vite)"):
            build()
    except CannotStart as refusal:
        say(str(refusal))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
