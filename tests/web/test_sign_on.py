"""What the claims of a sign-on say, and to whom they are believed."""

from dataclasses import replace

import pytest

from cordee.web.sign_on import rpps_in


@pytest.fixture
def national(settings):
    settings.CORDEE = replace(settings.CORDEE, oidc_rpps_claim="SubjectNameID")


@pytest.mark.parametrize(
    ("said", "rpps"),
    [
        ("810101234567", "10101234567"),
        ("10101234567", "10101234567"),
        ("0123456789", ""),  # an ADELI number
        ("81010123456", "81010123456"),  # eleven digits: itself
        ("９10101234567", ""),
        ("", ""),
        (810101234567, ""),
        (None, ""),
        (["810101234567"], ""),
    ],
)
def test_the_claim_of_a_national_sign_on_is_read_strictly(national, said, rpps):
    assert rpps_in({"SubjectNameID": said}) == rpps


def test_another_sign_on_says_nothing_of_the_number():
    assert rpps_in({"SubjectNameID": "810101234567", "": "810101234567"}) == ""
