"""The links between the entries of a bundle, without the door."""

import re
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.fhir.bundles.links import link, links_in, needed_by, places_in, references
from cordee.fhir.misshapen import refuse_misled
from cordee.fhir.outcome import Refusal

PATIENT = "urn:uuid:04886b69-ef36-4584-819e-4590cd3888a4"
OTHER = "urn:uuid:f380b0fd-23c2-415a-b367-53e707ef91e2"
NOTE = {
    "resourceType": "DocumentReference",
    "text": {"div": f'<div><a href="{PATIENT}">elle</a> urn:uuid</div>'},
    "subject": {"reference": PATIENT, "display": "elle"},
    "author": [{"reference": "Practitioner/1"}, {"reference": OTHER}],
    "content": [{"attachment": {"url": OTHER, "size": 3}}],
}


def linked(value, known):
    done = deepcopy(value)
    link(places_in(done), known)
    return done


def test_a_link_becomes_an_address_wherever_it_stands():
    done = linked(NOTE, {PATIENT: "Patient/1", OTHER: "PractitionerRole/2"})
    assert done["subject"] == {"reference": "Patient/1", "display": "elle"}
    assert [one["reference"] for one in done["author"]] == ["Practitioner/1", "PractitionerRole/2"]
    assert done["content"][0]["attachment"] == {"url": "PractitionerRole/2", "size": 3}
    assert done["text"]["div"] == '<div><a href="Patient/1">elle</a> urn:uuid</div>'
    stray = [f'<p title="x">12" <a href="{PATIENT}">elle</a></p>', PATIENT]
    assert linked(stray, {PATIENT: "Patient/1"}) == [
        one.replace(PATIENT, "Patient/1") for one in stray
    ]


def test_links_that_are_made_again_are_made_from_what_came():
    """A transaction that met others is tried again: what its entries became is no longer there."""
    done = deepcopy(NOTE)
    places = places_in(done)
    link(places, {PATIENT: "Patient/1", OTHER: "PractitionerRole/2"})
    link(places, {PATIENT: "Patient/7"})
    assert done == linked(NOTE, {PATIENT: "Patient/7"})
    link(places, {})
    assert done == NOTE


def test_what_an_entry_needs_is_what_it_speaks_of():
    urls = frozenset({PATIENT, OTHER, "urn:uuid:autre"})

    def needed(value):
        return needed_by(places_in(value), urls)

    assert needed(NOTE) == {PATIENT, OTHER}
    assert needed({"text": {"div": f'<a href="{PATIENT}">'}}) == {PATIENT}
    assert needed({"div": f'<p>12" <a id="a" href="{PATIENT}">'}) == {PATIENT}
    assert needed({"active": True, "note": [None, 1.5]}) == frozenset()


def test_every_literal_reference_is_found():
    assert list(references(places_in(NOTE))) == list(links_in(NOTE))
    assert list(links_in(NOTE)) == [PATIENT, "Practitioner/1", OTHER]
    assert list(links_in(None)) == []


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ({"subject": {"reference": "Patient/1"}}, None),
        ({"subject": {"reference": "Task/1"}}, "shape.wrong_target"),
        ({"subject": {"reference": "Patient/a_b"}}, "shape.bad_reference"),
        ({"context": {"related": [{"reference": "Task/1"}]}}, None),
        ({"context": {"sourcePatientInfo": {"reference": "Task/1"}}}, "shape.wrong_target"),
        ({"docStatus": "Patient/1"}, "shape.not_in_value_set"),
    ],
)
def test_what_links_made_misshapen_is_refused_wherever_they_stand(resource, code):
    """Each text that holds a « / » was an address of another entry, and the rest was right."""
    content = [{"attachment": {"contentType": "text/plain", "data": "YQ=="}}]
    sent = {"resourceType": "DocumentReference", "status": "current", "content": content}
    sent |= resource
    linked_now = [
        (holder, key) for holder, key, text in places_in(sent) if re.search("[a-z]/.", text)
    ]
    found = None
    try:
        refuse_misled(sent, [one for one in linked_now if one[1] != "contentType"])
    except Refusal as refusal:
        found = refusal.issues[0].code
    assert found == code


ADDRESSES = (PATIENT, OTHER, "Patient/1", "é")
TEXTS = (
    *ADDRESSES,
    "Patient?identifier=9",
    "?",
    f'<div><a href="{PATIENT}">elle</a> <img src="{OTHER}"/></div>',
    f'"{PATIENT}"',
    f"voir {OTHER}",
    "",
)
VALUES = st.recursive(
    st.sampled_from([*TEXTS, 1, None]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["reference", "url", "div", "a"]), inner)
    ),
    max_leaves=12,
).filter(lambda value: isinstance(value, (dict, list)))


@given(VALUES, st.frozensets(st.sampled_from(ADDRESSES)))
def test_texts_that_are_no_address_of_the_bundle_hold_no_link_of_it(value, urls):
    """What is told the addresses of the bundle leaves out texts that nothing of it can change."""
    known = {one: f"Patient/{place}" for place, one in enumerate(sorted(urls))}
    known["Patient?identifier=9"] = "Patient/9"
    whole, narrowed = deepcopy(value), deepcopy(value)
    everywhere, here = places_in(whole), places_in(narrowed, urls)
    assert needed_by(everywhere, urls) == needed_by(here, urls)
    asked = [[one for one in references(found) if "?" in one] for found in (everywhere, here)]
    assert asked[0] == asked[1]
    link(everywhere, known)
    link(here, known)
    assert whole == narrowed
