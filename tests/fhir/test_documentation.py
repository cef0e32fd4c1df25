"""docs/fhir.md is that of the code, and its examples are really sent."""

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.factories.partners import SystemFactory
from tests.fhir.door import JSON
from tests.fhir.stage import set_stage
from tests.fhir.systems import bearing, system_of
from tools.write_fhir import MARK, PAGE, drawn

SHOWN = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.S)
EXAMPLES = [one for many in SHOWN for one in re.split(r"\n(?=curl )", many)]
SENT = Path(__file__).parent / "sent"


def test_the_tables_are_those_of_the_registry():
    told = PAGE.read_text("utf-8").partition(MARK)[2].strip()
    assert told == drawn().strip(), "run: make map"


def test_there_are_examples_to_send():
    assert len(EXAMPLES) == 7


def sent(name, stage):
    """A file of an example: `@patient.json`."""
    text = (SENT / name.removeprefix("@").capitalize()).read_text("utf-8")
    for word, pk in stage.names.items():
        text = text.replace(word, pk)
    return json.loads(text) if name.endswith(".json") else text


@pytest.mark.django_db
@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_is_answered(example):
    stage = set_stage()
    stage.client = SystemFactory()
    words = shlex.split(example.replace("\\\n", " ").replace("$ID", str(stage.person.pk)))
    named, data, method = {}, [], ""
    for place, word in enumerate(words):
        if word == "-H":
            name, _, value = words[place + 1].partition(": ")
            named[name.lower().replace("-", "_")] = value
        if word in ("-d", "--data-binary"):
            data.append(words[place + 1])
        if word == "-X":
            method = words[place + 1]
    named.pop("authorization")  # the stage speaks for itself
    body = sent(data[0], stage) if data and data[0].startswith("@") else "&".join(data)
    if data and "content_type" not in named:
        named["content_type"] = "application/x-www-form-urlencoded"
    method = method or ("POST" if data else "GET")
    machine = bearing(system_of(stage)) if "port" in words[-1] else stage.machine.browser
    where, kind = "/fhir/" + words[-1].partition("/fhir/")[2], named.pop("content_type", JSON)
    raw = body if isinstance(body, str) else json.dumps(body)
    heads = {name.replace("_", "-"): value for name, value in named.items()}
    answer = machine.generic(method, where, raw, content_type=kind, headers=heads)
    assert answer.status_code in (200, 201, 202), answer.content
