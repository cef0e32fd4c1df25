"""A ServiceRequest that comes in: received by a desk, as from the public form."""

from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.http import Http404

from cordee.access.actor import Actor
from cordee.directory import selectors as directory
from cordee.directory.kinds import CareKind, OrganizationKind
from cordee.directory.models import Organization
from cordee.fhir import france
from cordee.fhir.contract import Writing
from cordee.fhir.datatypes import filled
from cordee.fhir.outcome import Json, Refusal, unprocessable
from cordee.fhir.requests.rhythms import Heard, heard
from cordee.fhir.requests.words import WHEN, text_of
from cordee.fhir.search.dates import WHOLE_DAY, day_said
from cordee.fhir.systems import ours
from cordee.intake import selectors, services
from cordee.intake.call import Asked, CallerSaid, NeedSaid
from cordee.intake.forms.need import NeedForm
from cordee.intake.models import CareRequest
from cordee.intake.rules import PARIS
from cordee.kernel.identifiers import uuid7
from cordee.people.models import Person

LONGEST = 2000
DAY = "%d/%m/%Y"


def create(writing: Writing) -> CareRequest:
    """Receive a request, as from the public form: the desk will say who the person is.

    Idempotent on its identifier: the same words sent again are the same request.
    """
    resource = writing.resource
    _refuse_what_asks_nothing(resource)
    person = writing.refers("subject", "Patient") if "reference" in resource["subject"] else None
    typed = filled(_typed(resource, person))
    need = _need(typed, writing.now)
    caller = _caller(resource, writing.actor)
    asked = Asked(
        caller.kind,
        caller.name,
        need,
        {name: one if isinstance(one, list) else [one] for name, one in typed.items()}
        | {"caller_name": [caller.name], "caller_structure": [caller.structure]},
        key=_key(resource),
    )
    row: Any = services.receive_from_system(
        actor=writing.actor,
        service=_service(writing, need.commune_code),
        caller=caller,
        asked=asked,
        now=writing.now,
    )
    row.said_of = person.pk if person else None
    return row  # type: ignore[no-any-return]


def person_of(row: CareRequest) -> UUID | None:
    """The person of a request; until the desk says who it is, whom its sender says it is for.

    What is kept around the request is read, and erased, as what is known of that person.
    """
    return row.person_id or getattr(row, "said_of", None)


def _refuse_what_asks_nothing(resource: Json) -> None:
    """Only what is asked now is received: no draft, no plan, nothing that is not to be done."""
    status, intent = resource.get("status"), resource.get("intent")
    asks = status == "active" and intent in ("proposal", "order", "original-order")
    if not asks or resource.get("doNotPerform"):
        raise unprocessable(
            "service_request.asks_nothing",
            "Seule une demande active est reçue ici (« status » : active ; « intent » : proposal, "
            "order ou original-order ; sans « doNotPerform »). Rien n’a été enregistré.",
            "Only an active request is received here. Nothing was stored.",
            "ServiceRequest.status",
        )


def _typed(resource: Json, person: Person | None) -> dict[str, Any]:
    """What a request says, as if it had been typed on the public form."""
    repeat = resource.get("occurrenceTiming", {}).get("repeat", {})
    days = resource.get("occurrencePeriod") or repeat.get("boundsPeriod", {})
    start = days.get("start", resource.get("occurrenceDateTime", ""))
    kinds = [_ours(one) for one in (resource.get("code", {}), *resource.get("orderDetail", []))]
    known = [one for one in kinds if one]
    rhythm = _rhythm(resource)
    return {
        **_who(resource["subject"], person),
        **_where(resource, person),
        "kind": known[0] if known else "",
        "other_kinds": known[1:],
        "need": _words(resource, rhythm.words),
        "begins_on": _typed_day(start),
        "ends_on": _typed_day(days.get("end", "")),
        "frequency": rhythm.frequency,
        "visit_times": [ours.value for ours, one in WHEN.items() if one in repeat.get("when", [])],
        "visit_minutes": rhythm.minutes,
    }


def _who(subject: Json, person: Person | None) -> dict[str, str]:
    """Whom the desk will look for: nothing here says who it is for sure."""
    if person is None:
        return {"birth_name": subject.get("display", "")[:120]}
    return {
        "person_id": str(person.pk),
        "birth_name": person.birth_name,
        "first_names": person.first_names,
        "birth_date": person.birth_date.strftime(DAY) if person.birth_date else "",
        "person_phone": person.phone,
    }


def _where(resource: Json, person: Person | None) -> dict[str, str]:
    codes = [
        one.get("code", "")
        for place in resource.get("locationCode", [])
        for one in place.get("coding", [])
        if one.get("system") == france.COMMUNES
    ]
    code = codes[0] if codes else (person.commune_id if person else "") or ""
    if not code:
        return {}
    try:
        found = directory.get_commune(code)
    except Http404:
        raise unprocessable(
            "service_request.commune",
            "Cette commune n’existe pas : vérifiez son code INSEE.",
            "The commune is unknown: check its INSEE code.",
            "ServiceRequest.locationCode",
        ) from None
    return {"commune_code": found.pk, "commune": found.name}


def _ours(concept_said: Json) -> str:
    """The kind of care that one of our codes names; none of another system."""
    for one in concept_said.get("coding", []):
        if one.get("system") == ours("care-kind") and one.get("code") in CareKind.values:
            return str(one["code"])
    return ""


def _rhythm(resource: Json) -> Heard:
    try:
        return heard(resource)
    except (ValueError, OverflowError):
        raise _no_such_date() from None


def _words(resource: Json, rhythm: str) -> str:
    """All that is said in words: what has no code here is read by the desk."""
    asked = (resource.get("code", {}), *resource.get("orderDetail", []))
    lines = [_said_beside(one) for one in asked]
    lines += [text_of(one) for one in resource.get("reasonCode", [])]
    lines += [one.get("text", "") for one in resource.get("note", [])]
    lines.append(resource.get("patientInstruction", ""))
    if resource.get("priority") in URGENT:
        lines.append(f"Urgence dite\u00a0: {URGENT[resource['priority']]}")
    lines.append(rhythm)
    text = "\n".join(filter(None, lines))
    if len(text) > LONGEST:
        raise unprocessable(
            "service_request.too_long",
            f"Ce qui est écrit dépasse {LONGEST} caractères : le service ne le lirait pas en "
            "entier. Rien n’a été enregistré.",
            f"The words of the request exceed {LONGEST} characters. Nothing was stored.",
            "ServiceRequest.reasonCode",
        )
    return text


URGENT = {"urgent": "urgent", "asap": "dès que possible", "stat": "immédiate"}


def _said_beside(concept_said: Json) -> str:
    """The words of what is asked, but for those that only name our own code."""
    words, kind = text_of(concept_said), _ours(concept_said)
    if not kind:
        return words
    words = concept_said.get("text", "")
    shown = [one.get("display", "") for one in concept_said["coding"] if one.get("code") == kind]
    is_its_name = words.casefold() in (one.casefold() for one in (CareKind(kind).label, *shown))
    return "" if is_its_name else words


def _typed_day(text: str) -> str:
    """A day as one types it; of a month or a year alone, nothing. Raises Refusal (422)."""
    if len(text) < WHOLE_DAY:
        return ""
    try:
        year, month, day = day_said(text).split("-")
    except ValueError:
        raise _no_such_date() from None
    return f"{day}/{month}/{year}"


def _no_such_date() -> Refusal:
    return unprocessable(
        "service_request.date",
        "Cette date n’existe pas. Rien n’a été enregistré.",
        "The date does not exist. Nothing was stored.",
        "ServiceRequest.occurrence",
    )


def _need(typed: dict[str, Any], now: datetime) -> NeedSaid:
    """Ask of what came in what the form asks of what is typed. Raises Refusal, with the form’s
    words."""
    form = NeedForm(typed, today=now.astimezone(PARIS).date())
    if not form.is_valid():
        wrong = " ".join(str(one) for many in form.errors.values() for one in many)
        raise unprocessable(
            "service_request.need", wrong, "The need is not one that can be looked for."
        )
    return form.need_said()


def _service(writing: Writing, commune: str) -> Organization:
    """The desk that answers: the one that is named, the sender’s own, or that of the commune."""
    if "Organization/" in writing.resource.get("performer", [{}])[0].get("reference", ""):
        found = writing.refers("performer[0]", "Organization")
    else:
        found = _own_desk(writing.actor) or selectors.service_of(commune)
    if found is None or found.kind != OrganizationKind.SIO:
        raise unprocessable(*NOBODY_ANSWERS, "ServiceRequest.performer")
    return found


def _own_desk(actor: Actor) -> Organization | None:
    own = selectors.partner(str(actor.organization_id)) if actor.organization_id else None
    return own if own and own.kind == OrganizationKind.SIO else None


NOBODY_ANSWERS = (
    "service_request.nobody_answers",
    "Aucun service d’orientation ne répond pour ce lieu : donnez la commune (« locationCode », "
    "code INSEE) ou le service (« performer »). Rien n’a été enregistré.",
    "No desk answers there: name the commune or the service. Nothing was stored.",
)


def _caller(resource: Json, actor: Actor) -> CallerSaid:
    """Who asks: as it is said, else whom the system speaks for."""
    said_by = resource.get("requester", {}).get("display", "")
    known = selectors.partner(str(actor.organization_id)) if actor.organization_id else None
    structure = known.name if known else ""
    return CallerSaid(name=(said_by or actor.name or structure)[:150], structure=structure[:150])


def _key(resource: Json) -> UUID:
    """What the request is called there; a request without a name is a new one each time."""
    names = sorted(
        f"{one.get('system', '')}|{one['value']}"
        for one in resource.get("identifier", [])
        if one.get("value")
    )
    return uuid5(NAMESPACE_URL, " ".join(names)) if names else uuid7()
