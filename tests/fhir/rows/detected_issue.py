"""What is late on the pathway of somebody."""

from datetime import timedelta

from cordee.protocols.models import Rupture
from tests.factories.directory import AccountFactory
from tests.factories.followed import pathway_followed
from tests.support import NOW, arranging


def make(stage):
    """One row of the type: a pathway has as many as were found late."""
    known = Rupture.objects.filter(pathway__person=stage.person)
    if not known:
        return known.get(pathway=pathway_followed(stage.person, stage.desk, AccountFactory()))
    with arranging():
        return Rupture.objects.create(
            pathway=known[0].pathway,
            of="information",
            at=NOW - timedelta(days=1 + len(known)),
            standing="at_risk",
            expected="Informer la personne",
            role="coordination",
            found_at=NOW,
        )
