"""Lines written by a pattern are those that the template would write, words escaped."""

import re

import pytest
from django.template import engines

from cordee.kernel.patterns import Pattern, _written


@pytest.fixture
def line(monkeypatch):
    """A pattern whose template is given here."""
    source = '<li id="t-{{ pk }}"{% if late %} class="late"{% endif %}>{{ who }} · {{ pk }}</li>'
    template = engines["jinja"].from_string(source)
    monkeypatch.setattr("cordee.kernel.patterns.get_template", lambda name: template)
    forget()
    yield Pattern("line.jinja", "pk", "who")
    forget()


def forget():
    _written.cache_clear()


@pytest.mark.parametrize("late", [True, False])
def test_a_line_is_what_the_template_writes(line, late):
    words = {"pk": "7", "who": "Zoé d’Arc"}
    template = engines["jinja"].from_string(
        '<li id="t-{{ pk }}"{% if late %} class="late"{% endif %}>{{ who }} · {{ pk }}</li>'
    )

    assert line.write(words, late=late) == template.render(words | {"late": late})


def test_a_line_that_stands_is_named_until_it_says_something_else(line):
    words, tag = {"pk": "7", "who": "Zoé"}, re.compile('<li data-same="(.*)"></li>')
    etag = etag_of(line, words, late=False)

    assert tag.fullmatch(line.write_again(words, {etag}, late=False))[1] == etag
    assert line.write_again(words, set(), late=False) == line.write(words, late=False)
    for said, shape in [(words | {"who": "Zoé d’Arc"}, False), (words, True)]:
        assert line.write_again(said, {etag}, late=shape) == line.write(said, late=shape)


def test_lines_written_otherwise_by_a_new_release_do_not_stand(line, monkeypatch):
    words = {"pk": "7", "who": "Zoé"}
    etag = etag_of(line, words, late=False)
    newer = engines["jinja"].from_string("<li><b>{{ who }}</b></li>")
    monkeypatch.setattr("cordee.kernel.patterns.get_template", lambda name: newer)
    forget()

    assert line.write_again(words, {etag}, late=False) == "<li><b>Zoé</b></li>"


def etag_of(line, words, **shape):
    """The etag of a line, as the house says it of whoever has every line."""

    class All:
        def __contains__(self, etag):
            return True

    return re.search('"(.*)"', line.write_again(words, All(), **shape))[1]


@pytest.mark.parametrize(
    "hostile", ['"><script>', "\0who\0", "{{ 7*7 }}", "</li>", "100 %(pk)s %%"]
)
def test_what_people_typed_is_escaped_and_is_never_a_mark(line, hostile):
    written = line.write({"pk": hostile, "who": hostile}, late=False)

    assert "<script>" not in written
    assert written.count("</li>") == 1
    assert "49" not in written
