"""Under whose name PostgreSQL runs, and where that user can reach it.

PostgreSQL refuses to run as root. When the house is started by root, a system user without any
right takes its place. That user may be unable to enter the project (a clone under /root): then
the cluster lives in /var/lib/cordee and the data folder points to it. No folder is ever opened.
"""

import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAME = "cordee-postgres"
SHELTER = Path("/var/lib/cordee")


@dataclass(frozen=True)
class Tenant:
    """The user PostgreSQL runs as; `drop` says whether the rights of root must be left first."""

    uid: int
    gid: int
    drop: bool

    def run(self, *command: str | Path, timeout: float = 180) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, from a folder everybody can enter, and return its words."""
        return subprocess.run(
            [str(word) for word in command],
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            user=self.uid if self.drop else None,
            group=self.gid if self.drop else None,
            extra_groups=[] if self.drop else None,
        )

    def can(self, flag: str, path: Path) -> bool:
        """Tell whether this user may read (`-r`), write (`-w`) or enter (`-x`) a path."""
        return not self.drop or self.run("test", flag, path).returncode == 0

    def owns(self, folder: Path) -> Path:
        """Make a folder that only this user enters."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        self.receives(folder)
        return folder

    def receives(self, path: Path) -> None:
        """Give a file or a folder made by root to this user."""
        if self.drop:
            os.chown(path, self.uid, self.gid)


def tenant() -> Tenant:
    """Return the user PostgreSQL runs as: oneself, or a system user when one is root."""
    if os.geteuid() != 0:
        return Tenant(os.geteuid(), os.getegid(), drop=False)
    entry = _system_user()
    return Tenant(entry.pw_uid, entry.pw_gid, drop=True)


def home(data: Path, of: Tenant) -> Path:
    """Return the folder of the cluster: in the data folder, or in the shelter it points to."""
    place = data / "postgres"
    if place.is_symlink() or not of.drop or of.can("-x", data):
        place = place.resolve()
        return place if place.exists() else of.owns(place)
    SHELTER.mkdir(mode=0o755, parents=True, exist_ok=True)
    shelter = of.owns(SHELTER / secrets.token_hex(8))
    place.symlink_to(shelter)
    return shelter


def within_reach(programs: Path, folder: Path, of: Tenant) -> Path:
    """Return a `bin` folder whose programs the tenant can run, copied into `folder` if need be."""
    if of.can("-x", programs / "postgres"):
        return programs
    install, package = programs.parent, programs.parent.parent
    copy = folder / "programs"
    wanted = copy / package.name / install.name / programs.name
    if not (wanted / "postgres").exists():
        draft = folder / "programs.new"
        shutil.rmtree(draft, ignore_errors=True)
        left_out = shutil.ignore_patterns("include", "*.a")
        shutil.copytree(
            install, draft / package.name / install.name, symlinks=True, ignore=left_out
        )
        libraries = package.with_name(package.name + ".libs")  # where a wheel keeps what it needs
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        shutil.rmtree(copy, ignore_errors=True)
        draft.rename(copy)
        of.receives(copy)
    return wanted


def _system_user() -> pwd.struct_passwd:
    """Return the system user of PostgreSQL, created at the first start by root."""
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        maker = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if maker:
        subprocess.run(
            [maker, "--system", "--no-create-home", "--home-dir", "/nonexistent",
             "--shell", "/usr/sbin/nologin", "--user-group", NAME],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return pwd.getpwnam("nobody")
