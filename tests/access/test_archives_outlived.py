"""No archive outlives its month: what a kill or a disk kept is named, and goes the next time."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cordee.access import archives, jobs
from cordee.access.archives import KINDS, Month
from cordee.access.seals import purge_months, verify_trace
from cordee.kernel import months
from tests.access.test_archives import (
    CONTENTS,
    STATES,
    TRACE,
    archive,
    folder,
    lines_of,
    looked,
    person,
)
from tests.access.test_categories import SOURCE, told
from tests.support import NOW, owner, retention

__all__ = ["folder", "looked", "person"]  # the scenes of archives, where lines are of March 2024
pytestmark = pytest.mark.django_db(transaction=True)
MARCH = date(2024, 3, 1)


def purge() -> str:
    said = StringIO()
    call_command("purge_expired", "2024-06-01", "--rule", SOURCE, "--apply", stdout=said)
    return said.getvalue()


def verified() -> str:
    """What the command says of files, when it says that something is wrong."""
    said = StringIO()
    with pytest.raises(CommandError, match="archive.s. en défaut"):
        call_command("archive", "--verify", stdout=said)
    return said.getvalue()


@pytest.fixture
def killed(looked, folder, monkeypatch):
    """A month of trace archived, then purged; killed once the base says so: its file is there."""
    archive("--before", "2024-04")

    def at_once(*arguments, **options):
        raise SystemExit

    with monkeypatch.context() as blow:
        blow.setattr(archives.Path, "unlink", at_once)
        with pytest.raises(SystemExit):
            purge()
    assert (folder / TRACE).exists()
    return folder / TRACE


def by_a_job():
    jobs.keep_no_longer()


def by_the_command():
    told("--apply")


@pytest.mark.parametrize("again", [purge, by_a_job, by_the_command])
def test_what_a_kill_kept_goes_with_the_next_purge(killed, again):
    assert TRACE in verified()

    again()

    assert not killed.exists()
    assert archive("--verify") == ""
    assert verify_trace().holds


def test_a_file_that_the_disk_keeps_is_named_and_goes_later(looked, folder, monkeypatch):
    archive("--before", "2024-04")

    def refused(path, **options):
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as disk:
        disk.setattr(archives.Path, "unlink", refused)
        with pytest.raises(CommandError, match=f"n’a pas pu être détruite.*{TRACE}"):
            purge()
        with pytest.raises(CommandError, match=f"n’a pas pu être détruite.*{TRACE}"):
            told("--apply")
        with pytest.raises(archives.ArchiveStays, match=TRACE):
            jobs.keep_no_longer()
    assert f"{TRACE} : ce fichier devrait être détruit" in verified()

    jobs.keep_no_longer()

    assert not folder.joinpath(TRACE).exists()


def test_what_came_back_and_then_went_leaves_no_file(looked, folder):
    archive("--before", "2024-04")
    archive("--restore", TRACE)
    draft = folder / f"{TRACE}.part"
    draft.write_bytes(b"half a month")
    assert verified().count("la chaîne de la maison n’annonce pas ce fichier") == 2
    jobs.keep_no_longer()
    assert draft.exists()  # the month is in the base: it may be leaving at this very moment

    with retention() as database:
        purge_months(database, [MARCH], rule=SOURCE)

    assert list(folder.iterdir()) == []


def test_a_month_of_contents_that_came_back_and_was_emptied_leaves_no_file(person, folder):
    archive("--before", "2024-04")
    archive("--restore", CONTENTS)
    with retention() as database:
        database.execute(
            "SELECT kernel_purge(%s, 'thread', 'règle X', %s)", [lines_of(person)[:3], NOW]
        )

    jobs.keep_no_longer()

    assert list(folder.iterdir()) == []


def test_what_the_chain_announces_or_never_spoke_of_stays(person, looked, folder):
    """A base that is empty, or another's, says nothing of the files that it meets."""
    archive("--before", "2024-04")
    stranger = folder / Month(KINDS["access_trace"], date(2023, 1, 1)).file
    stranger.write_bytes(b"of another base")

    jobs.keep_no_longer()

    assert {path.name for path in folder.iterdir()} == {CONTENTS, TRACE, stranger.name}
    assert f"{stranger.name} : la chaîne de la maison n’annonce pas ce fichier" in verified()


def test_a_month_that_left_again_after_it_was_destroyed_stays(folder):
    for lines in (7, 3):
        with owner() as database:
            database.execute(
                """INSERT INTO access_previous_state (table_name, record_id, version, replaced_at,
                gesture, state) SELECT 't', gen_random_uuid(), n, '2024-03-05', '{}', '{}'
                FROM generate_series(1, %s) AS n""",
                [lines],
            )
        months.make_ahead()
        archive("--before", "2024-04")
        if lines == 7:
            with retention() as database:
                archives.expire(database, "access_previous_state", MARCH)
                archives.destroy(database)
            assert not (folder / STATES).exists()

    jobs.keep_no_longer()

    assert archive("--verify") == f"{STATES} : 3 lignes prouvées.\n"


def test_a_month_goes_where_what_is_due_is_destroyed_and_nowhere_else(person, tmp_path):
    with pytest.raises(CommandError, match="--folder relit"):
        archive("--before", "2024-04", "--folder", str(tmp_path / "elsewhere"))
    assert not (tmp_path / "elsewhere").exists()


def test_a_copy_is_read_and_brought_back_from_another_folder(person, folder, tmp_path):
    archive("--before", "2024-04")
    folder.rename(tmp_path / "copies")

    assert "3 lignes prouvées" in archive("--verify", "--folder", str(tmp_path / "copies"))
    assert "3 lignes rendues" in archive(
        "--restore", CONTENTS, "--folder", str(tmp_path / "copies")
    )
