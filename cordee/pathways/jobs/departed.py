"""Her death: she is asked nothing any more, nor is anybody about those who were close to her."""

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways import services
from cordee.pathways.selectors import open_for
from cordee.people.facts import persons_of
from cordee.people.selectors import is_deceased

KINDS = ("ask_choices", "check_relatives")


@listens("people.person_died", "people.merged", "people.merged_unattended")
def on_death(*, fact: StoredFact) -> None:
    """Somebody died, or is found to be somebody who is dead: what waited is without object."""
    now = timezone.now()
    for person in filter(is_deceased, persons_of(fact)):
        for kind in KINDS:
            for task in open_for(person, kind):
                services.drop(actor=SYSTEM, task=task, now=now)
