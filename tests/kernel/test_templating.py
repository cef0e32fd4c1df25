"""The components: what they write, and that nothing they name is missing."""

import re
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django import forms
from django.template import engines
from django.urls import reverse

from cordee.kernel.templating import url
from cordee.people.selectors.thread import ROOMS as ROOMS_OF_A_THREAD

ROOMS = Path(__file__).resolve().parents[2] / "cordee"
SPRITE = set(
    re.findall(r'id="icon-([\w-]+)"', (ROOMS / "kernel" / "static" / "icons.svg").read_text())
)
TEMPLATES = sorted(ROOMS.glob("*/templates/**/*.jinja"))
NAMED = re.compile(
    r"""(?:icon|room)\s*=\s*"([\w-]+)"|(?:icon_button|icon|drawing)\("([\w-]+)"|"icon":\s*"([\w-]+)\""""
)


def test_an_address_kept_for_all_identifiers_is_the_one_that_django_finds():
    one, other = uuid4(), uuid4()
    for name in ("web:person", "vigilance:alert", "pathways:dose_of_person"):
        for pk in (one, other):
            assert url(name, pk) == reverse(name, args=[pk])
            assert url(name, str(pk)) == reverse(name, args=[pk])
    assert url("web:home") == reverse("web:home")


def written(source: str, **context) -> BeautifulSoup:
    """Render a piece of template with every macro at hand."""
    names = "badge, button, choice, field, form_errors, knot, notice, rope, row, rows, table"
    text = f'{{% from "ui.jinja" import {names} %}}{source}'
    return BeautifulSoup(engines["jinja"].from_string(text).render(context), "lxml")


class Question(forms.Form):
    """One of each."""

    caller = forms.CharField(label="Qui appelle", help_text="Le nom du service suffit.")
    delay = forms.ChoiceField(
        label="Délai", choices=[("a", "Ce soir"), ("b", "Demain")], widget=forms.RadioSelect
    )
    told = forms.BooleanField(label="Informée", required=False)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_drawing_that_is_named_exists(template):
    source = template.read_text()
    for found in NAMED.finditer(source):
        name = next(filter(None, found.groups()))
        if name.endswith("-"):
            continue  # computed
        wanted = f"room-{name}" if found.group(0).startswith("room") else name
        assert wanted in SPRITE, f"{template.name}: {wanted}"


def test_each_room_that_speaks_on_a_thread_has_its_drawing():
    assert [room for room in ROOMS_OF_A_THREAD if f"room-{room}" not in SPRITE] == []


def test_words_of_a_form_that_come_from_code_have_the_spaces_of_french():
    class Judged(forms.Form):
        verdict = forms.ChoiceField(
            label="Qu’en dire ?",
            help_text="Un mot suffit : rien de soin.",
            choices=[("a", "juste : il fallait prévenir")],
            widget=forms.RadioSelect,
        )

    said = written("{{ field(form.verdict) }}", form=Judged()).get_text()
    for words in ("dire\u202f?", "suffit\u00a0: rien", "juste\u00a0: il"):
        assert words in said


def test_an_error_is_tied_to_its_field_for_who_listens():
    form = Question({"caller": ""})
    form.is_valid()
    page = written(
        "{{ form_errors(form) }}{{ field(form.caller) }}{{ field(form.delay) }}", form=form
    )
    control = page.find("input", {"name": "caller"})
    for identifier in control["aria-describedby"].split():
        assert page.find(id=identifier).get_text(strip=True)
    assert control["aria-invalid"] == "true"
    group = page.find("fieldset")
    assert group.find("legend").get_text(strip=True) == "Délai"
    assert page.find(id=group["aria-describedby"].strip())
    summary = page.find(role="alert")
    assert summary.find("a")["href"] == f"#{control['id']}"


def test_each_error_of_a_form_leads_to_a_control_that_takes_the_focus():
    class Several(Question):
        means = forms.MultipleChoiceField(
            label="Moyens", choices=[("a", "À pied")], widget=forms.CheckboxSelectMultiple
        )

    form = Several({})
    page = written(
        "{{ form_errors(form) }}{% for one in form %}{{ field(one) }}{% endfor %}", form=form
    )
    links = page.find(role="alert").find_all("a")
    assert [link.get_text() for link in links] == ["Qui appelle", "Délai", "Moyens"]
    for link in links:
        assert page.find(id=link["href"].removeprefix("#")).name == "input"


def test_only_what_is_optional_says_so():
    page = written(
        "{{ field(form.caller) }}{{ field(form.told, optional=false) }}", form=Question()
    )
    assert "facultatif" not in page.get_text()
    assert page.find("label", {"for": "id_told"}).get_text(strip=True) == "Informée"


def test_attributes_are_written_with_hyphens_and_escaped():
    page = written(
        """{{ button('Go', hx_post='/x?a="b"', hx_confirm=none, disabled=true, class_='big') }}"""
    )
    button = page.find("button")
    assert button["hx-post"] == '/x?a="b"'
    assert button["disabled"] == ""
    assert "hx-confirm" not in button.attrs
    assert button["class"] == ["button", "button--quiet", "big"]


def test_an_attribute_holds_the_words_of_a_moment_without_its_markup():
    page = written(
        """{{ button('Retirer', aria_label='Retirer les heures du ' ~ (since | day)) }}""",
        since=date(2027, 1, 12),
    )
    assert page.find("button")["aria-label"] == "Retirer les heures du 12 janvier 2027"
    assert page.get_text(strip=True) == "Retirer"


def test_what_a_person_is_called_cannot_become_markup():
    page = written("{{ row('/x', name, name) }}{{ badge(name) }}", name="<script>alert(1)</script>")
    assert page.find("script") is None
    assert page.get_text().count("<script>") == 3


def test_a_state_is_said_in_words_beside_its_colour():
    page = written(
        """{% call rope("Fil") %}{{ knot("Rappel", state="awaited") }}
        {{ knot("Recherche", state="broken") }}{% endcall %}
        {{ row("/x", "A", "B", "now") }}"""
    )
    assert [mark.get_text(strip=True) for mark in page.select(".knot__state")] == [
        "Attendu",
        "Rompu",
    ]
    assert page.select_one(".urgency svg")["aria-label"] == "Tout de suite"
