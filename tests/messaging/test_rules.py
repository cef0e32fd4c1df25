from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.messaging import rules
from cordee.messaging.rules import Area, UnsafeError, Wording

SECRET = "9bKx2vQmT4pLr7WnYc3hZd8sGf"
BODY = "{service} : recherche en cours, {secteur}, {debut}. OUI {code} ou NON {code}. {lien}"
AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
WORDS = Wording("SIO Champsaur", "Gap", AT, "4821", f"/r/{SECRET}")


def composed(**changes):
    words = Wording(**{**WORDS.__dict__, **changes})
    return rules.compose(BODY, words, base_url="https://cordee.example/", forbidden=["Dupont"])


def test_a_text_says_who_asks_where_when_and_how_to_answer():
    assert composed() == (
        "SIO Champsaur : recherche en cours, Gap, mar. 24/11 à 8:00. OUI 4821 ou NON 4821. "
        f"https://cordee.example/r/{SECRET}"
    )


def test_a_text_without_one_of_its_words_does_not_leave():
    with pytest.raises(UnsafeError, match="missing_word"):
        composed(code="")


def test_the_smallest_area_of_enough_residents_is_named():
    areas = [Area("La Fare-en-Champsaur", 430), Area("Gap", 40_000), Area("Champsaur", 11_000)]
    assert rules.safe_area(areas, 5_000) == "Champsaur"
    assert rules.safe_area(areas, 20_000) == "Gap"
    assert rules.safe_area(areas, 100_000) == ""
    assert rules.safe_area([], 0) == ""


@given(st.lists(st.tuples(st.text(min_size=1), st.integers(0, 10**6))), st.integers(1, 10**6))
def test_no_small_village_is_ever_named(places, least):
    areas = [Area(name, residents) for name, residents in places]
    named = rules.safe_area(areas, least)
    assert named == "" or any(area.name == named and area.residents >= least for area in areas)


HOSTILE = [
    {"name": "Jeanne Dupont"},
    {"care": "pansement"},
    {"service": "SIO"},
    {"area": "La Fare"},
    {"code": "Dupont"},
    {"code": "48 21"},
    {"code": "٤٨٢١"},
    {"code": 4821},
    {"code": "4821\nJeanne"},
    {"code": "123456789"},
    {"begins_at": "demain pour la toilette de Mme Dupont"},
    {"begins_at": datetime(2026, 11, 24, 7)},  # noqa: DTZ001 — a moment without its zone
    {"link": "https://evil.example/r/" + SECRET},
    {"link": "//evil.example/" + SECRET},
    {"link": f"/r/{SECRET}?nom=Dupont"},
    {"link": f"/r/{SECRET}#Dupont"},
    {"link": f"/personnes/{SECRET}"},
    {"link": "/r/court"},
    {"link": f"/r/{SECRET}\nJeanne"},
    {"link": "/r/pansement-de-madame-dupont"},
    {"link": "/r/Toilette_Mme_Dupont_12_rue"},
    {"link": f"/r/É{SECRET}"},
    {"link": ["/r/" + SECRET]},
]


@pytest.mark.parametrize("context", HOSTILE, ids=str)
def test_a_context_that_could_carry_a_word_is_refused(context):
    with pytest.raises(UnsafeError):
        rules.check_context(context)


@given(st.text(max_size=90))
def test_free_text_never_passes_as_a_code_or_a_link(text):
    for key in ("code", "link", "begins_at"):
        try:
            rules.check_context({key: text})
        except UnsafeError:
            continue
        assert text == "" or text.isascii()
        assert " " not in text
        assert text == "" or text.isdigit() or text.startswith("/")


def test_a_safe_context_passes():
    rules.check_context(
        {"organization_id": "x", "commune_code": "05054", "begins_at": AT, "code": "4821"}
        | {"link": f"/r/{SECRET}"}
    )
    rules.check_context({"link": f"/compte/invitation/{SECRET}/"})


@pytest.mark.parametrize("name", ["Dupontel", "DUPONTEL", "Dupôntel", "Du-pontel"])
def test_the_name_of_the_person_cannot_hide_in_the_link(name):
    words = Wording("SIO", link=f"/r/x9-{name}-2vQmT4pLr7Wn", code="4821", begins_at=AT)
    with pytest.raises(UnsafeError, match="person_words"):
        rules.compose(BODY, words, base_url="https://c.example", forbidden=["Dupontel"])


@pytest.mark.parametrize("word", ["482", "4821", "Léa", "Luc", "Marie"])
def test_a_code_or_a_secret_that_spells_a_short_word_by_chance_does_not_keep_the_text(word):
    drawn = Wording("SIO", link="/r/x9-lea_Luc-Marie4821TgHkVbNmQz", code="4821", begins_at=AT)
    said = rules.compose(BODY, drawn, base_url="https://c.example", forbidden=[word])
    assert "4821" in said


OWN = st.sampled_from(
    ["/r/x9-aB2vQmT4pLr7Wn0zKdeux", "/r/x9-Dupontel-2vQmT4pLr7Wn", "/r/pansement2vQmT4pLr7Wn",
     "/r/ThisEndsByDupo2vQmT4pLdupon", "/r/telxxxxxxxxxxxxxxxxxxxxxxx", "/r/Dupontel", "", "x"]
)  # fmt: skip
"""Links: some may leave, some spell care or the person, some are none."""


@given(st.lists(st.tuples(st.sampled_from(["4821", "", "48x1"]), OWN), max_size=4))
def test_links_looked_at_together_are_refused_as_they_would_be_one_by_one(owns):
    forbidden = rules.Unspeakable.of(["Dupontel"])

    def one_by_one():
        for code, link in owns:
            rules.check_own(code, link)
            rules.check_link(link, forbidden)

    def together():
        rules.check_all_own([code for code, _ in owns], [link for _, link in owns], forbidden)

    assert _refusal(together) == _refusal(one_by_one)


def _refusal(check):
    try:
        check()
    except UnsafeError as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    "name", ["", " ", "x" * 61, "SIO 0612345678", "www.evil.example", "a@b.fr", "https://x"]
)
def test_a_service_name_that_is_not_a_name_is_refused(name):
    with pytest.raises(UnsafeError):
        rules.check_service_name(name)


def test_a_service_name_is_one_line():
    assert rules.check_service_name(" SIO\n Champsaur ") == "SIO Champsaur"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("SIO du Champsaur", "SIO du Champsaur"),
        ("Service infirmier d’orientation du bassin de Thau",) * 2,
        (
            "Dispositif d’appui à la coordination des parcours de santé des Hautes-Alpes",
            "Dispositif d’appui à la coordination des parcours de santé",
        ),
        (
            "Communauté professionnelle territoriale de santé de la vallée du Drac",
            "Communauté professionnelle territoriale de santé",
        ),
        ("x" * 80, "x" * 60),
        ("", ""),
    ],
)
def test_a_long_name_is_cut_where_it_can_end(name, short):
    assert rules.short_name(name) == short


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("{service} {nom}", "nom"),
        ("{service.__class__}", "champ"),
        ("{service} {", "accolade"),
        ("{service} pour un pansement", "pansement"),
        ("{service} pour des Pansements", "pansement"),
        ("{service} soins palliatifs", "palliati"),
        ("{service} prélèvement", "prelevement"),
        ("{service} à Saint-Jean-Saint-Nicolas", "lieu"),
        ("{service} appelez le 0492000000", "main"),
        ("{service} http://x", "main"),
        ("{service} x@y", "main"),
        ("  ", "vide"),
    ],
)
def test_a_template_that_says_too_much_is_refused_with_a_sentence(body, word):
    faults = rules.template_faults(body, places=["Saint Jean Saint Nicolas"])
    assert any(word in fault for fault in faults), faults


def test_the_usual_template_has_no_fault():
    assert rules.template_faults(BODY, places=["Gap", "Ancelle"]) == []


@given(attempts=st.integers(0, 50), jitter=st.floats(0, 1))
def test_retries_spread_and_never_exceed_forty_minutes(attempts, jitter):
    delay = rules.retry_delay(attempts, jitter)
    assert timedelta(seconds=8) <= delay <= timedelta(minutes=36)


def test_retries_grow():
    delays = [rules.retry_delay(attempt, 0.5) for attempt in range(1, 9)]
    assert delays == sorted(delays)
    assert delays[0] == timedelta(seconds=10)


@given(failures=st.integers(0, 500), jitter=st.floats(0, 1))
def test_the_link_is_tried_again_between_half_a_second_and_a_minute(failures, jitter):
    assert 0.5 <= rules.link_delay(failures, jitter) <= 60


def test_a_moment_is_written_in_local_time():
    assert rules.moment(datetime(2026, 7, 14, 22, 5, tzinfo=UTC)) == "mer. 15/07 à 0:05"
    assert rules.moment(datetime(2026, 7, 14, 22, 0, tzinfo=UTC)) == "mer. 15/07"


# --- after a STOP ---------------------------------------------------------------------------------

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("now", "since"),
    [
        (datetime(2026, 11, 24, 19, 25, tzinfo=PARIS), datetime(2026, 11, 23, 18, 25, tzinfo=UTC)),
        # 24 hours that pass, whatever the clock on the wall says: it goes on, then back, an hour
        (datetime(2026, 3, 29, 19, 25, tzinfo=PARIS), datetime(2026, 3, 28, 17, 25, tzinfo=UTC)),
        (datetime(2026, 10, 25, 19, 25, tzinfo=PARIS), datetime(2026, 10, 24, 18, 25, tzinfo=UTC)),
        # the hour that comes twice: each time 24 hours of its own
        (datetime(2026, 10, 25, 2, 30, tzinfo=PARIS), datetime(2026, 10, 24, 0, 30, tzinfo=UTC)),
        (
            datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=1),
            datetime(2026, 10, 24, 1, 30, tzinfo=UTC),
        ),
    ],
)
def test_what_she_wrote_is_answered_for_twenty_four_hours(now, since):
    assert rules.answers_since(now) == since
    assert rules.answers_since(now.astimezone(UTC)) == since
