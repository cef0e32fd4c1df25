"""A practice with its address, and a territory with its communes."""

from cordee.directory.models import Territory
from tests.factories.directory import (
    CommuneFactory,
    OrganizationFactory,
    PracticeSiteFactory,
    TerritoryCommuneFactory,
    TerritoryFactory,
)
from tests.support import NOW, arranging


def make(stage):
    """One row of the type."""
    house = OrganizationFactory(name="Maison de santé du Drac", kind="msp")
    return PracticeSiteFactory(
        organization=house,
        name="Cabinet du Drac",
        address="2 place de l’Église",
        postal_code="05500",
    )


def make_territory(stage):
    """A territory of two communes that another took over."""
    number = Territory.objects.count()
    heir = TerritoryFactory(name=f"CPTS des Écrins {number}", kind="cpts")
    row = TerritoryFactory(name=f"CPTS du Champsaur {number}", kind="cpts")
    for code, name in (("05132", "Saint-Bonnet-en-Champsaur"), ("05061", "Gap")):
        TerritoryCommuneFactory(territory=row, commune=CommuneFactory(code=code, name=name))
    with arranging():
        row.heir, row.closed_on = heir, NOW.date()
        row.save()
    return row
