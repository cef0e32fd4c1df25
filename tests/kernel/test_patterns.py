"""Lines written by a pattern are those that the template would write, words escaped."""

import pytest
from django.template import engines

from cordee.kernel.patterns import Pattern, _written


@pytest.fixture
def line(monkeypatch):
    """A pattern whose template is given here."""
    source = '<li id="t-{{ pk }}"{% if late %} class="late"{% endif %}>{{ who }} · {{ pk }}</li>'
    template = engines["jinja"].from_string(source)
    monkeypatch.setattr("cordee.kernel.patterns.get_template", lambda name: template)
    _written.cache_clear()
    yield Pattern("line.jinja", "pk", "who")
    _written.cache_clear()


@pytest.mark.parametrize("late", [True, False])
def test_a_line_is_what_the_template_writes(line, late):
    words = {"pk": 7, "who": "Zoé d’Arc"}
    template = engines["jinja"].from_string(
        '<li id="t-{{ pk }}"{% if late %} class="late"{% endif %}>{{ who }} · {{ pk }}</li>'
    )

    assert line.write(words, late=late) == template.render(words | {"late": late})


@pytest.mark.parametrize(
    "hostile", ['"><script>', "\0who\0", "{{ 7*7 }}", "</li>", "100 %(pk)s %%"]
)
def test_what_people_typed_is_escaped_and_is_never_a_mark(line, hostile):
    written = line.write({"pk": hostile, "who": hostile}, late=False)

    assert "<script>" not in written
    assert written.count("</li>") == 1
    assert "49" not in written
