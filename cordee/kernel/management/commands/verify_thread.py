from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser

from cordee.kernel.heads import SignedHeads
from cordee.kernel.thread import FAULTS, Judgement, chains, room_chain, verify

REACHES_NOTHING = "sans tête signée à comparer"


class Command(BaseCommand):
    help = "Prouve que les fils n’ont pas été altérés, ou nomme la première ligne fautive."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("thread", nargs="?", type=UUID, help="un seul fil ; sinon, tous")

    def handle(self, *, thread: UUID | None, **options: Any) -> None:
        folder = settings.CORDEE.data / "heads"
        heads = SignedHeads(folder) if folder.is_dir() else None
        exports = heads.faults if heads else {}
        for name, fault in exports.items():
            self.stdout.write(f"{name} : {FAULTS[fault]}")
        lines = purged = archived = broken = 0
        for chain in [thread, room_chain("kernel.archive")] if thread else chains(heads):
            judgement = verify(chain, heads=heads)
            lines += judgement.length
            purged += len(judgement.purged)
            archived += len(judgement.archived)
            broken += self._judge(judgement)
        reach = "comparés aux têtes signées" if heads and heads.of else REACHES_NOTHING
        self.stdout.write(f"{lines} lignes vérifiées, {purged} effacées selon une règle ({reach}).")
        if archived:
            self.stdout.write(
                f"{archived} contenus sont en archive : « cordee archive --verify » les prouve."
            )
        if broken or exports:
            raise CommandError(
                f"{broken} fil(s) altéré(s), {len(exports)} export(s) altéré(s) ou disparu(s)."
            )

    def _judge(self, judgement: Judgement) -> bool:
        """Say what was purged, and the first broken line. Returns whether there is one."""
        chain = judgement.chain_id
        for fact_id, rule in judgement.purged.items():
            self.stdout.write(f"{chain} ligne {fact_id} : effacée selon la règle « {rule} »")
        broken = [one for one in judgement.faults if not one.is_of_an_export]
        for first in broken[:1]:
            line = f" ligne {first.fact_id}" if first.fact_id else ""
            self.stdout.write(f"{chain}{line} : {FAULTS[first.fault]}")
        return bool(broken)
