"""Records that may be one person, side by side; and the merges that can be undone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.crypto import salted_hmac

from cordee.access.actor import Actor, Role
from cordee.access.policy import get_visible, visible
from cordee.people.models import (
    Candidate,
    CircleMember,
    EmergencyOpposition,
    HintChoice,
    Merge,
    Person,
    Processing,
    Sharing,
)
from cordee.people.policy import knows
from cordee.people.rules import merging
from cordee.people.rules.sharing import Category
from cordee.people.selectors.persons import Found, persons, surviving, withheld_among

SHOWN = 50
WORDS = (Sharing, Processing, EmergencyOpposition, HintChoice)
LABELS = {
    "birth_name": "Nom de naissance",
    "first_names": "Prénoms de naissance",
    "birth_date": "Date de naissance",
    "sex": "Sexe",
    "birth_place_code": "Lieu de naissance",
    "ins": "Matricule INS",
    "used_name": "Nom utilisé",
    "used_first_name": "Prénom utilisé",
    "phone": "Téléphone",
    "other_phone": "Autre téléphone",
    "email": "Adresse électronique",
    "address": "Adresse",
    "commune_id": "Commune et territoire",
    "home_access": "Accès au domicile",
    "gp_id": "Médecin traitant",
    "protection": "Protection juridique",
    "unable_since": "Hors d’état de s’exprimer depuis",
    "deceased_on": "Décès",
    "ald": "Affection de longue durée",
    "is_homonym": "Identité homonyme",
    "is_doubtful": "Identité douteuse",
    "is_fictitious": "Identité fictive",
}


@dataclass(frozen=True)
class Trait:
    """One line of the comparison: both values, and whether one may choose."""

    name: str
    label: str
    kept: str
    absorbed: str
    is_open: bool
    keeps_first: bool

    @property
    def differs(self) -> bool:
        return self.kept != self.absorbed


@dataclass(frozen=True)
class Comparison:
    """Two records side by side: the one that would be kept first."""

    candidate: Candidate
    kept: Person
    absorbed: Person
    traits: list[Trait]
    two_numbers: bool
    gone: bool

    @property
    def edition(self) -> str:
        """Name what the page shows and which record it would keep, for who decides there: another
        name once any of it changed, or anybody judged. What is not shown leaves no shadow there."""
        sides = [(side.pk, side.ins_status) for side in (self.kept, self.absorbed)]
        said = repr((self.candidate.version, sides, self.traits))
        return salted_hmac("cordee.people.comparison", said, algorithm="sha256").hexdigest()[:20]


def pairs_to_judge(actor: Actor) -> list[Candidate]:
    """List the pairs that wait for a human, likeliest first, fifty at most. One query."""
    rows = Candidate.objects.to_judge().filter(one__merged_into=None, other__merged_into=None)
    shown = visible(rows, actor).select_related("one", "other", "one__commune", "other__commune")
    return list(shown.order_by("-probability", "id")[:SHOWN])


def desks_with_pairs(among: Iterable[UUID] | None = None) -> set[UUID]:
    """Say which structures could judge a pair that waits, with all that is hidden from them hidden.

    Among some, or all. One query, and one for each that knows both records of a pair.
    """
    waiting = Candidate.objects.to_judge().filter(one__merged_into=None, other__merged_into=None)
    stays = waiting.filter(
        one__circle__until=None,
        other__circle__until=None,
        one__circle__organization=F("other__circle__organization"),
    )
    desks = stays.order_by().values_list("one__circle__organization", flat=True).distinct()
    if among is not None:
        desks = desks.filter(one__circle__organization__in=list(among))
    return {desk for desk in desks if visible(waiting, _seat(desk)).exists()}


def desks_of(person_id: UUID) -> set[UUID]:
    """Say which structures of a circle coordinate for somebody. A query for each, and one."""
    return {
        desk
        for desk in desks_around(person_id)
        if knows(_seat(desk), person_id, Category.COORDINATION)
    }


def reference_desk(person_id: UUID) -> UUID | None:
    """Give the structure of reference, where it may coordinate. A query for each, and two."""
    stays = CircleMember.objects.current().filter(person=person_id, is_reference=True)
    found = stays.exclude(organization=None).values_list("organization", flat=True).first()
    return found if found in desks_of(person_id) else None


def desks_around(person_id: UUID) -> set[UUID]:
    """List the structures of a circle, and of that of the record that absorbed it. Two queries."""
    stays = CircleMember.objects.current().filter(person__in=(person_id, surviving(person_id)))
    return set(stays.exclude(organization=None).order_by().values_list("organization", flat=True))


def _seat(desk: UUID) -> Actor:
    """Whoever coordinates or orients for a structure: they see the same pairs."""
    return Actor(role=Role.COORDINATOR, organization_id=desk, organizations=frozenset({desk}))


def get_pair(actor: Actor, pk: UUID) -> Candidate:
    """Fetch a pair one may judge. Raises Http404, traced, when there is none. Two queries."""
    rows = Candidate.objects.select_related(
        *("one__commune", "other__commune", "one__territory", "other__territory"),
        *("one__gp", "other__gp", "judged_by"),
    )
    return get_visible(actor, rows, pk)


def withheld_of_pair(actor: Actor, one: Person, other: Person) -> frozenset[str]:
    """Say which columns of two records the actor may not see of one or of the other. Two queries at
    most."""
    return frozenset[str]().union(*withheld_among(actor, (one, other)).values())


def compared(actor: Actor, candidate: Candidate) -> Comparison:
    """Put the two records of a pair side by side, as far as one may see both. Two queries at
    most."""
    kept, absorbed = merging.in_order(candidate.one, candidate.other)
    mine, theirs = merging.columns_of(kept), merging.columns_of(absorbed)
    choosable = set(merging.open_groups(mine, theirs))
    withheld = withheld_of_pair(actor, kept, absorbed)
    hidden = merging.hidden_groups(withheld) | withheld
    traits = [
        Trait(
            name,
            label,
            _said(kept, name),
            _said(absorbed, name),
            is_open=name in choosable,
            keeps_first=name in merging.FLAGS or merging.proposed(mine, theirs, name),
        )
        for name, label in LABELS.items()
        if name not in hidden
    ]
    return Comparison(
        candidate,
        kept,
        absorbed,
        [trait for trait in traits if trait.kept or trait.absorbed],
        two_numbers=merging.two_numbers(mine, theirs),
        gone=bool(kept.merged_into_id or absorbed.merged_into_id),
    )


def _said(person: Person, name: str) -> str:
    if name == "commune_id":
        return ", ".join(place.name for place in (person.commune, person.territory) if place)
    if name == "gp_id":
        return f"{person.gp.first_name} {person.gp.last_name}" if person.gp else ""
    if name == "protection":
        return person.get_protection_display() if person.protection != "none" else ""
    if name == "sex":
        return person.get_sex_display()
    if name == "ins" and not person.shown_ins:
        return "connu, non qualifié" if person.ins else ""
    value: Any = getattr(person, name)
    if name in merging.FLAGS:
        return "oui" if value else ""
    return value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value or "")


def chose_while_one(merge_id: UUID) -> bool:
    """Say whether a choice was written down on two records while they were one, that are two again:
    nobody knows whose word it was. Five queries at most."""
    merge = Merge.objects.get(pk=merge_id)
    then = {"person": merge.survivor_id, "since__range": (merge.merged_at, merge.undone_at)}
    return any(word.objects.filter(**then).exists() for word in WORDS)


def merges_of(actor: Actor, person: Person) -> list[Merge]:
    """List what a record absorbed and nobody undid, the latest first. One query."""
    rows = Merge.objects.standing().filter(survivor=person).select_related("absorbed", "merged_by")
    return list(visible(rows, actor).order_by("-pk"))


def comparable(actor: Actor, found: list[Found]) -> set[UUID]:
    """Say which of them one follows well enough to put side by side. One query."""
    wanted = [one.person.pk for one in found]
    return set(
        persons(actor, Category.COORDINATION).filter(pk__in=wanted).values_list("pk", flat=True)
    )


def get_merge(actor: Actor, pk: UUID) -> Merge:
    """Fetch a merge. Raises Http404, traced, when there is none. Two queries."""
    return get_visible(actor, Merge, pk)
