"""Properties of the engine over questionnaires and answers drawn at random."""

import json
import string
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordee.assessments.rules import reading, urls
from cordee.assessments.rules.checking import names
from cordee.assessments.rules.filling import begun, filled, typed
from cordee.assessments.rules.reading import Refused, read
from cordee.assessments.rules.writing import write
from tests.assessments.questionnaires import TODAY, fhirpath, sheet, unit

SLOW = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
WORDS = st.text(string.ascii_letters + " éàç’?.-", min_size=1, max_size=12).filter(str.strip)
NUMBERS = st.one_of(
    st.integers(-10_000, 10_000), st.decimals(-100, 100, places=2).map(lambda one: float(one))
)
DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(date.isoformat)


def optional(strategy, key):
    """Return `key` in an object, or nothing."""
    return st.one_of(st.just({}), strategy.map(lambda one: {key: one}))


def merged(*parts):
    return st.tuples(*parts).map(lambda found: {k: v for one in found for k, v in one.items()})


@st.composite
def options(draw):
    codes = draw(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True))
    found = []
    for code in codes:
        coding = {"system": "urn:codes", "code": code, "display": draw(WORDS)}
        option = {"valueCoding": coding}
        url = draw(st.sampled_from(urls.WEIGHTS))
        weight = draw(st.none() | NUMBERS)
        extension = []
        if weight is not None and draw(st.booleans()):
            option["valueCoding"] = {"extension": [{"url": url, "valueDecimal": weight}], **coding}
        elif weight is not None:
            extension.append({"url": url, "valueDecimal": weight})
        if draw(st.booleans()):
            extension.append({"url": urls.EXCLUSIVE, "valueBoolean": True})
        if draw(st.booleans()):
            extension.append({"url": urls.OPTION_PREFIX, "valueString": draw(WORDS)})
        found.append(option | ({"extension": extension} if extension else {}))
    return found


@st.composite
def kinds(draw):
    """What depends on the type of a question, extensions apart."""
    kind = draw(
        st.sampled_from(["boolean", "decimal", "integer", "date", "string", "choice", "quantity"])
    )
    said, extension = {"type": kind}, []
    if kind == "choice":
        said["answerOption"] = draw(options())
    if kind == "string":
        said |= draw(optional(st.integers(0, 50), "maxLength"))
        said |= draw(optional(WORDS.map(lambda one: [{"valueString": one}]), "initial"))
    if kind == "quantity" and draw(st.booleans()):
        extension.append(unit("kg"))
    elif kind == "quantity":
        extension += [unit("kg", urls.UNIT_OPTION), unit("g", urls.UNIT_OPTION)]
    if draw(st.booleans()):
        coding = {"system": urls.CONTROL_CODES, "code": "drop-down", "display": "Drop down"}
        concept = {"coding": [coding], "text": "Drop down"}
        extension.append({"url": urls.CONTROL, "valueCodeableConcept": concept})
        extension.append({"url": urls.ORIENTATION, "valueCode": "horizontal"})
    if kind == "decimal" and draw(st.booleans()):
        extension.append({"url": urls.MINIMUM, "valueDecimal": draw(NUMBERS)})
        extension.append({"url": urls.MAXIMUM, "valueDecimal": draw(NUMBERS)})
        extension.append({"url": urls.DECIMALS, "valueInteger": draw(st.integers(0, 4))})
    if kind == "date" and draw(st.booleans()):
        extension.append({"url": urls.MAXIMUM, "valueDate": draw(DAYS)})
    return said, extension


@st.composite
def lines(draw, counter, depth=0):
    """One line, whose conditions look at those already drawn."""
    counter[0] += 1
    link_id = f"l{counter[0]}"
    said = {"linkId": link_id} | draw(merged(optional(WORDS, "text"), optional(WORDS, "prefix")))
    flags = draw(st.sets(st.sampled_from(["required", "repeats", "readOnly"])))
    extension = []
    if depth < 3 and draw(st.integers(0, 3)) == 0:
        said["type"] = "group"
        said["item"] = draw(st.lists(lines(counter, depth + 1), min_size=1, max_size=4))
    else:
        more, extension = draw(kinds())
        said |= more
        counter.append(link_id)
    said |= dict.fromkeys(sorted(flags), True)
    if "item" not in said and len(counter) > 2 and draw(st.booleans()):
        asked = draw(st.sampled_from(counter[1:-1]))
        exists = {"question": asked, "operator": "exists", "answerBoolean": draw(st.booleans())}
        said["enableWhen"] = [exists]
        if draw(st.booleans()):
            said |= {
                "enableWhen": [exists, exists],
                "enableBehavior": draw(st.sampled_from(["any", "all"])),
            }
    if extension:
        said["extension"] = extension
    return said


@st.composite
def questionnaires(draw):
    counter = [0]
    items = draw(st.lists(lines(counter), min_size=1, max_size=5))
    root = draw(
        merged(
            *(optional(WORDS, key) for key in ("publisher", "copyright", "description", "purpose")),
            optional(
                st.just([{"name": "x", "telecom": [{"system": "url", "value": "y"}]}]), "contact"
            ),
            optional(st.just({"versionId": "3"}), "meta"),
        )
    )
    total = {
        "linkId": "total",
        "type": "decimal",
        "readOnly": True,
        "extension": [fhirpath(urls.CALCULATED, "%resource.descendants().weight().sum() + %v")],
    }
    extension = [
        {"url": urls.SCORING, "valueCode": "x"},
        fhirpath(
            urls.VARIABLE, f"%resource.descendants().where(linkId = '{counter[-1]}').count()", "v"
        ),
    ]
    if len(counter) == 1:
        return sheet(*items, **root)
    return sheet(*items, total, extension=extension, **root)


@pytest.mark.slow
@given(questionnaires())
@SLOW
def test_what_is_read_is_written_back_the_same(said):
    again = json.loads(json.dumps(write(read(said))))
    assert again == json.loads(json.dumps(said))


TYPED = st.one_of(
    st.sampled_from(["oui", "non", "1", "2,5", "27/11/2026", "a", "b", "", "x" * 60, "-3", "1e9"]),
    st.text(max_size=10),
)


@pytest.mark.slow
@given(questionnaires(), st.data())
@SLOW
def test_a_form_is_read_or_said_and_settling_twice_changes_nothing(said, data):
    definition = read(said)
    known = [name for name, _item in names(definition)]
    known += [name.replace("/", f":{number}/") for name in known for number in (0, 1)]
    fields = {name: data.draw(st.lists(TYPED, max_size=3)) for name in known}
    found = typed(definition, fields)
    assert all(one.strip() for one in found.errors.values())
    once = filled(definition, found.items, today=TODAY)
    twice = filled(definition, json.loads(json.dumps(once.items)), today=TODAY)
    assert twice.items == once.items
    assert twice.answers == once.answers
    assert set(once.missing) <= {row.path for row in once.rows}
    filled(definition, begun(definition), today=TODAY)


JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS | st.sampled_from(["l1", "total", "valueString"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["linkId", "item", "answer", "valueString", "valueCoding", "code", "value"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.slow
@given(
    questionnaires(), st.lists(st.dictionaries(st.sampled_from(["linkId", "item", "answer"]), JSON))
)
@SLOW
def test_whatever_a_client_sends_as_a_response_is_settled(said, items):
    found = filled(read(said), items, today=TODAY)
    json.dumps(found.items)


def places(node, found):
    """Gather every object and list of a JSON."""
    if isinstance(node, dict | list):
        found.append(node)
        for one in node.values() if isinstance(node, dict) else node:
            places(one, found)
    return found


@pytest.mark.slow
@given(questionnaires(), st.data())
@SLOW
def test_whatever_is_broken_in_a_questionnaire_is_read_or_refused(said, data):
    said = json.loads(json.dumps(said))
    place = data.draw(st.sampled_from(places(said, [])))
    if place:
        key = data.draw(
            st.sampled_from(list(place) if isinstance(place, dict) else range(len(place)))
        )
        place[key] = data.draw(JSON)
    with suppress(Refused):
        filled(read(said), [], today=TODAY)


def test_a_character_that_no_database_keeps_is_refused():
    with pytest.raises(Refused):
        read(sheet({"linkId": "q", "type": "string", "text": "a\x00b"}))
    definition = read(sheet({"linkId": "q", "type": "string", "text": "a"}))
    for text in ("a\x00b", "a\ud800b"):
        assert typed(definition, {"q": [text]}).errors
        items = [{"linkId": "q", "answer": [{"valueString": text}]}]
        assert filled(definition, items, today=TODAY).errors


def test_a_file_as_heavy_as_is_allowed_is_read_or_refused_at_once():
    body = json.dumps(sheet(*({"linkId": f"q{n}", "type": "string"} for n in range(900)))).encode()
    assert len(body) < reading.MAX_BYTES
    assert len(read(reading.loads(body)).items) == 900
