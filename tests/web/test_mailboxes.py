"""A mailbox that no column holds is refused by the page where it is typed, with a sentence."""

from importlib import import_module
from pkgutil import walk_packages

from django import forms

import cordee
from cordee.people.models import Person, Relative

HELD = min(one._meta.get_field("email").max_length for one in (Person, Relative))


def every(kind):
    for one in kind.__subclasses__():
        yield one
        yield from every(one)


def test_no_page_takes_a_mailbox_that_no_column_holds():
    for one in walk_packages(cordee.__path__, "cordee."):
        if ".forms" in one.name:
            import_module(one.name)
    asked = [
        (form, field)
        for form in every(forms.BaseForm)
        if form.__module__.startswith("cordee.")
        for field in form.base_fields.values()
        if isinstance(field, forms.EmailField)
    ]
    assert len(asked) > 6
    assert [form for form, field in asked if field.max_length > HELD] == []
