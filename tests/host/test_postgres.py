"""The embedded server: durable, closed, and on its feet again after a kill."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from host import tenant
from host.failures import CannotStart
from host.postgres import BUNDLED, Server, buffers


@contextmanager
def a_folder():
    """A data folder that a system user can enter, as the one of an ordinary clone."""
    folder = Path("/tmp") / f"cordee-test-{os.getpid()}-{time.monotonic_ns()}"  # noqa: S108
    folder.mkdir()
    yield folder
    Server(folder, durable=False).stop()
    cluster = (folder / "postgres").resolve()
    shutil.rmtree(folder)
    shutil.rmtree(cluster, ignore_errors=True)


@pytest.fixture
def data():
    with a_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def standing():
    """One server for those who ask it and harm nothing that starting it again does not mend."""
    with a_folder() as folder:
        yield Server(folder, durable=False)


@pytest.fixture
def server(standing):
    standing.start()
    standing.ensure_database("essai")
    return standing


def postmaster(server):
    return int((server._cluster / "postmaster.pid").read_text().split()[0])


def ask(url, question):
    with psycopg.connect(url) as connection:
        return connection.execute(question).fetchone()


def test_the_application_is_neither_owner_nor_superuser(server):
    question = """
        SELECT current_user, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls,
               pg_get_userbyid(datdba)
        FROM pg_roles, pg_database WHERE rolname = current_user AND datname = 'essai'
    """
    assert ask(server.app_url("essai"), question) == (
        "cordee_app", False, False, False, False, "cordee_owner"
    )  # fmt: skip
    assert ask(server.owner_url("essai"), question)[:5] == (
        "cordee_owner", False, False, False, False
    )  # fmt: skip
    with (
        psycopg.connect(server.app_url("essai")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE public.mine (id int)")


def test_a_wrong_password_opens_nothing_even_from_this_machine(server):
    wrong = server.superuser_url().replace(server.secrets.get("password of postgres"), "postgres")
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(wrong)


def test_it_listens_to_this_machine_only_and_keeps_its_folders_shut(server):
    addresses = ask(server.superuser_url(), "SHOW listen_addresses")
    assert addresses == ("127.0.0.1",)
    assert ask(server.superuser_url(), "SHOW unix_socket_directories") == ("",)
    assert stat.S_IMODE(server._cluster.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.secrets.path.stat().st_mode) == 0o600


def test_a_durable_server_flushes_to_the_disk(data):
    server = Server(data)
    server.start()
    assert ask(server.superuser_url(), "SHOW fsync") == ("on",)
    assert ask(server.superuser_url(), "SHOW full_page_writes") == ("on",)
    assert ask(server.superuser_url(), "SHOW synchronous_commit") == ("on",)


def test_starting_twice_adopts_the_running_server(server):
    before = postmaster(server)
    Server(server.data, durable=False).start()
    assert postmaster(server) == before


def test_processes_that_start_together_make_one_server(data):
    with ThreadPoolExecutor(4) as pool:
        servers = list(pool.map(lambda _: Server(data, durable=False), range(4)))
        list(pool.map(Server.start, servers))
    assert {postmaster(server) for server in servers} == {postmaster(servers[0])}
    assert ask(servers[3].superuser_url(), "SELECT 1") == (1,)


def test_what_was_committed_outlives_a_kill(data):
    server = Server(data)
    server.start()
    server.ensure_database("essai")
    with psycopg.connect(server.owner_url("essai")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(postmaster(server), signal.SIGKILL)
    server.start()
    assert ask(server.owner_url("essai"), "SELECT answer FROM kept") == (42,)


def test_a_port_taken_by_a_stranger_is_left_for_another(server):
    server.stop()
    taken = server.port
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", taken))
        stranger.listen()
        server.start()
        assert server.port != taken
        assert ask(server.app_url("essai"), "SELECT 1") == (1,)


def test_the_log_does_not_repeat_what_was_typed(server):
    with psycopg.connect(server.owner_url("essai"), autocommit=True) as connection:
        connection.execute("CREATE TABLE person (name text UNIQUE)")
        connection.execute("INSERT INTO person VALUES ('Désarthe')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('Désarthe')")
    log = (server._cluster / "server.log").read_text()
    assert "duplicate key" in log
    assert "Désarthe" not in log


def test_data_of_another_version_are_refused_with_a_sentence(server):
    server.stop()
    (server._cluster / "PG_VERSION").write_text("12\n")
    try:
        with pytest.raises(CannotStart, match=r"PostgreSQL 12 .* CORDEE_POSTGRES_BIN"):
            server.start()
    finally:
        (server._cluster / "PG_VERSION").write_text("18\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
class TestStartedByRoot:
    def test_postgresql_runs_without_any_right_of_root(self, server):
        status = Path(f"/proc/{postmaster(server)}/status").read_text()
        uid = status.split("Uid:")[1].split()[0]
        assert int(uid) == tenant.tenant().uid != 0
        assert "CapEff:\t0000000000000000" in status
        assert "Groups:\t \n" in status or "Groups:\t\n" in status

    def test_a_closed_project_stays_closed_and_the_cluster_finds_shelter(self, data):
        closed = data / "root" / "cordee" / "var"
        closed.mkdir(parents=True)
        (data / "root").chmod(0o700)
        package = BUNDLED.parent.parent
        for folder in (package, package.with_name(package.name + ".libs")):
            shutil.copytree(folder, data / "root" / folder.name)
        programs = data / "root" / package.name / BUNDLED.parent.name / "bin"
        server = Server(closed, durable=False, programs=programs)
        server.start()
        try:
            server.ensure_database("essai")
            assert ask(server.app_url("essai"), "SELECT 1") == (1,)
            assert stat.S_IMODE((data / "root").stat().st_mode) == 0o700
            assert (closed / "postgres").resolve().parent == tenant.SHELTER
        finally:
            server.stop()
            shutil.rmtree((closed / "postgres").resolve())


def test_a_full_disk_is_said_in_one_sentence(data):
    """A real file system of two megabytes: the cluster cannot fit."""
    small = data / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m,mode=755", "cordee", small], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system takes the rights of root")
    try:
        with pytest.raises(CannotStart, match="Le disque est plein"):
            Server(small).start()
        assert not (small / "postgres" / "cluster").exists()
    finally:
        subprocess.run(["umount", small], check=True)


@pytest.mark.parametrize(
    ("held", "memory", "wanted"),
    [
        (0, 4_000, 128),
        (255, 4_000, 128),
        (300, 4_000, 150),
        (5_000, 4_000, 1_000),
        (5_000, 256, 128),
    ],
)
def test_a_larger_cluster_is_read_through_more_memory_within_a_quarter_of_it(held, memory, wanted):
    assert buffers(held, memory) == wanted


def test_a_server_says_how_much_it_reads_through(server):
    with psycopg.connect(server.superuser_url()) as admin:
        assert admin.execute("SHOW shared_buffers").fetchone() == ("128MB",)
