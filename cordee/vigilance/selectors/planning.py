"""Of whom a line of a planning speaks: only persons that the service follows, only its helpers."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from cordee.access.actor import Actor, Role
from cordee.directory.models import Membership, Organization
from cordee.people.models import Person
from cordee.people.policy import persons_of
from cordee.people.rules.sharing import Category
from cordee.people.rules.traits import folded
from cordee.vigilance.rules.planning import PARIS, Line, ToPlan, Wrong

NOBODY = "Personne, parmi ceux que votre service suit, n’a ce nom et cette date de naissance."
SEVERAL = "Plusieurs personnes suivies par votre service ont ce nom et cette date de naissance."


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
    taken = [one for one in lines if isinstance(one, Line)]
    wrong = [one for one in lines if isinstance(one, Wrong)]
    persons = _Persons(actor, {one.born for one in taken})
    helpers = _helpers(organization, now)
    visits = []
    for line in taken:
        try:
            visits.append(_to_plan(line, persons, helpers))
        except _Unknown as unknown:
            wrong.append(Wrong(line.number, str(unknown)))
    return Read(visits, sorted(wrong, key=lambda one: one.number))


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
        asked = _words(line.name)
        same = [one.pk for one in self.by_day[line.born] if asked <= _names(one)]
        if len(same) != 1:
            raise _Unknown(SEVERAL if same else NOBODY)
        return same[0]


def _names(one: Person) -> set[str]:
    said = (one.birth_name, one.used_name, one.first_names, one.first_name, one.used_first_name)
    return _words(" ".join(said))


def _words(text: str) -> set[str]:
    return set(re.split(r"[\s\-’']+", folded(text).strip()))


def _helpers(organization: Organization, now: datetime) -> dict[str, UUID]:
    today = now.astimezone(PARIS).date()
    rows = Membership.objects.filter(
        Q(until=None) | Q(until__gte=today), organization=organization, role=Role.HOME_HELP
    )
    return {email.lower(): pk for email, pk in rows.values_list("account__email", "account")}
