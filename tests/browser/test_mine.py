"""« Mes actions » on a phone held in one hand: nothing too wide, nothing too small to press."""

import pytest
from django.template import engines

from tests.browser.desk import built_assets
from tests.browser.test_screens import all_faults_of, served
from tests.pathways import test_mine as mine
from tests.support import Browser

around, nurse = mine.around, mine.nurse
pytestmark = [pytest.mark.browser, pytest.mark.django_db]
SMALL = """() => [...document.querySelectorAll('main :is(button, .button, summary)')]
    .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 44)
    .map(one => `${Math.round(one.getBoundingClientRect().height)} px: ${one.innerText}`)"""


def test_it_is_read_and_pressed_at_360_px(chromium, monkeypatch, around, nurse):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    monkeypatch.setitem(engines["jinja"].env.globals, "assets", built_assets)
    days = (mine.LATE, mine.SOON, None)
    mine.under_way(around, *(mine.given(around, nurse, day) for day in days))
    mine.decided(around, member=mine.stay_of(around, nurse))
    html = Browser().as_(nurse).get(mine.PAGE).text
    context = chromium.new_context(locale="fr-FR", has_touch=True)
    page = context.new_page()
    with served({"mine": html}) as house:
        page.set_viewport_size({"width": 360, "height": 780})
        page.goto(f"{house}/mine")
        faults = [*all_faults_of(page), *page.evaluate(SMALL)]
        context.close()
    assert faults == []
