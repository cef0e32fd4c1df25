"""A value that only an extension stands for, a null beside one, a day before clocks: R4 has them
all, and the door answers each as anything else, never with a fault."""

import json
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import transaction

from cordee.access.actor import Role
from cordee.fhir.registry import mappings
from cordee.people.models import Person
from tests.factories.directory import AccountFactory
from tests.fhir.door import Machine, codes
from tests.fhir.stage import set_stage
from tests.fhir.test_golden import rows_of
from tests.support import actor

pytestmark = pytest.mark.django_db
SENT = Path(__file__).parent / "sent"
CREATED = sorted(name for name, one in mappings().items() if one.create)
UPDATED = sorted(name for name, one in mappings().items() if one.update)
ABSENT = {
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "unknown",
        }
    ]
}
LONG = "long " * 70
MAILBOX = f"nuit@{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 63}.fr"  # it may exist, and none fits
EDGES = (
    "0001-01-01",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
)


def parts(value, path=()) -> Iterator[tuple]:
    """Where the primitives of a resource stand."""
    for key, one in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(one, (dict, list)):
            yield from parts(one, (*path, key))
        elif key != "resourceType" and not str(key).startswith("_"):
            yield (*path, key)


def edges(value) -> tuple[str, ...]:
    """What a value might be and hardly is: the first and the last days, what no field holds."""
    if not isinstance(value, str):
        return ()
    return EDGES if value[:2] in ("19", "20") else (LONG, MAILBOX)


def at(value, path):
    for one in path:
        value = value[one]
    return value


def variants(resource) -> Iterator[tuple[str, dict]]:
    """The same resource, each of its primitives said otherwise in turn."""
    for path in parts(resource):
        *before, last = path
        if any(one == "item" and place for one, place in pairwise(path)):
            continue  # questions are alike
        name = before[-1] if isinstance(last, int) else last
        if name in ("id", "url") or "contained" in path:
            continue
        if isinstance(last, int):
            changed = deepcopy(resource)
            above, values = at(changed, before[:-1]), at(changed, before)
            values[last] = None
            above[f"_{name}"] = [ABSENT if one is None else None for one in values]
        else:
            changed = deepcopy(resource)
            holder = at(changed, before)
            del holder[last]
            holder[f"_{last}"] = ABSENT
        yield f"{path}: aside", changed
        for edge in edges(at(resource, path)):
            changed = deepcopy(resource)
            at(changed, before)[last] = edge
            yield f"{path}: {edge[:30]}", changed


def broken(machine, method, address, resource, **how) -> list[str]:
    """Which variants are answered with a fault."""
    found = []
    for name, changed in variants(resource):
        with transaction.atomic():
            answer = machine.send(method, address, json.dumps(changed), **how)
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            found.append(name)
    return found


def sent_of(stage, type_name):
    with suppress(AttributeError):
        rows_of(type_name).before_sent(stage)
    text = (SENT / f"{type_name}.json").read_text("utf-8")
    for name, pk in stage.names.items():
        text = text.replace(name, pk)
    return json.loads(text)


@pytest.mark.slow
@pytest.mark.parametrize("type_name", CREATED)
def test_whatever_is_said_aside_is_created_or_refused(type_name):
    stage = set_stage()
    assert broken(stage.machine, "POST", type_name, sent_of(stage, type_name)) == []


@pytest.mark.slow
@pytest.mark.parametrize("type_name", UPDATED)
def test_whatever_is_said_aside_is_written_or_refused(type_name):
    stage = set_stage()
    row = rows_of(type_name).make(stage)
    speaks = actor(Role.PARTNER, row, account_id=AccountFactory().pk)
    machine = Machine(speaks) if type_name == "Organization" else stage.machine
    answer = stage.machine.get(f"{type_name}/{row.pk}")
    address, resource = f"{type_name}/{row.pk}", answer.json()
    assert broken(machine, "PUT", address, resource, if_match=answer["ETag"]) == []


def test_the_lines_of_an_address_are_read_around_a_null(stage):
    lines = {"line": ["3 rue Neuve", None, "Bâtiment B"], "_line": [None, ABSENT, None]}
    sent = sent_of(stage, "Patient") | {"address": [lines]}
    made = stage.machine.post("Patient", sent).json()
    assert Person.objects.get(pk=made["id"]).address == "3 rue Neuve, Bâtiment B"
    assert made["address"] == [lines | {"use": "home"}]


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"notAvailable": [{"_description": ABSENT}]}, "notAvailable[0]"),
        ({"notAvailable": [{"description": "pause", "during": {"start": "0001-01-01"}}]},
         "notAvailable[0]"),
        ({"availableTime": [{"daysOfWeek": ["mon", None], "_daysOfWeek": [None, ABSENT],
                             "allDay": True}]}, "availableTime[0]"),
    ],
)  # fmt: skip
def test_what_a_professional_does_not_say_is_refused_with_its_place(stage, changed, where):
    row = rows_of("HealthcareService").make(stage)
    address = f"HealthcareService/{row.pk}"
    answer = stage.machine.get(address)
    refused = stage.machine.put(address, answer.json() | changed, if_match=answer["ETag"])
    assert refused.status_code == 422
    assert refused.json()["issue"][0]["expression"] == [f"HealthcareService.{where}"]


def test_what_a_subscription_does_not_say_is_refused_with_its_place(stage):
    row = rows_of("Subscription").make(stage)
    address = f"Subscription/{row.pk}"
    answer = stage.machine.get(address)
    for name in ("status", "reason", "criteria"):
        sent = answer.json() | {f"_{name}": ABSENT}
        del sent[name]
        refused = stage.machine.put(address, sent, if_match=answer["ETag"])
        assert (refused.status_code, codes(refused)) == (422, ["subscription.unsaid"])
        assert refused.json()["issue"][0]["expression"] == [f"Subscription.{name}"]


def test_a_mailbox_that_no_column_holds_is_refused_with_its_place(stage):
    row = rows_of("Organization").make(stage)
    machine = Machine(actor(Role.PARTNER, row, account_id=AccountFactory().pk))
    address = f"Organization/{row.pk}"
    answer = machine.get(address)
    mailbox = {"telecom": [{"system": "email", "value": MAILBOX}]}
    desk = {"contact": [{"purpose": {"text": "Nuit"}} | mailbox]}
    for changed, where in ((mailbox, "telecom"), (desk, "contact")):
        refused = machine.put(address, answer.json() | changed, if_match=answer["ETag"])
        assert refused.status_code == 422
        assert refused.json()["issue"][0]["expression"] == [f"Organization.{where}"]
