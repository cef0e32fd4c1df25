from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError

from cordee.access.seals import FAULTS, verify_trace
from cordee.kernel import thread
from cordee.kernel.heads import SignedHeads
from cordee.kernel.thread import Fault


class Command(BaseCommand):
    help = "Prouve que la trace n’a pas été altérée, et dit jusqu’où va le sceau."

    def handle(self, **options: Any) -> None:
        folder = settings.CORDEE.data / "heads"
        heads = SignedHeads(folder) if folder.is_dir() else None
        verdict = verify_trace(heads=heads)
        for month, rule in verdict.purged.items():
            self.stdout.write(f"{month:%Y-%m} : mois effacé selon la règle « {rule} »")
        for month, file in verdict.archived.items():
            self.stdout.write(
                f"{month:%Y-%m} : mois en archive ({file}), « cordee archive --verify » le prouve"
            )
        self.stdout.write(
            f"{verdict.sealed} lignes scellées, {verdict.unsealed} en attente de sceau."
        )
        if verdict.faults:
            first = verdict.faults[0]
            where = f"{first.month:%Y-%m}, tranche {first.shard}, sceau {first.number or '–'}"
            line = f", ligne {first.line_id}" if first.line_id else ""
            raise CommandError(f"{where}{line} : {FAULTS[first.fault]}.")
        for judgement in verdict.told:
            for fault in judgement.faults[:1]:
                raise CommandError(self._told(fault, heads))

    def _told(self, fault: Fault, heads: SignedHeads | None) -> str:
        if fault.is_of_an_export and heads:
            name, fault_of_it = next(iter(heads.faults.items()))
            return f"{name} : {thread.FAULTS[fault_of_it]}."
        return f"La chaîne de la maison, ligne {fault.fact_id} : {thread.FAULTS[fault.fault]}."
