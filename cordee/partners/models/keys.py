"""The keys by which the house signs who somebody is."""

from django.db import models

from cordee.kernel.base import Table


class SigningKey(Table):
    """A pair: what is shown to everybody, and what is kept sealed."""

    public = models.JSONField("clé publique")
    sealed = models.BinaryField("clé privée, scellée", max_length=8_000)
    since = models.DateTimeField("signe depuis le")
    until = models.DateTimeField("signe jusqu’au")
    published_until = models.DateTimeField("montrée jusqu’au")

    class Meta:
        verbose_name = "clé de signature"
        verbose_name_plural = "clés de signature"

    def __str__(self) -> str:
        return f"{self.pk}"
