"""The questionnaires that come with Cordée: their files, and how one is published."""

from datetime import datetime
from pathlib import Path

from cordee.access.actor import Actor
from cordee.assessments import services
from cordee.assessments.models import Questionnaire
from cordee.assessments.rules import about, reading
from cordee.assessments.rules.read_as import is_chosen, text_of
from cordee.assessments.selectors import edition_in_use
from cordee.people.rules.sharing import Category

AS_BEFORE = "Lu comme l’édition d’avant, selon le choix fait ici."
FOLDER = Path(__file__).resolve().parent / "definitions"


def shipped_files() -> list[Path]:
    """List them, in order."""
    return sorted(FOLDER.glob("*.json"))


def publish_file(path: Path, *, actor: Actor, now: datetime) -> Questionnaire:
    """Keep and publish a file; one that was retired here stays retired, and one that this site
    chose to read as another category of information is read so again in its next text.

    Raises `Refused`, DomainError, OSError.
    """
    content = reading.loads(path.read_bytes())
    kept = services.import_questionnaire(actor=actor, content=content, now=now)
    if kept.status == Questionnaire.Status.RETIRED:
        return kept
    digest = about.digest_of(content)
    in_use = edition_in_use(actor, kept)
    if in_use is not None and is_chosen(in_use.edition):
        if text_of(in_use.edition) == kept.edition:
            return in_use
        category = Category(in_use.category)
        if category != kept.category:
            return services.read_as(
                actor=actor,
                questionnaire=kept,
                category=category,
                why=AS_BEFORE,
                digest=digest,
                now=now,
            )
    return services.publish_questionnaire(actor=actor, questionnaire=kept, digest=digest, now=now)
