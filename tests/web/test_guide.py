"""The guide is read on the screens, from the file that the repository keeps."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from cordee.web import guide
from tests.factories.directory import OrganizationFactory
from tests.support import orienteuse_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    return client.as_(orienteuse_of(OrganizationFactory()))


@pytest.mark.parametrize("slug", [path.stem for path in sorted(guide.folder().glob("*.md"))])
def test_each_page_is_read_and_leads_only_to_the_others(desk, slug):
    answer = desk.get(reverse("web:guide_page", args=[slug]))
    assert answer.status_code == 200
    shown = BeautifulSoup(answer.text, "html.parser").select_one("main article")
    first = (guide.folder() / f"{slug}.md").read_text(encoding="utf-8").splitlines()[0]
    assert [one.text for one in shown.select("h1")] == [first.removeprefix("# ")]
    assert not shown.select("script, img, iframe, form, style, [onclick]")
    assert "](" not in shown.text
    for link in shown.select("a"):
        assert desk.get(link["href"]).status_code == 200


def test_the_first_page_leads_to_every_other(desk):
    shown = BeautifulSoup(desk.get(reverse("web:guide")).text, "html.parser")
    led = {one["href"] for one in shown.select("main article a")}
    assert led == {reverse("web:guide_page", args=[one]) for one in guide.pages()} - {
        reverse("web:guide_page", args=[guide.FIRST])
    }


def test_the_menu_and_the_palette_lead_to_it(desk):
    page = desk.get(reverse("web:home"), follow=True).text
    assert f'href="{reverse("web:guide")}"' in page
    assert reverse("web:guide") in desk.post(reverse("web:palette"), {"q": "guide"}).text


def test_html_in_the_file_is_text_and_no_address_of_a_script_is_a_link(tmp_path, monkeypatch):
    monkeypatch.setattr(guide, "folder", lambda: tmp_path)
    hostile = "# Titre\n\n<script>alert(1)</script> [là](javascript:alert(1)) [ici](//ailleurs.fr)"
    (tmp_path / "piege.md").write_text(hostile, encoding="utf-8")
    text = guide.pages.__wrapped__()["piege"].text
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "href" not in text


@pytest.mark.parametrize("slug", ["nulle-part", "lisez-moi.md"])
def test_what_is_no_page_is_not_there(desk, slug):
    assert desk.get(f"/aide/{slug}").status_code == 404
