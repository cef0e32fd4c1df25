"""Made-up histories of care as a partner's software would send them, the same for a same number.

A history is one transaction: a patient with French extensions and a number of the sender's, those
close to her, and the notes of who comes to her home, day after day: a few hundred resources.
Nobody here exists: phones are those kept for fiction, and no INS is claimed.
"""

import base64
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from cordee.directory.sample import STREETS
from cordee.fhir import france
from cordee.fhir.datatypes import coding
from cordee.fhir.systems import ours
from cordee.people.demo import MEN, WOMEN
from cordee.web.management.scale import surnames

Json = dict[str, Any]
NOTES = 240  # about four passages a week for a year
TODAY = date(2026, 11, 20)
ROLE_CODE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
LINKS = (("DAU", "fille"), ("SON", "fils"), ("NBOR", "voisine"), ("SPS", "conjoint"))
PASSAGES = (
    "Toilette faite, a bien déjeuné. Tension prise, sans particularité.",
    "Pansement refait, la plaie est propre. Prochain passage demain matin.",
    "Pilulier vérifié avec elle : la prise d’hier soir manquait, en a parlé à sa fille.",
    "Marche avec le déambulateur jusqu’à la fenêtre, un peu essoufflée, repos ensuite.",
    "A refusé le repas de midi, a bu deux verres d’eau. À revoir ce soir.",
    "Le chauffage ne marche plus dans la chambre : la mairie est prévenue.",
    "Visite de sa petite-fille, bonne humeur. Rien à signaler.",
    "Chute sans gravité dans la cuisine, relevée seule. Le médecin traitant est informé.",
)


def history(number: int, *, notes: int = NOTES) -> Json:
    """Give the transaction that brings one person with all that is known of her."""
    drawn = Random(f"history {number}")  # noqa: S311
    patient = _url(drawn)
    entries = [_entry("Patient", patient, _patient(number, drawn))]
    for rank, (code, text) in enumerate(drawn.sample(LINKS, drawn.randint(2, 4))):
        relative = _relative(patient, number, rank, (code, text), drawn)
        entries.append(_entry("RelatedPerson", _url(drawn), relative))
    entries += [
        _entry("DocumentReference", _url(drawn), _note(patient, number, rank, drawn))
        for rank in range(notes)
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def patient(number: int) -> Json:
    """Give one patient alone, whom no other number resembles."""
    return _patient(number, Random(f"patient {number}"))  # noqa: S311


def _patient(number: int, drawn: Random) -> Json:
    is_woman = drawn.random() < 0.6
    given = _given(drawn, is_woman=is_woman)
    names: list[Json] = [
        {
            "use": "official",
            "family": _family(drawn),
            "given": [given],
            "extension": [_ext(france.BIRTH_LIST_OF_GIVEN_NAMES, "String", given)],
        }
    ]
    if is_woman and drawn.random() < 0.5:
        names.append({"use": "usual", "family": _family(drawn)})
    born = date(1926, 1, 1) + timedelta(days=drawn.randrange(12_000))
    return {
        "resourceType": "Patient",
        "meta": {"profile": [france.PATIENT], "tag": [{"system": "urn:essai", "code": "reprise"}]},
        "extension": [
            {
                "url": france.IDENTITY_RELIABILITY,
                "extension": [
                    _ext("identityStatus", "Coding", coding(france.IDENTITY_STATUS, "PROV"))
                ],
            }
        ],
        "identifier": [{"system": "urn:essai:ipp", "value": f"{number:09d}"}],
        "active": True,
        "name": names,
        "telecom": [{"system": "phone", "value": _phone(drawn), "use": "home"}],
        "gender": "female" if is_woman else "male",
        "birthDate": born.isoformat(),
        "maritalStatus": {"text": drawn.choice(("veuve", "mariée", "célibataire"))},
        "address": [
            {
                "use": "home",
                "line": [f"{drawn.randint(1, 180)} rue {drawn.choice(STREETS)}"],
                "extension": [_ext(france.INSEE_CODE, "Coding", coding(france.COMMUNES, "38185"))],
                "city": "Grenoble",
                "country": "FR",
            }
        ],
    }


def _relative(patient: str, number: int, rank: int, link: tuple[str, str], drawn: Random) -> Json:
    return {
        "resourceType": "RelatedPerson",
        "identifier": [{"system": "urn:essai:proche", "value": f"{number}-{rank}"}],
        "active": True,
        "patient": {"reference": patient},
        "relationship": [{"coding": [coding(ROLE_CODE, link[0])], "text": link[1]}],
        "name": [{"use": "official", "family": _family(drawn), "given": [_given(drawn)]}],
        "telecom": [{"system": "phone", "value": _phone(drawn), "use": "mobile"}],
    }


def _note(patient: str, number: int, rank: int, drawn: Random) -> Json:
    written = TODAY - timedelta(days=365 - rank % 365)
    text = f"{drawn.choice(PASSAGES)} ({rank + 1})"
    return {
        "resourceType": "DocumentReference",
        "masterIdentifier": {"system": "urn:essai:note", "value": f"{number}-{rank}"},
        "status": "current",
        "docStatus": "final",
        "type": {"text": "Transmission"},
        "category": [{"coding": [coding(ours("information-category"), "coordination")]}],
        "subject": {"reference": patient},
        "date": f"{written.isoformat()}T08:{drawn.randint(10, 59)}:00+01:00",
        "author": [{"display": "Infirmière du service"}],
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain",
                    "language": "fr",
                    "data": base64.b64encode(text.encode()).decode(),
                    "title": "Passage à domicile",
                }
            }
        ],
        "context": {"facilityType": {"text": "Domicile"}},
    }


def _entry(kind: str, url: str, resource: Json) -> Json:
    return {"fullUrl": url, "resource": resource, "request": {"method": "POST", "url": kind}}


def _ext(url: str, kind: str, value: Any) -> Json:
    return {"url": url, f"value{kind}": value}


def _url(drawn: Random) -> str:
    return f"urn:uuid:{UUID(int=drawn.getrandbits(128), version=4)}"


def _family(drawn: Random) -> str:
    return drawn.choice(_families())


@cache
def _families() -> list[str]:
    return list(surnames())


def _given(drawn: Random, *, is_woman: bool = True) -> str:
    pools = WOMEN if is_woman else MEN
    return drawn.choice(drawn.choice(list(pools.values())).split())


def _phone(drawn: Random) -> str:
    return f"06 39 98 {drawn.randrange(100):02d} {drawn.randrange(100):02d}"
