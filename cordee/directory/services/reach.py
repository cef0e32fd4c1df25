"""How a structure is reached: where it is, whom one calls and writes to there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory.mailboxes import NOT_OF_HEALTH, is_of_health
from cordee.directory.models import Commune, Contact, Organization
from cordee.directory.phones import parse_phone
from cordee.directory.services.organizations import SAID_BY_FINESS, changed, mark_corrected
from cordee.directory.services.refusals import said
from cordee.kernel.errors import DomainError

MAILBOXES = (Contact.Kind.EMAIL, Contact.Kind.MSSANTE)
LONGEST_ADDRESS = 240
LONGEST_MAILBOX = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where a structure is, and how it is called and written to."""

    commune: Commune | None
    address: str
    postal_code: str
    phone: str
    email: str


@action("directory.say_reach", on="organization")
def say_reach(
    *, actor: Actor, organization: Organization, reach: Reach, now: datetime
) -> Organization:
    """Say how a structure is reached, in its own name. Raises DomainError.

    What FINESS says of it stays: to rewrite it is refused, to leave it empty changes nothing.
    """
    _refuse_the_closed(organization)
    before = {name: getattr(organization, name) for name in SAID_BY_FINESS}
    columns = _columns(organization, reach)
    if all(getattr(organization, name) == value for name, value in columns.items()):
        return organization
    for name, value in columns.items():
        setattr(organization, name, value)
    mark_corrected(organization, before)
    organization.save(update_fields=[*columns, "corrected", "updated_at"])
    changed(organization)
    return organization


def _refuse_the_closed(organization: Organization) -> None:
    if organization.closed_on is not None:
        raise DomainError(
            "directory.organization_closed",
            f"{organization.name} a fermé le {organization.closed_on:%d/%m/%Y} et reste telle "
            "qu’elle a été. Rien n’a été modifié.",
        )


def _columns(organization: Organization, reach: Reach) -> dict[str, Any]:
    """What is to be written. Raises DomainError: it is nobody’s number, or FINESS says another."""
    if len(reach.address) > LONGEST_ADDRESS:
        raise DomainError(
            "directory.address_too_long",
            f"Une adresse tient en {LONGEST_ADDRESS} signes. Rien n’a été modifié\u00a0: "
            "abrégez-la.",
        )
    columns: dict[str, Any] = {
        "commune_id": reach.commune.pk if reach.commune else None,
        "address": reach.address,
        "postal_code": reach.postal_code,
        "phone": _phone(organization, reach.phone),
        "email": _email(reach.email),
    }
    for name in columns.keys() & _said_by_finess(organization):
        if columns[name] and columns[name] != getattr(organization, name):
            raise _not_to_be_rewritten(name)
        columns[name] = getattr(organization, name)
    return columns


def _not_to_be_rewritten(column: str) -> DomainError:
    if column == "phone":
        return DomainError(
            "directory.finess_says_the_phone",
            "Le téléphone de cette structure est celui du répertoire national (FINESS), qui n’est "
            "pas réécrit d’ici. Rien n’a été modifié\u00a0: faites-le corriger là-bas, ou par "
            "l’administration.",
        )
    return DomainError(
        "directory.finess_says_the_place",
        "L’adresse de cette structure est celle du répertoire national (FINESS), qui n’est pas "
        "réécrite d’ici. Rien n’a été modifié\u00a0: faites-la corriger là-bas, ou par "
        "l’administration.",
    )


def _said_by_finess(organization: Organization) -> set[str]:
    """The columns that come from FINESS: those it fills that nobody typed here."""
    if not organization.finess:
        return set()
    filled = {name for name in SAID_BY_FINESS if getattr(organization, name)}
    return filled - set(organization.corrected)


def _phone(organization: Organization, typed: str) -> str:
    """A number that exists; the same one, however it is written, stays as it is kept."""
    number = parse_phone(typed)
    if typed == organization.phone or (number and number == parse_phone(organization.phone)):
        return organization.phone
    if typed and not number:
        raise DomainError(
            "directory.no_such_number",
            "Ce numéro ne peut pas exister. Rien n’a été modifié\u00a0: vérifiez-le.",
        )
    return number


def _email(typed: str) -> str:
    """An address that could be written to, or none."""
    if typed and not _may_be_written_to(typed):
        raise DomainError(
            "directory.no_such_mailbox",
            "Cette adresse électronique ne peut pas exister. Rien n’a été modifié\u00a0: "
            "vérifiez-la.",
        )
    return typed


def _may_be_written_to(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return len(address) <= LONGEST_MAILBOX


@action("directory.add_contact", on="organization")
def add_contact(
    *,
    actor: Actor,
    organization: Organization,
    label: str,
    kind: str,
    value: str,
    now: datetime,
) -> Contact:
    """Add a functional mailbox or phone number. Raises DomainError: nothing answers there, or it is
    said to be secure and is not."""
    value = value.strip()
    if kind == Contact.Kind.MSSANTE and not is_of_health(value):
        raise DomainError("directory.not_of_health", f"{NOT_OF_HEALTH} Rien n’a été ajouté.")
    if not (_may_be_written_to(value) if kind in MAILBOXES else parse_phone(value)):
        raise DomainError(
            "directory.contact_unreachable",
            "Ce numéro ou cette adresse ne peut pas exister. Rien n’a été ajouté\u00a0: vérifiez.",
        )
    with said():
        made = Contact.objects.create(
            organization=organization, label=label, kind=kind, value=value
        )
    changed(organization)
    return made


@action("directory.remove_contact", on="contact", lock=("organization", "contact"))
def remove_contact(*, actor: Actor, contact: Contact, now: datetime) -> None:
    """Take a mailbox or number off the list; what it was stays in the history of records."""
    contact.delete()
    contact.organization.save(update_fields=["updated_at"])
    changed(contact.organization)
