"""Structure that takes part in pathways ⇄ Organization: what it is is read, how it is reached said.

It comes from FINESS, or from administration, which goes through no machine. Of itself, a structure
says by its own system where it is, how it is called and its mailboxes; what FINESS says stays.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, QuerySet

from cordee.access.actor import Actor
from cordee.directory import services
from cordee.directory.kinds import OrganizationKind
from cordee.directory.mailboxes import is_of_health
from cordee.directory.models import Contact, Organization
from cordee.directory.services import Reach
from cordee.fhir import france
from cordee.fhir.contract import Mapping, Seeing, Writing
from cordee.fhir.datatypes import coding, concept, filled, identifier, telecom, texts
from cordee.fhir.nomenclatures import MADE_UP, address_of, begins, commune_meant, made_up
from cordee.fhir.outcome import Json, unprocessable
from cordee.fhir.rules.bodies import LINES
from cordee.fhir.search.parameters import Choice, Code, Identifier, Parameter, Text
from cordee.fhir.systems import ours
from cordee.fhir.unchanged import without
from cordee.fhir.versions import LATELY, lately, together

KINDS = ours("organization-kind")
IDNST_OF_FINESS = "1"
"""What the national identifier of a structure puts before a FINESS number."""
SYSTEMS = {
    Contact.Kind.PHONE: "phone",
    Contact.Kind.EMAIL: "email",
    Contact.Kind.MSSANTE: "email",
    Contact.Kind.FAX: "fax",
}


def rows(actor: Actor) -> QuerySet[Organization]:
    """Every structure with its functional mailboxes, for whoever is signed in. Two queries."""
    listed = Contact.objects.visible_to(actor)
    found = Organization.objects.visible_to(actor).select_related("commune")
    inside = Prefetch("contacts", queryset=listed.order_by("kind", "label", "pk"))
    return lately(found, listed.filter(organization=OuterRef("pk"))).prefetch_related(inside)


def to_fhir(rows: Sequence[Organization], seeing: Seeing) -> list[Json]:
    """Structures as the directory says them. No query more than their rows."""
    return [_organization(one) for one in rows]


def _organization(one: Organization) -> Json:
    reached = (telecom("phone", one.phone, "work"), telecom("email", one.email, "work"))
    return filled(
        {
            "meta": MADE_UP if one.is_synthetic else {},
            "identifier": list(_numbers(one)),
            "active": one.closed_on is None,
            "type": [_kind(one)],
            "name": one.name,
            "telecom": [found for found in reached if found],
            "address": address_of(one),
            "contact": [_contact(desk) for desk in one.contacts.all()],
        }
    )


def _numbers(one: Organization) -> Iterable[Json]:
    if one.finess:
        yield identifier(france.FINESS, one.finess, "official")
        national = IDNST_OF_FINESS + one.finess
        yield identifier(france.IDNST, national, "official", _idnst())


def _idnst() -> Json:
    return concept(france.IDENTIFIER_TYPE, "IDNST")


def _kind(one: Organization) -> Json:
    label = OrganizationKind(one.kind).label
    return {"coding": [coding(KINDS, one.kind, label)], "text": one.category_name or label}


def _contact(desk: Contact) -> Json:
    return {
        "purpose": {"text": f"{desk.label} ({desk.get_kind_display()})"},
        "telecom": [telecom(SYSTEMS[Contact.Kind(desk.kind)], desk.value, "work")],
    }


# --- in ----------------------------------------------------------------------------------------

NATIONAL = frozenset({france.FINESS, france.IDNST})
POSTAL_CODE = re.compile(r"\d{5}")
KIND_OF = {label: kind for kind, label in Contact.Kind.choices}
DESK_OF = {"phone": Contact.Kind.PHONE, "fax": Contact.Kind.FAX, "email": Contact.Kind.EMAIL}
LONGEST_LABEL = 80


def update(writing: Writing, row: Organization) -> Organization:
    """Say how a structure is reached, and its mailboxes: nothing else of it is a partner’s to say.

    What is left out stays, unless its sender names the version that they read.
    """
    _refuse_what_is_said_here(writing.resource, row)
    said = _reach(writing, row)
    services.say_reach(actor=writing.actor, organization=row, reach=said, now=writing.now)
    _write_desks(writing, row)
    return rows(writing.actor).get(pk=row.pk)


def _refuse_what_is_said_here(resource: Json, row: Organization) -> None:
    """FINESS says it, or administration does. Raises Refusal (422), with its place."""
    named = resource.get("identifier", [])
    numbers = {(one.get("system"), one.get("value")) for one in named}
    ours = {(one["system"], one["value"]) for one in _numbers(row)}
    kinds = {code for one in resource.get("type", []) for code in _codes(one)}
    is_open = row.closed_on is None
    wrong = {
        "identifier": {one for one in numbers if one[0] in NATIONAL} - ours,
        "active": resource.get("active", is_open) != is_open,
        "type": kinds - {row.kind},
        "name": resource.get("name", row.name) != row.name,
    }
    for name in (name for name, found in wrong.items() if found):
        raise unprocessable(*NOT_HERE, f"Organization.{name}")


def _codes(said: Json) -> Iterable[str]:
    return (one.get("code", "") for one in said.get("coding", []) if one.get("system") == KINDS)


def _reach(writing: Writing, row: Organization) -> Reach:
    goes = writing.names_version
    return Reach(
        phone=_value(writing.resource, "phone", "" if goes else row.phone),
        email=_value(writing.resource, "email", "" if goes else row.email),
        **_place(writing.resource, row, goes),
    )


def _value(resource: Json, system: str, otherwise: str) -> str:
    known = [one for one in resource.get("telecom", []) if one.get("system") == system]
    values = (one["value"] for one in known if one.get("value") and one.get("use") != "old")
    return next(values, otherwise)


def _place(resource: Json, row: Organization, goes: bool) -> Json:
    """Where it is; a commune that is not understood moves nothing."""
    homes = [one for one in resource.get("address", []) if one.get("use") not in ("old", "billing")]
    if not homes and goes:
        return {"address": "", "postal_code": "", "commune": None}
    home = next((one for one in homes if one.get("use") == "work"), homes[0] if homes else {})
    commune, code = commune_meant(home) or row.commune, home.get("postalCode", "")
    moved = commune != row.commune
    return {
        "address": LINES.join(texts(home, "line")) or row.address,
        "postal_code": code if POSTAL_CODE.fullmatch(code) else "" if moved else row.postal_code,
        "commune": commune,
    }


def _write_desks(writing: Writing, row: Organization) -> None:
    told = dict(_desks(writing.resource))
    for one in row.contacts.all():
        key = (one.kind, one.value)
        if told.get(key) == one.label:
            del told[key]
        elif key in told or writing.names_version:
            services.remove_contact(actor=writing.actor, contact=one, now=writing.now)
    for (kind, value), label in told.items():
        said = {"label": label, "kind": kind, "value": value}
        services.add_contact(actor=writing.actor, organization=row, now=writing.now, **said)


def _desks(resource: Json) -> Iterable[tuple[tuple[str, str], str]]:
    """The mailboxes that are told: what rings or arrives there, under which label."""
    for place, one in enumerate(resource.get("contact", [])):
        label, kind = _labelled(one.get("purpose", {}).get("text", ""))
        reached = one.get("telecom", [])
        found = [(_kind_of(each, kind), each.get("value", "").strip()) for each in reached]
        is_read = found and all(kind and value for kind, value in found)
        if (
            not is_read
            or one.keys() - {"purpose", "telecom"}
            or not 0 < len(label) <= LONGEST_LABEL
        ):
            raise unprocessable(*NO_DESK, f"Organization.contact[{place}]")
        yield from ((each, label) for each in found)


def _labelled(text: str) -> tuple[str, str]:
    """A label, and the kind of mailbox that is told behind it."""
    label, _, said = text.removesuffix(")").rpartition(" (")
    return (label, KIND_OF[said]) if said in KIND_OF else (text, "")


def _kind_of(reached: Json, kind: str) -> str:
    """What a telecom is, nothing when no desk has that."""
    system = reached.get("system", "")
    if kind:
        return kind if SYSTEMS[Contact.Kind(kind)] == system else ""
    is_safe = system == "email" and is_of_health(reached.get("value", ""))
    return Contact.Kind.MSSANTE.value if is_safe else DESK_OF.get(system, "")


def answered_for(resource: Json) -> Json:
    """Mailboxes are told as the house keeps them: one that was taken away comes back by nobody."""
    return without(resource, ("contact",))


NOT_HERE = (
    "organization.not_here",
    "Le nom, la nature, le numéro FINESS et l’ouverture d’une structure sont dits par le "
    "répertoire national ou par l’administration, jamais par un partenaire. Rien n’a été modifié.",
    "The name, kind, FINESS number and closing of a structure are not said by a partner.",
)
NO_DESK = (
    "organization.desk",
    "Un contact de structure est un service, jamais une personne : « purpose.text » le nomme "
    f"({LONGEST_LABEL} signes au plus), et « telecom » donne un téléphone, une télécopie ou une "
    "adresse électronique, rien de plus. Rien n’a été modifié.",
    "A contact is a desk, never somebody: purpose.text names it, telecom is a phone, fax or email.",
)


# --- search ------------------------------------------------------------------------------------


def _by_national(value: str) -> Any:
    known = value.startswith(IDNST_OF_FINESS)
    return Q(finess=value[1:].upper()) if known else Q(pk__in=[])


SEARCH: dict[str, Parameter] = {
    "active": Choice({"true": Q(closed_on=None), "false": Q(closed_on__isnull=False)}),
    "address": Text("address", "commune__name", "postal_code"),
    "address-city": Text("commune__name"),
    "address-postalcode": Text("postal_code"),
    "identifier": Identifier({france.FINESS: "finess", france.IDNST: _by_national}),
    "name": Text("name", near=begins("search_key", folded_by="directory_place_key")),
    "type": Code("kind", {kind.value: kind.value for kind in OrganizationKind}, KINDS),
}

PLACES = {
    "directory.address_too_long": "address",
    "directory.contact_exists": "contact",
    "directory.contact_unreachable": "contact",
    "directory.finess_says_the_phone": "telecom",
    "directory.finess_says_the_place": "address",
    "directory.no_such_mailbox": "telecom",
    "directory.no_such_number": "telecom",
    "directory.not_of_health": "contact",
    "directory.organization_closed": "active",
}
MAPPING = Mapping(
    type="Organization",
    model=Organization,
    rows=rows,
    to_fhir=to_fhir,
    update=update,
    answered_for=answered_for,
    places=PLACES,
    search=SEARCH,
    labels=made_up("finess"),
    version_of=lambda row: together(row, row.contacts.all()),
    moment=LATELY,
    summary=("identifier", "active", "type", "name"),
    note="A name is found by its beginning; mailboxes of services stand in contact. How a "
    "structure is reached (telecom, address, contact) is written by the system that administration "
    "registered for that structure, as a partner; what FINESS says is not rewritten. No structure "
    "is created, renamed nor ended here: administration does it, on pages.",
)
