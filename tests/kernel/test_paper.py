"""A page as a PDF: words read back, tagged, titled, and nothing fetched."""

import io
import logging
import sys

import pytest
from pypdf import PdfReader

from cordee.kernel import paper
from cordee.kernel.errors import DomainError

PAGE = """<!doctype html><html lang="fr" data-subject="Mon plan, imprimé le 23/11/2026"><head>
<title>Mon plan</title></head><body><h1>Mon plan</h1>{}</body></html>"""


def drawn(inside):
    return PdfReader(io.BytesIO(paper.pdf(PAGE.format(inside))))


def words(inside):
    return " ".join(page.extract_text() for page in drawn(inside).pages)


def test_it_is_tagged_titled_in_french_and_says_its_pages():
    made = drawn("<p>Œuvrer à Noël</p><h2 style='break-before: page'>Suite</h2>")
    root = made.trailer["/Root"]
    assert made.metadata.title == "Mon plan"
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("fr", True)
    assert "/StructTreeRoot" in root
    first, second = (page.extract_text() for page in made.pages)
    assert "Œuvrer à Noël" in first
    assert "page 1 sur 2" in first
    assert "page 2 sur 2" in second
    assert "imprimé le 23/11/2026" in second


@pytest.mark.parametrize(
    "asking",
    [
        '<img alt="" src="https://ailleurs.fr/a.png">',
        '<img alt="" src="file:///etc/passwd">',
        '<p style="background: url(http://ailleurs.fr/a.png)">a</p>',
        '<link rel="stylesheet" href="https://ailleurs.fr/a.css">',
        '<object data="cordee:../secret">a</object>',
    ],
)
def test_what_is_not_ours_is_never_fetched(asking):
    with pytest.raises(paper.Fetched):
        paper.pdf(PAGE.format(asking))


def test_a_day_is_printed_in_full_and_no_address_is_kept():
    said = '<time datetime="2026-11-22" title="dimanche 22 novembre 2026">hier</time>'
    inside = f'<p>Vue {said} <a class="x" href="/personnes/123">la fiche</a></p>'
    assert "Vue dimanche 22 novembre 2026 la fiche" in words(inside)
    assert b"/personnes/" not in paper.pdf(PAGE.format(inside))
    assert "/Annots" not in drawn(inside).pages[0]


def test_what_is_to_press_is_not_printed():
    inside = '<form><button>Retirer</button></form><a class="button">Ouvrir</a><p>Reste</p>'
    printed = words(inside)
    assert "Reste" in printed
    assert "Retirer" not in printed
    assert "Ouvrir" not in printed


def test_nothing_of_it_is_written_in_the_journal(caplog):
    caplog.set_level(logging.DEBUG)
    paper.pdf(PAGE.format('<p style="wrong: 1">Marthe</p><a href="#nulle-part">Marthe</a>'))
    assert "Marthe" not in caplog.text
    assert not [one for one in caplog.records if one.name.startswith("weasyprint")]


def test_without_the_libraries_of_the_system_it_is_said(monkeypatch, tmp_path):
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library')")
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    paper._drawer.cache_clear()
    with pytest.raises(DomainError, match="Pango"):
        paper.pdf(PAGE.format("<p>a</p>"))
