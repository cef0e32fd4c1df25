"""docs/fhir.md is that of the code, and its examples are really sent."""

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.fhir.stage import set_stage
from tools.write_fhir import MARK, PAGE, drawn

EXAMPLES = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.S)
SENT = Path(__file__).parent / "sent" / "Patient.json"


def test_the_tables_are_those_of_the_registry():
    told = PAGE.read_text("utf-8").partition(MARK)[2].strip()
    assert told == drawn().strip(), "run: make map"


def test_there_are_examples_to_send():
    assert len(EXAMPLES) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_is_answered(example):
    stage = set_stage()
    words = shlex.split(example.replace("\\\n", " ").replace("$ID", str(stage.person.pk)))
    named, data, method = {}, [], ""
    for place, word in enumerate(words):
        if word == "-H":
            name, _, value = words[place + 1].partition(": ")
            named[name.lower().replace("-", "_")] = value
        if word == "-d":
            data.append(words[place + 1])
        if word == "-X":
            method = words[place + 1]
    named.pop("authorization")  # the stage speaks for itself
    body = json.loads(SENT.read_text("utf-8")) if data == ["@patient.json"] else "&".join(data)
    if data and "content_type" not in named:
        named["content_type"] = "application/x-www-form-urlencoded"
    method = method or ("POST" if data else "GET")
    answer = stage.machine.send(method, words[-1].partition("/fhir/")[2], body, **named)
    assert answer.status_code in (200, 201), answer.content
