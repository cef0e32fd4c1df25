"""Reads of the room, by noun. Each narrows to what the actor may know."""

from cordee.assessments.selectors.again import OWED, again_of, last_of, owed_again, response_now
from cordee.assessments.selectors.known import proposals_of
from cordee.assessments.selectors.needs import Found, needs_found, readable_among
from cordee.assessments.selectors.questionnaires import (
    definition_of,
    edition_in_use,
    get_questionnaire,
    questionnaires,
    questionnaires_to_fill,
)
from cordee.assessments.selectors.responses import (
    Latest,
    blank,
    drafts_of,
    evaluations_of,
    get_draft,
    get_response,
    history_of,
    last_results,
    latest_of,
    standing_of,
    taken,
)
from cordee.assessments.selectors.sheets import Sheet, preview_of, scored, sheet_of, sheet_typed
from cordee.assessments.selectors.team import (
    Team,
    items_agreed,
    parts_around,
    said_by_team,
    team_of,
)
from cordee.assessments.selectors.told import (
    Course,
    Evaluation,
    Told,
    courses_of,
    evaluations_told,
    told_of,
)

__all__ = [
    "OWED",
    "Course",
    "Evaluation",
    "Found",
    "Latest",
    "Sheet",
    "Team",
    "Told",
    "again_of",
    "blank",
    "courses_of",
    "definition_of",
    "drafts_of",
    "edition_in_use",
    "evaluations_of",
    "evaluations_told",
    "get_draft",
    "get_questionnaire",
    "get_response",
    "history_of",
    "items_agreed",
    "last_of",
    "last_results",
    "latest_of",
    "needs_found",
    "owed_again",
    "parts_around",
    "preview_of",
    "proposals_of",
    "questionnaires",
    "questionnaires_to_fill",
    "readable_among",
    "response_now",
    "said_by_team",
    "scored",
    "sheet_of",
    "sheet_typed",
    "standing_of",
    "taken",
    "team_of",
    "told_of",
]
