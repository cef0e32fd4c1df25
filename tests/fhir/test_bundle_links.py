"""The links between the entries of a bundle, without the door."""

from cordee.fhir.bundles.links import linked, links_in, needed_by

PATIENT = "urn:uuid:04886b69-ef36-4584-819e-4590cd3888a4"
OTHER = "urn:uuid:f380b0fd-23c2-415a-b367-53e707ef91e2"
NOTE = {
    "resourceType": "DocumentReference",
    "text": {"div": f'<div><a href="{PATIENT}">elle</a> urn:uuid</div>'},
    "subject": {"reference": PATIENT, "display": "elle"},
    "author": [{"reference": "Practitioner/1"}, {"reference": OTHER}],
    "content": [{"attachment": {"url": OTHER, "size": 3}}],
}


def test_a_link_becomes_an_address_wherever_it_stands():
    done = linked(NOTE, {PATIENT: "Patient/1", OTHER: "PractitionerRole/2"})
    assert done["subject"] == {"reference": "Patient/1", "display": "elle"}
    assert [one["reference"] for one in done["author"]] == ["Practitioner/1", "PractitionerRole/2"]
    assert done["content"][0]["attachment"] == {"url": "PractitionerRole/2", "size": 3}
    assert done["text"]["div"] == '<div><a href="Patient/1">elle</a> urn:uuid</div>'
    assert NOTE["subject"]["reference"] == PATIENT
    stray = f'<p title="x">12" <a href="{PATIENT}">elle</a></p>'
    assert linked(stray, {PATIENT: "Patient/1"}) == stray.replace(PATIENT, "Patient/1")


def test_what_an_entry_needs_is_what_it_speaks_of():
    urls = frozenset({PATIENT, OTHER, "urn:uuid:autre"})
    assert needed_by(NOTE, urls) == {PATIENT, OTHER}
    assert needed_by({"text": {"div": f'<a href="{PATIENT}">'}}, urls) == {PATIENT}
    assert needed_by({"div": f'<p>12" <a id="a" href="{PATIENT}">'}, urls) == {PATIENT}
    assert needed_by({"active": True, "note": [None, 1.5]}, urls) == frozenset()


def test_every_literal_reference_is_found():
    assert list(links_in(NOTE)) == [PATIENT, "Practitioner/1", OTHER]
    assert list(links_in(None)) == []
