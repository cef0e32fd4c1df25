"""« Ce qui est affiché peut être partiel »: said on the person’s word, whatever is hidden."""

from dataclasses import dataclass
from datetime import date

from cordee.access.actor import Actor
from cordee.access.fetched import FetchAbout
from cordee.directory.models import Contact, Organization, PracticeSite
from cordee.directory.selectors import contacts_of, memberships_of
from cordee.people.models import CircleMember, HintChoice, Person
from cordee.people.rules import sharing
from cordee.people.rules.sharing import Choice, Said, Speaker, Wishes
from cordee.people.selectors.circle import coordinator_of_reference


@dataclass(frozen=True)
class Hint:
    """Whom to ask besides the person, and the number to call; empty when nobody is of reference."""

    whom: str = ""
    phone: str = ""


def hint_of(actor: Actor, person: Person, today: date) -> Hint | None:
    """Say whom to ask, when the person allowed it to be said; it looks at nothing else.

    One query; three at most when it is allowed.
    """
    row = next(iter(_choice(actor, person.pk)), None)
    if row is None or not _holds(row, person, today):
        return None
    reference = coordinator_of_reference(actor, person.pk)
    return Hint(_named(reference), _phone(actor, reference, today)) if reference else Hint()


_choice = FetchAbout(lambda: HintChoice.objects.current().order_by("pk"), limit=1)


def _holds(row: HintChoice, person: Person, today: date) -> bool:
    """A permission counts as a consent does: a parent’s ends with minority."""
    said = Said(Choice.CONSENTED if row.allowed else Choice.OPPOSED, Speaker(row.speaker))
    legal = person.legal_state_on(today)
    return sharing.consent_holds(Wishes(legal=legal, represented=person.represented), said)


def _named(member: CircleMember) -> str:
    if member.organization:
        return member.organization.name
    if member.practitioner:
        return f"{member.practitioner.first_name} {member.practitioner.last_name}"
    return member.account.name if member.account else ""


def _phone(actor: Actor, member: CircleMember, today: date) -> str:
    if member.practitioner:
        sites = PracticeSite.objects.visible_to(actor).filter(closed_on=None).exclude(phone="")
        found = sites.filter(practitioner=member.practitioner).order_by("pk")
        return found.values_list("phone", flat=True).first() or ""
    organization = member.organization
    if member.account:
        work = memberships_of(member.account, today).exclude(organization__phone="").first()
        organization = work.organization if work else None
    return (organization.phone or _switchboard(actor, organization)) if organization else ""


def _switchboard(actor: Actor, organization: Organization) -> str:
    numbers = contacts_of(actor, organization).filter(kind=Contact.Kind.PHONE)
    return numbers.values_list("value", flat=True).first() or ""
