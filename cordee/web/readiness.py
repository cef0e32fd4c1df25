"""What the database itself says against opening to real persons."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from cordee.access.models import Account
from cordee.access.sight import by_the_house
from cordee.directory.kinds import FICTITIOUS
from cordee.directory.models import Organization, Practitioner
from cordee.people.models import Person
from cordee.people.rules.identity import REGISTRIES_OF_MODE


@by_the_house
def problems_in_database() -> list[str]:
    """Name, in French, what is fictitious and must go before production. Five queries.

    By the house: nobody is there yet when it starts.
    """
    real = [registry.value for registry in REGISTRIES_OF_MODE["production"]]
    fictitious = Person.objects.exclude(ins="").exclude(ins_oid__in=real)
    found = (
        (
            Account.objects.filter(is_demonstration=True).exists(),
            "La base contient des comptes de démonstration, dont le mot de passe est public.",
        ),
        (
            fictitious.exists(),
            "La base contient des personnes dont l’INS est un numéro d’essai.",
        ),
        (
            Person.objects.filter(is_demonstration=True).exists(),
            "La base contient des personnes de démonstration.",
        ),
        (
            Practitioner.objects.filter(rpps__startswith=FICTITIOUS).exists(),
            "La base contient des professionnels fictifs, dont le numéro commence par 99.",
        ),
        (
            Organization.objects.filter(finess__startswith=FICTITIOUS).exists(),
            "La base contient des structures fictives, dont le numéro commence par 99.",
        ),
    )
    return [sentence for is_there, sentence in found if is_there]


def refuse_fiction() -> None:
    """Stop the start of a production on a demonstration's data. Raises ImproperlyConfigured."""
    if settings.CORDEE.is_demonstration:
        return
    if problems := problems_in_database():
        raise ImproperlyConfigured(
            "Le mode production est refusé. "
            + " ".join(problems)
            + " Repartez d’une base vide : docs/exploitation.md."
        )
