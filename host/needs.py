"""What the tests need: a browser, fonts, Pango, Kannel, a sign-on, peers. Nothing is skipped.

On demand: PostgreSQL 15, the cluster of the failover.

usage: python -m host.needs [browser|fonts|paper|postgresql|kannel …]
       python -m host.needs --postgresql
"""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from host.failures import CannotStart
from host.frontend import ROOT, install
from host.screen import say, step

SERVERS, OLDEST = Path("/usr/lib/postgresql"), "15"
SIGN_ON = ROOT / "tests" / "oidc"
PEERS = ROOT / "tests" / "fhirpath"
CLIENTS = ROOT / "tests" / "fhir" / "peers"


@dataclass(frozen=True)
class Need:
    """One thing the tests cannot do without, and the Debian packages that bring it."""

    name: str
    meaning: str
    packages: tuple[str, ...]
    is_met: Callable[[], bool]
    on_demand: bool = False  # provided only when named
    instead: Callable[[], str] = str  # what is there and does not do


def postgresql() -> Path | None:
    """Return the programs of the oldest PostgreSQL that we promise to serve, and of no other."""
    programs = SERVERS / OLDEST / "bin"
    return programs if (programs / "initdb").exists() else None


def _other_postgresql() -> str:
    others = sorted(path.parent.parent.name for path in SERVERS.glob("*/bin/initdb"))
    if not others:
        return ""
    return f" et non {', '.join(others)}, trouvé ; il est au dépôt apt.postgresql.org"


def browser() -> str | None:
    """Return the browser of the system."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def kannel() -> Path | None:
    """Return the folder of Kannel's programs: a second client of our message centre."""
    found = shutil.which("bearerbox") or shutil.which("bearerbox", path="/usr/sbin")
    return Path(found).parent if found else None


def _has_fonts() -> bool:
    folders = (Path("/usr/share/fonts"), Path.home() / ".fonts")
    return any(next(folder.rglob("*.[ot]tf"), None) for folder in folders if folder.exists())


PANGO = ("libgobject-2.0.so.0", "libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz.so.0")


def has_pango() -> bool:
    """Say whether this machine can draw a PDF: the libraries that lay out its letters."""
    try:
        return all(ctypes.CDLL(name) for name in PANGO)
    except OSError:
        return False


def _has_cluster_tools() -> bool:
    path = os.defpath + ":/usr/sbin:/sbin"
    return all(shutil.which(tool, path=path) for tool in ("patroni", "etcd", "haproxy", "ip"))


PAPER = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
NEEDS = (
    Need("browser", "un navigateur", ("chromium",), lambda: browser() is not None),
    Need("fonts", "des polices", ("fonts-dejavu-core",), _has_fonts),
    Need("paper", "Pango", PAPER, has_pango),
    Need(
        "postgresql",
        f"PostgreSQL {OLDEST}",
        (f"postgresql-{OLDEST}",),
        lambda: postgresql() is not None,
        on_demand=True,
        instead=_other_postgresql,
    ),
    Need("kannel", "Kannel", ("kannel",), lambda: kannel() is not None),
    Need(
        "failover",
        "Patroni, etcd, HAProxy",
        ("patroni", "etcd-server", "haproxy", "python3-etcd", "iproute2"),
        _has_cluster_tools,
        on_demand=True,
    ),
)


def asked_for(names: list[str]) -> list[Need]:
    """Return the needs of those names; without names, those of the whole suite."""
    return [need for need in NEEDS if (need.name in names if names else not need.on_demand)]


def provide(names: list[str]) -> None:
    """Install what is missing, as root; otherwise raise CannotStart with the line to type."""
    missing = [need for need in asked_for(names) if not need.is_met()]
    if not missing:
        return
    packages = [package for need in missing for package in need.packages]
    apt = shutil.which("apt-get")
    if os.geteuid() == 0 and apt:
        environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        with step("Paquets du système : " + " ".join(packages)):
            for words in (("update",), ("install", "-y", "--no-install-recommends", *packages)):
                subprocess.run([apt, "-qq", *words], env=environ, check=False)
    still = [need for need in missing if not need.is_met()]
    if still:
        wanted = " ".join(package for need in still for package in need.packages)
        raise CannotStart(
            "Les essais ont besoin de ce qui manque ici ("
            + ", ".join(need.meaning + need.instead() for need in still)
            + f"). Tapez : sudo apt install {wanted}, puis recommencez."
        )


def main(arguments: list[str]) -> int:
    """Provide what is missing, or print where PostgreSQL is."""
    if arguments == ["--postgresql"]:
        say(str(postgresql() or ""))
        return 0
    try:
        provide(arguments)
        if not arguments:
            with step("Service d’identification des essais (npm)"):
                install(SIGN_ON)
            with step("Autres lectures de FHIRPath (npm)"):
                install(PEERS)
            with step("Autres lectures et clients de FHIR (npm)"):
                install(CLIENTS)
    except CannotStart as refusal:
        say(str(refusal))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
