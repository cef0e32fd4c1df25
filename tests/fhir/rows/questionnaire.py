"""An instrument in use."""

from cordee.kernel.identifiers import uuid7
from tests.factories.assessments import QuestionnaireFactory


def make(stage):
    """One row of the type."""
    return QuestionnaireFactory(url=f"urn:essai:{uuid7()}", edition="3")
