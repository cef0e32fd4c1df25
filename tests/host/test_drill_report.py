"""A drill says that a backup is broken for what no lawful gesture takes away, for nothing else."""

import pytest

from host.archive import Contents
from host.backup import clock
from host.drill import Report

BEFORE = {"personnes": 1000, "fils": 900, "faits": 4000, "lignes de trace": 5000}


def drill(*, followed=0, after=BEFORE, **found):
    at = clock().isoformat()
    about, end = {"began_at": at, "counts": BEFORE}, {"ended_at": at, "counts": after}
    contents = Contents(about, end, followed=followed, reached_at=clock() if followed else None)
    proofs = ("4 000 lignes vérifiées", "5 000 lignes scellées")
    return Report(clock(), "essai", 1, contents, BEFORE | found, proofs, 1.0, "PostgreSQL", "ici")


def test_what_was_lawfully_let_go_since_breaks_no_backup():
    """The journal brings the removals too: people whose time came, months that left."""
    report = drill(followed=120, personnes=997, **{"lignes de trace": 3000})
    assert report.losses == []
    assert "l’essai est concluant" in str(report).lower()
    assert "| personnes | 1\u202f000 | 997 | 1\u202f000 |" in str(report)
    assert "ne sont pas jugées" in str(report)


@pytest.mark.parametrize("followed", [0, 120])
@pytest.mark.parametrize("name", ["fils", "faits"])
def test_what_nothing_removes_is_a_loss_when_fewer(followed, name):
    report = drill(followed=followed, **{name: BEFORE[name] - 1})
    assert report.losses == [name]
    assert f"L’essai échoue : {name}" in str(report)


def test_without_a_journal_everything_is_judged():
    """What came back is of the backup: between what was there before it and after it."""
    assert drill().losses == []
    assert drill(personnes=999).losses == ["personnes"]
    assert drill(faits=4001).losses == ["faits"]
    assert drill(faits=4001, after=BEFORE | {"faits": 4002}).losses == []
    purged = BEFORE | {"lignes de trace": 3000}
    assert drill(after=purged, **{"lignes de trace": 4000}).losses == []
    assert drill(after=purged, **{"lignes de trace": 2999}).losses == ["lignes de trace"]
    assert "jugées" not in str(drill())
