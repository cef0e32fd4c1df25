"""Protocols, made up for tests."""

import factory

from cordee.protocols import models, selectors
from tests.factories.base import RecordFactory
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.support import NOW

TEXT = """protocole: {name}
version: '{edition}'
titre: {title}
statut: À valider localement
auteurs:
- Pôle de coordination
sources:
- texte: Usage du pôle
  date: 2026-11
  certitude: usage local, à valider
obligations:
- La personne est informée du partage de ses données.
indicateurs:
- id: rappels-a-temps
  texte: Part des demandeurs rappelés à temps
entree:
  criteres:
  - Personne qui vit seule
etapes:
- id: visite
  titre: Premier passage confirmé
  responsable: orientation
  fait: broker.care_confirmed
  horloge: {{dans: {days} jours, apres: intake.request_received, base: Usage}}
sorties:
- texte: La personne est décédée.
  fait: people.person_died
contraintes:
- id: demandeur-rappele
  titre: Chaque demandeur est rappelé
  responsable: orientation
  regle: reponse
  apres: intake.request_received
  attendu: intake.requester_told
  dans: 48 heures
  pour_chaque: request_id
  base: Usage
"""


def protocol_text(name="essai", edition="1", title="Un essai", days=2):
    """A small protocol: one step, one rule."""
    return TEXT.format(name=name, edition=edition, title=title, days=days)


class ProtocolVersionFactory(RecordFactory):
    """One in use; `draft=True`, `proposed=True` or `shipped=True` for one that is not."""

    class Meta:
        model = models.ProtocolVersion

    class Params:
        draft = factory.Trait(state="draft", approved_by=None, approved_at=None)
        proposed = factory.Trait(
            state="proposed", approved_by=None, approved_at=None, proposed_at=NOW
        )
        shipped = factory.Trait(
            state="draft",
            organization=None,
            author=None,
            writers=[],
            approved_by=None,
            approved_at=None,
        )

    name = factory.Sequence("essai-{}".format)
    edition = "1"
    title = "Un essai"
    text = factory.LazyAttribute(lambda one: protocol_text(one.name, one.edition, one.title))
    digest = factory.LazyAttribute(lambda one: selectors.digest_of(one.text))
    organization = factory.SubFactory(OrganizationFactory)
    state = "approved"
    author = factory.SubFactory(AccountFactory)
    writers = factory.LazyAttribute(lambda one: [one.author.pk])
    approved_by = factory.SubFactory(AccountFactory)
    approved_at = NOW
