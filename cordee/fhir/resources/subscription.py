"""What a partner wants to be told of ⇄ Subscription: a search, and where it is told.

Sources : HL7, R4 Subscription; « Subscriptions R5 Backport » 1.1.0 for what is told
(`backport-payload-content`) and for who listens instead of being called (`backport-channel-type`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from cordee.fhir.caller import OUT_OF_SCOPE, Both
from cordee.fhir.contract import Mapping, Seeing, Writing
from cordee.fhir.datatypes import coding, filled, said
from cordee.fhir.outcome import Json, Refusal, unprocessable
from cordee.fhir.outward import fault_of
from cordee.fhir.search.parameters import Choice, Code, Parameter, Text, Uri
from cordee.fhir.subscriptions import criteria
from cordee.fhir.subscriptions.notices import GUIDE
from cordee.fhir.systems import ours
from cordee.fhir.unchanged import without
from cordee.fhir.writing import FHIR_JSON
from cordee.partners import selectors, services
from cordee.partners.models import Subscription
from cordee.partners.rules.scopes import Allowing, read
from cordee.partners.rules.silences import in_both

Content = Subscription.Content
PAYLOAD_CONTENT, CHANNEL_TYPE = GUIDE + "backport-payload-content", GUIDE + "backport-channel-type"
LISTENED = coding(ours("subscription-channel"), "server-sent-events", "écoute")
REST_HOOK = "rest-hook"
MOST = 50  # active subscriptions of one application in the name of one account
ON, ERROR = ("requested", "active"), "error"
STATUSES = "http://hl7.org/fhir/subscription-status"


# --- out ---------------------------------------------------------------------------------------


def to_fhir(rows: Sequence[Subscription], seeing: Seeing) -> list[Json]:
    """Subscriptions, each with what stopped it. No query."""
    return [_subscription(one) for one in rows]


def _subscription(one: Subscription) -> Json:
    return filled(
        {
            "status": one.state,
            "end": said(one.ends_at),
            "reason": one.reason,
            "criteria": one.criteria,
            "error": in_both(one.error),
            "channel": _pushed(one) if one.is_pushed else _listened(one),
        }
    )


def _pushed(one: Subscription) -> Json:
    return filled({"type": REST_HOOK, "endpoint": one.endpoint, **_payload(one)})


def _listened(one: Subscription) -> Json:
    return {
        "_type": {"extension": [{"url": CHANNEL_TYPE, "valueCoding": LISTENED}]},
        **_payload(one),
    }


def _payload(one: Subscription) -> Json:
    if one.content == Content.EMPTY:
        return {}
    how = {"url": PAYLOAD_CONTENT, "valueCode": one.content}
    return {"payload": FHIR_JSON, "_payload": {"extension": [how]}}


# --- in ----------------------------------------------------------------------------------------


def create(writing: Writing) -> Subscription:
    """Subscribe an application. Raises Refusal: there is none (422), or not its scopes (403)."""
    caller = writing.caller
    if caller is None or caller.client_id is None:
        raise _refused(
            "client",
            "Seule une application enregistrée s’abonne.",
            "Only a registered client subscribes.",
            "Subscription",
        )
    scopes = str(caller.scopes)
    wanted = _wanted(writing, caller.scopes, caller.patient_id)
    if writing.resource.get("status") == ERROR:
        raise _status()
    _refuse_too_many(writing, caller.client_id)
    whose = services.For(caller.client_id, caller.grant_id, scopes)
    return services.subscribe(actor=writing.actor, wanted=wanted, whose=whose, now=writing.now)


def update(writing: Writing, row: Subscription) -> Subscription:
    """Change what is watched, or where it is told; `status` cuts it, or turns it on again.

    What is sent back as it was read changes nothing: an error stays until « requested » is said.
    """
    scopes: Allowing = read(row.scopes)
    if writing.caller is not None:
        scopes = Both(scopes, writing.caller.scopes)
    wanted = _wanted(writing, scopes, writing.actor.only_person)
    if writing.resource.get("status") == ERROR and row.state != Subscription.State.ERROR:
        raise _status()
    if wanted.is_on and row.state != Subscription.State.ACTIVE:
        _refuse_too_many(writing, row.client_id)
    return services.change_subscription(
        actor=writing.actor, subscription=row, wanted=wanted, now=writing.now
    )


def _refuse_too_many(writing: Writing, client_id: UUID) -> None:
    own = Subscription.objects.visible_to(writing.actor).filter(client_id=client_id)
    if own.filter(state=Subscription.State.ACTIVE).count() >= MOST:
        raise _refused(
            "many",
            f"Une application tient {MOST} abonnements en marche au plus, pour un compte.",
            f"A client holds {MOST} active subscriptions at most, in the name of one account.",
            "Subscription",
        )


def delete(writing: Writing, row: Subscription) -> None:
    """End it."""
    services.unsubscribe(actor=writing.actor, subscription=row, now=writing.now)


def _wanted(writing: Writing, within: Allowing, patient_id: UUID | None) -> services.Wanted:
    resource = writing.resource
    _refuse_the_unsaid(resource)
    channel: Json = resource["channel"]
    endpoint, content = _endpoint(channel), _content(channel)
    owner = selectors.Owner(writing.actor, within, patient_id)
    watching = criteria.checked(resource["criteria"], owner, writing.now)
    kind = watching.mapping.type
    if not selectors.may_be_told(within, kind, content):
        raise Refusal(403, [OUT_OF_SCOPE])
    return services.Wanted(
        kind=kind,
        criteria=resource["criteria"],
        endpoint=endpoint,
        content=content,
        reason=resource["reason"],
        ends_at=_end(resource, writing.now),
        is_on=_is_on(resource["status"]),
    )


def _refuse_the_unsaid(resource: Json) -> None:
    """An extension that stands for a value tells nobody what is asked. Raises Refusal (422)."""
    for name in ("status", "criteria", "reason"):
        if name not in resource:
            raise _refused(
                "unsaid",
                f"« {name} » se dit par une valeur : une extension seule n’en tient pas lieu.",
                f"The element {name} needs a value, not an extension alone.",
                name,
            )


def _is_on(status: str) -> bool | None:
    """Whether it is to be told; None: as it is."""
    return None if status == ERROR else status in ON


def _end(resource: Json, now: datetime) -> datetime | None:
    if "end" not in resource:
        return None
    try:
        end = datetime.fromisoformat(resource["end"]).astimezone(UTC)
    except (ValueError, OverflowError):  # a second that leaps, a year that is of no calendar
        raise _refused(
            "end", "Cette fin ne se lit pas.", "The end cannot be read.", "end"
        ) from None
    if end <= now and resource["status"] in ON:
        raise _refused("end", "Cette fin est déjà passée.", "The end is past.", "end")
    return end


def _endpoint(channel: Json) -> str:
    """Where it is told; nothing when the partner listens. Raises Refusal."""
    listens = any(
        one.get("url") == CHANNEL_TYPE
        and one.get("valueCoding", {}).get("code") == LISTENED["code"]
        for one in channel.get("_type", {}).get("extension", [])
    )
    if not listens and channel.get("type") != REST_HOOK:
        raise _refused(
            "channel",
            "Cette porte appelle une adresse (« rest-hook »), ou se laisse écouter (événements du "
            "serveur, dits par backport-channel-type).",
            "The channel is rest-hook, or server-sent events said by backport-channel-type.",
            "channel.type",
        )
    if channel.get("header"):
        raise _refused(
            "header",
            "Aucun en-tête n’est gardé, et aucun secret : chaque envoi est signé.",
            "No header and no secret is kept: each notification is signed.",
            "channel.header",
        )
    if listens:
        return ""
    return _checked(str(channel.get("endpoint", "")))


def _checked(address: str) -> str:
    if fault := fault_of(address, longest=500, has_query=False):
        raise _refused("endpoint", *fault, "channel.endpoint")
    return address


def _content(channel: Json) -> str:
    """What is told: nothing without a payload, else an identifier, or the resource if asked for."""
    payload = str(channel.get("payload", "")).partition(";")[0].strip()
    if not payload:
        return Content.EMPTY
    if payload not in (FHIR_JSON, "application/json"):
        raise _refused(
            "payload",
            f"Cette porte n’écrit que du JSON : « {FHIR_JSON} ».",
            f"Only {FHIR_JSON} is sent.",
            "channel.payload",
        )
    told = [
        one.get("valueCode")
        for one in channel.get("_payload", {}).get("extension", [])
        if one.get("url") == PAYLOAD_CONTENT
    ]
    wanted = told[0] if told else Content.ID_ONLY
    if wanted not in Content.values:
        raise _refused(
            "content",
            "Ce qui est envoyé se dit « empty », « id-only » ou « full-resource ».",
            "The payload content is empty, id-only or full-resource.",
            "channel.payload.extension",
        )
    return str(wanted)


def _status() -> Refusal:
    return _refused(
        "status",
        "C’est Cordée qui dit « error » : demandez « requested », ou « off ».",
        "The server says error: ask for requested, or off.",
        "status",
    )


def _refused(code: str, french: str, english: str, where: str) -> Refusal:
    place = where if where == "Subscription" else f"Subscription.{where}"
    return unprocessable(f"subscription.{code}", french, english, place)


# --- search ------------------------------------------------------------------------------------


def _whom(row: Subscription) -> UUID | None:
    """The one person that its application was opened for, if it was for one."""
    if row.grant is None or not read(row.scopes).is_of_one_person:
        return None
    found: UUID | None = row.grant.person_id
    return found


def _rows(actor: Any) -> Any:
    return selectors.own_subscriptions(actor)


SEARCH: dict[str, Parameter] = {
    "criteria": Text("criteria"),
    "payload": Choice({FHIR_JSON: ~Q(content=Content.EMPTY)}),
    "status": Code("state", {one: one for one in Subscription.State.values}, STATUSES),
    "type": Choice({REST_HOOK: ~Q(endpoint="")}, "http://hl7.org/fhir/subscription-channel-type"),
    "url": Uri("endpoint"),
}

MAPPING = Mapping(
    type="Subscription",
    model=Subscription,
    rows=_rows,
    found=lambda rows: rows.filter(removed_at=None),
    to_fhir=to_fhir,
    create=create,
    update=update,
    delete=delete,
    search=SEARCH,
    person_of=_whom,
    answered_for=lambda resource: without(resource, ("status", "error")),
    is_gone=lambda row: row.removed_at is not None,
    summary=("status", "end", "reason", "criteria", "error", "channel"),
    note="An application sees its own. What is told is a Bundle in the form of HL7’s Subscriptions "
    "R5 Backport, whatever the receiver; without a payload, there is nothing but the call. Told at "
    "an address (rest-hook), signed, or listened to (server-sent events at $events); websocket, "
    "email, sms and message are refused.",
)
