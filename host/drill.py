"""What a restore drill found, and how it is said."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from config.environment import TIME_ZONE
from host.archive import Contents
from host.backup import ONLY_GROWS

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip


@dataclass(frozen=True)
class Report:
    """One drill: which backup, on what, what was counted and proved."""

    at: datetime
    source: str
    size: int  # octets
    contents: Contents
    restored: dict[str, int]
    proofs: tuple[str, ...]
    seconds: float
    server: str
    machine: str

    @property
    def losses(self) -> list[str]:
        """Name each count that is not between what was there before the backup and after it."""
        return [n for n, found in self.restored.items() if not self._fits(n, found)]

    def _fits(self, name: str, found: int) -> bool:
        """The journal brings what came afterwards, and what a lawful gesture removed since."""
        before, after = self.contents.about["counts"][name], self.contents.end["counts"][name]
        if self.contents.followed:
            return name not in ONLY_GROWS or bool(before <= found)
        return bool(min(before, after) <= found <= max(before, after))

    def _unjudged(self) -> str:
        if not self.contents.followed:
            return ""
        names = [name for name in self.restored if name not in ONLY_GROWS]
        return (
            f"Le journal rend aussi les effacements et les mises en archive faits depuis\u00a0: "
            f"{' et '.join(names)} ne sont pas jugées.\n\n"
        )

    def _window(self) -> str:
        """What would have been lost if the machine had vanished now."""
        reached = self.contents.reached_at
        since = reached or datetime.fromisoformat(self.contents.about["began_at"])
        count = self.contents.followed
        files = "un fichier" if count == 1 else f"{_number(count)} fichiers"
        followed = f"Le journal gardé depuis ({files}) a été rendu aussi. " if reached else ""
        rule = "du dernier fichier du journal" if reached else "de la dernière sauvegarde"
        return (
            f"**Fenêtre de perte.** {followed}Si la machine avait disparu au moment de cet essai, "
            f"ce qui a été écrit depuis le {moment(since)} manquerait : {_span(since, self.at)}. "
            f"Elle vaut l’âge {rule}."
        )

    def __str__(self) -> str:
        """Say it in French, dated, as a page to keep."""
        began, ended = (
            datetime.fromisoformat(self.contents.about["began_at"]),
            datetime.fromisoformat(self.contents.end["ended_at"]),
        )
        least, most = self.contents.about["counts"], self.contents.end["counts"]
        rows = "\n".join(
            f"| {name} | {_number(least[name])} | {_number(found)} | {_number(most[name])} |"
            for name, found in self.restored.items()
        )
        verdict = (
            f"L’essai échoue : {', '.join(self.losses)}, le compte n’y est pas."
            if self.losses
            else "L’essai est concluant : ce qui était dans la sauvegarde est revenu intact."
        )
        return "\n".join(
            (
                f"## Essai de restauration du {moment(self.at)}\n",
                f"- Sauvegarde : `{self.source}` ({_decimal(self.size / 1e6)} Mo), commencée le "
                f"{moment(began)}, finie le {moment(ended)}.",
                f"- Restaurée, démarrée, vérifiée puis effacée en {_decimal(self.seconds)} s, sur "
                f"{self.server} ({self.machine}).",
                f"- Fils : {self.proofs[0]}",
                f"- Trace : {self.proofs[1]}\n",
                "| compté | avant la sauvegarde | restauré | après la sauvegarde |",
                "|---|---:|---:|---:|",
                f"{rows}\n",
                f"{self._unjudged()}{self._window()}\n",
                f"**{verdict}**\n",
            )
        )


def moment(at: datetime) -> str:
    """Say a moment as people do, in Paris."""
    here = at.astimezone(ZoneInfo(TIME_ZONE))
    day = "1ᵉʳ" if here.day == 1 else str(here.day)
    return f"{day} {MONTHS[here.month - 1]} {here.year} à {here:%H:%M:%S}"


def _span(since: datetime, until: datetime) -> str:
    minutes, seconds = divmod(int((until - since).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {seconds:02d} s"


def _number(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")


def _decimal(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")
