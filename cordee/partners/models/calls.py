"""What each partner asked, in words of machines: no address, no identifier of anybody."""

from django.db import models

from cordee.kernel.base import Table
from cordee.partners.models.clients import Client


class Call(Table):
    """One call: which interaction on which type, what it was answered, how long it took."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name="application")
    at = models.DateTimeField("quand")
    interaction = models.CharField("interaction", max_length=20)
    resource_type = models.CharField("type de ressource", max_length=40, blank=True)
    status = models.PositiveSmallIntegerField("réponse")
    milliseconds = models.PositiveIntegerField("durée, en millisecondes")

    lets_go = ""  # retention removes it whole

    class Meta:
        verbose_name = "appel d’un partenaire"
        verbose_name_plural = "appels de partenaires"
        indexes = [models.Index(name="partners_call_of_client", fields=["client", "-at", "-id"])]

    def __str__(self) -> str:
        return f"{self.interaction} {self.status}"
