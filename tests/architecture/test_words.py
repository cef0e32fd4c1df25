"""One word, one thing, in both languages."""

import re
import subprocess
import sys

import pytest
from django.apps import apps

from tests.architecture.house import ROOT, calls, rooms, sources

GLOSSARY = ROOT / "docs" / "glossaire.md"


def our_models():
    return [model for room in rooms() for model in apps.get_app_config(room).get_models()]


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_table_has_a_french_name_that_stands_in_the_glossary(model):
    name = str(model._meta.verbose_name)
    assert name != model._meta.object_name.lower() or name in FRENCH_TOO, "no verbose_name"
    assert name[:2] == name[:2].lower() or name.split()[0].isupper(), "lower-case, as in a sentence"
    assert f"| {name} |" in GLOSSARY.read_text(encoding="utf-8"), "run: make map"


FRENCH_TOO = {
    "commune",
    "absence",
    "document",
    "invitation",
    "sollicitation",
    "secteur",
    "message",
    "version",
}


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_column_has_a_french_name(model):
    silent = [
        field.name
        for field in model._meta.fields
        if "_" in field.name and str(field.verbose_name) == field.name.replace("_", " ")
    ]
    assert not silent


def test_the_glossary_is_up_to_date():
    run = subprocess.run(
        [sys.executable, "tools/write_glossary.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_error_has_a_code_and_a_french_sentence():
    wrong = []
    for source in sources():
        for call in calls(source.tree, "DomainError"):
            code, message = ([*call.args] + [None, None])[:2]
            value = getattr(code, "value", None)
            if value is None and not source.dotted.startswith("cordee.kernel"):
                continue  # a code computed elsewhere
            if value and not re.fullmatch(r"[a-z]+\.[a-z_]+", str(value)):
                wrong.append(f"{source.name}:{call.lineno} {value!r}")
            if message is None:
                wrong.append(f"{source.name}:{call.lineno} says nothing")
    assert not wrong, "\n".join(wrong)
