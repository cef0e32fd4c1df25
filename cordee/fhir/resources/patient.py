"""Person ⇄ Patient, by the profiles FR Core Patient and FR Core Patient INS.

An INS leaves the house only once the identity is qualified. One that comes in is a claim: it is
heard only of a sender that says « VALI », it is never qualified by that, and it never replaces a
qualified one. Whoever may be the same person becomes a pair for a human to judge, never a merge.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import partial
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q

from cordee.access.policy import is_allowed
from cordee.fhir import france
from cordee.fhir.contract import Mapping, Seeing, Writing
from cordee.fhir.datatypes import (
    coding,
    concept,
    extension,
    filled,
    identifier,
    reference,
    telecom,
    texts,
)
from cordee.fhir.finding import BY_NAME, OID, known_beyond_the_least, qualified, usual
from cordee.fhir.nomenclatures import commune_meant
from cordee.fhir.outcome import Json, unprocessable
from cordee.fhir.partial import completed, day_of_death, told_by_the_house, whole_day
from cordee.fhir.persons import COLUMNS, again, quick, row_of
from cordee.fhir.rules.bodies import LINES
from cordee.fhir.rules.given_again import speaks_of_another
from cordee.fhir.rules.pruned import pruned
from cordee.fhir.search.parameters import (
    Asking,
    Choice,
    Code,
    Day,
    Identifier,
    Made,
    Parameter,
    Reference,
    Text,
)
from cordee.fhir.unchanged import without
from cordee.kernel.once import asked_once
from cordee.people import selectors, services
from cordee.people.models import Person
from cordee.people.policy import MERGING
from cordee.people.rules import traits
from cordee.people.rules.identity import Attribute, Registry, Status
from cordee.people.rules.matching import KEPT
from cordee.people.services import Identity

GENDERS = {"F": "female", "M": "male"}
SEXES = {gender: sex for sex, gender in GENDERS.items()}
REGISTRIES = {
    Registry.NIR: "INS-NIR",
    Registry.NIA: "INS-NIA",
    Registry.TEST: "INS-NIR-TEST",
    Registry.DEMONSTRATION: "INS-NIR-DEMO",
}
INS_SYSTEMS = frozenset(OID + one.value for one in Registry)
TRUSTED = "VALI"
STATUSES = {
    Status.PROVISIONAL: "PROV",
    Status.RETRIEVED: "PROV",
    Status.VALIDATED: TRUSTED,
    Status.QUALIFIED: TRUSTED,
}
DOUBTS = {Attribute.FICTITIOUS: "FICT", Attribute.DOUBTFUL: "DOUT", Attribute.HOMONYM: "HOMA"}


# --- out ---------------------------------------------------------------------------------------


def to_fhir(rows: Sequence[Person], seeing: Seeing) -> list[Json]:
    """Persons as their reader may know them. Two queries, whatever their number."""
    hidden = {} if seeing.whole else selectors.withheld_among(seeing.actor, rows)
    return [_patient(one, hidden.get(one.pk, frozenset())) for one in rows]


def _patient(person: Person, hidden: frozenset[str]) -> Json:
    if person.merged_into_id:
        other = reference("Patient", person.merged_into_id)
        return {"active": False, "link": [{"other": other, "type": "replaced-by"}]}
    numbered = _identifiers(person) if "ins" not in hidden else []
    return filled(
        {
            "meta": _profiles(person, numbered, hidden),
            "extension": list(filter(None, _extensions(person, hidden))),
            "identifier": numbered,
            "active": True,
            "name": _names(person),
            "telecom": list(filter(None, _telecoms(person, hidden))),
            "gender": GENDERS.get(person.sex, "unknown"),
            "birthDate": person.birth_date.isoformat() if person.birth_date else "",
            "deceasedDateTime": person.deceased_on.isoformat() if person.deceased_on else "",
            "address": _addresses(person, hidden),
            "generalPractitioner": [reference("Practitioner", person.gp_id)]
            if person.gp_id
            else "",
        }
    )


def _profiles(person: Person, numbered: list[Json], hidden: frozenset[str]) -> Json:
    """The INS profile is claimed of those who have all that it wants; none, of half a name."""
    if not (person.birth_name and person.first_name):
        return {}  # both profiles want an official name of both
    complete = numbered and person.birth_place_code and person.birth_date
    whole = complete and "birth_place_code" not in hidden
    return {"profile": [france.PATIENT_INS if whole else france.PATIENT]}


def _extensions(person: Person, hidden: frozenset[str]) -> Iterable[Json]:
    status = STATUSES[Status(person.ins_status)]
    doubts = person.attributes if "is_doubtful" not in hidden else ()
    status = next((code for one, code in DOUBTS.items() if one in doubts), status)
    yield {
        "url": france.IDENTITY_RELIABILITY,
        "extension": [
            extension("identityStatus", "Coding", coding(france.IDENTITY_STATUS, status))
        ],
    }
    if person.birth_place_code and "birth_place_code" not in hidden:
        place = {"extension": [_insee(person.birth_place_code)]}
        yield {"url": france.BIRTH_PLACE, "valueAddress": place}


def _insee(code: str) -> Json:
    return extension(france.INSEE_CODE, "Coding", coding(france.COMMUNES, code))


def _identifiers(person: Person) -> list[Json]:
    """The INS, once qualified. A NIA is official and waits for its NIR: its use is « temp »."""
    if not person.shown_ins:
        return []
    registry = Registry(person.ins_oid)
    use = "temp" if registry is Registry.NIA else "official"
    kind = concept(france.IDENTIFIER_TYPE, REGISTRIES[registry])
    return [identifier(OID + registry.value, person.shown_ins, use, kind)]


def _names(person: Person) -> list[Json]:
    given = person.first_names or person.first_name
    official = filled(
        {
            "extension": [extension(france.BIRTH_LIST_OF_GIVEN_NAMES, "String", given)]
            if given
            else [],
            "use": "official",
            "family": person.birth_name,
            "given": [person.first_name] if person.first_name else [],
        }
    )
    usual = {
        "use": "usual",
        "family": person.used_name,
        "given": [person.used_first_name] if person.used_first_name else [],
    }
    return [official, filled(usual)] if person.used_name or person.used_first_name else [official]


def _telecoms(person: Person, hidden: frozenset[str]) -> Iterable[Json]:
    yield telecom("phone", person.phone)
    if "other_phone" not in hidden:
        yield telecom("phone", person.other_phone)
    if "email" not in hidden:
        yield telecom("email", person.email)


def _addresses(person: Person, hidden: frozenset[str]) -> list[Json]:
    line = person.address if "address" not in hidden else ""
    commune = person.commune
    if not (line or commune):
        return []
    return [
        filled(
            {
                "extension": [_insee(commune.pk)] if commune else [],
                "use": "home",
                "line": [line] if line else [],
                "city": commune.name if commune else "",
                "country": "FR" if commune else "",
            }
        )
    ]


# --- in ----------------------------------------------------------------------------------------


def create(writing: Writing) -> Person:
    """Enter somebody; whoever may be the same person is put beside, for a human to judge."""
    with asked_once():  # of her commune
        identity = Identity(**said_of(writing.resource))
        person = services.create_person(actor=writing.actor, identity=identity, now=writing.now)
    _note_death(writing, person)
    _propose_pairs(writing, person)
    return person


def create_many(writings: Sequence[Writing]) -> list[Person]:
    """Enter many in one set, then put beside each whoever may be the same, those of the set too."""
    first = writings[0]
    with asked_once():  # of one commune, most of the time
        identities = [Identity(**said_of(one.resource)) for one in writings]
    persons = services.create_persons(actor=first.actor, identities=identities, now=first.now)
    for writing, person in zip(writings, persons, strict=True):
        _propose_pairs(writing, person)
    return persons


def is_alive(resource: Json) -> bool:
    """Whether nothing is said of a death, which is a gesture of its own."""
    return not (resource.get("deceasedBoolean") or "deceasedDateTime" in resource)


def update(writing: Writing, row: Person) -> Person:
    """Correct somebody: what Patient has no word for stays as it is."""
    if row.merged_into_id:
        raise unprocessable(
            "patient.absorbed",
            "Cette fiche a été réunie à une autre : écrivez dans celle que « link » indique.",
            "The record was merged into another one: write to the one that link names.",
            "Patient.link",
        )
    kept: dict[str, Any] = {one.name: getattr(row, one.name, "") for one in fields(Identity)}
    kept |= {"commune_code": row.commune_id or ""}
    said = said_of(writing.resource)
    said = completed(writing.resource, said, kept, names_version=writing.names_version)
    hidden = selectors.withheld(writing.actor, row)
    _refuse_another_ins(row, said, hidden)
    kept |= said
    if not said["ins"]:
        kept |= {"ins": row.ins, "ins_oid": row.ins_oid}
    kept |= {name: getattr(row, name) for name in hidden if name in kept}
    person = services.update_person(
        actor=writing.actor, person=row, identity=Identity(**kept), now=writing.now
    )
    if person.birth_date and "birthDate" in writing.resource:  # a year would hide the day to all
        writing.resource["birthDate"] = person.birth_date.isoformat()
    _note_death(writing, person)
    return person


def _refuse_another_ins(row: Person, said: dict[str, Any], hidden: frozenset[str]) -> None:
    """A qualified number is not changed on a partner’s word: it may be speaking of another."""
    claimed = said["ins"]
    if claimed and row.shown_ins and claimed != row.ins and "ins" not in hidden:
        raise unprocessable(
            "patient.another_ins",
            "Le matricule INS envoyé n’est pas celui, qualifié, de cette personne : vérifiez de "
            "qui il s’agit. Rien n’a été modifié.",
            "The INS sent is not the qualified INS of this person. Nothing was changed.",
            "Patient.identifier",
        )


def said_of(resource: Json) -> dict[str, Any]:
    """What a Patient says, as the services of the room take it."""
    official, usual = _named(resource)
    phones = _values(resource, "phone")
    return {
        **_born(resource, official),
        "used_name": usual.get("family", ""),
        "used_first_name": " ".join(texts(usual, "given")[:1]),
        "sex": SEXES.get(resource.get("gender", ""), ""),
        "phone": phones[0] if phones else "",
        "other_phone": phones[1] if len(phones) > 1 else "",
        "email": "".join(_values(resource, "email")[:1]),
        **_lives(resource),
        **_claims(resource),
    }


def is_of_another(resource: Json, rows: Iterable[Person]) -> bool:
    """Whether what is sent speaks against being any of these records, by names, birth and sex."""
    official, usual = _named(resource)
    born = _born(resource, official)
    said = traits.Traits(
        birth_name=born["birth_name"],
        used_name=usual.get("family", ""),
        first_names=born["first_names"],
        used_first_name=" ".join(texts(usual, "given")[:1]),
        birth_date=born["birth_date"],
        sex=SEXES.get(resource.get("gender", ""), ""),
    )
    return speaks_of_another(said, [one.traits for one in rows])


def _named(resource: Json) -> tuple[Json, Json]:
    """The official name, else the first one; and the usual one."""
    names = resource.get("name", [])
    official = [one for one in names if one.get("use") == "official"]
    others = [one for one in names if one.get("use") not in ("official", "usual")]
    usual = [one for one in names if one.get("use") == "usual"]
    first: Json = [*official, *others, *usual, {}][0]
    second: Json = [*usual, {}][0]
    return first, {} if second is first else second


def _born(resource: Json, official: Json) -> dict[str, Any]:
    listed = _extension(official, france.BIRTH_LIST_OF_GIVEN_NAMES).get("valueString", "")
    place = _extension(resource, france.BIRTH_PLACE).get("valueAddress", {})
    return {
        "birth_name": official.get("family", "") or official.get("text", ""),
        "first_names": listed or " ".join(texts(official, "given")),
        "birth_date": whole_day(resource.get("birthDate", ""), "Patient.birthDate"),
        "birth_place_code": _extension(place, france.INSEE_CODE)
        .get("valueCoding", {})
        .get("code", ""),
    }


def _lives(resource: Json) -> dict[str, Any]:
    homes = [one for one in resource.get("address", []) if one.get("use") not in ("old", "billing")]
    home = next((one for one in homes if one.get("use") == "home"), homes[0] if homes else {})
    commune = commune_meant(home)
    return {
        "address": LINES.join(texts(home, "line")),
        "commune_code": commune.pk if commune else "",
    }


def _claims(resource: Json) -> dict[str, str]:
    """The INS that is claimed by a sender which validated the identity; else none.

    Source: IHE France PAM 2.11.2, PID-32 : un INS reçu sans « VALI » n’est pas retenu.
    """
    reliability = _extension(resource, france.IDENTITY_RELIABILITY)
    status = _extension(reliability, "identityStatus").get("valueCoding", {}).get("code", "")
    for one in resource.get("identifier", []):
        if status == TRUSTED and one.get("system") in INS_SYSTEMS and one.get("use") != "old":
            return {"ins": one.get("value", ""), "ins_oid": one["system"].removeprefix(OID)}
    return {"ins": "", "ins_oid": ""}


def _extension(holder: Json, url: str) -> Json:
    return next((one for one in holder.get("extension", []) if one.get("url") == url), {})


def _values(resource: Json, system: str) -> list[str]:
    """What one may call or write to, the preferred first; not what is old."""
    known = [
        one
        for one in resource.get("telecom", [])
        if one.get("system") == system and one.get("use") != "old" and one.get("value")
    ]
    return [one["value"] for one in sorted(known, key=lambda one: one.get("rank", 99))]


def _note_death(writing: Writing, person: Person) -> None:
    died_on = day_of_death(writing.resource, person.deceased_on)
    if died_on and died_on != person.deceased_on:
        services.declare_death(
            actor=writing.actor, person=person, deceased_on=died_on, now=writing.now
        )


def _propose_pairs(writing: Writing, person: Person) -> None:
    """For who may judge pairs; else the batch of the night finds them. Whether they may of her is
    asked once somebody is like her, as of few."""
    actor = writing.actor
    if actor.role not in MERGING:
        return
    alike = selectors.possible_duplicates(actor, person.traits, but=person.pk, least=KEPT)
    if not (alike and is_allowed(actor, "people.compare", person)):
        return
    for found in alike:
        if is_allowed(actor, "people.compare", found.person):
            services.propose_pair(actor=actor, person=person, other=found.person, now=writing.now)


def answered_for(resource: Json) -> Json:
    """What the house alone says is not kept as a partner’s word: the INS, how sure one is, whether
    the record is in use, and a death without its day. Nor a narrative, which tells it in words, nor
    an INS anywhere inside."""
    extensions = [
        one
        for one in resource.get("extension", [])
        if one.get("url") != france.IDENTITY_RELIABILITY
    ]
    told = without(told_by_the_house(resource), ["text"]) | {"extension": extensions}
    kept: Json = pruned(told, _is_ins)
    return {"identifier": [], "extension": [], **kept}


def _is_ins(number: Json) -> bool:
    return number.get("system") in INS_SYSTEMS


# --- search ------------------------------------------------------------------------------------


def _near(text: str) -> Q:
    """Names of which each word begins so: the keys of the house, which its index serves."""
    words = [f"'{word}':*" for word in traits.words(text)]
    if not words:
        return Q()
    return Q(search_keys=SearchQuery(" & ".join(words), config="simple", search_type="raw"))


def _beyond_the_least(parameter: Parameter, kind: str) -> Made:
    def build(value: str, asking: Asking) -> Q:
        return parameter.condition(value, "", asking) & known_beyond_the_least(asking.actor)

    return Made(kind, build, narrows=parameter, beyond=known_beyond_the_least)


def _by_phone(value: str, asking: Asking) -> Q:
    number = traits.phone_number(value.rpartition("|")[2]) or value
    return Q(phone=number) | (Q(other_phone=number) & known_beyond_the_least(asking.actor))


def _by_email(value: str, asking: Asking) -> Q:
    return Q(email__iexact=value.rpartition("|")[2]) & known_beyond_the_least(asking.actor)


def _by_either(value: str, asking: Asking) -> Q:
    return _by_phone(value, asking) | _by_email(value, asking)


def _by_identifier() -> Parameter:
    """By number: an INS is met once qualified, by who may read it."""
    systems = {OID + one.value: partial(qualified, one) for one in Registry}
    return _beyond_the_least(Identifier(systems), "token")


DEAD = Q(deceased_on__isnull=False)
GENDER = "http://hl7.org/fhir/administrative-gender"
SEARCH: dict[str, Parameter] = {
    "active": Choice({"true": Q(merged_into=None), "false": Q(merged_into__isnull=False)}),
    "address": _beyond_the_least(Text("address", "commune__name"), "string"),
    "address-city": Text("commune__name"),
    "birthdate": Day("birth_date"),
    "death-date": Day("deceased_on"),
    "deceased": Choice({"true": DEAD, "false": ~DEAD}),
    "email": Made("token", _by_email),
    "family": Text(*BY_NAME["family"], near=_near),
    "gender": Code("sex", {"female": "F", "male": "M", "unknown": ""}, GENDER),
    "general-practitioner": Reference({"Practitioner": "gp"}),
    "given": Text(*BY_NAME["given"], near=_near),
    "identifier": _by_identifier(),
    "name": Text(*BY_NAME["name"], near=_near),
    "phone": Made("token", _by_phone),
    "telecom": Made("token", _by_either),
}

MAPPING = Mapping(
    type="Patient",
    model=Person,
    rows=selectors.records,
    found=lambda rows: rows.filter(merged_into=None),
    to_fhir=to_fhir,
    create=create,
    create_many=create_many,
    goes_in_a_set=is_alive,
    update=update,
    search=SEARCH,
    profiles=(france.PATIENT, france.PATIENT_INS),
    lines=("people.person_id",),
    summary=("identifier", "active", "name", "telecom", "gender", "birthDate", "address", "link"),
    person_of=lambda row: row.pk,
    quick=quick,
    quick_page=usual,
    again=again,
    row_of=row_of,
    columns=COLUMNS,
    beside=("commune",),
    answered_for=answered_for,
    is_of_another=is_of_another,
    places={"people.death_date": "deceased"},
    note="An INS that comes in is a claim; it leaves once the identity is qualified.",
)
