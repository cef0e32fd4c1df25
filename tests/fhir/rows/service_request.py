"""A request that is searched for, with what its reader may know."""

from datetime import date

from tests.factories.intake import CareRequestFactory


def make(stage):
    """One row of the type."""
    return CareRequestFactory(
        organization=stage.desk,
        kind="dressing",
        other_kinds=["injection"],
        need="Pansement un jour sur deux",
        frequency="daily",
        visit_times=["morning", "evening"],
        visit_minutes=20,
        begins_on=date(2026, 11, 28),
        ends_on=date(2026, 12, 12),
        access_notes="Clé chez la voisine",
        risks=["animal"],
        caller__name="Docteur Arnaud",
        caller__phone="",
        commune__code="05132",
        commune__name="Saint-Bonnet-en-Champsaur",
    )
