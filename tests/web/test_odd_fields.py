"""Every field that the gestures of the rooms of people and places read, filled one by one.

The fields are those that each gesture looks for in what is sent: none can be forgotten, whether a
page shows it, a script adds it or nobody knows it any more.
"""

from importlib import import_module
from pkgutil import iter_modules

import pytest
from django import forms
from django.core.cache import cache
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse

from tests.access.test_permission_matrix import addresses, identifiers
from tests.support import Browser
from tests.web.forms_on_pages import Form
from tests.web.test_naughty_strings import STRINGS, faults, stage

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

READERS = ("orienteuse", "coordinator", "admin", "circle", "person", "relative", "dpo")
ODD = ("markup and quotes", "ten kilobytes", "a NUL", "a lone surrogate", "very long digits")
SHUT = {403, 404, 405}
TIDIED = {("people", "birth_name")}  # what nobody typed on purpose leaves a name: rules/writing


class Listener:
    """Notes which fields a gesture looks for."""

    def __init__(self, monkeypatch):
        self.names = set()
        for way in ("__getitem__", "get", "getlist"):
            monkeypatch.setattr(QueryDict, way, self._noting(getattr(QueryDict, way)))

    def _noting(self, alone):
        def noting(sent, name, *more, **named):
            self.names.add(name)
            return alone(sent, name, *more, **named)

        return noting


def form_classes(room):
    """The forms that a room defines."""
    package = import_module(f"cordee.{room}.forms")
    for found in iter_modules(package.__path__, f"{package.__name__}."):
        for one in vars(import_module(found.name)).values():
            if isinstance(one, type) and issubclass(one, forms.BaseForm):
                yield one


LIKELY = {
    forms.BooleanField: "on",
    forms.IntegerField: "3",
    forms.DateField: "2026-11-20",
    forms.TimeField: "10:30",
    forms.EmailField: "quelquun@exemple.fr",
}


def likely(field):
    """A value that a field may take, or none when it may stay empty: what is beside the odd one
    must pass."""
    if not field.required or isinstance(field, forms.ModelChoiceField):
        return ""
    if isinstance(field, forms.ChoiceField) and not callable(field.choices):
        return next((str(key) for key, _ in field.choices if key), "")
    return next((value for kind, value in LIKELY.items() if isinstance(field, kind)), "Berthe")


def base(room, scene):
    """A value for every field of a room."""
    known = {"person": scene.person, "organization": scene.sio, "practitioner": scene.nurse}
    return {name: str(one.pk) for name, one in known.items()} | {
        name: likely(field) for one in form_classes(room) for name, field in one.base_fields.items()
    }


def answered_to(scene, target, said):
    """Somebody to whom a gesture answers, and the fields that it looked for."""
    for reader in READERS:
        client = Browser(raise_request_exception=False).as_(scene.actors[reader])
        with pytest.MonkeyPatch.context() as patch, transaction.atomic():
            listener = Listener(patch)
            status = client.post(target, said).status_code
            transaction.set_rollback(True)
        if status not in SHUT:
            return client, sorted(listener.names - {"csrfmiddlewaretoken"})
    return None, []


@pytest.mark.parametrize("room", ["people", "directory"])
def test_no_field_that_a_gesture_reads_breaks_or_twists_what_is_typed(room):
    scene, tried, wrong = stage(), 0, []
    said = base(room, scene)
    for name, wanted in sorted(set(addresses())):
        if not name.startswith(f"{room}:"):
            continue
        target = reverse(name, kwargs=identifiers(name, wanted, scene, "orienteuse"))
        cache.clear()
        client, fields = answered_to(scene, target, said)
        form = Form(target, "post", typed={one: said.get(one, "") for one in fields})
        for field in fields:
            for kind in ODD:
                tried += 1
                wrong += [
                    f"{kind} in {field} of {name}: {fault}"
                    for fault in faults(client, target, form, {field: STRINGS[kind]})
                    if not ("stored otherwise" in fault and (room, field) in TIDIED)
                ]
    assert tried > 300
    assert not wrong, f"{len(wrong)} of {tried}\n" + "\n".join(wrong)
