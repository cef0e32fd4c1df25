"""Who sees and changes the directory. National data is open; what one declares is not."""

from django.conf import settings
from django.db.models import Q

from cordee.access.actor import Actor, Origin, Role
from cordee.access.models import Account
from cordee.access.policy import NOTHING, Scope, allows, everyone, sees, signed_in
from cordee.directory.models import (
    Absence,
    CallMobile,
    Commune,
    Contact,
    Cover,
    Extraction,
    Handover,
    Membership,
    MomentSetting,
    Organization,
    OtherCode,
    Outline,
    PhoneTie,
    Pole,
    PostalCode,
    Practice,
    PracticeSite,
    Practitioner,
    Sector,
    SectorCommune,
    Shift,
    Territory,
    TerritoryCommune,
    WeeklyHours,
)

DESK = (Role.COORDINATOR, Role.ORIENTEUSE)
"""Those who look for somebody: they see what professionals declared."""

ON_ROSTERS = (*DESK, Role.HOSPITAL, Role.HOME_HELP)
"""Those who may be on call for a structure, and be texted then."""

for reference in (Commune, PostalCode, OtherCode, Outline, MomentSetting):
    sees(reference)(everyone)

for open_data in (Territory, TerritoryCommune, Organization, Contact, Practitioner, PracticeSite):
    sees(open_data)(signed_in)


def declared(path: str) -> Scope:
    """Scope of what a professional declares: hers, and the desk's."""

    def scope(actor: Actor) -> Q:
        if actor.role is Role.SYSTEM or actor.role in DESK:
            return Q()
        if actor.practitioner_id is None:
            return NOTHING
        return Q(**{path: actor.practitioner_id})

    return scope


sees(Practice)(declared("practitioner_id"))
sees(WeeklyHours)(declared("practice__practitioner_id"))
sees(Absence)(declared("practice__practitioner_id"))
sees(PhoneTie)(declared("practice__practitioner_id"))


def inside(organization: str, *accounts: str) -> Scope:
    """Scope of what is internal to organisations: theirs, one's own, and administration's."""

    def scope(actor: Actor) -> Q:
        if actor.role in (Role.SYSTEM, Role.ADMINISTRATOR):
            return Q()
        found = Q(**{f"{organization}__in": actor.organizations}) if organization else NOTHING
        if actor.account_id:
            for account in accounts:
                found |= Q(**{account: actor.account_id})
        return found

    return scope


sees(Membership)(inside("organization", "account"))
sees(Pole)(inside("organization"))
sees(Shift)(inside("pole__organization", "account"))
sees(Sector)(inside("organization", "coordinator"))
sees(SectorCommune)(inside("organization"))


@sees(CallMobile)
def one_s_own_number(actor: Actor) -> Q:
    """Its owner alone reads it; not administration either."""
    if actor.role is Role.SYSTEM:
        return Q()
    return Q(account=actor.account_id) if on_rosters(actor) else NOTHING


def on_rosters(actor: Actor) -> bool:
    """Tell whether somebody may stand on the roster of a structure."""
    return actor.account_id is not None and actor.role in ON_ROSTERS


@sees(Cover)
def covers_among_colleagues(actor: Actor) -> Q:
    """One's own absences and cover, those of colleagues, all of them for administration."""
    if actor.role in (Role.SYSTEM, Role.ADMINISTRATOR):
        return Q()
    colleagues = Membership.objects.filter(organization__in=actor.organizations).values("account")
    own = Q(absent=actor.account_id) | Q(cover=actor.account_id) if actor.account_id else NOTHING
    return own | Q(absent__in=colleagues)


@sees(Handover)
def notes_of_the_desk(actor: Actor) -> Q:
    """A hand-over note may speak of persons: the desk of the same organisation, nobody else."""
    if actor.role is Role.SYSTEM:
        return Q()
    if actor.role not in DESK:
        return NOTHING
    return Q(pole__organization__in=actor.organizations)


@sees(Extraction)
def news_of_the_directory(actor: Actor) -> Q:
    """How fresh the directory is interests those who look for somebody, and administration."""
    known = (Role.SYSTEM, Role.ADMINISTRATOR, *DESK)
    return Q() if actor.role in known else NOTHING


# -- deeds ---------------------------------------------------------------------------------------


def administers(actor: Actor, subject: object = None) -> bool:
    """Administration, and Cordée itself when it loads data."""
    return actor.role in (Role.ADMINISTRATOR, Role.SYSTEM)


@allows("directory.read_coverage")
def may_read_coverage(actor: Actor, subject: object = None) -> bool:
    """Numbers by commune, nobody named: those who look for somebody, and administration."""
    return actor.role in (*DESK, Role.ADMINISTRATOR)


def practises_as(actor: Actor, practitioner: Practitioner) -> bool:
    """The professional herself, on her own page."""
    return actor.practitioner_id is not None and actor.practitioner_id == practitioner.pk


@allows("directory.open_practice")
def may_open_practice(actor: Actor, practitioner: Practitioner) -> bool:
    """Herself, or the desk for her, on the phone."""
    return practises_as(actor, practitioner) or actor.role in (*DESK, Role.SYSTEM)


@allows("directory.declare_practice")
def may_declare(actor: Actor, practice: Practice) -> bool:
    """Herself, or the desk for her, on the phone."""
    return practice.practitioner_id == actor.practitioner_id or actor.role in (*DESK, Role.SYSTEM)


@allows("directory.stop_messages")
def may_stop(actor: Actor, practice: Practice) -> bool:
    """Whoever may declare; and Cordée, when STOP comes by text."""
    return may_declare(actor, practice)


@allows("directory.resume_messages")
def may_resume(actor: Actor, practice: Practice) -> bool:
    """She alone resumes what she stopped; by text too."""
    return practice.practitioner_id == actor.practitioner_id or actor.role is Role.SYSTEM


@allows("directory.prove_mobile")
def may_prove(actor: Actor, practice: Practice) -> bool:
    """The code is given by herself, or read out by her to the desk."""
    return may_declare(actor, practice)


@allows("directory.confirm_tie")
def may_confirm_tie(actor: Actor, practice: Practice) -> bool:
    """A named person other than the professional; or herself when the national sign-on speaks."""
    if actor.account_id is None:
        return False
    own = practice.practitioner_id == actor.practitioner_id
    return own if actor.role is Role.PRACTITIONER else actor.role in DESK and not own


@allows("directory.suspend_tie")
def may_suspend_tie(actor: Actor, practice: Practice) -> bool:
    """The desk when a doubt arises, or herself."""
    return may_declare(actor, practice)


for verb in (
    "directory.load_communes",
    "directory.load_outlines",
    "directory.import_extraction",
    "directory.create_territory",
    "directory.draw_territory",
    "directory.create_organization",
    "directory.set_moments",
    "directory.withdraw_moments",
    "directory.change_organization",
    "directory.add_membership",
    "directory.end_membership",
    "directory.note_ended",
    "directory.tie_account",
    "directory.create_pole",
    "directory.create_sector",
    "directory.draw_sector",
    "directory.hand_sector",
    "directory.change_pole",
    "directory.close_pole",
    "directory.rename_sector",
    "directory.close_sector",
    "directory.rename_territory",
    "directory.close_territory",
    "directory.forget_call_mobile",
):
    allows(verb)(administers)


def speaks_for(actor: Actor, organization: Organization) -> bool:
    """Administration; and the system of a partner that it registered for that very structure."""
    own = actor.role is Role.PARTNER and organization.pk in actor.organizations
    return administers(actor) or (own and actor.account_id is not None)


@allows("directory.say_reach")
@allows("directory.add_contact")
def may_say_reach(actor: Actor, organization: Organization) -> bool:
    """How a structure is reached is said by administration, and by its own system."""
    return speaks_for(actor, organization)


@allows("directory.remove_contact")
def may_remove_contact(actor: Actor, contact: Contact) -> bool:
    """As for adding it."""
    return speaks_for(actor, contact.organization)


def organizes(actor: Actor, organization: Organization) -> bool:
    """Administration, or coordination of the same organisation."""
    same = organization.pk in actor.organizations
    return administers(actor) or (same and actor.role in DESK)


@allows("directory.plan_shift")
def may_plan(actor: Actor, pole: Pole) -> bool:
    """The roster is kept by the desk itself, or by administration."""
    return organizes(actor, pole.organization)


@allows("directory.cancel_shift")
def may_cancel_shift(actor: Actor, shift: Shift) -> bool:
    """As for planning."""
    return organizes(actor, shift.pole.organization)


@allows("directory.hand_over")
def may_hand_over(actor: Actor, pole: Pole) -> bool:
    """The desk of that organisation, under one's own name."""
    return (
        actor.account_id is not None
        and actor.role in DESK
        and pole.organization_id in actor.organizations
    )


@allows("directory.read_handover")
def may_read_handover(actor: Actor, handover: Handover) -> bool:
    """Whoever takes the desk."""
    return may_hand_over(actor, handover.pole)


@allows("directory.give_call_mobile")
def may_be_on_call(actor: Actor, subject: object = None) -> bool:
    """Whoever may stand on the roster of a structure, for oneself."""
    return on_rosters(actor)


@allows("directory.prove_call_mobile")
def may_prove_call_mobile(actor: Actor, mobile: CallMobile) -> bool:
    """Oneself."""
    return mobile.account_id == actor.account_id and on_rosters(actor)


@allows("directory.stop_call_mobiles")
def who_holds_the_phone(actor: Actor, subject: object = None) -> bool:
    """STOP was written from that very number: it came by the carrier, or by the test phone."""
    by_carrier = actor.origin is Origin.TEXT or actor.role in (Role.SYSTEM, Role.PARTNER)
    return by_carrier or settings.CORDEE.is_demonstration


@allows("directory.set_cover")
def may_set_cover(actor: Actor, absent: Account) -> bool:
    """Oneself before leaving, a colleague of the desk in an emergency, or administration."""
    if administers(actor) or absent.pk == actor.account_id:
        return True
    return (
        actor.role in DESK
        and Membership.objects.filter(account=absent, organization__in=actor.organizations).exists()
    )


@allows("directory.end_cover")
def may_end_cover(actor: Actor, cover: Cover) -> bool:
    """As for setting it."""
    return may_set_cover(actor, cover.absent)
