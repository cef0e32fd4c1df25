"""A letter of a hospital, sent as a document: its first page, and who it is about."""

import json

from django.conf import settings

from cordee.fhir.models import KeptBody
from cordee.kernel.identifiers import uuid7

LETTER = "urn:uuid:5b0a51c6-6a3c-4f7b-9d53-0e8a6b5a4c11"
PATIENT = "urn:uuid:5b0a51c6-6a3c-4f7b-9d53-0e8a6b5a4c12"
SECTION = '<div xmlns="http://www.w3.org/1999/xhtml">Retour à domicile le lundi.</div>'


def address(person):
    """Where somebody is read, in full."""
    return f"{settings.CORDEE.public_url or 'http://testserver'}/fhir/Patient/{person.pk}"


def letter(stage, **changed):
    """A document about the person of the stage, whom it names by her address here."""
    person = {"resourceType": "Patient", "name": [{"family": "Grandidier"}]}
    at_home = address(stage.person)
    page = {
        "resourceType": "Composition",
        "status": "final",
        "type": {"text": "Lettre de sortie"},
        "subject": {"reference": at_home},
        "date": "2026-11-27T09:00:00+01:00",
        "author": [{"display": "Dr Paul Roux"}],
        "title": "Lettre de sortie",
        "section": [{"title": "Suites", "text": {"status": "generated", "div": SECTION}}],
    }
    return {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:partner:letters", "value": str(uuid7())},
        "type": "document",
        "timestamp": "2026-11-27T10:00:00+01:00",
        "entry": [
            {"fullUrl": LETTER, "resource": page},
            {"fullUrl": at_home, "resource": person},
        ],
    } | changed


def make(stage):
    """One row of the type."""
    answer = stage.machine.post("Bundle", json.dumps(letter(stage)))
    assert answer.status_code == 201, answer.content
    key = answer["Location"].partition("Bundle/")[2].partition("/")[0]
    return KeptBody.objects.get(pk=key)
