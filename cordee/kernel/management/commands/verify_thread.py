from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from cordee.kernel.heads import SignedHeads
from cordee.kernel.thread import FAULTS, chains, verify


class Command(BaseCommand):
    help = "Prouve que les fils n’ont pas été altérés, ou nomme la première ligne fautive."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("thread", nargs="?", type=UUID, help="un seul fil ; sinon, tous")

    def handle(self, *, thread: UUID | None, **options: Any) -> None:
        folder = settings.CORDEE.data / "heads"
        heads = SignedHeads(folder) if folder.is_dir() else None
        lines = purged = archived = broken = 0
        for chain in [thread] if thread else chains(heads):
            judgement = verify(chain, heads=heads)
            lines += judgement.length
            purged += len(judgement.purged)
            archived += len(judgement.archived)
            for fact_id, rule in judgement.purged.items():
                self.stdout.write(f"{chain} ligne {fact_id} : effacée selon la règle « {rule} »")
            if not judgement.holds:
                broken += 1
                first = judgement.faults[0]
                self.stdout.write(f"{chain} ligne {first.fact_id} : {FAULTS[first.fault]}")
        reach = "comparés aux têtes signées" if heads else "sans tête signée à comparer"
        self.stdout.write(f"{lines} lignes vérifiées, {purged} effacées selon une règle ({reach}).")
        if archived:
            self.stdout.write(
                f"{archived} contenus sont en archive : « cordee archive --verify » les prouve."
            )
        if broken:
            raise CommandError(f"{broken} fil(s) altéré(s).")
