"""Territories, organisations and who belongs to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.directory import rules
from cordee.directory.facts import (
    MembershipEnded,
    MembershipGiven,
    OrganizationChanged,
    TerritoryDrawn,
)
from cordee.directory.kinds import OrganizationKind
from cordee.directory.models import (
    Commune,
    Cover,
    Membership,
    Organization,
    Practitioner,
    Sector,
    Territory,
    TerritoryCommune,
)
from cordee.directory.phones import parse_phone
from cordee.directory.selectors import signature_faults
from cordee.directory.services.refusals import check_open, said
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish


def check_communes(codes: Iterable[str], drawn: Territory | Sector | None = None) -> list[str]:
    """Return the codes sorted; raises when one is not that of a current commune. One of the past
    that is drawn already may stay."""
    wanted, may_be = sorted(set(codes)), Q(is_current=True)
    if drawn:
        may_be |= Q(pk__in=drawn.places.values("commune"))
    if Commune.objects.filter(may_be, pk__in=wanted).count() != len(wanted):
        raise DomainError(
            "directory.commune_unknown",
            "Une des communes choisies n’existe pas ou plus. Rien n’a changé : cherchez la commune "
            "par son nom ou son code postal.",
        )
    return wanted


@action("directory.create_territory", on=None)
def create_territory(
    *, actor: Actor, name: str, kind: str, communes: Iterable[str], now: datetime
) -> Territory:
    """Draw a territory with its communes."""
    wanted = check_communes(communes)
    with said():
        territory = Territory.objects.create(name=name, kind=kind)
    _draw(territory, wanted)
    publish(TerritoryDrawn(territory_id=territory.pk))
    return territory


@action("directory.draw_territory", on="territory")
def draw_territory(
    *, actor: Actor, territory: Territory, communes: Iterable[str], now: datetime
) -> Territory:
    """Replace the communes of a territory."""
    check_open(territory)
    _draw(territory, check_communes(communes, territory))
    territory.save(update_fields=["updated_at"])  # a commune that was taken away says nothing
    publish(TerritoryDrawn(territory_id=territory.pk))
    return territory


def _draw(territory: Territory, wanted: list[str]) -> None:
    territory.places.exclude(commune__in=wanted).delete()
    held = set(territory.places.values_list("commune_id", flat=True))
    TerritoryCommune.objects.bulk_create(
        TerritoryCommune(territory=territory, commune_id=code)
        for code in wanted
        if code not in held
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationTraits:
    """What one says of an organisation."""

    name: str
    kind: str
    finess: str | None = None
    territory: Territory | None = None
    commune: Commune | None = None
    address: str = ""
    postal_code: str = ""
    phone: str = ""
    email: str = ""
    sms_sender_name: str = ""
    signature: str = ""
    request_code: str | None = None

    def columns(self) -> dict[str, Any]:
        """Give the columns to write; empty codes are unknown, not empty."""
        return {
            "name": self.name,
            "kind": self.kind,
            "finess": (self.finess or "").strip().upper() or None,
            "territory": self.territory,
            "commune": self.commune,
            "address": self.address,
            "postal_code": self.postal_code or _the_only_code(self.commune),
            "phone": self.phone,
            "email": self.email,
            "sms_sender_name": self.sms_sender_name,
            "signature": " ".join(self.signature.split()),
            "request_code": (self.request_code or "").strip().upper() or None,
        }


def _the_only_code(commune: Commune | None) -> str:
    """The postal code that follows from a commune; none when it has several."""
    if commune is None:
        return ""
    codes = list(commune.postal_codes.order_by("code").values_list("code", flat=True)[:2])
    return codes[0] if len(codes) == 1 else ""


def _check_names(traits: OrganizationTraits) -> None:
    """Refuse a name that no text could bear, and a signature that says what no text says.

    A name stays free to say a care or a village. Whoever writes to people is then asked for a
    signature; for the others Cordée signs. Raises DomainError.
    """
    if not rules.may_sign(traits.name):
        raise DomainError(
            "directory.name_unsaid",
            "Ce nom signe les SMS du service\u00a0: il ne peut porter ni lien, ni adresse, ni "
            "numéro. Rien n’a été enregistré\u00a0; donnez le nom seul.",
        )
    if not (traits.signature or traits.kind in rules.WRITING):
        return
    if faults := signature_faults(traits.signature or traits.name, traits.commune):
        what = "Cette signature" if traits.signature else "Ce nom"
        raise DomainError(
            "directory.signature_says",
            f"{what} signerait chaque SMS, qui ne dit ni soin, ni petite commune\u00a0: "
            f"{', '.join(faults)}. Rien n’a été enregistré\u00a0; donnez une autre signature des "
            "messages, courte et neutre. Le nom, lui, reste libre.",
        )


@action("directory.create_organization", on=None)
def create_organization(*, actor: Actor, traits: OrganizationTraits, now: datetime) -> Organization:
    """Add an organisation that FINESS does not list, or before FINESS does."""
    _check_names(traits)
    made = Organization(**traits.columns())
    made.corrected = [name for name in SAID_BY_FINESS if _is_said(name, getattr(made, name))]
    with said():
        made.save(force_insert=True)
    changed(made)
    return made


@action("directory.change_organization", on="organization")
def change_organization(
    *, actor: Actor, organization: Organization, traits: OrganizationTraits, now: datetime
) -> Organization:
    """Correct what is said of an organisation."""
    _check_names(traits)
    before = {name: getattr(organization, name) for name in SAID_BY_FINESS}
    columns = traits.columns()
    if traits.commune and traits.commune.pk == organization.commune_id and not traits.postal_code:
        del columns["postal_code"]  # the form does not ask for it
    for name, value in columns.items():
        setattr(organization, name, value)
    mark_corrected(organization, before)
    with said():
        organization.save(update_fields=[*columns, "corrected", "updated_at"])
    changed(organization)
    return organization


def changed(organization: Organization) -> None:
    """Say that what is told of a structure moved: partners who watch it learn it by the thread."""
    publish(OrganizationChanged(organization_id=organization.pk))


SAID_BY_FINESS = ("name", "kind", "address", "postal_code", "commune_id", "phone")


def mark_corrected(organization: Organization, before: Mapping[str, Any]) -> None:
    """Keep which of the columns that FINESS says too were typed here, from what they were."""
    organization.corrected = [
        name
        for name, was in before.items()
        if name in organization.corrected or _differs(name, was, getattr(organization, name))
    ]
    if not organization.postal_code and "postal_code" in organization.corrected:
        organization.corrected.remove("postal_code")  # nobody typed that there is none


def _is_said(name: str, value: str | None) -> bool:
    return bool(value) and (name, value) != ("kind", OrganizationKind.OTHER)


def _differs(name: str, was: str | None, value: str | None) -> bool:
    """Whether somebody corrected it: a number written in another way is the same."""
    return parse_phone(was or "") != parse_phone(value or "") if name == "phone" else was != value


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipTraits:
    """Who does what, from which day to which day."""

    account: Account
    role: str
    since: date
    until: date | None = None


@action("directory.add_membership", on="organization")
def add_membership(
    *, actor: Actor, organization: Organization, traits: MembershipTraits, now: datetime
) -> Membership:
    """Give an account a role in an organisation, never one's own: whoever gives roles would read
    persons alone. Raises when it already holds it then, or when the organisation has closed."""
    if traits.account.pk == actor.account_id:
        raise DomainError(
            "directory.own_account",
            "Vous ne pouvez pas vous donner un rôle à vous-même. Rien n’a été ajouté : "
            "demandez-le à une autre personne de l’administration.",
        )
    if traits.until is not None and traits.until < traits.since:
        raise DomainError(
            "directory.membership_backwards",
            "La fin est avant le début. Rien n’a été ajouté : vérifiez les deux dates.",
        )
    _check_still_open(organization)
    with said(whose=traits.account):
        given = Membership.objects.create(
            account=traits.account,
            organization=organization,
            role=traits.role,
            since=traits.since,
            until=traits.until,
        )
    publish(
        MembershipGiven(
            membership_id=given.pk,
            account_id=given.account_id,
            organization_id=given.organization_id,
            role=given.role,
        )
    )
    return given


def _check_still_open(organization: Organization) -> None:
    """Look again, and hold it: an extraction may be closing it."""
    held = Organization.objects.select_for_update(of=("self",), no_key=True).get(pk=organization.pk)
    if held.closed_on is not None:
        raise DomainError(
            "directory.organization_closed",
            f"{held.name} a fermé le {held.closed_on:%d/%m/%Y}. Aucun rôle n’y a été donné : "
            "choisissez une autre structure.",
        )


@action("directory.end_membership", on="membership")
def end_membership(
    *, actor: Actor, membership: Membership, last_day: date, now: datetime
) -> Membership:
    """End a membership: it holds to the end of its last day. Revoked before it began, it goes."""
    ended = _ended(membership)
    if last_day < membership.since:
        membership.delete()
    else:
        membership.until = last_day
        membership.end_said_at = now if last_day < timezone.localdate(now) else None
        membership.save(update_fields=["until", "end_said_at", "updated_at"])
    publish(ended)
    _end_their_covers(ended.account_id, last_day, now)
    return membership


@action("directory.note_ended", on="membership")
def note_ended(*, actor: Actor, membership: Membership, now: datetime) -> Membership:
    """Say that a membership is over by its date, once: what it held goes as by the gesture."""
    last_day = membership.until
    if membership.end_said_at or last_day is None or last_day >= timezone.localdate(now):
        return membership
    membership.end_said_at = now
    membership.save(update_fields=["end_said_at", "updated_at"])
    publish(_ended(membership))
    _end_their_covers(membership.account_id, last_day, now)
    return membership


def _ended(membership: Membership) -> MembershipEnded:
    return MembershipEnded(
        membership_id=membership.pk,
        account_id=membership.account_id,
        organization_id=membership.organization_id,
        role=membership.role,
    )


def _end_their_covers(account_id: UUID, last_day: date, now: datetime) -> None:
    """Whoever leaves the last structure covers nobody any more."""
    if Membership.objects.filter(account=account_id).exclude(until__lte=last_day).exists():
        return
    for cover in Cover.objects.filter(cover=account_id).filter(Q(until=None) | Q(until__gt=now)):
        if cover.since >= now:
            cover.delete()
        else:
            cover.until = now
            cover.save(update_fields=["until", "updated_at"])


@action("directory.tie_account", on="practitioner")
def tie_account(
    *, actor: Actor, practitioner: Practitioner, account: Account | None, now: datetime
) -> Practitioner:
    """Say which account is that of a professional; None unties. One that was closed gives way.
    Raises if either is another's."""
    former = practitioner.account
    if account is not None and former not in (None, account) and former.is_active:
        raise DomainError(
            "directory.professional_has_an_account",
            "Ce professionnel a déjà un autre compte. Rien n’a changé.",
        )
    taken = Practitioner.objects.filter(account=account).exclude(pk=practitioner.pk)
    if account is not None and taken.exists():
        raise DomainError(
            "directory.account_tied_elsewhere",
            "Ce compte est déjà celui d’un autre professionnel. Rien n’a changé.",
        )
    practitioner.account = account
    practitioner.save(update_fields=["account", "updated_at"])
    return practitioner
