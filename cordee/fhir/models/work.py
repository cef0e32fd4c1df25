"""Work in bulk that goes on after the call of a system: who asked, and how it stands."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.kernel.base import Table
from cordee.partners.models import Client


class BulkWork(Table):
    """What a system asked for in bulk: one at a time of each sort, and judged again as it goes."""

    class State(models.TextChoices):
        RUNNING = "running", "en cours"
        DONE = "done", "terminé"
        CANCELLED = "cancelled", "annulé"
        STOPPED = "stopped", "arrêté\u00a0: l’autorisation a pris fin"
        FAILED = "failed", "interrompu par une erreur"
        OVER = "over", "terminé, fichiers retirés"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name="système")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="compte")
    base = models.TextField("adresse de la porte")
    scopes = models.TextField("portées")
    role = models.CharField("rôle", max_length=30, blank=True, default="", db_default="")
    organization_id = models.UUIDField("structure", null=True, blank=True)
    asked_at = models.DateTimeField("demandé le")
    state = models.CharField("état", max_length=9, choices=State, default=State.RUNNING)
    moved_at = models.DateTimeField("avancé le")
    tries = models.PositiveSmallIntegerField("essais du fichier en cours", default=0, db_default=0)
    revived_at = models.DateTimeField("relancé le", null=True, blank=True)
    ended_at = models.DateTimeField("fini le", null=True, blank=True)

    lets_go = ""  # retention removes it whole
    job: ClassVar[tuple[str, str]]
    """The job that makes it go on, and how it names it there."""
    wakes: ClassVar[str] = ""
    """The job that queues that one when its time has come, of what waits for servers of others: few
    of those run at once (`bulk.work.queue`)."""

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                name="%(app_label)s_%(class)s_runs_alone_for_its_client",
                fields=["client"],
                condition=Q(state="running"),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_says_when_it_ended",
                condition=Q(state="running", ended_at=None)
                | (~Q(state="running") & Q(ended_at__isnull=False)),
            ),
        ]
        indexes = [models.Index(name="%(app_label)s_%(class)s_latest", fields=["-asked_at", "-id"])]

    def __str__(self) -> str:
        return f"{self.client_id} {self.state}"

    @property
    def is_running(self) -> bool:
        """Whether there is more to do."""
        return self.state == self.State.RUNNING

    def is_of(self, actor: Actor) -> bool:
        """Whether somebody still acts as whoever asked: another role would see other things."""
        acts_as = (actor.role.value, actor.organization_id)
        return self.account_id == actor.account_id and (
            not self.role or (self.role, self.organization_id) == acts_as
        )
