"""A desk with a morning's work: a signed grid and a dozen requests in different states.

Nobody here exists. Every request goes through the same gestures as a real one."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from cordee.access.actor import SYSTEM, Actor, Origin, Purpose, Role
from cordee.access.models import Account
from cordee.directory.models import Organization, Practitioner
from cordee.directory.selectors import solicitable
from cordee.intake import rules, services
from cordee.intake.call import Call, CallerSaid, NeedSaid, PersonSaid
from cordee.intake.models import CareRequest
from cordee.intake.selectors import grid_in_use
from cordee.kernel.identifiers import uuid7
from cordee.people import services as people

GRID = Path(__file__).parent / "triage" / "2026-1.json"
PLACES = ("05132", "05096", "05145", "05004", "05029")  # communes of the Champsaur-Valgaudemar


@dataclass(frozen=True)
class Told:
    """One call of the demonstration: who, for whom, what, how long ago, and what came of it."""

    caller: CallerSaid
    person: PersonSaid
    need: NeedSaid
    delay: str
    hours_ago: float
    then: str = ""


def _caller(kind: str, name: str, number: int, structure: str = "") -> CallerSaid:
    return CallerSaid(kind, name, structure, f"+3363998{number:04d}")


def _person(name: str, first: str, born: date, sex: str) -> PersonSaid:
    return PersonSaid(birth_name=name, first_names=first, birth_date=born, sex=sex)


GP = _caller("gp", "Docteur Arnaud", 9001, "Maison de santé de Saint-Bonnet")
HOSPITAL = _caller("hospital", "Marc Teissier", 9002, "Hôpital des Vallées")
DAUGHTER = _caller("relative", "Jeanne Eyraud", 9003)
PHARMACY = _caller("pharmacist", "Pharmacie du Drac", 9004)

CALLS = (
    Told(
        HOSPITAL,
        _person("Eyraud", "Marguerite", date(1938, 2, 3), "F"),
        NeedSaid("injection", need="Deux fois par jour, dix jours", frequency="twice"),
        "tonight",
        0.4,
        "search",
    ),
    Told(
        GP,
        _person("Gauthier", "Paul", date(1944, 9, 18), "M"),
        NeedSaid("dressing", need="Pansement un jour sur deux", frequency="other"),
        "h24",
        2,
        "search",
    ),
    Told(
        DAUGHTER,
        _person("Reynaud", "Odette", date(1931, 5, 27), "F"),
        NeedSaid("toilette", need="Ne peut plus se laver seule", frequency="daily"),
        "h72",
        3,
    ),
    Told(
        PHARMACY,
        _person("Blanc", "Lucien", date(1950, 12, 1), "M"),
        NeedSaid("medication", need="Préparer le traitement de la semaine", frequency="weekly"),
        "planned",
        5,
        "held",
    ),
    Told(
        GP,
        _person("Pellegrin", "Simone", date(1940, 7, 14), "F"),
        NeedSaid("sampling", need="À jeun, avant neuf heures", frequency="once"),
        "h24",
        20,
        "found",
    ),
    Told(
        HOSPITAL,
        _person("Martin", "André", date(1947, 3, 30), "M"),
        NeedSaid("post_surgery", need="Surveillance et pansement", frequency="daily"),
        "h24",
        26,
        "confirmed",
    ),
    Told(
        GP,
        _person("Robert", "Yvette", date(1936, 10, 8), "F"),
        NeedSaid("injection", need="Une fois par jour, sept jours", frequency="daily"),
        "h72",
        74,
        "closed",
    ),
    Told(
        DAUGHTER,
        _person("Escallier", "Denise", date(1929, 1, 19), "F"),
        NeedSaid("infusion", need="Trois passages par jour", frequency="thrice"),
        "tonight",
        30,
        "refused",
    ),
    Told(
        PHARMACY,
        _person("Davin", "René", date(1955, 6, 6), "M"),
        NeedSaid("diabetes", need="Apprendre à se piquer", frequency="daily"),
        "h72",
        50,
        "cancelled",
    ),
    Told(
        GP,
        _person("Faure", "Claudine", date(1949, 11, 11), "F"),
        NeedSaid("dressing", need="Part chez son fils à Sète", frequency="other"),
        "h72",
        6,
        "handed_on",
    ),
)


def load(now: datetime) -> None:
    """Sign the grid and take the calls, once. Does nothing where there is no desk or no account."""
    desk = _desk()
    if desk is None:
        return
    actor, service = desk
    if grid_in_use(service.pk) is None:
        content = json.loads(GRID.read_text(encoding="utf-8"))
        version = services.propose_grid(actor=actor, organization=service, content=content, now=now)
        services.sign_grid(actor=replace(actor, profession="60"), version=version, now=now)
    if CareRequest.objects.filter(organization=service).exists():
        return
    for number, told in enumerate(CALLS):
        at = now - timedelta(hours=told.hours_ago)
        request = _receive(actor, service, told, PLACES[number % len(PLACES)], at)
        if told.then:
            THEN[told.then](actor, request, at + timedelta(minutes=9))
    _advice(actor, service, now - timedelta(hours=1))
    _online(service, now - timedelta(minutes=12))


def _desk() -> tuple[Actor, Organization] | None:
    """The first demonstration account that holds the desk of a single number."""
    account = (
        Account.objects.filter(
            is_demonstration=True,
            memberships__role="orienteuse",
            memberships__organization__kind="sio",
            memberships__organization__territory__name__icontains="champsaur",
        )
        .order_by("email", "pk")
        .first()
    )
    if account is None:
        return None
    service = Organization.objects.get(
        kind="sio", memberships__account=account, memberships__role="orienteuse"
    )
    actor = Actor(
        role=Role.ORIENTEUSE,
        account_id=account.pk,
        name=account.name,
        organization_id=service.pk,
        organizations=frozenset({service.pk}),
        territories=frozenset({service.territory_id} if service.territory_id else ()),
        purpose=Purpose.COORDINATION,
        origin=Origin.IMPORT,
    )
    return actor, service


def _receive(
    actor: Actor, service: Organization, told: Told, commune: str, at: datetime
) -> CareRequest:
    need = replace(told.need, commune_code=commune, begins_on=at.date(), prescription="yes")
    grid = grid_in_use(service.pk)
    call = Call(
        told.caller,
        told.person,
        need,
        answers=dict.fromkeys(grid.codes, False) if grid else {},
        delay=told.delay,
        tell_caller=False,
    )
    return _taken(actor, service, call, at)


def _taken(actor: Actor, service: Organization, call: Call, at: datetime) -> CareRequest:
    draft = services.save_draft(
        actor=actor,
        organization=service,
        draft_id=uuid7(),
        content={},
        now=at - timedelta(seconds=50),
    )
    return services.receive(actor=actor, draft=draft, call=call, now=at)


def _advice(actor: Actor, service: Organization, at: datetime) -> None:
    words = "Pharmacie de garde indiquée, et le numéro du médecin de garde."
    call = Call(DAUGHTER, weight="advice", answer_words=words, tell_caller=False)
    _taken(actor, service, call, at)


def _online(service: Organization, at: datetime) -> None:
    """A request that came by the public form: the desk will say who the person is."""
    partner = Organization.objects.filter(kind="hospital").order_by("name", "pk").first()
    if partner is None:
        return
    typed = {
        "birth_name": ["Arnoux"],
        "first_names": ["Émile"],
        "birth_date": ["22/4/1942"],
        "kind": ["dressing"],
        "commune": ["Saint-Bonnet-en-Champsaur"],
        "caller_name": ["Service de chirurgie"],
    }
    need = NeedSaid("dressing", need="Sortie demain matin", commune_code=PLACES[0])
    services.receive_online(
        actor=SYSTEM,
        service=service,
        proof=services.Proof(partner, "+33639989002", at),
        asked=services.Asked("hospital", "Service de chirurgie", need, typed),
        now=at,
    )


# -- what came of it ----------------------------------------------------------------


def _search(actor: Actor, request: CareRequest, at: datetime) -> None:
    services.qualify(actor=actor, request=request, now=at)


def _held(actor: Actor, request: CareRequest, at: datetime) -> None:
    services.hold_for_samu(actor=actor, request=request, signs=["conscience"], now=at)


def _found(actor: Actor, request: CareRequest, at: datetime) -> None:
    _search(actor, request, at)
    nurse = _nurse(request, at)
    if nurse is None or request.person is None:
        return
    people.welcome(
        actor=SYSTEM, person=request.person, practitioner_id=nurse.pk, role="nurse", now=at
    )
    services.mark_found(actor=SYSTEM, request=request, practitioner_id=nurse.pk, now=at)


def _nurse(request: CareRequest, at: datetime) -> Practitioner | None:
    window = rules.window(None, at, (), at)
    able = solicitable("60", [request.kind], request.commune_id or "", window)
    return (
        next(iter(able), None)
        or Practitioner.objects.filter(profession="60").order_by("rpps", "pk").first()
    )


def _confirmed(actor: Actor, request: CareRequest, at: datetime) -> None:
    _found(actor, request, at)
    day = (at + timedelta(days=1)).date()
    services.mark_confirmed(actor=SYSTEM, request=request, first_visit_on=day, now=at)


def _closed(actor: Actor, request: CareRequest, at: datetime) -> None:
    _confirmed(actor, request, at)
    _say(actor, request, at + timedelta(minutes=5))
    request.refresh_from_db()
    if request.told_at and request.first_visit_on:
        services.close(actor=actor, request=request, now=at + timedelta(minutes=6))


def _say(actor: Actor, request: CareRequest, at: datetime) -> None:
    said = services.Told("call", "reached", "Le demandeur est informé.")
    services.tell(actor=actor, request=request, said=said, now=at)


def _refused(actor: Actor, request: CareRequest, at: datetime) -> None:
    services.refuse(actor=actor, request=request, reason="no_professional", now=at)


def _cancelled(actor: Actor, request: CareRequest, at: datetime) -> None:
    services.cancel(actor=actor, request=request, reason="solved", now=at)
    _say(actor, request, at + timedelta(minutes=5))


def _handed_on(actor: Actor, request: CareRequest, at: datetime) -> None:
    others = Organization.objects.filter(kind="sio").exclude(pk=request.organization_id)
    other = others.order_by("name", "pk").first()
    if other is not None:
        to = services.HandOn(other, "territory", "Reprend lundi.", spoken_with="Lucie Serre")
        services.hand_on(actor=actor, request=request, to=to, now=at)


THEN: dict[str, Callable[[Actor, CareRequest, datetime], None]] = {
    "search": _search,
    "held": _held,
    "found": _found,
    "confirmed": _confirmed,
    "closed": _closed,
    "refused": _refused,
    "cancelled": _cancelled,
    "handed_on": _handed_on,
}
