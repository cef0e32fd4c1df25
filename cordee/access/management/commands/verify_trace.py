from typing import Any

from django.core.management import BaseCommand, CommandError

from cordee.access.seals import FAULTS, verify_trace


class Command(BaseCommand):
    help = "Prouve que la trace n’a pas été altérée, et dit jusqu’où va le sceau."

    def handle(self, **options: Any) -> None:
        verdict = verify_trace()
        for month, rule in verdict.purged.items():
            self.stdout.write(f"{month:%Y-%m} : mois effacé selon la règle « {rule} »")
        for month, file in verdict.archived.items():
            self.stdout.write(
                f"{month:%Y-%m} : mois en archive ({file}), « cordee archive --verify » le prouve"
            )
        self.stdout.write(
            f"{verdict.sealed} lignes scellées, {verdict.unsealed} en attente de sceau."
        )
        if not verdict.holds:
            first = verdict.faults[0]
            where = f"{first.month:%Y-%m}, tranche {first.shard}, sceau {first.number or '–'}"
            line = f", ligne {first.line_id}" if first.line_id else ""
            raise CommandError(f"{where}{line} : {FAULTS[first.fault]}.")
