"""The call desk: a draft that never gets lost, then one request, once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory.models import Organization
from cordee.intake import facts, rules
from cordee.intake.call import Call, CallerSaid, as_kept, cleaned
from cordee.intake.models import (
    Caller,
    CareRequest,
    Document,
    Draft,
    Hold,
    Telling,
    TriageAnswer,
    TriageVersion,
    Weight,
    Wish,
)
from cordee.intake.selectors import requester_said
from cordee.intake.services.holds import hold_row
from cordee.intake.services.life import close, qualify, write_delay
from cordee.intake.services.moves import changed_meanwhile, write
from cordee.intake.services.outside import acknowledge
from cordee.intake.services.retriage import hear_again
from cordee.intake.services.single import refuse_second
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.people import selectors as people
from cordee.people import services as people_services
from cordee.people.models import Person

LONGEST_DRAFT = 100_000
LONGEST_CALL = timedelta(hours=12)
ELSEWHERE = "Rien n’a été créé ; ouvrez la demande existante, ou changez le soin demandé."


@action("intake.save_draft", on="organization", lock=())
def save_draft(
    *,
    actor: Actor,
    organization: Organization,
    draft_id: UUID,
    content: Mapping[str, list[str]],
    caller_seen: str | None = None,
    now: datetime,
) -> Draft:
    """Keep what has been typed so far. A late copy of an ended call changes nothing, nor does a
    page of before the requester of what came online was corrected change who that is."""
    kept = as_kept(content)
    if sum(len(value) for values in kept.values() for value in values) > LONGEST_DRAFT:
        raise DomainError(
            "intake.draft_too_long",
            "Ce qui est saisi est trop long pour être gardé. Raccourcissez le texte libre ; "
            "ce qui était déjà enregistré le reste.",
        )
    draft = Draft.objects.select_for_update(of=("self",)).filter(pk=draft_id).first()
    if draft is None:
        opened = _opened(draft_id, now)
        try:
            with transaction.atomic():
                return Draft.objects.create(
                    pk=draft_id,
                    organization=organization,
                    account_id=actor.account_id,
                    content=kept,
                    opened_at=opened,
                )
        except IntegrityError:
            draft = Draft.objects.select_for_update(of=("self",)).get(pk=draft_id)
    if not _is_of_desk(draft, actor, organization):
        raise DomainError(
            "intake.draft_of_another",
            "Ce brouillon est tenu par quelqu’un d’autre. Ouvrez un nouvel appel.",
        )
    if draft.is_open_online:
        kept = _with_requester(draft, kept, caller_seen)
    if draft.ended_at is None and draft.content != kept:
        draft.content, draft.account_id = kept, actor.account_id
        draft.save(update_fields=["content", "account", "updated_at"])
    return draft


def _with_requester(
    draft: Draft, kept: dict[str, list[str]], seen: str | None
) -> dict[str, list[str]]:
    """Return what a page typed, with the requester as the draft has them if the page was opened
    before they were corrected."""
    known = requester_said(draft.request)
    if seen in (None, known.as_seen):
        return kept
    theirs = {name: said for name, said in draft.content.items() if name in known.typed}
    return {name: said for name, said in kept.items() if name not in known.typed} | theirs


@action("intake.discard_draft", on="draft")
def discard_draft(*, actor: Actor, draft: Draft, now: datetime) -> Draft:
    """Put a draft aside: it no longer shows, nothing is erased."""
    if draft.ended_at is None and draft.request_id is None:
        draft.ended_at = now
        draft.save(update_fields=["ended_at", "updated_at"])
    return draft


@action("intake.take_draft", on="draft")
def take_draft(*, actor: Actor, draft: Draft, now: datetime) -> Draft:
    """Go on with a call that a colleague had to leave. Raises DomainError."""
    if draft.account_id == actor.account_id or draft.is_open_online:
        return draft
    if draft.ended_at or draft.updated_at > now - rules.CUT_SHORT:
        raise DomainError(
            "intake.draft_of_another",
            "Cet appel est tenu par quelqu’un d’autre, ou déjà enregistré. Parlez-lui d’abord.",
        )
    draft.account_id = actor.account_id
    draft.save(update_fields=["account", "updated_at"])
    return draft


@action("intake.restore_draft", on="draft")
def restore_draft(*, actor: Actor, draft: Draft, now: datetime) -> Draft:
    """Take back a draft that was put aside."""
    if draft.request_id is None and draft.ended_at is not None:
        draft.ended_at = None
        draft.save(update_fields=["ended_at", "updated_at"])
    return draft


@action("intake.receive", on="draft", lock=("request", "draft"))
def receive(*, actor: Actor, draft: Draft, call: Call, now: datetime) -> CareRequest:
    """Make one request of a call, with everything that was said. Sending twice makes one.

    A sign that only the second sending says is heard, and holds the request."""
    if draft.ended_at is not None and draft.request is not None:
        return hear_again(actor, draft.request, call.answers, now)
    _refuse_ended(draft)
    _refuse_corrected(draft, call)
    people_services.hold_the_basis()
    person = _person(actor, call, now)
    if person is not None:
        _refuse_unfollowed(actor, person)
        refuse_second(actor, person.pk, call.need.kinds, draft.request_id, ELSEWHERE)
    request = _request(actor, draft, person, call, now)
    publish(
        facts.RequestReceived(
            **_ids(request), organization_id=request.organization_id, weight=request.weight
        )
    )
    _wishes(request, call)
    _held_during_call(request, draft, now)
    _triage(actor, request, call, now)
    draft.request, draft.person, draft.ended_at = request, person, now
    draft.account_id = actor.account_id
    draft.save(update_fields=["request", "person", "account", "ended_at", "updated_at"])
    return _continued(actor, request, call, now)


def _refuse_ended(draft: Draft) -> None:
    """A request that came online and that a colleague refused or handed on is completed no more."""
    if draft.request_id is not None:
        rows = CareRequest.objects.select_for_update(of=("self",))
        if rows.get(pk=draft.request_id).state != rules.State.RECEIVED.value:
            raise changed_meanwhile()


def _refuse_corrected(draft: Draft, call: Call) -> None:
    """A page opened before the requester was corrected would write again where they are not
    reached. Raises DomainError."""
    known, said = requester_said(draft.request), call.caller
    if call.caller_seen in (None, known.as_seen):
        return
    pairs = ((said.name, known.name), (said.phone, known.phone), (said.email, known.email))
    if draft.request_id and any(typed and typed != kept for typed, kept in pairs):
        raise DomainError(
            "intake.requester_corrected",
            "Quelqu’un a corrigé le demandeur pendant que vous complétiez sa demande. Il est "
            "repris ici tel que corrigé\u00a0: relisez-le, puis enregistrez de nouveau. Le reste "
            "de ce que vous avez saisi est gardé.",
        )


def _continued(actor: Actor, request: CareRequest, call: Call, now: datetime) -> CareRequest:
    if request.is_light and call.answer_words and request.held_at is None:
        Telling.objects.create(
            request=request,
            at=now,
            by_account_id=actor.account_id,
            how=Telling.How.CALL,
            result=Telling.Result.REACHED,
            about=rules.State.CLOSED.value,
        )
        request.told_at = now
        request.save(update_fields=["told_at", "updated_at"])
        return close(actor=actor, request=request, now=now)
    if call.tell_caller:
        acknowledge(actor=actor, request=request, now=now)
    ready = request.held_at is None and request.kind and request.commune_id and request.delay
    if call.search_now and ready and request.person_id and not request.is_light:
        return qualify(actor=actor, request=request, now=now)
    return request


def _person(actor: Actor, call: Call, now: datetime) -> Person | None:
    """Find or create the person, with her agreement where it is asked; the service enters their
    circle, which locks their row: two calls about one person wait in line."""
    said = call.person
    if said.person_id is not None:
        known = people.get_person(actor, said.person_id)
        _refuse_dead(known, call)
        people_services.enter_circle(actor=actor, person=known, agreed=call.agreed, now=now)
        return known
    if said.is_new:
        identity = people_services.Identity(
            birth_name=said.birth_name,
            first_names=said.first_names,
            birth_date=said.birth_date,
            sex=said.sex,
            phone=said.phone,
            address=call.need.address[:240],
            commune_code=call.need.commune_code,
            protection=_measure(call),
        )
        created = people_services.create_person(actor=actor, identity=identity, now=now)
        people_services.ask_agreement(actor, created, call.agreed, now)
        return created
    if call.weight == Weight.FULL:
        raise DomainError(
            "intake.nobody",
            "Cette demande ne dit pas pour qui. Choisissez ou créez la personne ; "
            "ce que vous avez saisi est gardé.",
        )
    return None


def _refuse_dead(person: Person, call: Call) -> None:
    """Refuse to look for care for somebody who has died. Raises DomainError."""
    if person.deceased_on and call.weight == Weight.FULL:
        raise DomainError(
            "intake.person_died",
            f"Le décès de cette personne est noté, le {person.deceased_on:%d/%m/%Y}. Rien n’a été "
            "créé\u00a0; ce que vous avez saisi est gardé. Si c’est une erreur, retirez le décès "
            "sur son identité, puis recommencez.",
        )


def _measure(call: Call) -> str:
    """Say the protection of somebody who is entered as her representative agrees for her."""
    return (call.agreed.protection if call.agreed else "") or Person.Protection.NONE.value


def _refuse_unfollowed(actor: Actor, person: Person) -> None:
    """Refuse a request that its own desk could not open, nor anybody end. Raises DomainError."""
    if not people.is_in_circle(actor, person):
        raise DomainError(
            "intake.unfollowed",
            "Votre service ne peut pas suivre cette personne\u00a0: elle l’a choisi. Rien n’a été "
            "créé\u00a0; ce que vous avez saisi est gardé. Orientez l’appelant de vive voix, ou "
            "notez un conseil sans nom.",
        )


def _request(
    actor: Actor, draft: Draft, person: Person | None, call: Call, now: datetime
) -> CareRequest:
    columns: dict[str, Any] = {
        **call.need.columns(),
        "commune_id": call.need.commune_code or (person.commune_id if person else None),
        "weight": call.weight,
        "person": person,
        "caller": remember(draft.organization, _caller(draft, call), now),
        "owner_id": actor.account_id,
        "chooses_nobody": call.chooses_nobody,
        "answer_words": call.answer_words,
        "contacted_at": now,
        "call_seconds": _seconds(draft, now),
    }
    request = draft.request or CareRequest(
        organization=draft.organization, channel="call", received_at=now
    )
    for name, value in columns.items():
        setattr(request, name, value)
    request.outcome_at = request.outcome_at or now
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError as error:
        if "one_live_per_person_and_need" not in str(error):
            raise
        raise DomainError(
            "intake.already_live",
            "Un ou une collègue vient d’enregistrer cette même demande. "
            "Rien n’a été créé en double ; ouvrez la sienne.",
        ) from error
    return request


def _caller(draft: Draft, call: Call) -> CallerSaid:
    """Who calls; of what came online, whoever asked is still reached where they said, unless the
    desk says where else."""
    said, known = call.caller, draft.request.caller if draft.request else None
    if known is None or said.phone or said.email:
        return said
    structure = said.structure or known.structure
    return replace(said, structure=structure, phone=known.phone, email=known.email)


def remember(organization: Organization, said: CallerSaid, now: datetime) -> Caller:
    """Find the caller by number and name, or keep a new one; a bare number is the last known."""
    rows = Caller.objects.select_for_update(of=("self",))  # one being corrected is waited for
    known = rows.filter(organization=organization, phone=said.phone)
    caller = None
    if said.phone:
        named = known.filter(name__iexact=said.name) if said.name else known
        caller = named.order_by("-last_called_at", "pk").first()
    caller = caller or Caller(organization=organization, phone=said.phone, name=said.name)
    caller.kind = said.kind if said.kind != "other" or caller._state.adding else caller.kind
    caller.structure = said.structure or caller.structure
    caller.email = said.email or caller.email
    caller.last_called_at = now
    caller.save()
    return caller


def _wishes(request: CareRequest, call: Call) -> None:
    for practitioner, choice in call.wishes.items():
        Wish.objects.update_or_create(
            request=request, practitioner_id=practitioner, defaults={"choice": choice}
        )


def _triage(actor: Actor, request: CareRequest, call: Call, now: datetime) -> None:
    """Weigh the answers with the version in use; the more pressing of it and the hand wins."""
    used = TriageVersion.objects.filter(
        organization=request.organization_id, signed_at__isnull=False, retired_at=None
    ).first()
    verdict = rules.judge(rules.read_grid(used.content), call.answers) if used else None
    given = verdict.delay if verdict else None
    if used and verdict and call.answers:
        TriageAnswer.objects.create(
            request=request,
            triage_version=used,
            answers=dict(call.answers),
            signs=list(verdict.signs),
            delay=given or "",
            answered_by_id=actor.account_id,
        )
    if verdict and verdict.is_for_samu and request.held_at is None:
        hold_row(request, verdict.signs, now, actor)
    by_hand = rules.Delay(call.delay) if call.delay else None
    delay = rules.chosen_delay(given, by_hand)
    if delay is not None:
        write_delay(request, delay, by_hand=delay is not given, now=now)


def _held_during_call(request: CareRequest, draft: Draft, now: datetime) -> None:
    """A transfer to the 15 noted during the call goes on holding the request that comes of it."""
    held = Hold.objects.filter(draft=draft, released_at=None).first()
    if held is None or request.held_at is not None:
        return
    held.request = request
    held.save(update_fields=["request", "updated_at"])
    write(request, held_at=held.held_at)
    publish(facts.RequestHeld(**_ids(request)))


@action("intake.attach", on="draft", lock=())
def attach(*, actor: Actor, draft: Draft, name: str, content: bytes, now: datetime) -> Document:
    """Keep a prescription given during the call, judged by its content. Raises DomainError."""
    return keep_document({"draft": draft}, actor, name, content)


@action("intake.add_document", on="request", lock=())
def add_document(
    *, actor: Actor, request: CareRequest, name: str, content: bytes, now: datetime
) -> Document:
    """Keep a prescription that came after the call. Raises DomainError."""
    return keep_document({"request": request}, actor, name, content)


def keep_document(owner: dict[str, Any], actor: Actor, name: str, content: bytes) -> Document:
    """Judge a prescription by its content and keep it once, in the gesture under way."""
    try:
        judged = rules.judge_upload(content)
    except rules.UploadError as refused:
        raise DomainError("intake.upload", f"{refused} La demande, elle, est gardée.") from refused
    digest = rules.digest(content)
    same = Document.objects.filter(**owner, sha256=digest).first()
    return same or Document.objects.create(
        **owner,
        name=cleaned(name).strip()[-120:] or "ordonnance",
        media_type=judged.media_type,
        pages=judged.pages,
        size=len(content),
        sha256=digest,
        content=content,
        added_by_id=actor.account_id,
    )


def _opened(draft_id: UUID, now: datetime) -> datetime:
    """The draft's identifier carries the moment the page was opened; an odd one says now."""
    moment = (
        datetime.fromtimestamp((draft_id.int >> 80) / 1000, tz=UTC)
        if draft_id.version == 7
        else now
    )
    return moment if timedelta() <= now - moment < LONGEST_CALL else now


def _seconds(draft: Draft, now: datetime) -> int | None:
    """The length of a call; a form filled online, or a draft resumed another day, has none."""
    lasted = now - draft.opened_at
    if draft.request_id is not None or not timedelta() <= lasted < LONGEST_CALL:
        return None
    return int(lasted.total_seconds())


def _is_of_desk(draft: Draft, actor: Actor, organization: Organization) -> bool:
    mine = draft.is_open_online or draft.account_id in (None, actor.account_id)
    return mine and draft.organization_id == organization.pk


def _ids(request: CareRequest) -> dict[str, Any]:
    return {"person_id": request.person_id, "request_id": request.pk}
