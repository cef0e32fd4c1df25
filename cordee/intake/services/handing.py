"""Handing a request on: to another territory or service, or to the DAC with its criteria."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory.kinds import OrganizationKind
from cordee.directory.models import Organization
from cordee.intake import facts
from cordee.intake.models import (
    CareRequest,
    DacCriterion,
    Document,
    Draft,
    HandOnReason,
    Hold,
    TriageAnswer,
    Wish,
)
from cordee.intake.selectors import colleagues
from cordee.intake.services.moves import check_seen, go, latch_as_it_stands, to_be_told
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.people import services as people
from cordee.people.models import CircleMember

RECEIVE = (OrganizationKind.SIO, OrganizationKind.DAC)
_COPIED = [
    "person",
    "caller",
    "weight",
    "kind",
    "other_kinds",
    "need",
    "commune",
    "address",
    "access_notes",
    "begins_on",
    "ends_on",
    "frequency",
    "visit_times",
    "visit_minutes",
    "profession",
    "prescription",
    "prescriber",
    "risks",
    "risk_notes",
    "chooses_nobody",
    "delay",
    "delay_by_hand",
    "due_at",
    "criteria",
    "held_at",
]

_OF_A_TRIAGE = ["triage_version_id", "answers", "signs", "delay", "answered_by_id"]
_OF_A_DOCUMENT = ["name", "media_type", "pages", "size", "sha256", "content", "added_by_id"]


@dataclass(frozen=True)
class HandOn:
    """To whom, why, and what was said to them on the telephone."""

    organization: Organization
    reason: str
    words: str = ""
    criteria: Sequence[str] = ()
    spoken_with: str = ""


@action("intake.hand_on", on="request")
def hand_on(
    *,
    actor: Actor,
    request: CareRequest,
    to: HandOn,
    seen: int | None = None,
    now: datetime,
) -> CareRequest:
    """Hand a request on, warm: they were spoken with. Returns the copy that they now follow."""
    check_seen(request, seen)
    people.hold_the_basis()
    _check(request, to)
    _check_somebody_reads(to.organization, now)
    words = f"{to.spoken_with.strip()} : {to.words.strip()}".strip(" :")[:500]
    go(
        request,
        "hand_on",
        now,
        handed_to=to.organization,
        end_reason=to.reason,
        end_words=words,
        criteria=list(to.criteria),
        **to_be_told(now),
    )
    _let_in(actor, request, to.organization, now)
    copy = CareRequest.objects.create(
        organization=to.organization,
        handed_from=request,
        channel="transfer",
        received_at=now,
        outcome_at=now,
        **{name: getattr(request, name) for name in _COPIED},
    )
    for wish in Wish.objects.filter(request=request).order_by("pk"):
        Wish.objects.create(request=copy, practitioner_id=wish.practitioner_id, choice=wish.choice)
    _carry_triage(request, copy)
    _carry_documents(request, copy)
    _carry_draft(request, copy, now)
    _publish(request, copy, to)
    _carry_hold(request, copy)
    latch_as_it_stands(copy)
    return copy


def _carry_triage(request: CareRequest, copy: CareRequest) -> None:
    """The signs that were asked are not asked again: the other service keeps what was answered."""
    for one in TriageAnswer.objects.filter(request=request).order_by("created_at", "pk"):
        TriageAnswer.objects.create(
            request=copy, **{name: getattr(one, name) for name in _OF_A_TRIAGE}
        )


def _carry_documents(request: CareRequest, copy: CareRequest) -> None:
    """Give the other service its own copy of each prescription, whoever gave it."""
    given = Document.objects.filter(Q(request=request) | Q(draft__request=request))
    for one in {one.sha256: one for one in given.order_by("pk")}.values():
        Document.objects.create(
            request=copy, **{name: getattr(one, name) for name in _OF_A_DOCUMENT}
        )


def _carry_draft(request: CareRequest, copy: CareRequest, now: datetime) -> None:
    """What came online and nobody completed yet says for whom it is: the other service goes on."""
    draft = Draft.objects.filter(request=request, ended_at=None).first()
    if draft is None:
        return
    draft.ended_at = now
    draft.save(update_fields=["ended_at", "updated_at"])
    Draft.objects.create(
        organization=copy.organization, request=copy, content=draft.content, opened_at=now
    )


def _carry_hold(request: CareRequest, copy: CareRequest) -> None:
    """Have the other service release what was transferred to the 15, and keep why."""
    held = Hold.objects.filter(request=request, released_at=None).first()
    if held is None:
        return
    Hold.objects.create(
        request=copy, signs=held.signs, held_at=held.held_at, held_by_id=held.held_by_id
    )
    publish(facts.RequestHeld(person_id=copy.person_id, request_id=copy.pk))


def _let_in(actor: Actor, request: CareRequest, organization: Organization, now: datetime) -> None:
    """Let the other service into the circle: it cannot follow what it may not see."""
    if request.person is None:
        return
    is_dac = organization.kind == OrganizationKind.DAC
    role = CircleMember.Role.COORDINATION if is_dac else CircleMember.Role.ORIENTATION
    joining = people.Joining(role=role.value, organization_id=organization.pk)
    people.join_circle(actor=actor, person=request.person, joining=joining, now=now)


def _check(request: CareRequest, to: HandOn) -> None:
    if to.organization.pk == request.organization_id:
        raise DomainError(
            "intake.hand_on_self",
            "La demande est déjà dans ce service. Choisissez un autre service ou un collègue.",
        )
    if to.reason not in HandOnReason.values:
        raise DomainError("intake.reason", "Choisissez un motif dans la liste.")
    if not to.spoken_with.strip():
        raise DomainError(
            "intake.cold_transfer",
            "Dites à qui vous avez parlé : une demande se transmet de vive voix. "
            "Elle reste dans votre service en attendant.",
        )
    known = set(to.criteria) <= set(DacCriterion.values)
    is_dac = to.organization.kind == OrganizationKind.DAC
    if (to.reason == HandOnReason.DAC) is not is_dac or not known or (is_dac and not to.criteria):
        raise DomainError(
            "intake.dac_criteria",
            "Une transmission au DAC dit au moins un critère de complexité, et va à un DAC. "
            "La demande reste dans votre service.",
        )


def _check_somebody_reads(organization: Organization, now: datetime) -> None:
    """A request goes only where a desk reads requests, and where somebody holds it today."""
    receives = organization.kind in RECEIVE and organization.closed_on is None
    if not receives or not colleagues(organization.pk, now).exists():
        raise DomainError(
            "intake.nobody_there",
            "Personne n’y lit les demandes. La demande reste dans votre service\u00a0: "
            "choisissez un autre service, ou téléphonez.",
        )


def _publish(request: CareRequest, copy: CareRequest, to: HandOn) -> None:
    publish(
        facts.RequestHandedOn(
            person_id=request.person_id,
            request_id=request.pk,
            organization_id=to.organization.pk,
            reason=to.reason,
        )
    )
    publish(
        facts.RequestReceived(
            person_id=copy.person_id,
            request_id=copy.pk,
            organization_id=copy.organization_id,
            weight=copy.weight,
        )
    )
