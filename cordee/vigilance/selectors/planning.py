"""Of whom a line of a planning speaks: only persons that the service follows, only its helpers."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from cordee.access.actor import Actor, Role
from cordee.directory.models import Membership, Organization
from cordee.people.models import Person
from cordee.people.policy import persons_of
from cordee.people.rules.sharing import Category
from cordee.people.rules.traits import folded
from cordee.vigilance.rules.planning import PARIS, Line, ToPlan, Wrong, is_far

NOBODY = "Personne, parmi ceux que votre service suit, n’a ce nom et cette date de naissance."
SEVERAL = "Plusieurs personnes suivies par votre service ont ce nom et cette date de naissance."

FAR = "Cette visite est trop loin d’aujourd’hui : vérifiez l’année."


@dataclass(frozen=True, slots=True)
class Read:
    """What a file gave: visits, and lines that were not taken."""

    visits: list[ToPlan]
    wrong: list[Wrong]


def own_services(actor: Actor) -> list[Organization]:
    """The home services that the actor works for. One query."""
    rows = Organization.objects.filter(pk__in=actor.organizations, kind="home_help", closed_on=None)
    return list(rows.order_by("name", "pk"))


def found(
    actor: Actor, organization: Organization, lines: Iterable[Line | Wrong], now: datetime
) -> Read:
    """Look for the person and the helper of each line. Two queries, whatever their number."""
    lines = list(lines)
    read = [one for one in lines if isinstance(one, Line)]
    taken = [one for one in read if not is_far(one, now)]
    wrong = [one for one in lines if isinstance(one, Wrong)]
    wrong += [Wrong(one.number, FAR) for one in read if is_far(one, now)]
    persons = _Persons(_there(actor, organization), {one.born for one in taken})
    helpers = _helpers(organization, now)
    visits = []
    for line in taken:
        try:
            visits.append(_to_plan(line, persons, helpers))
        except _Unknown as unknown:
            wrong.append(Wrong(line.number, str(unknown)))
    return Read(visits, sorted(wrong, key=lambda one: one.number))


def _there(actor: Actor, organization: Organization) -> Actor:
    """The actor as one service knows them: who works for two plans for each its own persons."""
    only = frozenset({organization.pk})
    return replace(actor, organization_id=organization.pk, organizations=only)


class _Unknown(Exception):
    pass


def _to_plan(line: Line, persons: "_Persons", helpers: dict[str, UUID]) -> ToPlan:
    if line.helper and line.helper not in helpers:
        raise _Unknown("Cette aide à domicile n’a pas de compte dans votre service.")
    return ToPlan(
        reference=line.reference,
        person_id=persons.named(line),
        helper_id=helpers.get(line.helper),
        starts=line.starts,
        ends=line.ends,
        is_cancelled=line.is_cancelled,
        number=line.number,
    )


class _Persons:
    """Those whom the service follows, by their day of birth."""

    def __init__(self, actor: Actor, days: set[date]) -> None:
        known = persons_of(actor, Category.COORDINATION).filter(merged_into=None)
        self.by_day: dict[date | None, list[Person]] = defaultdict(list)
        for one in known.filter(birth_date__in=days).order_by("pk"):
            self.by_day[one.birth_date].append(one)

    def named(self, line: Line) -> UUID:
        """The one person that a line names. Raises _Unknown: nobody, or several."""
        same = [one.pk for one in self.by_day[line.born] if _is_named(one, line)]
        if len(same) != 1:
            raise _Unknown(SEVERAL if same else NOBODY)
        return same[0]


def _is_named(one: Person, line: Line) -> bool:
    """Whether the family names said are among hers, and the given names too; neither is mute."""
    family = _words(one.birth_name, one.used_name)
    given = _words(one.first_names, one.first_name, one.used_first_name)
    return any(
        _are_among(_words(name), family) and _are_among(_words(first), given)
        for name, first in line.names
    )


def _are_among(said: set[str], known: set[str]) -> bool:
    return bool(said) and said <= known


def _words(*texts: str) -> set[str]:
    return set(re.split(r"[\s\-’']+", folded(" ".join(texts)))) - {""}


def _helpers(organization: Organization, now: datetime) -> dict[str, UUID]:
    today = now.astimezone(PARIS).date()
    rows = Membership.objects.filter(
        Q(until=None) | Q(until__gte=today), organization=organization, role=Role.HOME_HELP
    )
    return {email.lower(): pk for email, pk in rows.values_list("account__email", "account")}
