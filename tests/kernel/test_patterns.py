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
    words = {"pk": "7", "who": "Zoé"}
    named = line.write_named(words, late=False)

    assert named.unless({named.etag}) == f'<li data-same="{named.etag}"></li>'
    assert named.unless(set()) == line.write(words, late=False)
    for said, shape in [(words | {"who": "Zoé d’Arc"}, False), (words, True)]:
        other = line.write_named(said, late=shape)
        assert other.unless({named.etag}) == line.write(said, late=shape)


def test_lines_written_otherwise_by_a_new_release_do_not_stand(line, monkeypatch):
    words = {"pk": "7", "who": "Zoé"}
    etag = line.write_named(words, late=False).etag
    newer = engines["jinja"].from_string("<li><b>{{ who }}</b></li>")
    monkeypatch.setattr("cordee.kernel.patterns.get_template", lambda name: newer)
    forget()

    assert line.write_named(words, late=False).unless({etag}) == "<li><b>Zoé</b></li>"


@pytest.mark.parametrize(
    "hostile", ['"><script>', "\0who\0", "{{ 7*7 }}", "</li>", "100 %(pk)s %%"]
)
def test_what_people_typed_is_escaped_and_is_never_a_mark(line, hostile):
    written = line.write({"pk": hostile, "who": hostile}, late=False)

    assert "<script>" not in written
    assert written.count("</li>") == 1
    assert "49" not in written
