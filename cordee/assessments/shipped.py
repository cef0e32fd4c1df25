"""The questionnaires that come with Cordée: their files, and how one is published."""

from datetime import datetime
from pathlib import Path

from cordee.access.actor import Actor
from cordee.assessments import services
from cordee.assessments.models import Questionnaire
from cordee.assessments.rules import about, reading

FOLDER = Path(__file__).resolve().parent / "definitions"


def shipped_files() -> list[Path]:
    """List them, in order."""
    return sorted(FOLDER.glob("*.json"))


def publish_file(path: Path, *, actor: Actor, now: datetime) -> Questionnaire:
    """Keep and publish a file; one that was retired here stays retired.

    Raises `Refused`, DomainError, OSError.
    """
    content = reading.loads(path.read_bytes())
    kept = services.import_questionnaire(actor=actor, content=content, now=now)
    if kept.status == Questionnaire.Status.RETIRED:
        return kept
    return services.publish_questionnaire(
        actor=actor, questionnaire=kept, digest=about.digest_of(content), now=now
    )
