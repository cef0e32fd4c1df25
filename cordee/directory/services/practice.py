"""What a professional declares, the phone she proves, the tie that makes her solicitable."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory.facts import (
    MessagesResumed,
    MessagesStopped,
    MobileChanged,
    MobileProved,
    PracticeDeclared,
    TieConfirmed,
    TieSuspended,
)
from cordee.directory.kinds import CareKind, care_of
from cordee.directory.models import (
    Absence,
    Commune,
    PhoneTie,
    Practice,
    PracticeSite,
    Practitioner,
    WeeklyHours,
)
from cordee.directory.phones import parse_mobile, parse_phone
from cordee.directory.rules import Hours, merged
from cordee.directory.services.refusals import said
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish


@action("directory.open_practice", on="practitioner")
def open_practice(
    *, actor: Actor, practitioner: Practitioner, now: datetime, anew: bool = False
) -> Practice:
    """Give a professional her declared practice, empty the first time.

    `anew`: for who brings the whole of it, and has not read the one that is there. Raises then.
    """
    if practitioner.closed_on is not None:
        raise DomainError(
            "directory.practitioner_closed",
            "L’annuaire national ne connaît plus d’exercice en cours sous ce numéro. Rien n’a été "
            "créé : vérifiez l’inscription auprès de l’Ordre.",
        )
    practice, is_new = Practice.objects.get_or_create(practitioner=practitioner)
    if anew and not is_new:
        raise DomainError(
            "directory.practice_open",
            "Ce professionnel a déjà déclaré son exercice. Rien n’a été modifié\u00a0: lisez-le, "
            "puis écrivez sur ce que vous avez lu.",
        )
    return _told(practice) if is_new else practice


def _told(practice: Practice) -> Practice:
    """Say that what she declares moved: partners who watch services learn it by the thread."""
    publish(PracticeDeclared(practice_id=practice.pk, practitioner_id=practice.practitioner_id))
    return practice


@action("directory.declare_practice", on="practice")
def declare_zone(
    *, actor: Actor, practice: Practice, communes: Iterable[str], now: datetime
) -> Practice:
    """Replace the zone. Raises when a code is not that of a current commune, nor of one of the past
    that is in it already."""
    wanted, may_be = sorted(set(communes)), Q(is_current=True) | Q(pk__in=practice.communes)
    known = set(Commune.objects.filter(may_be, pk__in=wanted).values_list("pk", flat=True))
    if known != set(wanted):
        raise DomainError(
            "directory.commune_unknown",
            "Une des communes choisies n’existe pas ou plus. La zone n’a pas changé : cherchez la "
            "commune par son nom ou son code postal.",
        )
    practice.communes = wanted
    practice.save(update_fields=["communes", "updated_at"])
    return _told(practice)


@action("directory.declare_practice", on="practice")
def widen_zone(*, actor: Actor, practice: Practice, commune: Commune, now: datetime) -> Practice:
    """Add the communes of the intercommunality of a commune to the zone."""
    around = Commune.objects.filter(is_current=True, pk=commune.pk)
    if commune.epci_code:
        around = Commune.objects.filter(is_current=True, epci_code=commune.epci_code)
    practice.communes = sorted({*practice.communes, *around.values_list("pk", flat=True)})
    practice.save(update_fields=["communes", "updated_at"])
    return _told(practice)


@action("directory.declare_practice", on="practice")
def declare_kinds(
    *, actor: Actor, practice: Practice, kinds: Iterable[str], now: datetime
) -> Practice:
    """Replace the kinds of care. Raises when one is not of her profession."""
    wanted = [kind for kind in CareKind.values if kind in set(kinds)]
    allowed = {kind.value for kind in care_of(practice.practitioner.profession)}
    if set(wanted) - allowed or set(kinds) - set(CareKind.values):
        raise DomainError(
            "directory.kind_of_another_trade",
            "Un des soins choisis ne relève pas de cette profession. Rien n’a changé : choisissez "
            "parmi les soins proposés.",
        )
    practice.kinds = wanted
    practice.save(update_fields=["kinds", "updated_at"])
    return _told(practice)


@action("directory.declare_practice", on="practice")
def declare_week(
    *, actor: Actor, practice: Practice, week: Iterable[Hours], now: datetime
) -> Practice:
    """Replace the weekly hours; stretches that touch are joined."""
    for old in practice.hours.all():
        old.delete()
    for stretch in merged(week):
        WeeklyHours.objects.create(
            practice=practice, weekday=stretch.weekday, starts=stretch.starts, ends=stretch.ends
        )
    practice.save(update_fields=["updated_at"])
    return _told(practice)


@dataclass(frozen=True, slots=True)
class Preferences:
    """How much, and at what price: the rest of what she declares."""

    weekly_cap: int | None = None
    urgent_at_night: bool = False
    ranking_objection: bool = False


@action("directory.declare_practice", on="practice")
def declare_preferences(
    *, actor: Actor, practice: Practice, preferences: Preferences, now: datetime
) -> Practice:
    """Replace the weekly cap, the agreement for nights, the objection to ranking."""
    practice.weekly_cap = preferences.weekly_cap
    practice.urgent_at_night = preferences.urgent_at_night
    practice.ranking_objection = preferences.ranking_objection
    practice.save(
        update_fields=["weekly_cap", "urgent_at_night", "ranking_objection", "updated_at"]
    )
    return _told(practice)


@action("directory.declare_practice", on="practice")
def add_absence(
    *,
    actor: Actor,
    practice: Practice,
    kind: str,
    begins_at: datetime,
    now: datetime,
    ends_at: datetime | None = None,
) -> Absence:
    """Add a pause or a holiday. Raises when it ends before it begins, or is already over."""
    if ends_at is not None and ends_at <= begins_at:
        raise DomainError(
            "directory.absence_backwards",
            "La fin est avant le début. Rien n’a été ajouté : vérifiez les deux dates.",
        )
    if ends_at is not None and ends_at <= now:
        raise DomainError(
            "directory.absence_over",
            "Cette période est déjà passée. Rien n’a été ajouté.",
        )
    absence = Absence.objects.create(
        practice=practice, kind=kind, begins_at=begins_at, ends_at=ends_at
    )
    _told(practice)
    return absence


@action("directory.declare_practice", on="practice")
def end_absence(
    *, actor: Actor, practice: Practice, absence: Absence, now: datetime
) -> Absence | None:
    """End a pause or a holiday now; one that has not begun is removed, None is returned."""
    absence = Absence.objects.select_for_update(of=("self",)).get(pk=absence.pk, practice=practice)
    if absence.begins_at >= now:
        absence.delete()
        practice.save(update_fields=["updated_at"])
        _told(practice)
        return None
    if absence.ends_at is None or absence.ends_at > now:
        absence.ends_at = now
        absence.save(update_fields=["ends_at", "updated_at"])
        _told(practice)
    return absence


# -- the phone -----------------------------------------------------------------------------------


@action("directory.declare_practice", on="practice")
def give_mobile(*, actor: Actor, practice: Practice, mobile: str, now: datetime) -> Practice:
    """Keep the mobile that will receive requests. Another number is to be proved and tied again."""
    number = parse_mobile(mobile)
    if not number:
        raise DomainError(
            "directory.not_a_mobile",
            "Ce numéro n’est pas celui d’un mobile. Rien n’a changé : donnez un numéro qui reçoit "
            "des textos, par exemple 06 12 34 56 78.",
        )
    if number == practice.mobile:
        return practice
    _suspend(practice, now)
    practice.mobile, practice.mobile_proved_at = number, None
    practice.save(update_fields=["mobile", "mobile_proved_at", "updated_at"])
    publish(MobileChanged(practice_id=practice.pk, practitioner_id=practice.practitioner_id))
    return practice


@action("directory.prove_mobile", on="practice")
def prove_mobile(*, actor: Actor, practice: Practice, mobile: str, now: datetime) -> Practice:
    """Note that a code sent to the mobile came back. Messaging issues and checks the code.

    Raises when the number was changed in between.
    """
    if not practice.mobile or parse_mobile(mobile) != practice.mobile:
        raise DomainError(
            "directory.mobile_changed_meanwhile",
            "Le numéro a changé depuis l’envoi du code. Demandez un nouveau code.",
        )
    if practice.mobile_proved_at is None:
        practice.mobile_proved_at = now
        practice.save(update_fields=["mobile_proved_at", "updated_at"])
        publish(MobileProved(practice_id=practice.pk, practitioner_id=practice.practitioner_id))
    return practice


@dataclass(frozen=True, slots=True)
class Call:
    """The number that was called, and where it was found when the directory knows none."""

    number: str = ""
    found: str = ""


NO_CALL, LISTED = Call(), "annuaire national"


@action("directory.confirm_tie", on="practice")
def confirm_tie(
    *,
    actor: Actor,
    practice: Practice,
    how: str,
    now: datetime,
    call: Call = NO_CALL,
    rpps_given: str = "",
) -> PhoneTie:
    """Confirm that the proved mobile is that of the RPPS number: who, how and when are kept.

    By call: a named person of the desk rang the number that the national directory knows. By
    national sign-on: the professional herself, in the session where it gave her RPPS number.
    """
    called = _proof_of_tie(actor, practice, how, call, rpps_given)
    _suspend(practice, now)
    tie = PhoneTie.objects.create(
        practice=practice,
        mobile=practice.mobile,
        how=how,
        phone_called=called.number,
        number_found=called.found,
        confirmed_by_id=actor.account_id,  # type: ignore[misc]  # the rule wants somebody
        confirmed_at=now,
    )
    practice.tie_confirmed_at, practice.tie_how = now, how
    practice.tie_confirmed_by_id = actor.account_id
    with said():
        practice.save(
            update_fields=["tie_confirmed_at", "tie_how", "tie_confirmed_by", "updated_at"]
        )
    publish(
        TieConfirmed(practice_id=practice.pk, practitioner_id=practice.practitioner_id, how=how)
    )
    return tie


def _proof_of_tie(actor: Actor, practice: Practice, how: str, call: Call, rpps: str) -> Call:
    """Check what the confirmation rests on; give the call as it is kept, none for a sign-on."""
    own = practice.practitioner_id == actor.practitioner_id
    if how not in Practice.TieHow.values or own != (how == Practice.TieHow.SIGN_ON):
        raise DomainError(
            "directory.tie_by_other_means",
            "Ce lien se confirme par l’appel d’une infirmière orienteuse au cabinet, ou par la "
            "connexion nationale du professionnel. Rien n’a changé.",
        )
    if practice.mobile_proved_at is None:
        raise DomainError(
            "directory.mobile_unproved",
            "Le mobile n’est pas encore prouvé. Rien n’a changé : envoyez d’abord le code.",
        )
    if own and rpps != practice.practitioner.rpps:
        raise DomainError(
            "directory.sign_on_says_another",
            "La connexion nationale n’a pas donné le numéro RPPS de cet exercice. Rien n’a "
            "changé : reconnectez-vous par elle, ou demandez à une infirmière orienteuse "
            "d’appeler votre cabinet.",
        )
    return NO_CALL if own else _independent(practice, call)


def _independent(practice: Practice, call: Call) -> Call:
    """Check that the number called is known from elsewhere than the declaration itself."""
    called = parse_phone(call.number)
    sites = PracticeSite.objects.filter(practitioner=practice.practitioner_id, closed_on=None)
    rows = sites.values_list("phone", "organization__phone")
    known = {parse_phone(number) for row in rows for number in row if number} - {""}
    found = LISTED if known else call.found.replace("\0", "").strip()[:160]
    is_right = called in known if known else called and found and called != practice.mobile
    if not is_right:
        raise DomainError(
            "directory.number_not_independent",
            "Appelez un numéro connu indépendamment de cette déclaration : celui du cabinet dans "
            "l’annuaire national. Si l’annuaire n’en donne aucun, dites où vous avez trouvé celui "
            "que vous avez appelé. Rien n’a changé.",
        )
    return Call(called, found)


@action("directory.suspend_tie", on="practice")
def suspend_tie(*, actor: Actor, practice: Practice, now: datetime) -> Practice:
    """Suspend the tie, when a doubt arises: she is not asked until it is confirmed again."""
    if _suspend(practice, now):
        publish(TieSuspended(practice_id=practice.pk, practitioner_id=practice.practitioner_id))
    return practice


def _suspend(practice: Practice, now: datetime) -> bool:
    if practice.tie_confirmed_at is None:
        return False
    for tie in practice.ties.filter(suspended_at=None):
        tie.suspended_at = now
        tie.save(update_fields=["suspended_at", "updated_at"])
    practice.tie_confirmed_at, practice.tie_how, practice.tie_confirmed_by_id = None, "", None
    practice.save(update_fields=["tie_confirmed_at", "tie_how", "tie_confirmed_by", "updated_at"])
    return True


@action("directory.stop_messages", on="practice")
def stop_messages(*, actor: Actor, practice: Practice, now: datetime) -> Practice:
    """Stop every message to this professional; saying it twice changes nothing."""
    if practice.stopped_at is None:
        practice.stopped_at = now
        practice.save(update_fields=["stopped_at", "updated_at"])
        publish(MessagesStopped(practice_id=practice.pk, practitioner_id=practice.practitioner_id))
    return practice


@action("directory.resume_messages", on="practice")
def resume_messages(*, actor: Actor, practice: Practice, now: datetime) -> Practice:
    """Let messages come again; only she decides it."""
    if practice.stopped_at is not None:
        practice.stopped_at = None
        practice.save(update_fields=["stopped_at", "updated_at"])
        publish(MessagesResumed(practice_id=practice.pk, practitioner_id=practice.practitioner_id))
    return practice
