"""The keys and queries of names cost less than they did, and are the same to the letter."""

from pathlib import Path
from random import Random

import pytest
from django.db import connection

from cordee.people.demo import MEN, WOMEN
from cordee.people.rules.traits import words
from cordee.web.management.scale import surnames

pytestmark = pytest.mark.django_db
SQL = Path(__file__).resolve().parents[2] / "cordee" / "people" / "sql"
PARTS = (
    "sch ch ph ck qu c e i y gu g o a h n m u eau oeu ou ei ill l er et ez tt bv w z s x d p 5 2"
)
"""What the rules of a sound look for, and what stands between."""


@pytest.fixture
def former():
    """What names.sql and beginnings.sql said, beside what stands now: in the session alone."""
    with connection.cursor() as cursor:
        for name in ("names.sql", "beginnings.sql"):
            written = (SQL / name).read_text(encoding="utf-8")
            cursor.execute(written.replace("people_", "pg_temp.people_"))
        yield cursor


def known():
    """Names that people bear, and words that nobody does."""
    given = " ".join(one for pool in (WOMEN, MEN) for one in pool.values())
    drawn = Random("sounds")  # noqa: S311
    made = ("".join(drawn.choices(PARTS.split(), k=drawn.randint(1, 7))) for _ in range(4_000))
    return sorted({*words(*surnames(), given), *made, "a" * 70, "lefevre" * 12})


@pytest.mark.parametrize("told", ["sound", "without_a_letter", "word_query", "word_apart"])
def test_a_word_is_said_and_asked_as_before(former, told):
    former.execute(
        f"""SELECT word, now, before FROM unnest(%s::text[]) AS word,
            LATERAL (SELECT people_{told}(word)::text, pg_temp.people_{told}(word)::text)
                AS said(now, before)
        WHERE now IS DISTINCT FROM before""",
        [known()],
    )
    assert former.fetchall() == []


def test_names_have_the_keys_that_they_had(former):
    """The keys of a region are kept: those of who comes tomorrow must meet them."""
    drawn = Random("names")  # noqa: S311
    some = known()
    names = [
        ["Łukasiewicz", "", "Cœur-de-Loup", "Ægidius", None],
        ["", "", None],
        [" - ", "’"],
        ["Ab " * 50, "Martin"],
        *([one, drawn.choice(some).upper(), drawn.choice(some), ""] for one in some[:2_000]),
    ]
    for one in names:
        former.execute(
            """SELECT people_keys(VARIADIC %(of)s::text[]) = pg_temp.people_keys(
                VARIADIC %(of)s::text[])""",
            {"of": one},
        )
        assert former.fetchone() == (True,), one
