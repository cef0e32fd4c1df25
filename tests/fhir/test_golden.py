"""Every type that is declared: read to the letter, and nothing lost of what is sent.

`rows/<type>.py` makes a row, `golden/<Type>.json` says what is read of it, `sent/<Type>.json` what
a partner sends. `GOLDEN=write pytest tests/fhir/test_golden.py` writes what is read: read it again.
"""

import json
import os
import re
from importlib import import_module
from pathlib import Path

import pytest

from cordee.fhir.registry import mappings
from tests.fhir.stage import set_stage
from tests.people.test_no_shadow import asked

pytestmark = pytest.mark.django_db
HERE = Path(__file__).parent
TYPES = sorted(mappings())
CREATED = sorted(name for name, one in mappings().items() if one.create)
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
NUMBER = re.compile(r'(?<="id": ")\d+(?=")')
VERSION = re.compile(r'(?<="versionId": ")[^"]+')


def module_of(type_name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type_name).lower()


def rows_of(type_name):
    return import_module(f"tests.fhir.rows.{module_of(type_name)}")


def make(type_name, stage):
    return rows_of(type_name).make(stage)


def tables():
    """Each table of each type: the name of its golden file, its type, and what makes a row."""
    for type_name in TYPES:
        for name, make_row in sorted(vars(rows_of(type_name)).items()):
            if name == "make" or name.startswith("make_"):
                yield pytest.param(type_name, make_row, id=type_name + name[4:].replace("_", "-"))


def settled(resource, stage):
    """The same without what moves: keys are numbered as they are met, moments are left out."""
    text = json.dumps(resource, ensure_ascii=False)
    for name, pk in stage.names.items():
        text = text.replace(pk, name)
    met = {}
    text = UUID.sub(lambda found: met.setdefault(found[0], f"{{{len(met) + 1}}}"), text)
    text = NUMBER.sub("{number}", text)
    return json.loads(INSTANT.sub("{moment}", VERSION.sub(_steady, text)))


def _steady(version):
    """A version that is told of several rows, or since when it is so, without what moves."""
    dated = re.sub(r"\b\d{20}\b", "{moment}", version[0])
    return re.sub(r"\.[0-9a-f]{8}\b", ".{parts}", dated)


@pytest.mark.parametrize(("type_name", "make_row"), list(tables()))
def test_a_row_is_read_as_its_golden_file_says(type_name, make_row, request):
    stage = set_stage()
    row = make_row(stage)
    answer = stage.machine.get(f"{type_name}/{row.pk}")
    assert answer.status_code == 200, answer.content
    said = settled(answer.json(), stage)
    golden = HERE / "golden" / f"{request.node.callspec.id}.json"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert said == json.loads(golden.read_text("utf-8"))


@pytest.mark.parametrize(("type_name", "make_row"), list(tables()))
def test_twelve_rows_ask_no_more_than_one(type_name, make_row):
    stage = set_stage()
    make_row(stage)
    machine = stage.machine
    few, one = asked(lambda: machine.search(type_name, _count=50))
    for _ in range(11):
        make_row(stage)
    many, twelve = asked(lambda: machine.search(type_name, _count=50))
    assert one.status_code == twelve.status_code == 200, twelve.content
    assert len(twelve.json()["entry"]) >= len(one.json()["entry"]) + 5
    assert len(many) == len(few), "\n".join(many)


def lost(sent, read, where=""):
    """What was sent and does not come back."""
    if isinstance(sent, dict) and isinstance(read, dict):
        inside = [lost(value, read.get(key), f"{where}.{key}") for key, value in sent.items()]
    elif isinstance(sent, list) and isinstance(read, list):
        inside = [
            [] if any(not lost(one, other) for other in read) else [f"{where}[{place}]"]
            for place, one in enumerate(sent)
        ]
    else:
        return [] if sent == read else [where]
    return [one for some in inside for one in some]


@pytest.mark.parametrize("type_name", CREATED)
def test_nothing_is_lost_of_what_is_sent(type_name):
    stage = set_stage()
    getattr(rows_of(type_name), "before_sent", lambda stage: None)(stage)
    text = (HERE / "sent" / f"{type_name}.json").read_text("utf-8")
    for name, pk in stage.names.items():
        text = text.replace(name, pk)
    sent = json.loads(text)
    answer = stage.machine.post(type_name, sent)
    assert answer.status_code == 201, answer.content
    kept = mappings()[type_name].answered_for(sent)
    address = f"{type_name}/{answer.json()['id']}"
    assert lost(kept, stage.machine.get(address).json()) == []
    if mappings()[type_name].update:
        read = stage.machine.get(address).json()
        again = stage.machine.put(address, read, if_match=answer["ETag"])
        assert again.status_code == 200, again.content
        assert lost(kept, stage.machine.get(address).json()) == []
