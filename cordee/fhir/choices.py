"""What a person chose, as Consent says it: what all choices say, and those that are only read here.

Beside the cells of sharing (`resources/consent.py`): what her data are used for, whether anybody
may open an emergency access, and whether one may be told that her record is shown in part. R4 has
an element for a purpose and a code for an emergency (`ETREAT`); the rest is in codes of ours.

Sources : règlement (UE) 2016/679, articles 6, 7 (§ 3) et 21 ; code de la santé publique, L.1110-4.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from cordee.access.actor import Actor
from cordee.fhir.contract import Mapping, Seeing, by_uuid
from cordee.fhir.datatypes import coding, concept, filled, identifier, period, reference, said
from cordee.fhir.outcome import Json
from cordee.fhir.search.either import Never
from cordee.fhir.search.parameters import (
    Choice,
    Code,
    Identifier,
    Moment,
    Parameter,
    Reference,
    Span,
)
from cordee.fhir.systems import ours, told, worded
from cordee.people.models import EmergencyOpposition, HintChoice, Processing
from cordee.people.models.choices import Proof
from cordee.people.rules.notices import How
from cordee.people.rules.processing import Purpose, Will
from cordee.people.rules.sharing import Speaker

SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
PRIVACY = "patient-privacy"
LOINC, CONSENT = "http://loinc.org", "59284-0"
SPEAKER, HOW = "speaker", "collected-how"
"""Extensions of the house, each with the list of codes of the same name."""
NOTICE = "urn:cordee:notice:"
LAW = "Code de la santé publique, L.1110-4"
LAW_OF_DATA = "Règlement (UE) 2016/679, articles 6, 7 et 21"
REASONS = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
PURPOSES, ACTIONS = ours("processing-purpose"), ours("consent-action")
EMERGENCY = coding(REASONS, "ETREAT")
HINT = ("say-partial", "dire que le dossier est affiché en partie")
PERMIT, DENY = "permit", "deny"


# --- what all choices say ----------------------------------------------------------------------


def consent(one: Proof, *, holds: bool, law: str, provision: Json) -> Json:
    """A choice: who made it known, how, on which notice; and what was chosen."""
    how = How(one.how)
    return filled(
        {
            "extension": [told(HOW, how.value, how.label)],
            "identifier": [identifier("urn:ietf:rfc:3986", f"urn:uuid:{one.pk}")],
            "status": "active" if holds else "inactive",
            "scope": concept(SCOPE, PRIVACY),
            "category": [worded(LOINC, CONSENT, "consentement")],
            "patient": reference("Patient", one.person_id),
            "dateTime": said(one.since),
            "performer": [_who_spoke(one)],
            "sourceAttachment": filled({"title": one.document}),
            "policy": [{"uri": NOTICE + one.notice}] if one.notice else [],
            "policyRule": {"text": law},
            "provision": filled(provision | {"period": period(one.since, one.until)}),
        }
    )


def _who_spoke(one: Proof) -> Json:
    speaker = Speaker(one.speaker)
    quality = told(SPEAKER, speaker.value, speaker.label)
    relative = reference("RelatedPerson", one.relative_id, str(one.relative or ""))
    return {"extension": [quality], **(relative or reference("Patient", one.person_id))}


def _by_key(value: str) -> Q:
    key = by_uuid(value.removeprefix("urn:uuid:"))
    return Q(pk=key) if key else Q(pk__in=[])


PROVISIONS = "http://hl7.org/fhir/consent-provision-type"


def searched(holds: Q, kind: Parameter, **own: Parameter) -> dict[str, Parameter]:
    """How choices are searched: by what all have, by what they decide, and by what these have of
    their own; the others have none of it."""
    every: dict[str, Parameter] = {
        "category": Choice({CONSENT: Q(pk__isnull=False)}, LOINC),
        "consentor": Reference({"RelatedPerson": "relative"}),
        "date": Moment("since"),
        "identifier": Identifier({"urn:ietf:rfc:3986": _by_key}),
        "patient": Reference({"Patient": "person"}),
        "period": Span("since", "until"),
        "scope": Choice({PRIVACY: Q(pk__isnull=False)}, SCOPE),
        "status": Choice(
            {"active": holds, "inactive": ~holds}, "http://hl7.org/fhir/consent-state-codes"
        ),
        "type": kind,
    }
    never = {name: Never("token") for name in OF_SOME}
    return dict(sorted({**every, **never, **own}.items()))


OF_SOME = ("action", "audience", "information", "medium", "purpose")


# --- those that are only read ------------------------------------------------------------------


def _rows(model: Any) -> Callable[[Actor], QuerySet[Any]]:
    """The choices of those whose help the actor organises, past ones too. One query."""
    return lambda actor: model.objects.visible_to(actor).select_related("relative")


def _of_processing(rows: Sequence[Processing], seeing: Seeing) -> list[Json]:
    """What data may be used for, or not. No query."""
    return [_processing(one) for one in rows]


def _processing(one: Processing) -> Json:
    purpose = Purpose(one.purpose)
    provision = {
        "type": PERMIT if one.will == Will.ACCEPTED else DENY,
        "purpose": [coding(PURPOSES, purpose.value, purpose.label)],
    }
    return consent(one, holds=one.until is None, law=LAW_OF_DATA, provision=provision)


def _of_emergency(rows: Sequence[EmergencyOpposition], seeing: Seeing) -> list[Json]:
    """Who refuses any emergency access; who took that back says neither. No query."""
    return [
        consent(
            one,
            holds=one.until is None,
            law=LAW,
            provision={"type": DENY if one.opposed else "", "purpose": [EMERGENCY]},
        )
        for one in rows
    ]


def _of_hints(rows: Sequence[HintChoice], seeing: Seeing) -> list[Json]:
    """Whether one may be told that what is shown may be partial. No query."""
    return [
        consent(
            one,
            holds=one.until is None,
            law=LAW,
            provision={
                "type": PERMIT if one.allowed else DENY,
                "action": [concept(ACTIONS, *HINT)],
            },
        )
        for one in rows
    ]


CURRENT = Q(until=None)
PROCESSED = Mapping(
    type="Consent",
    model=Processing,
    rows=_rows(Processing),
    to_fhir=_of_processing,
    lines=("people.processing_id",),
    search=searched(
        CURRENT,
        Code("will", {PERMIT: Will.ACCEPTED.value, DENY: Will.REFUSED.value}, PROVISIONS),
        purpose=Code("purpose", {one.value: one.value for one in Purpose}, PURPOSES),
    ),
)
IN_EMERGENCY = Mapping(
    type="Consent",
    model=EmergencyOpposition,
    rows=_rows(EmergencyOpposition),
    to_fhir=_of_emergency,
    search=searched(
        CURRENT,
        Choice({DENY: Q(opposed=True)}, PROVISIONS),
        purpose=Choice({EMERGENCY["code"]: Q(pk__isnull=False)}, REASONS),
    ),
)
OF_THE_HINT = Mapping(
    type="Consent",
    model=HintChoice,
    rows=_rows(HintChoice),
    to_fhir=_of_hints,
    lines=("people.choice_id",),
    search=searched(
        CURRENT,
        Choice({PERMIT: Q(allowed=True), DENY: Q(allowed=False)}, PROVISIONS),
        action=Choice({HINT[0]: Q(pk__isnull=False)}, ACTIONS),
    ),
)
OTHERS = (PROCESSED, IN_EMERGENCY, OF_THE_HINT)
