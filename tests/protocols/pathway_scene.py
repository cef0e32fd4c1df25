"""A person, the structure that coordinates, and a protocol in use, for tests of live pathways."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cordee.access.actor import Actor
from cordee.kernel.facts import Fact, publish
from cordee.people.models import Person
from cordee.protocols import services
from cordee.protocols.models import Pathway, ProtocolVersion
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.followed import version_in_use
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.support import NOW, arranging, coordinator_of

HOME = """
protocole: retour
version: '1'
titre: Retour à domicile
statut: À valider localement
auteurs: [Équipe d’essai]
sources:
- {texte: Usage, date: 2026-11, certitude: "usage local, à valider"}
obligations: [La personne est informée.]
indicateurs:
- {id: a-temps, texte: Part des personnes vues à temps}
entree:
  criteres:
  - Personne qui vit seule
  - texte: Retour de l’hôpital
    propose_par: people.person_admitted
etapes:
- id: informer
  titre: Informer la personne
  responsable: coordination
  fait: people.informed
  horloge: {dans: 4 jours, apres: entree, base: Usage}
- id: accord
  titre: Recueillir son accord
  responsable: referent
  fait: plans.plan_agreed
  horloge: {dans: 10 jours, apres: {etape: informer}, base: Usage}
sorties:
- texte: La personne est décédée.
  fait: people.person_died
  annulee_par: people.death_denied
contraintes:
- id: rappel
  titre: Chaque demandeur est rappelé
  responsable: orientation
  regle: reponse
  apres: intake.request_received
  attendu: intake.requester_told
  dans: 48 heures
  pour_chaque: request_id
  base: Usage
- id: pas-seule
  titre: Personne ne quitte son cercle
  responsable: coordination
  regle: absence
  interdit: people.left_circle
  base: Usage
- id: nouvelles
  titre: Avoir des nouvelles
  responsable: coordination
  regle: silence
  sans_nouvelles: [plans.action_done]
  plus_de: 30 jours
  base: Usage
"""


@dataclass
class Around:
    """Who is there."""

    person: Person
    dac: Any
    coordinator: Actor
    version: ProtocolVersion

    def join(self, entered_at: datetime = NOW, now: datetime = NOW) -> Pathway:
        """The person on the pathway."""
        made: Pathway = services.join(
            actor=self.coordinator,
            person=self.person,
            version=self.version,
            entered_at=entered_at,
            now=now,
        )
        return made


def set_around(text: str = HOME, **traits: Any) -> Around:
    """A person followed by a DAC whose coordinator has an account, and a protocol in use there."""
    dac = OrganizationFactory(kind="dac", name="DAC du Champsaur")
    person = PersonFactory(territory=dac.territory, **traits)
    joins_circle(person, organization=dac, role="coordination")
    InformationFactory(person=person)
    account = AccountFactory(name="Ahmed Diallo")
    coordinator = coordinator_of(dac, account_id=account.pk, name=account.name)
    return Around(person, dac, coordinator, version_in_use(text, dac))


def happens(fact: Fact, at: datetime, now: datetime | None = None) -> int:
    """Something happened, and is recorded: its listeners are queued."""
    with arranging(now or at):
        return publish(fact, happened_at=at)
