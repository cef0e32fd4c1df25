"""Whatever is given to read, the answer is a protocol or sentences: never another error."""

import copy
from random import Random
from time import process_time

import pytest

from cordee.protocols import shipped
from cordee.protocols.rules.document import Document
from cordee.protocols.rules.plan_definition import exported, imported
from cordee.protocols.rules.protocol import Refused
from cordee.protocols.rules.reading import read, read_document
from cordee.protocols.rules.writing import written
from cordee.protocols.vocabulary import known_kinds
from tests.protocols.shelf import library

ODD = [None, "", "x", 3, -1, True, [], {}, ["a"], {"a": "b"}, [[]], [{}], {"etape": []}, "0 jour"]
LINES = [
    "",
    "- ",
    "  x: y",
    "? a",
    "- - -",
    "fait: [a, b]",
    "  quand: {a: [b]}",
    "dans: {}",
    "{",
    "\t",
]


def nodes(value, path=()):
    """Every place of a plain value."""
    yield path
    if isinstance(value, dict):
        for key, one in value.items():
            yield from nodes(one, (*path, key))
    elif isinstance(value, list):
        for rank, one in enumerate(value):
            yield from nodes(one, (*path, rank))


def broken(random: Random, value):
    """The value, with something odd in some of its places."""
    value = copy.deepcopy(value)
    for _ in range(random.randint(1, 3)):
        *way, last = random.choice([path for path in nodes(value) if path])
        inside = value
        for key in way:
            inside = inside[key]
        inside[last] = copy.deepcopy(random.choice(ODD))
    return value


def not_read(reading) -> bool:
    """Tell whether a reading is refused, with sentences; what is read is written back the same."""
    try:
        one = reading()
    except Refused as refused:
        if not all(sentence.strip() for sentence in refused.problems):
            raise AssertionError("a refusal says nothing") from refused
        return True
    assert read(written(one), kinds=known_kinds()) == one
    return False


@pytest.mark.parametrize("seed", range(20))
def test_a_document_with_odd_lines_is_read_or_refused(seed):
    random = Random(seed)
    refused = 0
    for _ in range(15):
        lines = random.choice(list(shipped.texts().values())).splitlines()
        for _ in range(random.randint(1, 4)):
            lines[random.randrange(len(lines))] = random.choice(LINES)
        refused += not_read(lambda lines=lines: read("\n".join(lines), kinds=known_kinds()))
    assert refused


@pytest.mark.parametrize("seed", range(20))
def test_a_plan_definition_with_odd_parts_is_translated_and_then_read_or_refused(seed):
    random = Random(seed)
    for _ in range(25):
        resource = broken(random, exported(random.choice(list(library().values()))))
        if resource.get("resourceType") != "PlanDefinition":
            continue
        document = imported(resource).document
        not_read(lambda one=document: read_document(Document(one), kinds=known_kinds()))


def test_an_odd_value_in_the_place_of_a_document_is_refused():
    for odd in ODD:
        with pytest.raises(Refused):
            read_document(Document(odd), kinds=known_kinds())


@pytest.mark.parametrize("text", ["[" * 90_000, "{a: " * 20_000, "- " * 45_000, "[[]," * 20_000])
def test_what_is_nested_without_end_is_refused_at_once(text):
    began = process_time()
    with pytest.raises(Refused, match="emboîté trop profondément"):
        read(text, kinds=known_kinds())
    assert process_time() - began < 5  # it took minutes: the scanner looks back at every level
