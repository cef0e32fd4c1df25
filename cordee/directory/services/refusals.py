"""Constraints that refuse, said to people."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from cordee.access.models import Account
from cordee.directory.models import Pole, Sector, Territory
from cordee.kernel.errors import DomainError

CLOSED = (
    "directory.is_closed",
    "Ce pôle, ce secteur ou ce territoire vient d’être fermé. Rien n’a été ajouté : choisissez "
    "celui qui l’a repris.",
)
SAID = {
    "directory_membership_is_held_once_at_a_time": (
        "directory.membership_exists",
        "Cette personne a déjà ce rôle dans cette structure à ces dates. Rien n’a été changé : "
        "modifiez l’appartenance existante.",
    ),
    "directory_shift_nobody_is_on_two_desks_at_once": (
        "directory.shift_overlaps",
        "Cette personne est déjà de permanence à ce moment-là. Rien n’a été ajouté : choisissez "
        "un autre horaire ou une autre personne.",
    ),
    "directory_cover_is_one_person_at_a_time": (
        "directory.cover_overlaps",
        "Un remplacement est déjà prévu sur cette période. Rien n’a été changé : terminez-le "
        "d’abord.",
    ),
    "directory_territory_is_named_once": (
        "directory.territory_exists",
        "Un territoire de cette nature porte déjà ce nom. Choisissez un autre nom.",
    ),
    "directory_sector_is_named_once": (
        "directory.sector_exists",
        "Un secteur de cette structure porte déjà ce nom. Choisissez un autre nom.",
    ),
    "directory_sector_commune_answers_to_one_sector": (
        "directory.sector_commune_taken",
        "Une de ces communes est déjà dans un autre secteur de la structure. Rien n’a été "
        "changé : retirez-la d’abord de l’autre secteur.",
    ),
    "directory_pole_is_named_once": (
        "directory.pole_exists",
        "Un pôle de cette structure porte déjà ce nom. Choisissez un autre nom.",
    ),
    "directory_organization_has_its_own_finess": (
        "directory.finess_taken",
        "Une autre structure porte déjà ce numéro FINESS. Cherchez-la dans l’annuaire.",
    ),
    "directory_organization_has_its_own_request_code": (
        "directory.request_code_taken",
        "Une autre structure utilise déjà ce code. Choisissez-en un autre.",
    ),
    "directory_practice_tied_mobile_is_one_professional": (
        "directory.mobile_tied_elsewhere",
        "Ce mobile est déjà lié à un autre numéro RPPS. Rien n’a été changé : vérifiez avec le "
        "professionnel à qui appartient ce numéro.",
    ),
    "directory_contact_is_listed_once": (
        "directory.contact_exists",
        "Ce contact est déjà dans la liste de la structure.",
    ),
    "directory_momentsetting_since_key": (
        "directory.moments_chosen",
        "Des heures ont déjà été choisies pour ce jour-là. Rien n’a été enregistré\u00a0: "
        "retirez-les d’abord si elles ne conviennent pas.",
    ),
    "directory_shift_is_of_an_open_pole": CLOSED,
    "directory_handover_is_of_an_open_pole": CLOSED,
    "directory_sector_commune_is_of_an_open_sector": CLOSED,
    "directory_territory_commune_is_of_an_open_territory": CLOSED,
    "directory_organization_is_of_an_open_territory": CLOSED,
    "people_person_is_of_an_open_territory": (
        "directory.territory_holds",
        "Des personnes suivies dépendent de ce territoire. Rien n’a changé : "
        "choisissez celui qui les reprend.",
    ),
}


@contextmanager
def said(whose: Account | None = None) -> Iterator[None]:
    """Turn the refusal of a constraint into the sentence that goes with it.

    Two rows that exclude each other, written at once, may each wait for the other until the server
    ends one of them without naming any constraint. `whose` has what is about one account wait in
    line: its row is held, and those who only refer to it do not wait.
    """
    try:
        with transaction.atomic():
            if whose is not None:
                Account.objects.select_for_update(of=("self",), no_key=True).get(pk=whose.pk)
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if name not in SAID:
            raise
        code, message = SAID[name]
        raise DomainError(code, message) from error


def check_open(row: Pole | Sector | Territory) -> None:
    """Raise when a pole, a sector or a territory is closed: it stays as it was."""
    if row.closed_on is not None:
        raise DomainError(
            "directory.is_closed",
            f"{row.name} est fermé depuis le {row.closed_on:%d/%m/%Y} et reste tel qu’il a été.",
        )
