"""What a helper noted of a visit; the score of an evaluation."""

from tests.fhir.rows import questionnaire_response
from tests.fhir.rows.encounter import make

make_score = questionnaire_response.make

__all__ = ["make", "make_score"]
