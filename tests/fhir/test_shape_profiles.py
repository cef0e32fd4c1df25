"""French profiles are checked when they are claimed, or when the instance requires them."""

from copy import deepcopy
from typing import Any

import pytest

from cordee.fhir.shape import tables, troubles
from cordee.fhir.shape.claims import RULES, known

CORE = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
ANS = "https://interop.esante.gouv.fr/ig/fhir/"
NOS = "https://mos.esante.gouv.fr/NOS/"
INS = f"{CORE}fr-core-patient-ins"


def of_type(code: str) -> dict[str, Any]:
    system = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
    return {"coding": [{"system": system, "code": code}]}


def status(code: str) -> dict[str, Any]:
    system = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445"
    inner = {"url": "identityStatus", "valueCoding": {"system": system, "code": code}}
    return {"url": f"{CORE}fr-core-identity-reliability", "extension": [inner]}


COMMUNE = {"system": f"{NOS}TRE_R13-Commune/FHIR/TRE-R13-Commune", "code": "63220"}
BIRTH_PLACE = {
    "url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
    "valueAddress": {
        "extension": [{"url": f"{CORE}fr-core-address-insee-code", "valueCoding": COMMUNE}]
    },
}
GIVEN_NAMES = {
    "url": f"{CORE}fr-core-patient-birth-list-given-name",
    "valueString": "DOMINIQUE MARIE-LOUISE",
}
MATRICULE = {
    "use": "official",
    "type": of_type("INS-NIR-TEST"),
    "system": "urn:oid:1.2.250.1.213.1.4.10",
    "value": "279035121518989",
}
OFFICIAL = {
    "use": "official",
    "family": "PAT-TROIS",
    "given": ["DOMINIQUE"],
    "extension": [GIVEN_NAMES],
}
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "meta": {"profile": [INS]},
    "extension": [status("VALI"), BIRTH_PLACE],
    "identifier": [MATRICULE],
    "name": [OFFICIAL],
    "gender": "female",
    "birthDate": "1979-03-28",
}
PERIOD = {"start": "2026-01-01"}
TEAM: dict[str, Any] = {
    "resourceType": "CareTeam",
    "meta": {"profile": [f"{ANS}cds/StructureDefinition/cds-ihe-careteam"]},
    "identifier": [{"value": "cercle-1"}],
    "status": "active",
    "name": "Cercle",
    "subject": {"reference": "Patient/1"},
    "period": PERIOD,
    "participant": [{"member": {"reference": "PractitionerRole/1"}, "period": PERIOD}],
}
RELATIVE: dict[str, Any] = {
    "resourceType": "RelatedPerson",
    "meta": {"profile": [f"{ANS}cds/StructureDefinition/cds-fr-related-person"]},
    "identifier": [{"value": "a"}],
    "patient": {"reference": "Patient/1"},
    "relationship": [{"text": "aidante"}],
    "name": [{"family": "Martin", "given": ["Anne"]}],
    "telecom": [{"system": "phone", "value": "0102030405"}],
}
TYPE_NOTE = {"system": f"{NOS}TRE_R234-TypeNote/FHIR/TRE-R234-TypeNote", "code": "DEM-AVIS"}
NOTE: dict[str, Any] = {
    "resourceType": "DocumentReference",
    "meta": {"profile": [f"{ANS}cdl/StructureDefinition/cdl-document-reference"]},
    "status": "current",
    "type": {"coding": [TYPE_NOTE]},
    "subject": {"reference": "Patient/1"},
    "author": [{"reference": "PractitionerRole/1"}],
    "content": [{"attachment": {"contentType": "text/plain", "data": "YQ=="}}],
}
SLOT: dict[str, Any] = {
    "resourceType": "Slot",
    "meta": {
        "profile": [f"{ANS}sas/StructureDefinition/sas-slot-aggregator"],
        "security": [
            {"system": f"{NOS}TRE_R314-TypeCreneau/FHIR/TRE-R314-TypeCreneau", "code": "PRO"}
        ],
    },
    "schedule": {"reference": "Schedule/1"},
    "status": "free",
    "start": "2026-11-27T10:00:00+01:00",
    "end": "2026-11-27T10:20:00+01:00",
}
IDNPS = {"type": of_type("IDNPS"), "system": "urn:oid:1.2.250.1.71.4.2.1", "value": "810000000000"}
APPOINTMENT: dict[str, Any] = {
    "resourceType": "Appointment",
    "meta": {"profile": [f"{ANS}sas/StructureDefinition/sas-appointment"]},
    "identifier": [{"system": "urn:x", "value": "1"}],
    "status": "booked",
    "start": "2026-11-27T10:00:00+01:00",
    "end": "2026-11-27T10:20:00+01:00",
    "participant": [{"actor": {"identifier": IDNPS}, "status": "accepted"}],
}
TRACE: dict[str, Any] = {
    "resourceType": "AuditEvent",
    "meta": {"profile": [f"{ANS}tde/StructureDefinition/tde-auditevent"]},
    "type": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110100"},
    "period": PERIOD,
    "recorded": "2026-11-27T10:00:00+01:00",
    "agent": [{"who": {"reference": "Practitioner/1"}, "requestor": True}],
    "source": {"observer": {"reference": "Organization/1"}},
}
RIGHT = (PATIENT, TEAM, RELATIVE, NOTE, SLOT, APPOINTMENT, TRACE)


def said(resource: dict[str, Any], **words: Any) -> list[tuple[str, str]]:
    return [(one.path, one.code) for one in troubles(resource, **words)]


@pytest.mark.parametrize("resource", RIGHT, ids=lambda one: one["resourceType"])
def test_a_resource_that_keeps_its_profile_passes(resource):
    assert said(resource) == []


def changed(resource: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a copy where what a path of names and ranks leads to is another, or nothing."""
    copy = deepcopy(resource)
    *steps, last = [int(one) if one.isdigit() else one for one in path.split(".")]
    holder: Any = copy
    for step in steps:
        holder = holder[step]
    if value is None:
        del holder[last]
    else:
        holder[last] = value
    return copy


@pytest.mark.parametrize(
    ("resource", "path", "value", "where", "code"),
    [
        (PATIENT, "extension.0", None, "Patient.extension", "missing"),
        (PATIENT, "extension.1", None, "Patient.extension", "missing"),
        (PATIENT, "extension.1.valueAddress", {"city": "Lyon"},
         "Patient.extension[1].value.extension", "missing"),
        (PATIENT, "extension.0", status("INCONNU"),
         "Patient.extension[0].extension[0].value", "not_in_value_set"),
        (PATIENT, "name.0.use", "usual", "Patient.name", "missing"),
        (PATIENT, "name.0.extension", None, "Patient.name[0].extension", "missing"),
        (PATIENT, "name.0.given", ["A", "B"], "Patient.name[0].given", "too_many"),
        (PATIENT, "name", [OFFICIAL, OFFICIAL], "Patient.name", "too_many"),
        (PATIENT, "gender", "other", "Patient.gender", "not_in_value_set"),
        (PATIENT, "birthDate", None, "Patient.birthDate", "missing"),
        (PATIENT, "identifier.0.value", None, "Patient.identifier[0].value", "missing"),
        (PATIENT, "identifier.0.system", "urn:x", "Patient.identifier[0].system", "fixed"),
        (PATIENT, "identifier.0.use", "usual", "Patient", "fr-core-1"),
        (PATIENT, "identifier", [MATRICULE, {"use": "official", "value": "1"}], "Patient",
         "fr-core-2"),
        (TEAM, "name", None, "CareTeam.name", "missing"),
        (TEAM, "identifier", [{"value": "1"}, {"value": "2"}], "CareTeam.identifier", "too_many"),
        (TEAM, "period.start", "2026-01", "", ""),
        (TEAM, "participant.0.period", None, "CareTeam.participant[0].period", "missing"),
        (TEAM, "participant.0.member", {"reference": "Practitioner/1"},
         "CareTeam.participant[0].member", "wrong_target"),
        (TEAM, "subject", {"reference": "Group/1"}, "CareTeam.subject", "wrong_target"),
        (RELATIVE, "telecom", None, "RelatedPerson.telecom", "missing"),
        (NOTE, "docStatus", "final", "DocumentReference.docStatus", "forbidden"),
        (NOTE, "custodian", {"reference": "Organization/1"}, "DocumentReference.custodian",
         "forbidden"),
        (NOTE, "author", None, "DocumentReference.author", "missing"),
        (NOTE, "type", {"text": "note"}, "DocumentReference.type", "not_in_value_set"),
        (NOTE, "securityLabel", [{"text": "N"}], "DocumentReference.securityLabel[0]",
         "not_in_value_set"),
        (SLOT, "status", "busy", "Slot.status", "fixed"),
        (SLOT, "meta.security.0.code", "CPTS", "Slot.meta.security[0]", "not_in_value_set"),
        (APPOINTMENT, "participant.0.status", "declined", "Appointment.participant[0].status",
         "not_in_value_set"),
        (APPOINTMENT, "participant.0.actor.identifier.system", "urn:x",
         "Appointment.participant[0].actor.identifier.system", "fixed"),
        (TRACE, "period", None, "", ""),
        (TRACE, "period", {"end": "2026"}, "AuditEvent.period.start", "missing"),
        (TRACE, "agent.0.who", None, "AuditEvent.agent[0].who", "missing"),
    ],
)  # fmt: skip
def test_what_a_profile_asks_is_found_at_its_place(resource, path, value, where, code):
    found = said(changed(resource, path, value))
    assert (where, code) in found if code else found == []


def test_an_identity_that_is_not_validated_needs_no_matricule():
    patient = changed(PATIENT, "extension.0", status("PROV"))
    patient["identifier"] = [{"use": "usual", "system": "urn:x", "value": "1"}]
    assert said(patient) == []


def test_a_temporary_number_is_enough_for_a_validated_identity():
    nia = MATRICULE | {
        "use": "temp",
        "type": of_type("INS-NIA"),
        "system": "urn:oid:1.2.250.1.213.1.4.9",
    }
    assert said(changed(PATIENT, "identifier", [nia])) == []


def test_a_profile_that_is_not_claimed_asks_nothing_unless_it_is_required():
    plain = {"resourceType": "Patient", "gender": "other"}
    assert said(plain) == []
    assert ("Patient.gender", "not_in_value_set") in said(plain, required=[INS])
    assert said({"resourceType": "Basic", "code": {"text": "x"}}, required=[INS]) == []


def test_a_claim_of_one_version_is_read_as_the_profile():
    patient = changed(PATIENT, "meta", {"profile": [f"{INS}|2.1.0"]})
    assert said(patient) == []
    assert said(changed(patient, "birthDate", None)) == [("Patient.birthDate", "missing")]


def test_a_profile_unknown_here_is_said_and_refuses_nothing():
    patient = {"resourceType": "Patient", "meta": {"profile": ["https://exemple.fr/profil"]}}
    assert [(one.path, one.code, one.severity) for one in troubles(patient)] == [
        ("Patient.meta.profile[0]", "unknown_profile", "warning")
    ]
    plain = {"profile": ["http://hl7.org/fhir/StructureDefinition/Patient"]}
    assert said({"resourceType": "Patient", "meta": plain}) == []


def test_profiles_are_checked_inside_a_bundle():
    entry = {"resource": changed(PATIENT, "birthDate", None)}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [entry]}
    assert said(bundle) == [("Bundle.entry[0].resource.birthDate", "missing")]


def test_each_profile_names_elements_that_r4_has():
    assert {one.type for one in known().values()} <= tables.resource_types()
    for profile in known().values():
        assert profile.guide
        assert set(profile.rules) <= set(RULES)
        for branch in profile.branches:
            assert branch.step.name in tables.kind(profile.type).elements
