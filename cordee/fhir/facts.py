"""What partners sent that is kept whole. Identifiers and codes only: never a word of it.

Each category of information has its own line: who may not read a document is not told of it.
"""

from uuid import UUID

from cordee.kernel.facts import Fact
from cordee.people.rules.sharing import Category


class DocumentReceived(Fact, kind="fhir.document_received"):
    """Un document est reçu d’un partenaire, et gardé tel quel."""

    thread, subject = "person_id", "document_id"
    person_id: UUID
    document_id: UUID
    form: str


class CareDocumentReceived(Fact, kind="fhir.care_document_received"):
    """Un document de soins est reçu d’un partenaire, et gardé tel quel."""

    thread, subject = "person_id", "document_id"
    person_id: UUID
    document_id: UUID
    form: str


class MentalHealthDocumentReceived(Fact, kind="fhir.mental_health_document_received"):
    """Un document de santé mentale est reçu d’un partenaire, et gardé tel quel."""

    thread, subject = "person_id", "document_id"
    person_id: UUID
    document_id: UUID
    form: str


class SocialDocumentReceived(Fact, kind="fhir.social_document_received"):
    """Un document sur la situation sociale est reçu d’un partenaire, et gardé tel quel."""

    thread, subject = "person_id", "document_id"
    person_id: UUID
    document_id: UUID
    form: str


RECEIVED = {
    Category.COORDINATION: DocumentReceived,
    Category.CARE: CareDocumentReceived,
    Category.MENTAL_HEALTH: MentalHealthDocumentReceived,
    Category.SOCIAL: SocialDocumentReceived,
}
