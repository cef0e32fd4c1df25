"""What a tutorial would write to import the professionals: dictionaries and `bulk_create`.

usage: python -m bench.plainly FILE, in the environment of a bench.
"""

import csv
import sys

import django
from django.utils import timezone


def main(path: str) -> None:
    """Make one object per professional and per place of practice, and write them."""
    django.setup()
    from cordee.access.action import gesture
    from cordee.access.actor import SYSTEM
    from cordee.directory.models import PracticeSite, Practitioner

    persons, sites = {}, []
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="|", quoting=csv.QUOTE_NONE):
            rpps = row["Identifiant PP"]
            if rpps not in persons:
                persons[rpps] = Practitioner(
                    rpps=rpps,
                    civility=row["Libellé civilité"],
                    last_name=row["Nom d'exercice"],
                    first_name=row["Prénom d'exercice"],
                    profession=row["Code profession"],
                    profession_name=row["Libellé profession"],
                    specialty=row["Code savoir-faire"],
                    specialty_name=row["Libellé savoir-faire"],
                )
            sites.append(
                PracticeSite(
                    practitioner=persons[rpps],
                    structure=row["Identifiant technique de la structure"],
                    name=row["Raison sociale site"],
                    address=row["Libellé Voie (coord. structure)"],
                    postal_code=row["Code postal (coord. structure)"],
                    commune_id=row["Code commune (coord. structure)"],
                    phone=row["Téléphone (coord. structure)"],
                )
            )
    with gesture(actor=SYSTEM, verb="directory.import_extraction", now=timezone.now()):
        Practitioner.objects.bulk_create(persons.values(), batch_size=5_000)
        PracticeSite.objects.bulk_create(sites, batch_size=5_000)


if __name__ == "__main__":
    main(sys.argv[1])
