"""Whom a document or a message names, and as what: pure, but for who they are here.

Somebody is named by an entry, by what a resource contains, by an address of here or of elsewhere,
by a number, or by words alone: each of these says whom something is about.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property

from cordee.fhir.bundles.links import Json
from cordee.fhir.shape.references import named_type
from cordee.fhir.shape.tables import kind
from cordee.people.rules.traits import words

NAMING = frozenset(
    {
        *("author", "performer", "actor", "party", "member", "who", "source", "informationSource"),
        *("asserter", "recorder", "requester", "sender", "recipient", "subscriber", "policyHolder"),
    }
)
"""The elements of R4 that say who wrote, did, told, asked for, received or insures something, and
that may lead to a Patient. Whatever else leads to one may be about them."""
OF_A_TRACE = "who"
"""Who made, signed or saw what is elsewhere: a Provenance, a signature have no subject."""
OF_THEIR_ACTORS = frozenset({"Appointment", "AppointmentResponse", "Schedule"})
"""What names whom it is about by `actor`, and by nothing else."""
BY_NAME = frozenset({"resourceType", "id", "meta", "language", "active", "name"})
"""What may be told of somebody who is merely named: the rest would be kept under another."""
OF_WHOM = frozenset(
    {
        *("subject", "patient", "beneficiary", "candidate", "individual", "for"),
        "sourcePatientInfo",
    }
)
"""The elements of R4 that say whom something is about, even by words or a number alone."""
SAYING = frozenset({"reference", "identifier", "display"})
"""By what a Reference says where it leads."""


@dataclass(frozen=True)
class Links:
    """Where the references of a bundle lead: to one of its entries, or out of it."""

    entries: list[Json]

    @cached_property
    def targets(self) -> dict[str, Json]:
        """The resources of the bundle, by each way to name them."""
        found: dict[str, Json] = {}
        for one in self.entries:
            resource = one.get("resource", {})
            names = [one.get("fullUrl", "")]
            if "id" in resource:
                names.append(f"{resource['resourceType']}/{resource['id']}")
            found |= {name: one for name in names if name}
        return found

    def inside(self, reference: str, base: str = "") -> Json | None:
        """The entry that a reference leads to, if it is one of the bundle. `base`: the address
        from which a relative one is read (FHIR R4, bundle.html, « Resolving references »)."""
        name = reference.partition("/_history/")[0]
        return self.targets.get(name) or self.targets.get(base + name)


@dataclass(frozen=True)
class Held:
    """A reference, and where it stands in R4."""

    place: "Place"
    said: Json
    name: str = ""
    """Of which Patient it says the address, if it does."""

    @property
    def element(self) -> str:
        """The element that holds it."""
        return self.place.name

    @property
    def says_whom(self) -> bool:
        """Whether its element says whom something is about: where R4 lets it lead to a Patient. By
        `individual`, an Encounter has who cares, and a ResearchSubject whom it is about."""
        return self.element in OF_WHOM and self.place.leads_to_patients

    @property
    def is_of_nobody(self) -> bool:
        """Whether it says to lead to something else than a Patient."""
        return bool(self.said.get("type", "Patient") != "Patient")

    @property
    def may_be_of_a_patient(self) -> bool:
        """Whether its address is that of a Patient: by its end or the type that it says, else by
        the element that holds it (`https://…/dossier/9`)."""
        types = {named_type(self.said["reference"]), self.said.get("type")} - {"", None}
        return "Patient" in types if types else self.says_whom

    @property
    def number(self) -> str:
        """The number by which it may name a Patient, as a search has it."""
        said = self.said.get("identifier", {})
        may = self.place.leads_to_patients and not self.is_of_nobody
        return (
            f"{said['system']}|{said['value']}"
            if may and {"system", "value"} <= said.keys()
            else ""
        )


@dataclass(frozen=True)
class Told:
    """A resource of a bundle, at whatever depth, with what it refers to."""

    resource: Json
    name: str
    held: list[Held]

    @property
    def is_a_patient(self) -> bool:
        """Whether it is somebody."""
        return bool(self.resource.get("resourceType") == "Patient")


@dataclass(frozen=True)
class Place:
    """An element of one type of R4: what it holds there, and whether it may refer to a Patient."""

    name: str
    type_name: str
    leads_to_patients: bool = False


@cache
def places_of(type_name: str) -> dict[str, Place]:
    """The elements of a type of R4, or of a shape within one, by each name they have in JSON."""
    found: dict[str, Place] = {}
    for element in kind(type_name).elements.values():
        leads = not element.targets or "Patient" in element.targets
        for name, its_type in element.names().items():
            is_one = its_type == "Reference" and leads
            found[name] = Place(name, its_type.removeprefix("@"), is_one)
            found[f"_{name}"] = Place(f"_{name}", "Element")  # beside a primitive
    return found


def told_in(links: Links) -> Iterator[Told]:
    """Each resource that a bundle holds, at whatever depth; each Patient under one name."""
    for rank, entry in enumerate(links.entries):
        resource = entry.get("resource", {})
        url = str(entry.get("fullUrl") or "")
        by_key = f"{resource.get('resourceType')}/{resource['id']}" if "id" in resource else ""
        name = url or by_key or f"entry[{rank}]"
        base = f"{url.rsplit('/', 2)[0]}/" if "://" in url else ""
        yield from _told(_Inside(links, base), resource, name, {})


@dataclass(frozen=True)
class _Inside:
    links: Links
    base: str

    def named(self, held: Held, contained: dict[str, str]) -> str:
        """The name of the Patient that a reference leads to; nothing of anything else."""
        link = held.said.get("reference", "")
        if not link or link.startswith("#"):
            return contained.get(link, "")
        entry = self.links.inside(link, self.base)
        if entry is None:
            return link.partition("/_history/")[0] if held.may_be_of_a_patient else ""
        resource = entry.get("resource", {})
        if resource.get("resourceType") != "Patient":
            return ""
        return str(entry.get("fullUrl") or f"Patient/{resource.get('id', '')}")


def _told(at: _Inside, resource: Json, name: str, around: dict[str, str]) -> Iterator[Told]:
    inner = resource.get("contained", [])
    own = {"#": name} if resource.get("resourceType") == "Patient" else {}
    held_in = {f"#{one['id']}": f"{name}#{one['id']}" for one in inner if _is_somebody(one)}
    contained = own | held_in if inner else around
    held: list[Held] = []
    within: list[tuple[Json, str]] = []
    _gather(resource, resource.get("resourceType", "Resource"), name, held, within)
    leads = [replace(one, name=at.named(one, contained)) for one in held]
    yield Told(resource, name, leads)
    contains = set(map(id, inner))
    for one, where in within:
        its_name = f"{name}#{one['id']}" if id(one) in contains and "id" in one else where
        yield from _told(at, one, its_name, contained)


def _is_somebody(one: Json) -> bool:
    return bool(one.get("resourceType") == "Patient" and "id" in one)


def _gather(
    value: Json, type_name: str, where: str, held: list[Held], within: list[tuple[Json, str]]
) -> None:
    """Find the references of a resource, and the resources that it holds: by the types of R4, of
    which it was checked to be. Elsewhere `reference` is also the name of what holds one."""
    places = places_of(type_name)
    for key, many in value.items():
        for rank, one in enumerate(many if isinstance(many, list) else [many]):
            if not isinstance(one, dict):
                continue
            place, inner = places[key], f"{where}.{key}[{rank}]"
            if "resourceType" in one:
                within.append((one, inner))
                continue
            if place.type_name == "Reference" and SAYING & one.keys():
                held.append(Held(place, one))
            _gather(one, place.type_name, inner, held, within)


def merely_named(told: list[Told], hers: set[str]) -> set[str]:
    """Whom a bundle leads to as who did or received something about its subject, by no other
    element, and tells nothing of but a name. `hers`: the names of the subject."""
    naming: set[str] = set()
    about = {one.name for one in told if one.is_a_patient and not one.resource.keys() <= BY_NAME}
    for one in told:
        acts = acting_in(one)
        is_hers = any(held.name in hers for held in one.held if held.element not in acts)
        for held in one.held:
            is_named = held.element == OF_A_TRACE or (is_hers and held.element in acts)
            is_searched = "?" in held.name  # a number, which nothing resolves in a document
            (naming if is_named and not is_searched else about).add(held.name)
    return naming - about


def acting_in(told: Told) -> frozenset[str]:
    """The elements that say who acts, in a resource."""
    by_actor = told.resource.get("resourceType") in OF_THEIR_ACTORS
    return NAMING - {"actor"} if by_actor else NAMING


def linked_in(told: list[Told], hers: set[str]) -> list[Held]:
    """Whom her own Patient says to be the same person (`Patient.link.other`): what its sender had
    as another. `hers`: the names of the subject."""
    own = [one for one in told if one.is_a_patient and one.name in hers]
    links = [held for one in own for held in one.held if held.element == "other"]
    return [one for one in links if "?" not in one.name]  # a number, which nothing resolves


def said_aside(told: list[Told]) -> Iterator[Held]:
    """What says whom a resource is about without any address: by a number, or by words; and any
    Patient that is not told by an address."""
    for one in told:
        for held in one.held:
            is_by_type = held.said.get("type") == "Patient" and held.element not in NAMING
            by_number = held.said.get("type") == "Patient" and "identifier" in held.said
            says_whom = held.says_whom or is_by_type or by_number
            if says_whom and not held.is_of_nobody and "reference" not in held.said:
                yield held


def numbers_of(patient: Json) -> set[str]:
    """The numbers of a Patient, as a search has them."""
    return {
        f"{one['system']}|{one['value']}"
        for one in patient.get("identifier", [])
        if one.get("system") and one.get("value")
    }


Names = list[list[str]]
"""Names, each by its words."""


def names_in(patient: Json) -> tuple[Names, Names]:
    """The family names of a Patient, and the first of the given names beside each."""
    names = patient.get("name", [])
    given = [[said for said in one.get("given", []) if said][:1] for one in names]
    return [words(one.get("family", "")) for one in names], [words(*one) for one in given]


def says_her(display: str, family: Names, given: Names) -> bool:
    """Whether words name somebody: by a whole family name of theirs and a whole given one."""
    said = set(words(display))
    return all(any(one and said.issuperset(one) for one in names) for names in (family, given))
